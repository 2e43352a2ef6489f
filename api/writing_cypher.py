"""An analyst's answer as bytes: JSON, lines in the frames of Neo4j's Query API, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

import orjson

from graph.analysts import Answer
from graph.queryparts import END_OF_ROW

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_RECORD, _RECORD_END = b'{"$event":"Record","_body":', b"}\n"


_READ: Mapping[str, Callable[[object], object]] = {
    "Null": lambda _: None,
    "Boolean": bool,
    "Integer": lambda value: int(str(value)),
    "Float": lambda value: float(str(value)),
    "String": str,
    "Date": lambda value: date.fromisoformat(str(value)),
    "OffsetDateTime": lambda value: datetime.fromisoformat(str(value)),
    "ZonedDateTime": lambda value: datetime.fromisoformat(str(value).partition("[")[0]),
    "LocalDateTime": lambda value: datetime.fromisoformat(str(value)),
}


def untyped(value: object) -> object:
    """A value of typed JSON as a parameter. Raises ValueError for a type that is not taken."""
    kind = value.get("$type") if isinstance(value, Mapping) else None
    if not isinstance(value, Mapping) or not isinstance(kind, str) or "_value" not in value:
        raise ValueError("typed JSON is a `$type` and a `_value`")
    inner = value["_value"]
    if kind == "List" and isinstance(inner, Sequence):
        return [untyped(part) for part in inner]
    if kind == "Map" and isinstance(inner, Mapping):
        return {str(name): untyped(part) for name, part in inner.items()}
    if kind not in _READ:
        raise ValueError(f"parameters of the type {kind} are not taken; pass a text and call a function on it")
    return _READ[kind](inner)


def as_object(answer: Answer, **beside: object) -> bytes:
    """`fields`, `values` and what stands beside them as one JSON object."""
    fields, rest = orjson.dumps(answer.fields), orjson.dumps(beside)
    return b"".join((b'{"fields":', fields, b',"values":', answer.json, b"," if beside else b"", rest[1:]))


def lines_of(rows: Iterable[object]) -> bytes:
    """Rows as an answer holds them: JSON, a line break between each two."""
    return END_OF_ROW.join(orjson.dumps(row) for row in rows)


def lines(fields: Sequence[str], pieces: Iterable[bytes], summary: Mapping[str, object]) -> Iterator[bytes]:
    """Rows as lines of JSON (Header, Records, Summary), in pieces; without a Summary they are not whole.

    Each of `pieces` holds one row or more as JSON lists, a line break between each two.
    """
    yield _event("Header", {"fields": fields})
    for rows in pieces:
        yield b"".join((_RECORD, rows.replace(END_OF_ROW, _RECORD_END + _RECORD), _RECORD_END))
    yield _event("Summary", summary)


def _event(name: str, body: object) -> bytes:
    return orjson.dumps({"$event": name, "_body": body}, option=orjson.OPT_APPEND_NEWLINE)


def as_csv(fields: Sequence[str], rows: Iterable[Sequence[object]], *, raw: bool = False) -> bytes:
    """Rows as CSV (RFC 4180), nested values as JSON; no cell is a formula to a spreadsheet, unless `raw`."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([_cell(name, raw) for name in fields])
    table.writerows([_cell(value, raw) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", errors="replace")


def _cell(value: object, raw: bool) -> object:
    if value is None or isinstance(value, int | float):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) and not raw else text
