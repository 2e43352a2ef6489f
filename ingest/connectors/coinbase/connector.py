"""Candles of Coinbase Exchange: at most 300 an answer, newest first, low and high before open and close.

Documented traps: `start` and `end` count only when both are given, a span of more than 300 candles is refused, rows
before `start` may come too, an interval without a trade has no row (it is no zero), and the last row still forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.payloadreading import changed, instant_of, json_of, number_of, rows_of
from ingest.sourceformat import SourceFile

MOST = 300
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
FIELDS = ("time", "low", "high", "open", "close", "volume")
FORMING = "candles that were still forming"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for every 300 candles of every product and length of candle."""
    return [
        Request(
            url=f"{source.hosts['api']}/products/{source.symbols[symbol].words.get('product', symbol)}/candles",
            params=(("granularity", str(seconds)), ("start", _text(start)), ("end", _text(end))),
            context={"symbol": symbol, "seconds": str(seconds)},
        )
        for symbol in window.symbols
        for seconds in sorted({int(one.field.split()[0]) for one in source.series_of(symbol)})
        for start, end in _spans(window, seconds * SECOND)
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, one after another."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The candles that had ended when the answer came, oldest first; the instant of a candle is its end."""
    symbol, seconds = payload.context["symbol"], payload.context["seconds"]
    length = int(seconds) * SECOND
    wanted = [(one.id, FIELDS.index(one.field.split()[1])) for one in source.series_of(symbol)
              if one.field.split()[0] == seconds]  # fmt: skip
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for row in reversed(rows_of(payload, json_of(payload), len(FIELDS))):
        start = instant_of(payload, row[0], SECOND)
        if start + length > payload.fetched_at:
            left_out[FORMING] += 1
            continue
        for series, column in wanted:
            value = number_of(payload, row[column])
            if value is None:
                raise changed(payload, f"has a candle without {FIELDS[column]} at {start.isoformat()}")
            points.append(
                Point(series=series, at=start + length, value=value, day=start.date() if length >= DAY else None)
            )
    return Parsed(points=points, left_out=left_out)


def _spans(window: Window, length: timedelta) -> list[tuple[datetime, datetime]]:
    """The window in spans of at most 300 candles; both ends of a span are starts of candles, and included."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    start = epoch + (window.since - epoch) // length * length
    spans = []
    while start < window.until:
        end = min(start + (MOST - 1) * length, window.until)
        spans.append((start, end))
        start = end + length if end < window.until else window.until
    return spans


def _text(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
