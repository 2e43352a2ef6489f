"""What an analyst's query gives back, written as JSON where it comes in: a row a line, as Neo4j's Query API has it.

Rows go from here to the client as they are, so that no process makes objects of them a second time. `graph/values.py`
decodes what the product itself reads, where a node is the dictionary of its properties; an analyst may ask for nodes,
relationships, paths, durations and points, and a client that knows Neo4j expects them with all that they have.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence

import orjson

from graph.driver import neo4j

Line = Callable[[list[object]], bytes]
Write = Callable[[object], object]


def plain_line(row: list[object]) -> bytes:
    """A row as plain JSON: instants as ISO text, nodes with labels and properties, what is no number as its text.

    Raises `orjson.JSONEncodeError` where lists and maps lie deeper in each other than JSON is written.
    """
    line = orjson.dumps(row, default=_other)
    if b"null" in line and not all(value is None or isinstance(value, str | int) for value in row):
        return orjson.dumps([_plain(value) for value in row])  # a float that is not finite was written as null
    return line


def typed_line(row: list[object]) -> bytes:
    """A row as typed JSON, `{"$type": ..., "_value": ...}`: integers as text, nodes with `_labels`. Raises likewise."""
    return orjson.dumps([_typed(value) for value in row])


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else _number_text(value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else _other(value)


def _other(value: object) -> object:
    """What JSON has no word for."""
    if isinstance(value, neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path):
        return _entity(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    temporal = _text_of(value)
    return str(value) if temporal is None else temporal[1]


def _entity(value: neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path) -> object:
    if isinstance(value, neo4j.graph.Path):
        return [_entity(part) for part in _parts(value)]
    properties = {name: _plain(part) for name, part in sorted(value.items())}
    if isinstance(value, neo4j.graph.Node):
        return {"elementId": value.element_id, "labels": sorted(value.labels), "properties": properties}
    start, end = _ends(value)
    return {
        "elementId": value.element_id,
        "startNodeElementId": start,
        "endNodeElementId": end,
        "type": value.type,
        "properties": properties,
    }


def _typed(value: object) -> object:
    if isinstance(value, neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path):
        return _typed_entity(value)
    if isinstance(value, bytes | bytearray):
        return _pair("Base64", base64.b64encode(value).decode())
    text = _text_of(value)
    if text is not None:
        return _pair(*text)
    if isinstance(value, Mapping):
        return _pair("Map", {str(name): _typed(part) for name, part in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _pair("List", [_typed(part) for part in value])
    return _typed_scalar(value)


def _typed_scalar(value: object) -> object:
    if value is None or isinstance(value, bool):
        return _pair("Null" if value is None else "Boolean", value)
    if isinstance(value, int):
        return _pair("Integer", str(value))
    return _pair("Float", _number_text(value)) if isinstance(value, float) else _pair("String", str(value))


def _typed_entity(value: neo4j.graph.Node | neo4j.graph.Relationship | neo4j.graph.Path) -> object:
    if isinstance(value, neo4j.graph.Path):
        return _pair("Path", [_typed_entity(part) for part in _parts(value)])
    properties = {name: _typed(part) for name, part in sorted(value.items())}
    if isinstance(value, neo4j.graph.Node):
        node = {"_element_id": value.element_id, "_labels": sorted(value.labels), "_properties": properties}
        return _pair("Node", node)
    start, end = _ends(value)
    link = {
        "_element_id": value.element_id,
        "_start_node_element_id": start,
        "_end_node_element_id": end,
        "_type": value.type,
        "_properties": properties,
    }
    return _pair("Relationship", link)


def _pair(type_: str, value: object) -> dict[str, object]:
    return {"$type": type_, "_value": value}


def _number_text(value: float) -> str:
    return str(value).replace("nan", "NaN").replace("inf", "Infinity")


def _parts(path: neo4j.graph.Path) -> list[neo4j.graph.Node | neo4j.graph.Relationship]:
    """Nodes and relationships of a path in turn, a node first and last."""
    parts: list[neo4j.graph.Node | neo4j.graph.Relationship] = [path.nodes[0]]
    for link, node in zip(path.relationships, path.nodes[1:], strict=True):
        parts += [link, node]
    return parts


def _ends(link: neo4j.graph.Relationship) -> tuple[str, str]:
    start, end = link.nodes
    return (start.element_id if start is not None else "", end.element_id if end is not None else "")


def _text_of(value: object) -> tuple[str, str] | None:
    """Neo4j's name and the text of a value that is written as text; None for any other."""
    if isinstance(value, neo4j.time.DateTime):
        zone = "Local" if value.tzinfo is None else "Offset"
        return f"{zone}DateTime", _instant(value.iso_format())
    if isinstance(value, neo4j.time.Date):
        return "Date", value.iso_format()
    if isinstance(value, neo4j.time.Time):
        return "LocalTime" if value.tzinfo is None else "Time", _instant(value.iso_format())
    if isinstance(value, neo4j.time.Duration):
        return "Duration", value.iso_format()
    if isinstance(value, neo4j.spatial.Point):
        numbers = " ".join(str(float(part)) for part in value)
        dimension = " Z" if len(value) == 3 else ""
        return "Point", f"SRID={value.srid};POINT{dimension} ({numbers})"
    return None


def _instant(text: str) -> str:
    """An ISO text with `Z` for UTC and no zeros at the end of a fraction, as Neo4j writes it."""
    text = text.replace("+00:00", "Z")
    head, dot, tail = text.partition(".")
    if not dot:
        return text
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    kept = digits.rstrip("0")
    return f"{head}{'.' if kept else ''}{kept}{tail[len(digits) :]}"
