"""What holders of a perpetual pay each other, hour by hour.

Documented traps: an answer reaches a month back from its end at most, whatever its start is, so that a span is asked
for in pieces of 29 days; each hour has the rate over the eight hours before it, so that they are not to be added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from ingest.connecting import Parsed, Payload, Point, Request, Window
from ingest.payloadreading import EPOCH, changed, instant_of, number_of, record_of, rows_of
from ingest.sourceformat import SourceFile

MS = timedelta(milliseconds=1)
PIECE = timedelta(days=29)
FIELDS = ("timestamp", "interest_8h")
OTHERS = ("interest_1h", "index_price", "prev_index_price")
LATER = "hours after the answer"


def funding_requests(source: SourceFile, symbol: str, window: Window) -> Iterator[Request]:
    """One request for each piece of the window, the oldest first."""
    start = window.since
    while start < window.until:
        end = min(start + PIECE, window.until)
        yield Request(
            url=f"{source.hosts['api']}/api/v2/public/get_funding_rate_history",
            params=(
                ("instrument_name", source.symbols[symbol].words["instrument"]),
                ("start_timestamp", _ms(start)),
                ("end_timestamp", str(int(_ms(end)) - 1)),
            ),
            context={"symbol": symbol, "ask": "funding", "length": ""},
        )
        start = end


def funding_of(payload: Payload, source: SourceFile, symbol: str, result: object) -> Parsed:
    """Funding in percent per 8 hours, at the end of each hour. Raises SourceChangedError."""
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for raw in rows_of(payload, result):
        row = record_of(payload, raw, FIELDS, OTHERS)
        at, rate = instant_of(payload, row["timestamp"], MS), number_of(payload, row["interest_8h"])
        if rate is None:
            raise changed(payload, f"has no rate at {at.isoformat()}")
        if at > payload.fetched_at:
            left_out[LATER] += 1
            continue
        points += [Point(series=one.id, at=at, value=100 * rate) for one in source.series_of(symbol, "interest_8h")]
    return Parsed(points=points, left_out=left_out)


def _ms(at: datetime) -> str:
    return str((at - EPOCH) // MS)
