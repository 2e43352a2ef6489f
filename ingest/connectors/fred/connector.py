"""Observations of FRED by its API: JSON with texts for numbers, `.` for a missing one, and a row for every vintage.

A vintage begins on `realtime_start`; what it says was known at the release of that day, never before the day it is
about. Asked for is a year of observations at a time, because the API gives at most 2,000 vintages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, days_of, instant_of_day, time_in_day
from ingest.payloadreading import changed, json_of, number_of, record_of, rows_of
from ingest.sourceformat import SourceFile

ZONE = "America/New_York"
MOST = 100_000
YEAR = timedelta(days=365)
OPEN_END = "9999-12-31"
HEAD = ("count", "offset", "limit", "observations")
OTHERS = (
    "realtime_start", "realtime_end", "observation_start", "observation_end", "units", "output_type", "file_type",
    "order_by", "sort_order",
)  # fmt: skip
FIELDS = ("realtime_start", "realtime_end", "date", "value")


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every series and year of its observations, with the vintages of that year and the next."""
    first, last = days_of(window, ZONE)
    return [
        Request(
            url=f"{source.hosts['api']}/fred/series/observations",
            params=(
                ("series_id", symbol),
                ("file_type", "json"),
                ("observation_start", start.isoformat()),
                ("observation_end", min(start + YEAR, last).isoformat()),
                ("realtime_start", start.isoformat()),
                ("realtime_end", _until(start, last)),
                ("sort_order", "asc"),
                ("limit", str(MOST)),
                ("offset", "0"),
            ),
            context={"symbol": symbol},
        )
        for symbol in window.symbols
        for start in _starts(first, last)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, each with the pages that follow."""
    return fetch_planned(client, plan(source, window), cursor, _follow)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """All vintages of a page, in its order; one that says `.` tells of nothing."""
    symbol = payload.context["symbol"]
    words = source.symbols[symbol].words
    points: list[Point] = []
    for row in rows_of(payload, _content(payload)["observations"]):
        record = record_of(payload, row, FIELDS)
        day = day_of(payload, str(record["date"]), "%Y-%m-%d")
        vintage = day_of(payload, str(record["realtime_start"]), "%Y-%m-%d")
        value = number_of(payload, record["value"])
        if value is None:
            continue
        for one in source.series_of(symbol):
            at = instant_of_day(one.clock or source.clock, day)
            assert at is not None, "the clocks of this source need no session"
            known_at = max(at, time_in_day(vintage, words["release"], ZONE))
            points.append(Point(series=one.id, at=at, value=value, day=day, known_at=known_at))
    return Parsed(points=points)


def _follow(request: Request, payload: Payload) -> Request | None:
    content = _content(payload)
    held = int(content["offset"]) + len(rows_of(payload, content["observations"]))
    if held >= int(content["count"]):
        return None
    params = tuple((name, str(held) if name == "offset" else value) for name, value in request.params)
    return replace(request, params=params)


def _content(payload: Payload) -> Mapping[str, Any]:
    content = record_of(payload, json_of(payload), HEAD, OTHERS)
    for name in ("count", "offset"):
        if not isinstance(content[name], int):
            raise changed(payload, f"holds the {name} {content[name]!r}")
    return content


def _until(start: date, last: date) -> str:
    """The end of the vintages that are asked for; those that are still in force have no end."""
    end = start + 2 * YEAR
    return end.isoformat() if end < last else OPEN_END


def _starts(first: date, last: date) -> list[date]:
    step = YEAR + timedelta(days=1)
    return [first + n * step for n in range((last - first) // step + 1)]
