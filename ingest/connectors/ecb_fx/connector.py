"""The reference rates of the ECB: one zip with one wide CSV of all days since 1999, newest first, each for one euro.

Documented traps: `N/A` where a currency was not fixed, and a comma at the end of every line, which makes a last column
without a name. What is no rate against the euro is the quotient of two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence

from ingest.archives import only_file_of
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.ecb_fx.pairs import NOT_FIXED, currencies_of, pairs_of
from ingest.dailyclocks import day_of
from ingest.payloadreading import lines_of, number_of, table_of
from ingest.sourceformat import SourceFile

LARGEST = 50_000_000


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request, whatever the window is: the file has all days."""
    return [Request(url=f"{source.hosts['ecb']}/stats/eurofxref/eurofxref-hist.zip")] if window.symbols else []


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The one file."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The rates of all days of the file, oldest first."""
    currencies = currencies_of(source)
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    with only_file_of(payload, LARGEST) as file:
        rows = list(table_of(payload, ("Date", *currencies), lines=lines_of(payload, file)))
    for row in reversed(rows):
        day = day_of(payload, row["Date"], "%Y-%m-%d")
        found, lacking = pairs_of(payload, source, day, {name: number_of(payload, row[name]) for name in currencies})
        points += found
        left_out[NOT_FIXED] += lacking
    return Parsed(points=points, left_out=+left_out)
