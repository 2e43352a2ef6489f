"""The daily history of indices of Cboe: one CSV of all days each, dates as MM/DD/YYYY.

Documented traps: the last row may be of a session that still runs, and the file has days on which the exchange was
shut; some indices have the four prices of a day, others one column under their own name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.payloadreading import changed, number_of, table_of
from ingest.sessions import closes
from ingest.sourceformat import SourceFile

PATH = "/api/global/us_indices/daily_prices/"
CALENDAR = "XNYS"
DATE, PRICES = "DATE", "OPEN HIGH LOW CLOSE"
FORMING = "days whose session had not ended"
SHUT = "days on which the exchange was shut"
EMPTY = "days without a value"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request a symbol, whatever the window."""
    return [
        Request(url=f"{source.hosts['cdn']}{PATH}{source.symbols[symbol].words['file']}", context={"symbol": symbol})
        for symbol in window.symbols
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The days whose session was over when the file came; the instant of a day is the close of its session."""
    symbol = payload.context["symbol"]
    wanted = source.series_of(symbol)
    columns = source.symbols[symbol].words.get("columns", PRICES).split()
    rows = [(_day(payload, row[DATE]), row) for row in table_of(payload, (DATE, *columns), ())]
    if not rows:
        raise changed(payload, "holds no day")
    ends = closes(CALENDAR, min(day for day, _ in rows), max(day for day, _ in rows))
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for day, row in rows:
        end = ends.get(day)
        values = [(one.id, number_of(payload, row[one.field])) for one in wanted]
        if end is None or end > payload.fetched_at:
            left_out[SHUT if end is None else FORMING] += 1
            continue
        left_out[EMPTY] += sum(value is None for _, value in values)
        points += [Point(series=name, at=end, value=value, day=day) for name, value in values if value is not None]
    return Parsed(points=points, left_out=+left_out)


def _day(payload: Payload, text: str) -> date:
    try:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 (a day of the exchange)
    except ValueError as error:
        raise changed(payload, f"holds the date {text[:40]!r} where MM/DD/YYYY was agreed") from error
