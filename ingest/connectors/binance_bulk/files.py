"""Where the files of Binance lie: by the day or the month, and the checksum beside each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ingest.connecting import Payload, Request, Window
from ingest.payloadreading import changed, text_of
from ingest.sourceformat import SourceFile

CHECKSUM = "checksum"
DAY = timedelta(days=1)
NOT_THERE = (404,)
_DIGEST = re.compile(r"([0-9a-f]{64})\s+\*?\S+\s*")
# kind of file: its folder, what stands between symbol and period in its name, and whether it is of a month
_FOLDERS = {
    "klines": ("daily/klines/{symbol}/1m", "1m", False),
    "metrics": ("daily/metrics/{symbol}", "metrics", False),
    "fundingRate": ("monthly/fundingRate/{symbol}", "fundingRate", True),
}


def wanted_files(source: SourceFile, window: Window) -> list[Request]:
    """The files of a window, by symbol, kind and period; none of a day or month that was not over at its end."""
    return [
        request
        for symbol in window.symbols
        for kind in sorted({one.field.split()[0] for one in source.series_of(symbol)})
        for request in _files(source, window, symbol, kind)
    ]


def _files(source: SourceFile, window: Window, symbol: str, kind: str) -> Iterator[Request]:
    words = source.symbols[symbol].words
    folder, middle, monthly = _FOLDERS[kind]
    at = f"{source.hosts['files']}/data/{words['files']}/{folder.format(symbol=words['file_symbol'])}"
    for period in _months(window) if monthly else _days(window):
        yield Request(
            url=f"{at}/{words['file_symbol']}-{middle}-{period}.zip",
            absent=NOT_THERE,
            context={"symbol": symbol, "kind": kind, "period": period},
        )


def checksum_of(request: Request) -> Request:
    """What is asked for the checksum of a file."""
    return replace(request, url=f"{request.url}.CHECKSUM", context={**request.context, "kind": CHECKSUM})


def places(payload: Payload) -> Request:
    """The request of a file that was fetched."""
    return Request(url=payload.url, absent=NOT_THERE, context=payload.context)


def digest_of(payload: Payload) -> str:
    """The digest that a checksum file promises, as payloads write theirs. Raises SourceChangedError."""
    match = _DIGEST.fullmatch(text_of(payload))
    if match is None:
        raise changed(payload, "holds no sha256 and the name of its file")
    return f"sha256:{match[1]}"


def _days(window: Window) -> Iterator[str]:
    day = window.since.astimezone(UTC).date()
    while _start(day + DAY) <= window.until:
        yield day.isoformat()
        day += DAY


def _months(window: Window) -> Iterator[str]:
    month = window.since.astimezone(UTC).date().replace(day=1)
    while True:
        following = (month + 32 * DAY).replace(day=1)
        if _start(following) > window.until:
            return
        yield f"{month:%Y-%m}"
        month = following


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
