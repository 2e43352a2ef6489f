"""Funding and open interest by the futures interface of Binance.

Documented traps: funding times are off by some milliseconds; the interval of funding is that between two settlements,
8 hours for most and not for all; open interest is given for the latest 30 days alone, at most 500 rows an answer; 451
answers many addresses, and there is no host beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.payloadreading import EPOCH, changed, instant_of, json_of, number_of, record_of, rows_of
from ingest.sourceformat import SourceFile

MS = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
FUNDING_PAGE = 1000
STEP = timedelta(minutes=5)
SLICE = 500 * STEP
REACH = timedelta(days=29)
INTERVALS = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR)
FUNDING = ("symbol", "fundingRate", "fundingTime")
INTEREST = ("symbol", "sumOpenInterest", "sumOpenInterestValue", "timestamp")
FIRST = "settlements asked for to tell the interval of the next"
UNCERTAIN = "settlements whose interval cannot be told"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """A request for the funding of each symbol, from a settlement before on, and one for 500 steps of open interest."""
    requests = []
    for symbol in window.symbols:
        requests.append(_funding(source, symbol, window))
        start = max(window.since, window.until - REACH)
        while start < window.until:
            end = min(start + SLICE, window.until)
            requests.append(_interest(source, symbol, start, end - MS))
            start = end
    return requests


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, funding page by page."""
    return fetch_planned(client, plan(source, window), cursor, _next_page)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """Funding in percent per 8 hours at each settlement; open interest in coins at each step."""
    symbol, what = payload.context["symbol"], payload.context["what"]
    series = next(one.id for one in source.series_of(symbol, what))
    rows = rows_of(payload, json_of(payload))
    if what == "funding":
        return _funding_of(payload, series, symbol, rows)
    points = []
    for row in rows:
        found = record_of(payload, row, INTEREST, ("CMCCirculatingSupply",))
        _check(payload, found["symbol"], symbol)
        value = number_of(payload, found["sumOpenInterest"])
        if value is None:
            raise changed(payload, "has a step without open interest")
        points.append(Point(series=series, at=instant_of(payload, found["timestamp"], MS), value=value))
    return Parsed(points=points)


def _funding_of(payload: Payload, series: str, symbol: str, rows: list[object]) -> Parsed:
    """Each settlement after the first, whose interval is the time since the one before it."""
    found = [record_of(payload, row, FUNDING, ("markPrice",)) for row in rows]
    times = [_rounded(instant_of(payload, row["fundingTime"], MS)) for row in found]
    points: list[Point] = []
    left_out = Counter({FIRST: 1} if found else {})
    for before, at, row in zip(times, times[1:], found[1:], strict=False):
        _check(payload, row["symbol"], symbol)
        rate = number_of(payload, row["fundingRate"])
        if rate is None:
            raise changed(payload, f"has a settlement without a rate at {at.isoformat()}")
        if at - before not in INTERVALS:
            left_out[UNCERTAIN] += 1
            continue
        points.append(Point(series=series, at=at, value=100 * rate * (8 * HOUR / (at - before))))
    return Parsed(points=points, left_out=left_out)


def _next_page(request: Request, payload: Payload) -> Request | None:
    """The page after a full one of funding: from its last settlement on, which tells the interval of the next."""
    if request.context["what"] != "funding":
        return None
    rows = rows_of(payload, json_of(payload))
    if len(rows) < FUNDING_PAGE:
        return None
    last = str(record_of(payload, rows[-1], FUNDING, ("markPrice",))["fundingTime"])
    kept = tuple((name, value) for name, value in request.params if name != "startTime")
    return replace(request, params=(*kept, ("startTime", last)))


def _funding(source: SourceFile, symbol: str, window: Window) -> Request:
    return Request(
        url=f"{source.hosts['api']}/fapi/v1/fundingRate",
        params=(
            ("symbol", symbol),
            ("endTime", str(_ms(window.until) - 1)),
            ("limit", str(FUNDING_PAGE)),
            ("startTime", str(_ms(window.since - max(INTERVALS)))),
        ),
        context={"symbol": symbol, "what": "funding"},
    )


def _interest(source: SourceFile, symbol: str, start: datetime, end: datetime) -> Request:
    return Request(
        url=f"{source.hosts['api']}/futures/data/openInterestHist",
        params=(
            ("symbol", symbol),
            ("period", "5m"),
            ("limit", "500"),
            ("startTime", str(_ms(start))),
            ("endTime", str(_ms(end))),
        ),
        context={"symbol": symbol, "what": "open interest"},
    )


def _check(payload: Payload, found: object, symbol: str) -> None:
    if found != symbol:
        raise changed(payload, f"holds {str(found)[:20]!r} where {symbol} was asked for")


def _rounded(at: datetime) -> datetime:
    """To the minute."""
    return (at + timedelta(seconds=30)).replace(second=0, microsecond=0)


def _ms(at: datetime) -> int:
    return (at.astimezone(UTC) - EPOCH) // MS
