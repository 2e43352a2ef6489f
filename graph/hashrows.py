"""Nodes and links as their hash takes them: asked for so that most of them travel as one text.

A driver in Python takes longer to make an object of each name, value and instant that a server sends than all else that
the hash costs. A node whose values have types of which there is one text, and a link without properties, are put
together by the server; whatever else there is travels as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import cast

from graph.schema import LABELS
from graph.values import iso

Json = list[object]
_WRITTEN_WHEN = ("recorded_from", "recorded_to")
WRITTEN_BY = "IngestRun"
_BETWEEN = "\x1f"  # between the parts of a text; where it stands in a value the parts are too many
_SEPARATOR = f"'\\u{ord(_BETWEEN):04x}'"  # as Cypher writes it


def statements(label: str) -> Iterator[tuple[str, Callable[[Sequence[object]], Iterable[Json]]]]:
    """Cypher for the nodes of a label and the links that start at them, each with what makes JSON of one of its rows.

    Nothing is put in order, which a server would have to hold all of it for. The links of a fact come with it, as they
    are few; those of a thing may be as many as there are facts, and come one by one.
    """
    if LABELS[label].fact:
        yield (
            _nodes(label, f", [(n)-[r]->(x) WHERE NOT x:{WRITTEN_BY} | {_LINK}] AS links"),
            partial(_with_links, label),
        )
    else:
        yield _nodes(label, ""), lambda row: (_node(label, row),)
        match = f"MATCH (n:{label})-[r]->(x) WHERE NOT x:{WRITTEN_BY} RETURN n.id AS id, {_LINK} AS link"
        yield match, lambda row: (_link(label, *row),)


def _nodes(label: str, besides: str) -> str:
    return (
        f"MATCH (n:{label}) WITH n, [name IN keys(n) WHERE NOT name IN {list(_WRITTEN_WHEN)}"
        f" | {_SEPARATOR} + name + {_SEPARATOR} + {_VALUE_AS_TEXT}] AS named"
        f" WITH n, size(labels(n)) + 1 + 2 * size(named) AS parts, reduce(text = '', one IN labels(n) | text + one +"
        f" {_SEPARATOR}) + reduce(text = '', one IN named | text + one) AS text"
        f" WITH n, CASE WHEN size(split(text, {_SEPARATOR})) = parts THEN text END AS text"
        f" RETURN text, CASE WHEN text IS NULL THEN [labels(n), n {{.*, {_WITHOUT_CLOCKS}}}] END AS whole{besides}"
    )


def _with_links(label: str, row: Sequence[object]) -> Iterator[Json]:
    *own, links = row
    node = _node(label, own)
    yield node
    for one in cast("list[object]", links):
        yield _link(label, node[2], one)


def _node(label: str, row: Sequence[object]) -> Json:
    """As JSON: label, id, all labels in order, properties without the clocks of the store."""
    text, whole = row
    if text is None:
        labels, properties = cast("tuple[list[str], Mapping[str, object]]", whole)
        return ["node", label, plain(properties.get("id")), sorted(labels), plain(properties)]
    parts = cast("str", text).split(_BETWEEN)
    end = parts.index("")  # after the last label
    named = zip(parts[end + 1 :: 2], parts[end + 2 :: 2], strict=True)
    values = {name: _OF_TEXT[value[0]](value[1:]) for name, value in named}
    return ["node", label, values.get("id"), sorted(parts[:end]), values]


def _link(label: str, id_: object, link: object) -> Json:
    """As JSON: label and id where it starts, type, labels in order and id where it ends, properties."""
    if isinstance(link, str):
        type_, other, *labels = link.split(_BETWEEN)
        return ["link", label, plain(id_), type_, sorted(labels), other, {}]
    return ["link", label, plain(id_), *map(plain, cast("list[object]", link))]


def plain(value: object) -> object:
    """A decoded value as JSON: clocks of the store and nulls left out, texts of a list in order."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if name not in _WRITTEN_WHEN and one is not None}
    if isinstance(value, datetime):
        return {"instant": iso(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, list | tuple):
        return sorted(value) if all(isinstance(one, str) for one in value) else [plain(one) for one in value]
    return value


def _instant(text: str) -> object:
    return plain(datetime.fromisoformat(text.partition("[")[0]))  # a zone may be named after its offset


def _day(text: str) -> object:
    return plain(date.fromisoformat(text))


def _flag(text: str) -> object:
    return text == "true"


# Types of which there is one text on both servers, the first letter of the text, and what it says.
_TYPES: tuple[tuple[str, str, Callable[[str], object]], ...] = (
    ("STRING", "s", str),
    ("ZONED DATETIME", "t", _instant),
    ("FLOAT", "f", float),
    ("INTEGER", "i", int),
    ("BOOLEAN", "b", _flag),
    ("DATE", "d", _day),
)
_OF_TEXT = {letter: read for _, letter, read in _TYPES}
_WHENS = " ".join(
    f"WHEN n[name] IS :: {type_} NOT NULL THEN '{letter}' + toString(n[name])" for type_, letter, _ in _TYPES
)
_VALUE_AS_TEXT = f"CASE {_WHENS} END"
_WITHOUT_CLOCKS = ", ".join(f"{name}: null" for name in _WRITTEN_WHEN)
_END_AS_TEXT = f"type(r) + {_SEPARATOR} + x.id + reduce(text = '', one IN labels(x) | text + {_SEPARATOR} + one)"
_LINK = (
    "CASE WHEN x.id IS :: STRING NOT NULL AND size(keys(r)) = 0"
    f" AND size(split({_END_AS_TEXT}, {_SEPARATOR})) = 2 + size(labels(x)) THEN {_END_AS_TEXT}"
    " ELSE [type(r), labels(x), x.id, properties(r)] END"
)
