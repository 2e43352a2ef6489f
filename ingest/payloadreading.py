"""Reads the bytes of payloads strictly: what is not as agreed is a SourceChangedError that names the place.

Shared by connectors, so that each spells out only what its source documents.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import orjson

from ingest.connecting import Payload
from ingest.errors import SourceChangedError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = frozenset({"", ".", "-", "--", "na", "n/a", "nd", "nan", "null", "none"})
_UTF8 = "utf-8-sig"
_CHARSET = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._:-]+)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def json_of(payload: Payload) -> Any:
    """The JSON of a payload, a mark at its start left out; numbers that JSON does not know are refused.

    Raises SourceChangedError.
    """
    try:
        return orjson.loads(payload.content.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise changed(payload, f"is no JSON ({error})") from error


def rows_of(payload: Payload, value: object, width: int | None = None) -> list[Any]:
    """A value as a list of rows, each of `width` fields where that is given. Raises SourceChangedError."""
    if not isinstance(value, list):
        raise changed(payload, f"holds a {type(value).__name__} where rows were agreed")
    for n, row in enumerate(value):
        if width is not None and (not isinstance(row, list) or len(row) != width):
            raise changed(payload, f"row {n + 1} has not the agreed {width} fields: {str(row)[:120]}")
    return value


def record_of(payload: Payload, row: object, fields: Sequence[str], others: Sequence[str] = ()) -> Mapping[str, Any]:
    """A row as a record that has all `fields` and none besides those and `others`. Raises SourceChangedError."""
    if not isinstance(row, dict):
        raise changed(payload, f"holds a {type(row).__name__} where a record was agreed")
    check_names(payload, list(row), fields, others)
    return row


def table_of(
    payload: Payload, fields: Sequence[str], others: Sequence[str] | None = None, *, lines: Iterable[str] | None = None
) -> Iterator[dict[str, str]]:
    """The rows of a CSV with a header, by name, one after another. Unknown columns are refused unless `others` is None.

    `lines` are read in place of the payload's (those of a file of a zip). Raises SourceChangedError.
    """
    reader = csv.reader(lines if lines is not None else lines_of(payload), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        check_names(payload, header, fields, others)
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise changed(payload, f"line {reader.line_num} has {len(row)} cells, its header {len(header)}")
            yield dict(zip(header, (cell.strip() for cell in row), strict=True))
    except csv.Error as error:
        raise changed(payload, f"line {reader.line_num} is no CSV ({error})") from error


def text_of(payload: Payload) -> str:
    """The bytes as text, a mark at their start left out. Raises SourceChangedError."""
    return "".join(lines_of(payload))


def lines_of(payload: Payload, stream: BinaryIO | None = None) -> Iterator[str]:
    """The lines of the text, each with its end as it is, a mark at the start left out; of `stream` if one is given.

    The text is UTF-8, or what the Content-Type of the answer names; what lies in a `stream` is UTF-8. Raises
    SourceChangedError.
    """
    encoding = _encoding_of(payload) if stream is None else _UTF8
    with stream if stream is not None else payload.body.open() as found:
        try:
            yield from io.TextIOWrapper(found, encoding, newline="")
        except UnicodeDecodeError as error:
            raise changed(payload, f"is no {encoding.removesuffix('-sig').upper()} ({error.reason})") from error


def _encoding_of(payload: Payload) -> str:
    """The codec of the text; UTF-8 where none is named, or where the name is not known."""
    match = _CHARSET.search(payload.content_type)
    try:
        name = codecs.lookup(match[1]).name if match is not None else _UTF8
        "".encode(name)  # codecs know some that are none of text
    except LookupError:
        return _UTF8
    return _UTF8 if name in {"utf-8", "ascii"} else name


def check_names(payload: Payload, names: Sequence[str], fields: Sequence[str], others: Sequence[str] | None) -> None:
    """Raises SourceChangedError where one of `fields` is not there, or one that nobody agreed on is."""
    lacking = [name for name in fields if name not in names]
    strange = [] if others is None else [name for name in names if name not in fields and name not in others]
    if lacking or strange:
        said = [f"has no {', '.join(lacking)}"] if lacking else []
        said += [f"has {', '.join(strange)}, which is not known"] if strange else []
        raise changed(payload, " and ".join(said))


def number_of(payload: Payload, value: object, missing: frozenset[str] = MISSING) -> float | None:
    """A finite number, also one written as text; None where missing, whatever the case of its letters.

    Raises SourceChangedError for anything else, marks of thousands too: sources that write them say so by themselves.
    """
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in missing:
            return None
        if not _NUMBER.fullmatch(text):
            raise changed(payload, f"holds {text[:60]!r} where a number was agreed")
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise changed(payload, f"holds {str(value)[:60]!r} where a number was agreed")
    return float(value)


def instant_of(payload: Payload, value: object, unit: timedelta) -> datetime:
    """The aware instant of a count since 1970-01-01 UTC in a unit. Raises SourceChangedError outside 2000 to 2100."""
    count = number_of(payload, value)
    try:
        at = EPOCH + (count or 0.0) * unit
    except OverflowError:
        at = EPOCH
    if count is None or not 2000 <= at.year < 2100:
        raise changed(payload, f"holds the time {str(value)[:60]!r}, which is none in {unit.total_seconds():g} s")
    return at


def changed(payload: Payload, what: str) -> SourceChangedError:
    """The error of a payload that is not as agreed; it names the payload."""
    return SourceChangedError(
        f"{payload.source}: the answer of {payload.url} {what}; the payload {payload.id} is kept, adapt the connector"
    )
