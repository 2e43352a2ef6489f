"""Files of Binance: a zip of one CSV a day (minutes of spot, metrics) or a month (funding), checksum beside it.

Documented traps: files of spot have microseconds from 2025 on and milliseconds before, those of futures milliseconds
always; some have a header and some do not; metrics (open interest, long-short ratios) come by the day alone and funding
by the month alone; rows and cells may be blank, and the file of a day may not be there.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

from ingest.archives import only_file_of
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.binance_bulk.files import CHECKSUM, checksum_of, digest_of, places, wanted_files
from ingest.errors import SourceUnavailableError
from ingest.payloadreading import changed, instant_of, lines_of, number_of, table_of
from ingest.sourceformat import SourceFile

MS, MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KLINES = ("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
          "taker_buy_volume", "taker_buy_quote_volume", "ignore")  # fmt: skip
METRICS = ("create_time", "symbol", "sum_open_interest", "sum_open_interest_value", "count_toptrader_long_short_ratio",
           "sum_toptrader_long_short_ratio", "count_long_short_ratio", "sum_taker_long_short_vol_ratio")  # fmt: skip
FUNDING = ("calc_time", "funding_interval_hours", "last_funding_rate")
AT_START = "[0, null]"  # the cursor of `fetch_planned` before its first request
ABSENT = "files that are not there"
EMPTY = "cells without a value"


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """Each file whose day or month was over at the end of the window, and after it its checksum."""
    return [one for request in wanted_files(source, window) for one in (request, checksum_of(request))]


async def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned files, before each its checksum. Raises SourceUnavailableError where they differ."""
    before = cursor or AT_START
    async for one in fetch_planned(client, wanted_files(source, window), cursor):
        if one.payload.status == HTTPStatus.OK:
            promised = await client.get(checksum_of(places(one.payload)))
            if promised.status == HTTPStatus.OK and digest_of(promised) != one.payload.content_hash:
                raise SourceUnavailableError(
                    f"{one.payload.url} is not the file that its checksum promises; fetch it again"
                )
            yield Fetched(payload=promised, cursor=before)
        yield one
        before = one.cursor or before


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """What stands in one file; in a checksum there is nothing but itself."""
    if payload.status != HTTPStatus.OK:
        return Parsed(left_out=Counter({ABSENT: 1}))
    kind = payload.context["kind"]
    if kind == CHECKSUM:
        digest_of(payload)
        return Parsed()
    wanted = {one.field.split()[1]: one.id for one in source.series_of(payload.context["symbol"])
              if one.field.split()[0] == kind}  # fmt: skip
    with only_file_of(payload) as file:
        lines = lines_of(payload, file)
        if kind == "klines":
            return _klines(payload, lines, wanted)
        return _metrics(payload, lines, wanted) if kind == "metrics" else _funding(payload, lines, wanted)


def _klines(payload: Payload, lines: Iterable[str], wanted: Mapping[str, str]) -> Parsed:
    """Minutes; the instant of one is its end."""
    day = date.fromisoformat(payload.context["period"])
    points: list[Point] = []
    for n, row in enumerate(_cells(payload, lines)):
        if n == 0 and row and row[0] == KLINES[0]:
            continue
        if len(row) != len(KLINES):
            raise changed(payload, f"line {n + 1} has {len(row)} cells where {len(KLINES)} were agreed")
        start = instant_of(payload, row[0], MICROSECOND if len(row[0].strip()) > 13 else MS)
        if start.date() != day:
            raise changed(payload, f"line {n + 1} is of {start.isoformat()}, not of its day {day}")
        for column, series in wanted.items():
            value = number_of(payload, row[KLINES.index(column)])
            if value is None:
                raise changed(payload, f"line {n + 1} has no {column}")
            points.append(Point(series=series, at=start + MINUTE, value=value))
    return Parsed(points=points)


def _metrics(payload: Payload, lines: Iterable[str], wanted: Mapping[str, str]) -> Parsed:
    """Open interest and ratios at each time of their grid, which may begin late; a blank cell is no value."""
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for row in table_of(payload, METRICS, (), lines=lines):
        at = _time(payload, row["create_time"])
        for column, series in wanted.items():
            value = number_of(payload, row[column])
            if value is None:
                left_out[EMPTY] += 1
            else:
                points.append(Point(series=series, at=at, value=value))
    return Parsed(points=points, left_out=left_out)


def _funding(payload: Payload, lines: Iterable[str], wanted: Mapping[str, str]) -> Parsed:
    """Funding in percent per 8 hours at each settlement, its time brought to the minute."""
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    for row in table_of(payload, FUNDING, (), lines=lines):
        at = (instant_of(payload, row["calc_time"], MS) + MINUTE / 2).replace(second=0, microsecond=0)
        hours = number_of(payload, row["funding_interval_hours"])
        for column, series in wanted.items():
            rate = number_of(payload, row[column])
            if rate is None or not hours or hours < 0:
                left_out[EMPTY] += 1
            else:
                points.append(Point(series=series, at=at, value=100 * rate * 8 / hours))
    return Parsed(points=points, left_out=left_out)


def _cells(payload: Payload, lines: Iterable[str]) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise changed(payload, f"line {reader.line_num} is no CSV ({error})") from error


def _time(payload: Payload, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise changed(payload, f"holds the time {text[:40]!r} where YYYY-MM-DD HH:MM:SS was agreed") from error
