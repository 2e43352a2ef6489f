"""Statements that make many new nodes of one shape, each written once, with the links to things that start at them.

What a source brings is mostly alike: the same label, properties and kinds of links. For each such shape there is one
statement with the names in its text, so that rows are lists of values: no name travels with each of them, no node is
made first and filled afterwards (the embedded server writes it twice then), and no link looks up the node it starts at.
Mostly they also have the same unit, say, and are about the same thing: a text that all rows share travels once, and
what all of them lead to is looked up once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple, cast

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
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """A statement that makes a node of each row: it takes `$rows`, `$same` and `$now`.

    It returns `made`: how many nodes it made, fewer than there are rows where an end of a link is not there.
    """

    statement: str
    rows: list[object]
    same: list[object]  # what would stand in every row


_Names = tuple[tuple[str, str], ...]  # names of properties, each with the function that makes its value in the graph


class _Shape(NamedTuple):
    labels: str
    names: _Names
    links: tuple[tuple[str, str, _Names], ...]  # type and label at the other end


def by_shape(fresh: Iterable[Fresh]) -> tuple[list[Alike], list[Fresh]]:
    """Statements with their rows for nodes of which many are alike, and the nodes of which there are few."""
    groups: dict[_Shape, list[Fresh]] = defaultdict(list)
    for one in fresh:
        links = tuple([(link.type, link.to_label, _names(link.properties)) for link in one.links])
        groups[_Shape(one.labels, _names(one.properties), links)].append(one)
    alike: list[Alike] = []
    few: list[Fresh] = []
    for shape, members in groups.items():
        if len(members) < FEW:
            few += members
        else:
            alike.append(_alike(shape, members))
    return alike, few


def _names(properties: Mapping[str, Value]) -> _Names:
    """The names of properties that have a value, in order."""
    return _in_order(tuple(properties), tuple(map(type, properties.values()))) if properties else ()


@lru_cache(maxsize=1_024)
def _in_order(names: tuple[str, ...], types: tuple[type, ...]) -> _Names:
    known = zip(names, types, strict=True)
    return tuple(sorted((name, _function(type_)) for name, type_ in known if type_ is not type(None)))


def _function(type_: type) -> str:
    if issubclass(type_, date):
        return "datetime" if issubclass(type_, datetime) else "date"
    return ""


def _alike(shape: _Shape, members: Sequence[Fresh]) -> Alike:
    """The statement of a shape, and of its members the values that differ."""
    columns = list(_columns(shape, members))
    ids = columns[0]
    kept, places = [ids], ["row[0]"]
    same: list[object] = []
    for column in columns[1:]:
        first = column[0]
        if column == ids:  # the first version of a fact is named by its key
            places.append("row[0]")
        elif isinstance(first, str) and column.count(first) == len(column):
            places.append(f"$same[{len(same)}]")
            same.append(first)
        else:
            places.append(f"row[{len(kept)}]")
            kept.append(column)
    rows: list[object] = [list(row) for row in zip(*kept, strict=True)]
    return Alike(statement=_statement(shape, places), rows=rows, same=same)


def _columns(shape: _Shape, members: Sequence[Fresh]) -> Iterator[list[object]]:
    """What is sent of all members, one thing after another: ids, properties, links in turn."""
    yield [one.id for one in members]
    yield from _values(shape.names, [one.properties for one in members])
    for n, (_, _, names) in enumerate(shape.links):
        links = [one.links[n] for one in members]
        yield [link.to_id for link in links]
        yield from _values(names, [link.properties for link in links])


def _values(names: _Names, properties: Sequence[Mapping[str, Value]]) -> Iterator[list[object]]:
    for name, function in names:
        given = [one[name] for one in properties]
        if function == "datetime":
            yield [iso(cast("datetime", value)) for value in given]
        elif function == "date":
            yield [cast("date", value).isoformat() for value in given]
        else:
            yield [list(value) if isinstance(value, tuple) else value for value in given]


def _statement(shape: _Shape, places: Sequence[str]) -> str:
    """What makes a node of each row, its values being at these places in the order of `_columns`."""
    at = 1 + len(shape.names)
    once: list[str] = []
    found: list[str] = []
    tied: list[str] = []
    for n, (type_, label, names) in enumerate(shape.links):
        match = f"MATCH (t{n}:{label} {{id: {places[at]}}}) "
        (once if places[at].startswith("$") else found).append(match)
        given = f" {{{_map(names, places[at + 1 :])}}}" if names else ""
        tied.append(f", (n)-[:{type_}{given}]->(t{n})")
        at += 1 + len(names)
    own = ", ".join(
        one for one in ("id: row[0]", _map(shape.names, places[1:]), "recorded_from: datetime($now)") if one
    )
    made = f"CREATE (n:{shape.labels} {{{own}}}){''.join(tied)}"
    return f"{''.join(once)}UNWIND $rows AS row {''.join(found)}{made} RETURN count(*) AS made"


def _map(names: _Names, places: Sequence[str]) -> str:
    """The inside of a map whose values are at these places, and there may be more places."""
    return ", ".join(f"`{name}`: {function}({place})" for (name, function), place in zip(names, places, strict=False))
