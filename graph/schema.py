"""The ontology as one table, what makes constraints from it, and the check that every write passes.

Neo4j Community keeps nothing but uniqueness, the embedded server nothing at all that both would take: whatever else
is promised about a node or a link is promised here, before a statement is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from math import isfinite
from types import MappingProxyType

from graph.errors import OntologyError
from graph.graphversion import CONSTRAINT
from graph.model import Batch, Link, Node
from graph.ontology import CROWDED_FROM, EVERY_NODE, FACTS, PROPERTY_TYPES, RELATIONS, SORTS, THINGS

MAX_ID = 512
_BAD_ID = re.compile(r"[\s\x00-\x1f\x7f]")
_VERSION = re.compile(r"@\d+$")
KEPT_BY_THE_STORE = frozenset({"id", "key", "content_hash", "recorded_from", "recorded_to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a label or relationship; `type` is a word of `ontology.PROPERTY_TYPES`."""

    name: str
    type: str
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A first label: its properties, its second labels, and whether its nodes are facts with versions and clocks."""

    name: str
    fact: bool
    sorts: frozenset[str]
    properties: Mapping[str, Property]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A relationship type: the pairs of first labels it may join, and its properties.

    `crowded_from` says that many start at one node, so that a merge should look from the other end.
    """

    name: str
    ends: frozenset[tuple[str, str]]
    properties: Mapping[str, Property]
    crowded_from: bool


def _properties(text: str) -> Mapping[str, Property]:
    found: dict[str, Property] = {}
    for word in text.split():
        name, _, type_ = word.rstrip("!").partition(":")
        found[name] = Property(name=name, type=type_ or "text", required=word.endswith("!"))
    return MappingProxyType(found)


def _labels() -> Mapping[str, Label]:
    rows = [(name, text, False) for name, text in THINGS.items()] + [(name, text, True) for name, text in FACTS.items()]
    return MappingProxyType(
        {
            name: Label(
                name=name,
                fact=fact,
                sorts=frozenset(SORTS.get(name, "").split()),
                properties=_properties(f"{text} {EVERY_NODE}"),
            )
            for name, text, fact in rows
        }
    )


def _relations() -> Mapping[str, Relation]:
    found: dict[str, Relation] = {}
    for name, (properties, text) in RELATIONS.items():
        ends: set[tuple[str, str]] = set()
        for part in text.split("|"):
            left, _, right = part.partition("->")
            ends.update((from_, to) for from_ in left.split() for to in right.split())
        found[name] = Relation(
            name=name,
            ends=frozenset(ends),
            properties=_properties(properties),
            crowded_from=name in CROWDED_FROM,
        )
    return MappingProxyType(found)


LABELS: Mapping[str, Label] = _labels()
RELATIONSHIPS: Mapping[str, Relation] = _relations()
SECOND_LABELS: frozenset[str] = frozenset().union(*(label.sorts for label in LABELS.values()))


def constraint_statements() -> tuple[str, ...]:
    """Cypher that both servers take: `id` unique for every first label, and an index on `key` of every fact label.

    The last is that of the marks of versions, which are no label of the ontology.
    """
    unique = [
        f"CREATE CONSTRAINT {name.lower()}_id IF NOT EXISTS FOR (n:{name}) REQUIRE n.id IS UNIQUE" for name in LABELS
    ]
    keys = [
        f"CREATE INDEX {name.lower()}_key IF NOT EXISTS FOR (n:{name}) ON (n.key)"
        for name, label in LABELS.items()
        if label.fact
    ]
    return (*unique, *keys, CONSTRAINT)


def validate(batch: Batch) -> None:
    """Check every node and link of a batch against the table.

    Raises `OntologyError` at the first that is not allowed, naming the nearest known word where one was not known.
    """
    for node in batch.nodes:
        _check_node(node)
    for link in batch.links:
        _check_link(link)


