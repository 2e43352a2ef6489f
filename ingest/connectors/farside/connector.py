"""The tables of Farside: one row a day, one column a fund, negatives in brackets, `-` where nothing is reported.

Documented traps: rows of sums and fees stand among the days, columns change as funds list, the row of today is filled
in during the evening and revised the next day. Programs are mostly kept out, so that a page or CSV saved by hand is
read alike. A day whose funds do not add up to its total by 1 is not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.farside.table import Table, table_in
from ingest.dailyclocks import day_of, instant_of_day, publication
from ingest.payloadreading import changed, number_of
from ingest.sourceformat import SourceFile

TOTAL = "Total"
NO_DAYS = frozenset({"", "seed", "fee", "staking", "total", "average", "maximum", "minimum"})
LARGEST_GAP = 1.0
SUMS = "rows of sums and fees"
HOLIDAYS = "days without a figure"
UNFINISHED = "days whose figures were not complete yet"
STRANGE = "figures of funds that are not known"
NO_SUM = "days whose funds do not add up to their total"
NO_SESSION = "days without a session"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """The page of all days of each kind of fund, whatever the window is."""
    return [
        Request(url=source.hosts["farside"] + source.symbols[symbol].words["path"], context={"symbol": symbol})
        for symbol in window.symbols
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The flows of all days of a table that are complete, in its order, in millions of US dollars."""
    symbol = payload.context["symbol"]
    published = publication(source.symbols[symbol].words)
    series = {one.field: one.id for one in source.series_of(symbol)}
    table = table_in(payload, frozenset(series) - {TOTAL}, TOTAL)
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for row in table.rows:
        if row[0].lower() in NO_DAYS:
            left_out[SUMS] += 1
            continue
        day = _day(payload, row[0])
        flows = _flows(payload, table, row)
        at = instant_of_day(source.clock, day)
        known_at = published(at, day) if at is not None and published is not None else None
        if not any(value is not None for name, value in flows.items() if name != TOTAL):
            left_out[HOLIDAYS] += 1
        elif at is None:
            skipped[NO_SESSION] += 1
        elif known_at is not None and known_at > payload.fetched_at:
            left_out[UNFINISHED] += 1
        elif not _adds_up(flows):
            skipped[NO_SUM] += 1
        else:
            left_out[STRANGE] += sum(value is not None for name, value in flows.items() if name not in series)
            points += [
                Point(series=series[name], at=at, value=value, day=day, known_at=known_at)
                for name, value in flows.items()
                if name in series and value is not None
            ]
    return Parsed(points=points, left_out=+left_out, skipped=skipped)


def _day(payload: Payload, text: str) -> date:
    return day_of(payload, text, "%Y-%m-%d" if "-" in text else "%d %b %Y")


def _flows(payload: Payload, table: Table, row: Sequence[str]) -> Mapping[str, float | None]:
    """The figure of each column; brackets stand for a minus, commas for nothing."""
    flows = {}
    for name, cell in zip(table.columns[1:], row[1:], strict=True):
        text = cell.replace(",", "")
        inner = text[1:-1] if text.startswith("(") and text.endswith(")") else None
        flows[name] = number_of(payload, text) if inner is None else _negative(payload, inner)
    return flows


def _negative(payload: Payload, text: str) -> float:
    value = number_of(payload, text)
    if value is None or value < 0:
        raise changed(payload, f"holds ({text[:40]}) where a number in brackets was agreed")
    return -value


def _adds_up(flows: Mapping[str, float | None]) -> bool:
    total = flows[TOTAL]
    held = sum(value or 0.0 for name, value in flows.items() if name != TOTAL)
    return total is not None and abs(held - total) <= LARGEST_GAP + 1e-9
