"""Candles of Binance spot: at most 1000 an answer, oldest first, numbers as texts, told by their opening time in ms.

Documented traps: the last candle still forms; an interval in which the venue stood still has no candle; the ordinary
host answers 451 to many addresses, so that the one for market data alone is asked. Minutes are asked for of the last
two days of a window alone, for which the files of `binance_bulk` are not there yet: a year would be 500 pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.payloadreading import EPOCH, changed, instant_of, json_of, number_of, rows_of
from ingest.sourceformat import SourceFile

PAGE = 1000
MS = timedelta(milliseconds=1)
LENGTHS = {"1m": timedelta(minutes=1), "1h": timedelta(hours=1), "1d": timedelta(days=1)}
REACHES = {"1m": timedelta(days=2)}
FIELDS = ("open time", "open", "high", "low", "close", "volume", "close time", "quote volume", "trades",
          "taker base", "taker quote", "unused")  # fmt: skip
FORMING = "candles that were still forming"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """One request for each symbol and length of candle; the pages after the first follow from the answers."""
    return [
        Request(
            url=f"{source.hosts['data']}/api/v3/klines",
            params=(
                ("symbol", source.symbols[symbol].words.get("pair", symbol)),
                ("interval", length),
                ("endTime", str(_ms(window.until) - 1)),
                ("limit", str(PAGE)),
                ("startTime", str(_ms(_start(window, length)))),
            ),
            context={"symbol": symbol, "length": length},
        )
        for symbol in window.symbols
        for length in sorted({one.field.split()[0] for one in source.series_of(symbol)})
    ]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, each page by page."""
    return fetch_planned(client, plan(source, window), cursor, _next_page)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The candles that had ended when the answer came; the instant of a candle is its end."""
    symbol, length = payload.context["symbol"], payload.context["length"]
    wanted = [(one.id, FIELDS.index(one.field.split()[1])) for one in source.series_of(symbol)
              if one.field.split()[0] == length]  # fmt: skip
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for row in rows_of(payload, json_of(payload), len(FIELDS)):
        start, end = instant_of(payload, row[0], MS), instant_of(payload, row[6], MS) + MS
        if end - start != LENGTHS[length]:
            raise changed(payload, f"has a candle of {end - start} where {length} was asked for")
        if end > payload.fetched_at:
            left_out[FORMING] += 1
            continue
        day = start.date() if length == "1d" else None
        for series, column in wanted:
            value = number_of(payload, row[column])
            if value is None:
                raise changed(payload, f"has a candle without {FIELDS[column]} at {start.isoformat()}")
            points.append(Point(series=series, at=end, value=value, day=day))
    return Parsed(points=points, left_out=left_out)


def _next_page(request: Request, payload: Payload) -> Request | None:
    """The page after a full one: from the end of its last candle."""
    rows = rows_of(payload, json_of(payload), len(FIELDS))
    if len(rows) < PAGE:
        return None
    after = _ms(instant_of(payload, rows[-1][6], MS)) + 1
    if after <= int(dict(request.params)["startTime"]):
        raise changed(payload, "ends before the time that was asked for")
    kept = tuple((name, value) for name, value in request.params if name != "startTime")
    return replace(request, params=(*kept, ("startTime", str(after))))


def _start(window: Window, length: str) -> datetime:
    """The opening of the first candle that is asked for."""
    since = max(window.since, window.until - REACHES[length]) if length in REACHES else window.since
    return EPOCH + (since - EPOCH) // LENGTHS[length] * LENGTHS[length]


def _ms(at: datetime) -> int:
    return (at.astimezone(UTC) - EPOCH) // MS
