"""Deribit: the volatility index, candles and funding of the perpetual, the nearest quarterly future, the basis of now.

Documented traps: pages of the index go backwards, by `continuation` until that is null; a day of the index ends at
24:00 UTC, three hours after the shares of New York; the documentation shows a host for tests, whose answers say
`testnet`; an expired future may be unknown. What futures cost beyond spot follows from the prices of both; the summary
of the curve is of now alone, and its basis is 100 (F / S - 1) 365 / days to expiry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.deribit.answers import check_pace, result_of
from ingest.connectors.deribit.funding import funding_of, funding_requests
from ingest.connectors.deribit.quarters import nearest, quarters
from ingest.payloadreading import EPOCH, changed, check_names, instant_of, json_of, number_of, rows_of
from ingest.sourceformat import SourceFile

MS, DAY = timedelta(milliseconds=1), timedelta(days=1)
MOST = 1000  # candles a request of charts
INDEX_LENGTHS = {"3600": timedelta(hours=1), "1D": DAY}
CHART_LENGTHS = {"60": timedelta(hours=1), "1D": DAY}
INDEX = ("time", "open", "high", "low", "close")
CHART = ("ticks", "open", "high", "low", "close", "volume", "cost", "status")
SUMMARY = ("instrument_name", "mark_price", "estimated_delivery_price", "creation_timestamp")
FORMING = "candles that were still forming"
UNKNOWN = "futures that are no longer answered for"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """The index by resolution, charts in pieces of 1000 candles, funding in pieces of a month, the curve once."""
    found: list[Request] = []
    for symbol in window.symbols:
        words = source.symbols[symbol].words
        if words["ask"] == "funding":
            found += funding_requests(source, symbol, window)
            continue
        lengths = sorted({one.field.split()[0] for one in source.series_of(symbol)})
        for length in lengths:
            if words["ask"] == "index":
                found.append(_index(source, symbol, length, window))
            elif words["ask"] == "curve":
                found.append(_curve(source, symbol))
            elif words["ask"] == "instrument":
                found += _charts(source, symbol, length, words["instrument"], window)
            else:
                for future, since, until in quarters(words["currency"], window.since, window.until):
                    found += _charts(source, symbol, length, future.name, replace(window, since=since, until=until))
    return found


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned requests, the index page by page."""
    return fetch_planned(client, plan(source, window), cursor, _earlier_page)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The candles that had ended when the answer came, at their end; of the curve the basis of the nearest quarter."""
    if payload.status != HTTPStatus.OK:
        return _refusal(payload)
    symbol, ask, length = (payload.context[key] for key in ("symbol", "ask", "length"))
    if ask == "curve":
        return _basis(payload, source, symbol)
    if ask == "funding":
        return funding_of(payload, source, symbol, result_of(payload))
    wanted = {one.field.split()[1]: one.id for one in source.series_of(symbol) if one.field.split()[0] == length}
    if ask == "index":
        rows = rows_of(payload, _result(payload, ("data", "continuation"))["data"], len(INDEX))
        columns: Mapping[str, Sequence[Any]] = {name: [row[n] for row in rows] for n, name in enumerate(INDEX)}
        return _candles(payload, columns, columns["time"], INDEX_LENGTHS[length], wanted)
    result = _result(payload, CHART)
    if result["status"] not in {"ok", "no_data"}:
        raise changed(payload, f"holds the status {str(result['status'])[:40]!r}")
    return _candles(payload, result, rows_of(payload, result["ticks"]), CHART_LENGTHS[length], wanted)


def _candles(
    payload: Payload,
    columns: Mapping[str, Sequence[Any]],
    times: Sequence[Any],
    length: timedelta,
    wanted: Mapping[str, str],
) -> Parsed:
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for name in wanted:
        if len(rows_of(payload, columns[name])) != len(times):
            raise changed(payload, f"has {len(columns[name])} values of {name} for {len(times)} candles")
    for n, time in enumerate(times):
        start = instant_of(payload, time, MS)
        if start + length > payload.fetched_at:
            left_out[FORMING] += 1
            continue
        for name, series in wanted.items():
            value = number_of(payload, columns[name][n])
            if value is None:
                raise changed(payload, f"has a candle without {name} at {start.isoformat()}")
            day = start.date() if length >= DAY else None
            points.append(Point(series=series, at=start + length, value=value, day=day))
    return Parsed(points=points, left_out=left_out)


def _basis(payload: Payload, source: SourceFile, symbol: str) -> Parsed:
    """The annualised basis of the nearest quarterly future, in percent a year."""
    currency = source.symbols[symbol].words["currency"]
    future = nearest(currency, payload.fetched_at)
    for row in rows_of(payload, result_of(payload)):
        if not isinstance(row, dict):
            raise changed(payload, "holds a row that is no record")
        check_names(payload, list(row), SUMMARY, None)
        if row["instrument_name"] != future.name:
            continue
        price, spot = (number_of(payload, row[name]) for name in ("mark_price", "estimated_delivery_price"))
        if not price or not spot:
            raise changed(payload, f"has no price of {future.name}")
        at = instant_of(payload, row["creation_timestamp"], MS)
        value = 100 * (price / spot - 1) * (timedelta(days=365) / (future.expiry - at))
        return Parsed(points=[Point(series=one.id, at=at, value=value) for one in source.series_of(symbol, "basis")])
    raise changed(payload, f"has no {future.name} among its futures")


def _refusal(payload: Payload) -> Parsed:
    """An instrument that is not known is no error; anything else that is refused is."""
    answer = json_of(payload)
    error = answer.get("error") if isinstance(answer, dict) else None
    check_pace(payload, error)
    if "instrument" not in str(error):
        raise changed(payload, f"is refused: {str(error)[:200]}")
    return Parsed(left_out=Counter({UNKNOWN: 1}))


def _earlier_page(request: Request, payload: Payload) -> Request | None:
    """The page before, where the index has more of what was asked for."""
    if request.context["ask"] != "index":
        return None
    follow = _result(payload, ("data", "continuation"))["continuation"]
    if follow is None:
        return None
    params = dict(request.params)
    end = (instant_of(payload, follow, MS) - EPOCH) // MS
    if end >= int(params["end_timestamp"]):
        raise changed(payload, "gives a page that is not earlier as the one before")
    if end < int(params["start_timestamp"]):
        return None
    return replace(request, params=tuple({**params, "end_timestamp": str(end)}.items()))


def _result(payload: Payload, fields: Sequence[str]) -> Mapping[str, Any]:
    result = result_of(payload)
    if not isinstance(result, dict):
        raise changed(payload, f"holds a {type(result).__name__} where a record was agreed")
    check_names(payload, list(result), fields, ())
    return result


def _index(source: SourceFile, symbol: str, length: str, window: Window) -> Request:
    return Request(
        url=f"{source.hosts['api']}/api/v2/public/get_volatility_index_data",
        params=(
            ("currency", source.symbols[symbol].words["currency"]),
            ("start_timestamp", _ms(window.since)),
            ("end_timestamp", _ms(window.until)),
            ("resolution", length),
        ),
        context={"symbol": symbol, "ask": "index", "length": length},
    )


def _curve(source: SourceFile, symbol: str) -> Request:
    return Request(
        url=f"{source.hosts['api']}/api/v2/public/get_book_summary_by_currency",
        params=(("currency", source.symbols[symbol].words["currency"]), ("kind", "future")),
        context={"symbol": symbol, "ask": "curve", "length": ""},
    )


def _charts(source: SourceFile, symbol: str, length: str, instrument: str, window: Window) -> list[Request]:
    step = CHART_LENGTHS[length]
    count = -(-(window.until - window.since) // (MOST * step))
    starts = [window.since + n * MOST * step for n in range(count)]
    return [
        Request(
            url=f"{source.hosts['api']}/api/v2/public/get_tradingview_chart_data",
            params=(
                ("instrument_name", instrument),
                ("start_timestamp", _ms(start)),
                ("end_timestamp", str(int(_ms(min(start + MOST * step, window.until))) - 1)),
                ("resolution", length),
            ),
            absent=(HTTPStatus.BAD_REQUEST,),
            context={"symbol": symbol, "ask": "chart", "length": length},
        )
        for start in starts
    ]


def _ms(at: datetime) -> str:
    return str((at - EPOCH) // MS)