def _check_node(node: Node) -> None:
    label = LABELS.get(node.label)
    if label is None:
        raise OntologyError("label", node.label, f"node {node.id!r}", _near(node.label, LABELS))
    where = f"{node.label} {node.id!r}"
    _check_id(node.id, where, version_allowed=False)
    if node.sort is not None and node.sort not in label.sorts:
        raise OntologyError("second label", node.sort, where, _near(node.sort, label.sorts))
    _check_properties(node.properties, label.properties, where)
    for name, property_ in label.properties.items():
        if property_.required and node.properties.get(name) is None:
            raise OntologyError("property", name, where, problem="missing")


def _check_link(link: Link) -> None:
    where = f"link ({link.from_label} {link.from_id!r})-[{link.type}]->({link.to_label} {link.to_id!r})"
    relation = RELATIONSHIPS.get(link.type)
    if relation is None:
        raise OntologyError("relation", link.type, where, _near(link.type, RELATIONSHIPS))
    for name in (link.from_label, link.to_label):
        if name not in LABELS:
            raise OntologyError("label", name, where, _near(name, LABELS))
    if (link.from_label, link.to_label) not in relation.ends:
        pair = f"{link.from_label} -> {link.to_label}"
        known = sorted(f"{from_} -> {to}" for from_, to in relation.ends)
        raise OntologyError(f"ends of {link.type}", pair, where, _near(pair, known), problem="not allowed:")
    _check_id(link.from_id, where, version_allowed=LABELS[link.from_label].fact)
    _check_id(link.to_id, where, version_allowed=LABELS[link.to_label].fact)
    _check_properties(link.properties, relation.properties, where)


def _check_id(id_: object, where: str, *, version_allowed: bool) -> None:
    if not isinstance(id_, str) or not id_ or len(id_) > MAX_ID or _BAD_ID.search(id_):
        wanted = f"text of 1 to {MAX_ID} characters without spaces"
        raise OntologyError("id", str(id_)[:80], f"{where} (wanted: {wanted})", problem="bad")
    if not version_allowed and _VERSION.search(id_):
        raise OntologyError("id", id_, f"{where} (a number after @ names a recorded version)", problem="bad")


def _check_properties(given: Mapping[str, object], known: Mapping[str, Property], where: str) -> None:
    for name, value in given.items():
        property_ = known.get(name)
        if property_ is None:
            if name in KEPT_BY_THE_STORE:
                raise OntologyError("property", name, f"{where} (the store sets it)", problem="not to be given:")
            raise OntologyError("property", name, where, _near(name, known))
        if value is not None and not fits(value, property_.type):
            wanted = PROPERTY_TYPES[property_.type]
            got = f"{type(value).__name__} {value!r}"[:80]
            raise OntologyError("property", name, f"{where} (wanted: {wanted}; got: {got})", problem="wrong value of")


def fits(value: object, type_: str) -> bool:
    """Whether a value is of a type named in `ontology.PROPERTY_TYPES`; a datetime without zone fits none."""
    if isinstance(value, tuple):
        return (type_ == "texts" and all(isinstance(item, str) for item in value)) or (
            type_ == "numbers" and all(_sort_of(item) in {"number", "integer"} for item in value)
        )
    return type_ in _FITS.get(_sort_of(value), frozenset())


_FITS = {
    "instant": frozenset({"instant", "moment", "scalar"}),
    "day": frozenset({"day", "moment", "scalar"}),
    "flag": frozenset({"flag", "scalar"}),
    "text": frozenset({"text", "scalar"}),
    "integer": frozenset({"integer", "number", "scalar"}),
    "number": frozenset({"number", "scalar"}),
}


def _sort_of(value: object) -> str:
    """The narrowest type of one value, "none" where the graph cannot hold it."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, float):
        return "number" if isfinite(value) else "none"
    if isinstance(value, int):
        return "integer" if -(2**63) <= value < 2**63 else "none"
    if isinstance(value, datetime):
        return "instant" if value.utcoffset() is not None else "none"
    return "day" if isinstance(value, date) else "none"


def _near(name: str, known: Iterable[str]) -> tuple[str, ...]:
    words = list(known)
    folded = {word.casefold(): word for word in words}
    found = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.0)
    return tuple(folded[word] for word in found)
