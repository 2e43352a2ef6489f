"""The CSV that the pages of FRED hand out: two columns, the day and the series.

Documented traps: the first column is `observation_date` since June 2025 and was `DATE` before; a missing value is `.`
or nothing; a block is a page for people under 200. Only the newest vintage is there, so that a figure counts as known
by the timetable of its release, and a revision since it was fetched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, days_of, instant_of_day, publication
from ingest.payloadreading import changed, number_of, table_of
from ingest.sourceformat import SourceFile

ZONE = "America/New_York"
DAYS = ("observation_date", "DATE")


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every series."""
    first, last = days_of(window, ZONE)
    return [
        Request(
            url=f"{source.hosts['graph']}/graph/fredgraph.csv",
            params=(("id", symbol), ("cosd", first.isoformat()), ("coed", last.isoformat())),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The values of a file in its order, which is that of time."""
    symbol = payload.context["symbol"]
    words = source.symbols[symbol].words
    published = publication(words)
    points: list[Point] = []
    for row in table_of(payload, (symbol,), DAYS):
        name = next((one for one in DAYS if one in row), None)
        if name is None:
            raise changed(payload, f"has no column {DAYS[0]}")
        day = day_of(payload, row[name], "%Y-%m-%d")
        value = number_of(payload, row[symbol])
        if value is None:
            continue
        for one in source.series_of(symbol):
            at = instant_of_day(one.clock or source.clock, day)
            assert at is not None, "the clocks of this source need no session"
            known_at = published(at, day) if published is not None else None
            points.append(Point(series=one.id, at=at, value=value, day=day, known_at=known_at))
    return Parsed(points=points)
