"""Which recorded version of a fact a write means, decided without a database.

A fact is known by its key; the store keeps every version of it (`key`, `key@2`, ...). What counts as the same version
is its own properties and the links that start at it, but not which cases hold it: two cases that cite one document
must not take turns in correcting it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from graph.errors import OntologyError
from graph.model import Link, Node, Value
from graph.schema import LABELS, RELATIONSHIPS, Property
from graph.values import iso, normal

# Encoders that are made once: `json.dumps` with settings makes one a call. What is flat needs no look for circles.
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_TEXT = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
_VERSION = re.compile(r"^(?P<key>.+)@(?P<n>\d+)$")

# Links that say of what a fact was made or what was made of it, true of one version only.
OF_ONE_VERSION = frozenset(
    {"SUPERSEDES", "OF", "ASSESSES", "USED", "LACKED", "SCORED", "UNDER", "CHECKS", "WAS_DERIVED_FROM"}
)

# Of a published thing many files tell a part, and of a dispute more is found out later: an account that says less than
# the graph holds is no correction of it.
JOINED = frozenset({"Document", "Dispute"})


def is_membership(link_type: str, to_label: str) -> bool:
    """Whether a link only says that a case holds something."""
    return link_type == "PART_OF" and to_label == "Case"


def is_lineage(link_type: str, to_label: str) -> bool:
    """Whether a link only says out of which bytes, or by which run, a fact came here."""
    return (link_type, to_label) in {("WAS_DERIVED_FROM", "Payload"), ("WAS_GENERATED_BY", "IngestRun")}


def is_content(link_type: str, to_label: str) -> bool:
    """Whether a link that starts at a fact is part of what the fact says, and so of its hash."""
    return not is_membership(link_type, to_label) and not is_lineage(link_type, to_label)


def next_version(key: str, current: str) -> str:
    """The id that follows `current`, a version of `key`: `key` -> `key@2` -> `key@3`."""
    return f"{key}@{int(current[len(key) + 1 :]) + 1}" if current != key else f"{key}@2"


def is_version(label: str, id_: str) -> bool:
    """Whether the id names one recorded version of a fact rather than the fact."""
    return LABELS[label].fact and _VERSION.match(id_) is not None


def content_hash(node: Node, links: Iterable[Link]) -> str:
    """The hash of a fact's own properties and outgoing links; the order of neither matters.

    Which cases hold it and which bytes it was read from do not count: the same fact had again is no correction.
    """
    content = {
        "label": node.label,
        "key": node.id,
        "sort": node.sort,
        "properties": {name: _plain(value) for name, value in node.properties.items()},
        "links": sorted(_text_of(link) for link in links if is_content(link.type, link.to_label)),
    }
    text = _CANONICAL(content)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def joined_account(
    node: Node, links: Sequence[Link], held: Mapping[str, Value], held_links: Sequence[Link]
) -> tuple[Node, list[Link]]:
    """A fact of `JOINED` and its outgoing links after one more account of it: what was held, and what is new."""
    properties = _normal_properties(joined_properties(held, node.properties), LABELS[node.label].properties)
    given = {(link.type, link.to_label, link.to_id) for link in links}
    kept = [link for link in held_links if (link.type, link.to_label, link.to_id) not in given]
    return Node(label=node.label, id=node.id, sort=node.sort, properties=properties), [*links, *kept]


def settle(nodes: Sequence[Node]) -> list[Node]:
    """Nodes with normal values, in order, those given twice joined into one.

    Raises `OntologyError` where one batch says two things of one fact: which is the correction cannot be known.
    """
    found: dict[tuple[str, str], Node] = {}
    for node in map(_normal_node, nodes):
        place = (node.label, node.id)
        before = found.get(place)
        if before is None:
            found[place] = node
        elif not LABELS[node.label].fact:
            joined = joined_properties(before.properties, node.properties)
            found[place] = Node(label=node.label, id=node.id, sort=before.sort or node.sort, properties=joined)
        elif (before.sort, before.properties) != (node.sort, node.properties):
            differing = sorted(
                name
                for name in before.properties.keys() | node.properties.keys()
                if before.properties.get(name) != node.properties.get(name)
            )
            raise OntologyError(
                node.label, node.id, f"one batch ({', '.join(differing)})", problem="two contents of the"
            )
    return list(found.values())


def settle_links(links: Sequence[Link]) -> list[Link]:
    """Links with normal values, each once; of one given twice the later properties win."""
    found: dict[tuple[str, str, str, str, str], Link] = {}
    for link in links:
        place = (link.type, link.from_label, link.from_id, link.to_label, link.to_id)
        if not link.properties:
            found.setdefault(place, link)
            continue
        before = found[place].properties if place in found else {}
        properties = {**before, **_normal_properties(link.properties, RELATIONSHIPS[link.type].properties)}
        found[place] = Link(
            type=link.type,
            from_label=link.from_label,
            from_id=link.from_id,
            to_label=link.to_label,
            to_id=link.to_id,
            properties=properties,
        )
    return list(found.values())


def joined_properties(before: Mapping[str, Value], after: Mapping[str, Value]) -> dict[str, Value]:
    """What a thing is after a second account of it: the later values, but its first name; no alias is lost."""
    joined = {**before, **after}
    aliases = {*_texts(before.get("aliases")), *_texts(after.get("aliases"))}
    if before.get("name") is not None:
        joined["name"] = before["name"]
        aliases.add(str(after.get("name", before["name"])))
        aliases.discard(str(before["name"]))
    if aliases:
        joined["aliases"] = tuple(sorted(aliases))
    return joined


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, tuple | list) else ()


def _normal_node(node: Node) -> Node:
    properties = _normal_properties(node.properties, LABELS[node.label].properties)
    if "aliases" in properties:
        properties["aliases"] = tuple(sorted(set(_texts(properties["aliases"]))))
    return Node(label=node.label, id=node.id, sort=node.sort, properties=properties)


def _normal_properties(given: Mapping[str, Value], known: Mapping[str, Property]) -> dict[str, Value]:
    return {name: normal(value, known[name].type) for name, value in given.items() if value is not None}


def _text_of(link: Link) -> str:
    if not link.properties:
        return _text_of_bare(link.type, link.to_label, link.to_id)
    properties = {name: _plain(value) for name, value in sorted(link.properties.items())}
    return _TEXT([link.type, link.to_label, link.to_id, properties])


@lru_cache(maxsize=4_096)  # many facts of a batch are about one thing
def _text_of_bare(type_: str, to_label: str, to_id: str) -> str:
    return _TEXT([type_, to_label, to_id, {}])


def _plain(value: Value) -> object:
    """A value as JSON that keeps a date apart from the same text."""
    if isinstance(value, str | float):
        return value
    if isinstance(value, datetime):
        return {"instant": iso(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value
