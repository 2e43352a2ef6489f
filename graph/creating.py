"""Statements that make many new nodes of one shape, each written once, with the links to things that start at them.

What a source brings is mostly alike: the same label, properties and kinds of links. For each such shape there is one
statement with the names in its text, so that rows are lists of values: no name travels with each of them, no node is
made first and filled afterwards (the embedded server writes it twice then), and no link looks up the node it starts at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from graph.model import Link, Value
from graph.values import iso

FEW = 50  # nodes of one shape that are not worth a statement of their own, which a server has to plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A node that the graph does not hold, under all of its labels (`Instrument:Etf`), with all of its properties.

    `links` start at it and lead to things that the graph holds, each named by its id.
    """

    labels: str
    id: str
    properties: Mapping[str, Value]
    links: tuple[Link, ...] = ()


def with_links(one: Fresh, links: Sequence[Link] | None) -> Fresh:
    """The same with links that start at it."""
    return one if not links else Fresh(labels=one.labels, id=one.id, properties=one.properties, links=tuple(links))


_Names = tuple[tuple[str, str], ...]  # names of properties, each with the function that makes its value in the graph


@dataclass(frozen=True, slots=True)
class _Shape:
    labels: str
    names: _Names
    links: tuple[tuple[str, str, _Names], ...]  # type and label at the other end


def by_shape(fresh: Iterable[Fresh]) -> tuple[list[tuple[str, list[object]]], list[Fresh]]:
    """Statements with their rows for nodes of which many are alike, and the nodes of which there are few.

    A statement takes `$rows` and `$now`, and returns `made`: how many nodes it made.
    """
    groups: dict[_Shape, list[tuple[list[object], Fresh]]] = defaultdict(list)
    for one in fresh:
        shape, row = _taken_apart(one)
        groups[shape].append((row, one))
    alike: list[tuple[str, list[object]]] = []
    few: list[Fresh] = []
    for shape, members in groups.items():
        if len(members) < FEW:
            few += [one for _, one in members]
        else:
            alike.append((_statement(shape), [row for row, _ in members]))
    return alike, few


def _taken_apart(one: Fresh) -> tuple[_Shape, list[object]]:
    """What is alike in many nodes, and the values in which this one differs: id, properties, links in turn."""
    row: list[object] = [one.id]
    names = _values(one.properties, row)
    links: list[tuple[str, str, _Names]] = []
    for link in one.links:
        row.append(link.to_id)
        links.append((link.type, link.to_label, _values(link.properties, row) if link.properties else ()))
    return _Shape(one.labels, names, tuple(links)), row


def _values(properties: Mapping[str, Value], row: list[object]) -> _Names:
    """The names of properties in order; their values go to the end of the row."""
    names: list[tuple[str, str]] = []
    for name in sorted(properties):
        value = properties[name]
        if value is None:
            continue
        if isinstance(value, datetime):
            names.append((name, "datetime"))
            row.append(iso(value))
        elif isinstance(value, date):
            names.append((name, "date"))
            row.append(value.isoformat())
        else:
            names.append((name, ""))
            row.append(list(value) if isinstance(value, tuple) else value)
    return tuple(names)


def _statement(shape: _Shape) -> str:
    at = 1 + len(shape.names)
    found: list[str] = []
    tied: list[str] = []
    for n, (type_, label, names) in enumerate(shape.links):
        found.append(f" MATCH (t{n}:{label} {{id: row[{at}]}})")
        given = f" {{{_map(names, at + 1)}}}" if names else ""
        tied.append(f", (n)-[:{type_}{given}]->(t{n})")
        at += 1 + len(names)
    own = ", ".join(one for one in ("id: row[0]", _map(shape.names, 1), "recorded_from: datetime($now)") if one)
    made = f"CREATE (n:{shape.labels} {{{own}}}){''.join(tied)}"
    return f"UNWIND $rows AS row{''.join(found)} {made} RETURN count(*) AS made"


def _map(names: _Names, at: int) -> str:
    """The inside of a map whose values begin at a place of the row."""
    return ", ".join(f"`{name}`: {function}(row[{n}])" for n, (name, function) in enumerate(names, at))
