"""Two names of one thing become one node that keeps both; one name for two things is refused.

What makes things one is an identifier that only one of them can have (FIGI, LEI, MIC, CAIP-19, ISIN), never a name that
is alike: Citadel the fund and Citadel Securities have two LEIs and stay two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graph.model import Batch, Link, Node, Value
from graph.reading import Record, ask
from graph.store import GraphReader
from ingest.errors import RecordRejectedError, Rejection
from ingest.identifiers import UNIQUE

Place = tuple[str, str]  # label, id
_THINGS = frozenset({"Instrument", "Actor"})


async def merged(reader: GraphReader, batch: Batch, file: str) -> Batch:
    """The batch with its things under the ids that the graph knows them by.

    Raises RecordRejectedError where one id stands for two things, or one identifier for two of the file.
    """
    if not any(node.label in _THINGS for node in batch.nodes):
        return batch
    return merge(batch, await ask(reader, "identities"), file)


def merge(batch: Batch, held: Sequence[Record], file: str) -> Batch:
    """`merged` for rows with label, id, name, lei, mic, figi, caip19 and identifiers (`key=value`)."""
    known = {(str(row["label"]), str(row["id"])): _of_row(row) for row in held}
    own = {(node.label, node.id): _of_node(node) for node in batch.nodes if node.label in _THINGS}
    broken = [*_one_for_two(own, known), *_twice(own)]
    if broken:
        raise RecordRejectedError(tuple(Rejection(file=file, path=at, reason=why) for at, why in broken))
    owners = {(place[0], key, value): place[1] for place, ids in known.items() for key, value in ids.items()}
    renamed: dict[Place, str] = {}
    for place, ids in own.items():
        found = {owner for key, value in ids.items() if (owner := owners.get((place[0], key, value))) is not None}
        if place not in known and len(found) == 1 and (other := found.pop()) != place[1]:
            renamed[place] = other
    return batch if not renamed else _renamed(batch, renamed)


def _of_row(row: Record) -> dict[str, str]:
    listed = row["identifiers"] if isinstance(row["identifiers"], list | tuple) else ()
    pairs = dict(str(one).split("=", 1) for one in listed if "=" in str(one))
    return {key: str(value) for key in UNIQUE if (value := row.get(key) or pairs.get(key))}


def _of_node(node: Node) -> dict[str, str]:
    return _of_row({"identifiers": node.properties.get("identifiers"), **node.properties})


def _one_for_two(
    own: Mapping[Place, dict[str, str]], known: Mapping[Place, dict[str, str]]
) -> Iterator[tuple[str, str]]:
    for place, ids in own.items():
        for key, value in ids.items():
            other = known.get(place, {}).get(key)
            if other is not None and other != value:
                yield (
                    place[1],
                    f"has the {key} {value} here and {other} in the graph: two things need two ids, "
                    "or one of the identifiers is wrong",
                )


def _twice(own: Mapping[Place, dict[str, str]]) -> Iterator[tuple[str, str]]:
    first: dict[tuple[str, str, str], str] = {}
    for (label, id_), ids in own.items():
        for key, value in ids.items():
            other = first.setdefault((label, key, value), id_)
            if other != id_:
                yield id_, f"has the same {key} {value} as {other!r}: they are one thing, give them one id"


def _renamed(batch: Batch, renamed: Mapping[Place, str]) -> Batch:
    subjects = {old: new for (_, old), new in renamed.items()}

    def node(one: Node) -> Node:
        new = renamed.get((one.label, one.id))
        if new is not None:
            aliases = one.properties.get("aliases")
            names = (*(str(name) for name in (aliases if isinstance(aliases, tuple) else ())), one.id)
            return replace(one, id=new, properties={**one.properties, "aliases": tuple(sorted(set(names)))})
        return replace(one, properties=_with_subject(one.properties, subjects))

    def link(one: Link) -> Link:
        return replace(
            one,
            from_id=renamed.get((one.from_label, one.from_id), one.from_id),
            to_id=renamed.get((one.to_label, one.to_id), one.to_id),
        )

    return Batch(nodes=tuple(map(node, batch.nodes)), links=tuple(map(link, batch.links)))


def _with_subject(properties: Mapping[str, Value], subjects: Mapping[str, str]) -> Mapping[str, Value]:
    """Predictions name their subject in a property as well."""
    subject = properties.get("subject")
    return (
        {**properties, "subject": subjects[subject]} if isinstance(subject, str) and subject in subjects else properties
    )
