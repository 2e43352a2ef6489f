"""The reference rates of the ECB: one zip with one wide CSV of all days since 1999, newest first, each for one euro.

Documented traps: `N/A` where a currency was not fixed, and a comma at the end of every line, which makes a last column
without a name. What is no rate against the euro is the quotient of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence

from ingest.archives import only_file_of
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.dailyclocks import day_of, instant_of_day
from ingest.payloadreading import changed, lines_of, number_of, table_of
from ingest.sourceformat import SourceFile

LARGEST = 50_000_000
BASE = "EUR"
NOT_FIXED = "rates of a currency that was not fixed"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request, whatever the window is: the file has all days."""
    return [Request(url=f"{source.hosts['ecb']}/stats/eurofxref/eurofxref-hist.zip")] if window.symbols else []


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The one file."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The rates of all days of the file, oldest first."""
    pairs = {one.id: tuple(one.field.split()) for one in source.series}
    currencies = sorted({name for pair in pairs.values() for name in pair} - {BASE})
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    with only_file_of(payload, LARGEST) as file:
        rows = list(table_of(payload, ("Date", *currencies), lines=lines_of(payload, file)))
    for row in reversed(rows):
        day = day_of(payload, row["Date"], "%Y-%m-%d")
        at = instant_of_day(source.clock, day)
        assert at is not None, "every day has its 14:15"
        rates = {BASE: 1.0, **{name: number_of(payload, row[name]) for name in currencies}}
        for series, (dear, cheap) in pairs.items():
            top, bottom = rates[dear], rates[cheap]
            if top is None or bottom is None:
                left_out[NOT_FIXED] += 1
            elif bottom <= 0:
                raise changed(payload, f"has a rate of {bottom:g} {cheap} on {day}")
            else:
                points.append(Point(series=series, at=at, value=top / bottom, day=day))
    return Parsed(points=points, left_out=left_out)
