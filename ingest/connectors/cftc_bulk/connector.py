"""The files of the CFTC: a zip of one CSV a year, with all contracts, and the latest week without a header.

Documented traps: reports write their headers unlike (`Open_Interest_All`, `Open Interest (All)`, `..._Long_ALL`), so
that names are compared in lower case with one sign between words; of two columns with the day of a report the one as
YYMMDD is alike in all files; cells are padded and may hold a dot; the years up to 2016 of two reports lie in one file
each; the file of a year that has just begun is not there yet. A file holds all contracts: `--symbol` fetches no less.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from http import HTTPStatus

from ingest.archives import only_file_of
from ingest.connecting import Client, Fetched, Parsed, Payload, Point, Request, Window, fetch_planned
from ingest.connectors.cftc.fields import columns_of, report_of, value_of
from ingest.connectors.cftc.release import as_of, released
from ingest.connectors.cftc_bulk.files import LAST, UNPACKED, WEEK, WEEKS, files_of
from ingest.dailyclocks import day_of
from ingest.payloadreading import changed, lines_of, table_of
from ingest.sourceformat import SourceFile, SourceSeriesPart

DATE, CODE = "as_of_date_in_form_yymmdd", "cftc_contract_market_code"
ABSENT = "files that are not there"
EMPTY = "reports without a value"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
Row = Mapping[str, str]


def plan(source: SourceFile, window: Window) -> Sequence[Request]:
    """The files of each report that the symbols are read of."""
    reports = {report_of(one.field) for symbol in window.symbols for one in source.series_of(symbol)}
    return [request for report in sorted(reports) for request in files_of(source, window, report)]


def fetch(client: Client, source: SourceFile, window: Window, cursor: str | None) -> AsyncIterator[Fetched]:
    """The planned files."""
    return fetch_planned(client, plan(source, window), cursor)


def parse(payload: Payload, source: SourceFile) -> Parsed:
    """The values of all contracts in one file, true at Tuesday's close and known since their publication."""
    if payload.status != HTTPStatus.OK:
        return Parsed(left_out=Counter({ABSENT: 1}))
    report = payload.context["report"]
    columns = {name for symbol in source.symbols for name in columns_of(source, symbol, report)}
    wanted = {
        part.words["code"]: [one for one in source.series_of(symbol) if report_of(one.field) == report]
        for symbol, part in source.symbols.items()
    }
    points: list[Point] = []
    left_out: Counter[str] = Counter()
    with _rows(payload, sorted(columns)) as rows:
        for row in rows:
            series = wanted.get(row[CODE].strip())
            if series:
                left_out[EMPTY] += _read(payload, row, series, points)
    return Parsed(points=points, left_out=+left_out)


def _read(payload: Payload, row: Row, series: Sequence[SourceSeriesPart], points: list[Point]) -> int:
    """Add the values of a row; gives how many it lacks."""
    day, lacking = _day(payload, row[DATE]), 0
    for one in series:
        value = value_of(payload, row, one.field)
        if value is None:
            lacking += 1
        else:
            known_at = released(day, report_of(one.field))
            points.append(Point(series=one.id, at=as_of(day), value=value, day=day, known_at=known_at))
    return lacking


@contextmanager
def _rows(payload: Payload, columns: Sequence[str]) -> Iterator[Iterable[Row]]:
    """The rows of a file by the names of their columns, one after another."""
    if payload.context["file"] == WEEK:
        yield _rows_of_week(payload)
        return
    with only_file_of(payload, UNPACKED) as file:
        yield table_of(payload, (DATE, CODE, *columns), lines=_named(lines_of(payload, file)))


def _named(lines: Iterator[str]) -> Iterator[str]:
    """The lines of a CSV, the names of its header in lower case with one sign between words."""
    for header in csv.reader([next(lines, "")]):
        yield ",".join(_NOT_IN_NAMES.sub("_", name.lower()).strip("_") for name in header) + "\n"
    yield from lines


def _rows_of_week(payload: Payload) -> Iterator[Row]:
    """The rows of the file without a header, by the places of their cells."""
    reader = csv.reader(lines_of(payload), strict=True)
    week, count = WEEKS[payload.context["report"]], 0
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != week.width or row[-1].strip() != LAST:
                raise changed(payload, f"line {reader.line_num} has not the agreed {week.width} cells, the last {LAST}")
            count += 1
            yield {name: row[place] for name, place in week.cells.items()}
    except csv.Error as error:
        raise changed(payload, f"line {reader.line_num} is no CSV ({error})") from error
    if not count:
        raise changed(payload, "holds no line")


def _day(payload: Payload, text: str) -> date:
    """The day of a report, written YYMMDD, of which a zero at the start may be lost."""
    return day_of(payload, text.strip().zfill(6), "%y%m%d")
