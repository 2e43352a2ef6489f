"""What an analyst's query gives back, as plain frozen values that say their type: the ways out write them as they need.

`graph/values.py` decodes what the product itself reads, where a node is the dictionary of its properties; an analyst
may ask for nodes, relationships, paths, durations and points, and a client that knows Neo4j expects them typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.driver import neo4j

Rich = object  # None, bool, int, float, str, bytes, one of the classes below, or a list or dict of such


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A value that is written as text: `type` is Neo4j's name of it (Date, OffsetDateTime, Duration, Point, ...)."""

    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeValue:
    """A node: the server's id of it (not to be kept), its labels in order of name, its properties."""

    element_id: str
    labels: tuple[str, ...]
    properties: Mapping[str, Rich]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkValue:
    """A relationship: the server's ids of it and of its ends, its type, its properties."""

    element_id: str
    start: str
    end: str
    type: str
    properties: Mapping[str, Rich]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathValue:
    """A path: nodes and relationships in turn, a node first and last."""

    parts: tuple[NodeValue | LinkValue, ...]


def rich(value: object) -> Rich:
    """A value of the driver as one of ours."""
    if value is None or isinstance(value, str | bool | int | float | bytes):
        return value
    found = _entity(value) or _typed(value)
    if found is not None:
        return found
    if isinstance(value, Mapping):
        return {str(name): rich(part) for name, part in value.items()}
    return [rich(part) for part in value] if isinstance(value, Sequence) else str(value)


def size_of(value: Rich) -> int:
    """About how many bytes a value takes when it is written as JSON."""
    if isinstance(value, str | bytes):
        return len(value) + 2
    if isinstance(value, Mapping):
        return 2 + sum(len(name) + 4 + size_of(part) for name, part in value.items())
    if isinstance(value, list | tuple):
        return 2 + sum(1 + size_of(part) for part in value)
    if isinstance(value, NodeValue | LinkValue):
        return 100 + size_of(value.properties)
    inner = value.text if isinstance(value, Typed) else value.parts if isinstance(value, PathValue) else "123456"
    return size_of(inner)


def _entity(value: object) -> NodeValue | LinkValue | PathValue | None:
    if isinstance(value, neo4j.graph.Node):
        return _node(value)
    if isinstance(value, neo4j.graph.Relationship):
        return _link(value)
    return _path(value) if isinstance(value, neo4j.graph.Path) else None


def _node(node: neo4j.graph.Node) -> NodeValue:
    return NodeValue(element_id=node.element_id, labels=tuple(sorted(node.labels)), properties=_properties(node))


def _link(link: neo4j.graph.Relationship) -> LinkValue:
    start, end = link.nodes
    return LinkValue(
        element_id=link.element_id,
        start=start.element_id if start is not None else "",
        end=end.element_id if end is not None else "",
        type=link.type,
        properties=_properties(link),
    )


def _properties(entity: neo4j.graph.Node | neo4j.graph.Relationship) -> dict[str, Rich]:
    return {name: rich(part) for name, part in sorted(entity.items())}


def _path(path: neo4j.graph.Path) -> PathValue:
    parts: list[NodeValue | LinkValue] = [_node(path.nodes[0])]
    for link, node in zip(path.relationships, path.nodes[1:], strict=True):
        parts += [_link(link), _node(node)]
    return PathValue(parts=tuple(parts))


def _typed(value: object) -> Typed | None:
    if isinstance(value, neo4j.time.DateTime):
        zone = "Local" if value.tzinfo is None else "Offset"
        return Typed(type=f"{zone}DateTime", text=_instant(value.iso_format()))
    if isinstance(value, neo4j.time.Date):
        return Typed(type="Date", text=value.iso_format())
    if isinstance(value, neo4j.time.Time):
        return Typed(type="LocalTime" if value.tzinfo is None else "Time", text=_instant(value.iso_format()))
    if isinstance(value, neo4j.time.Duration):
        return Typed(type="Duration", text=value.iso_format())
    if isinstance(value, neo4j.spatial.Point):
        numbers = " ".join(str(float(part)) for part in value)
        dimension = " Z" if len(value) == 3 else ""
        return Typed(type="Point", text=f"SRID={value.srid};POINT{dimension} ({numbers})")
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
