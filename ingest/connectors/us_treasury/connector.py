"""Par yields of the US Treasury: one CSV a calendar year and curve, newest first, days as MM/DD/YYYY.

Documented traps: columns were added over the years (1.5 Month in 2025), so they are read by name; a maturity that was
not issued is an empty cell.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, days_of, instant_of_day
from ingest.payloadreading import changed, number_of, table_of
from ingest.sourceformat import SourceFile

ZONE = "America/New_York"
PATH = "/resource-center/data-chart-center/interest-rates/daily-treasury-rates.csv"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every curve and calendar year."""
    first, last = days_of(window, ZONE)
    return [
        Request(
            url=f"{source.hosts['home']}{PATH}/{year}/all",
            params=(
                ("type", source.symbols[symbol].words["type"]),
                ("field_tdr_date_value", str(year)),
                ("page", ""),
                ("_format", "csv"),
            ),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
        for year in range(first.year, last.year + 1)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The yields of a year, oldest first."""
    wanted = source.series_of(payload.context["symbol"])
    points: list[Point] = []
    for row in reversed(list(table_of(payload, ("Date",)))):
        cells = {name.lower(): cell for name, cell in row.items()}
        lacking = sorted({one.field for one in wanted} - set(cells))
        if lacking:
            raise changed(payload, f"has no column {', '.join(lacking)}")
        day = day_of(payload, row["Date"], "%m/%d/%Y")
        at = instant_of_day(source.clock, day)
        assert at is not None, "every day has its 15:30"
        for one in wanted:
            value = number_of(payload, cells[one.field])
            if value is not None:
                points.append(Point(series=one.id, at=at, value=value, day=day))
    return Parsed(points=points)
