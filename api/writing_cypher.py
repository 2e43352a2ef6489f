"""An analyst's answer as bytes: JSON, lines of JSON in the frames of Neo4j's Query API, or CSV."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

import orjson

from graph.analysts import Answer
from graph.cyphervalues import LinkValue, NodeValue, PathValue, Rich, Typed

Write = Callable[[Rich], object]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 32 * 1024


def plain(value: Rich) -> object:
    """A value as plain JSON, as Neo4j's Query API has it: instants as ISO text, nodes with labels and properties."""
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, Typed):
        return value.text
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return _number_text(value)
    return _plain_entity(value) if isinstance(value, NodeValue | LinkValue | PathValue) else value


def _plain_entity(value: NodeValue | LinkValue | PathValue) -> object:
    if isinstance(value, PathValue):
        return [_plain_entity(part) for part in value.parts]
    properties = plain(value.properties)
    if isinstance(value, NodeValue):
        return {"elementId": value.element_id, "labels": list(value.labels), "properties": properties}
    return {
        "elementId": value.element_id,
        "startNodeElementId": value.start,
        "endNodeElementId": value.end,
        "type": value.type,
        "properties": properties,
    }


def typed(value: Rich) -> object:
    """A value as typed JSON, `{"$type": ..., "_value": ...}`: integers as text, nodes with `_labels`."""
    if isinstance(value, Mapping):
        return _pair("Map", {name: typed(part) for name, part in value.items()})
    if isinstance(value, list):
        return _pair("List", [typed(part) for part in value])
    if isinstance(value, Typed):
        return _pair(value.type, value.text)
    if isinstance(value, bytes):
        return _pair("Base64", base64.b64encode(value).decode())
    return _typed_entity(value) if isinstance(value, NodeValue | LinkValue | PathValue) else _typed_scalar(value)


def _typed_scalar(value: Rich) -> object:
    if value is None or isinstance(value, bool):
        return _pair("Null" if value is None else "Boolean", value)
    if isinstance(value, int):
        return _pair("Integer", str(value))
    return _pair("Float", _number_text(value)) if isinstance(value, float) else _pair("String", value)


def _typed_entity(value: NodeValue | LinkValue | PathValue) -> object:
    if isinstance(value, PathValue):
        return _pair("Path", [_typed_entity(part) for part in value.parts])
    properties = {name: typed(part) for name, part in value.properties.items()}
    if isinstance(value, NodeValue):
        node = {"_element_id": value.element_id, "_labels": list(value.labels), "_properties": properties}
        return _pair("Node", node)
    link = {
        "_element_id": value.element_id,
        "_start_node_element_id": value.start,
        "_end_node_element_id": value.end,
        "_type": value.type,
        "_properties": properties,
    }
    return _pair("Relationship", link)


def _pair(type_: str, value: object) -> dict[str, object]:
    return {"$type": type_, "_value": value}


def _number_text(value: float) -> str:
    return str(value).replace("nan", "NaN").replace("inf", "Infinity")


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


def lines(answer: Answer, summary: Mapping[str, object], write: Write = plain) -> Iterator[bytes]:
    """The answer as lines of JSON (Header, Records, Summary), in chunks; without a Summary it is not whole."""
    waiting = [_event("Header", {"fields": answer.fields})]
    size = 0
    for row in answer.rows:
        line = _event("Record", [write(value) for value in row])
        waiting.append(line)
        size += len(line)
        if size > _CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    waiting.append(_event("Summary", summary))
    yield b"".join(waiting)


def _event(name: str, body: object) -> bytes:
    return orjson.dumps({"$event": name, "_body": body}, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)


def as_csv(answer: Answer, *, raw: bool = False) -> bytes:
    """The answer as CSV (RFC 4180), nested values as JSON; no cell is a formula to a spreadsheet, unless `raw`."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([_cell(name, raw) for name in answer.fields])
    table.writerows([_cell(plain(value), raw) for value in row] for row in answer.rows)
    return out.getvalue().encode("utf-8", errors="replace")


def _cell(value: object, raw: bool) -> object:
    if value is None or isinstance(value, int | float):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) and not raw else text
