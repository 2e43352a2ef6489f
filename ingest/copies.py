"""Finds of which publication in the graph a new one is a copy, so that evidence is counted once an origin.

A publication is a copy of another where both have one canonical address, the same words, or texts that resemble one
another as rewrites do. Of two the younger is the copy; it is tied to the oldest of all that it resembles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from graph.model import Batch, Link
from graph.reading import Record, ask
from graph.store import GraphReader
from ingest.documents import DocumentLoad
from ingest.fingerprints import Fingerprint, canonical_url, fingerprint, resemblance

# Texts about one event by different hands share next to no run of three words; rewrites that keep half of their
# sentences have a resemblance of a third (0.5 / 1.5).
THRESHOLD = 0.3
_NEVER = datetime(9999, 12, 31, tzinfo=UTC)
_TIES = frozenset({"COPY_OF", "TRANSLATION_OF", "HAD_PRIMARY_SOURCE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """`copy` stands for the same publication as `of` (keys of documents), and why that is thought."""

    copy: str
    of: str
    of_title: str
    why: str


async def with_copies(reader: GraphReader, load: DocumentLoad) -> tuple[DocumentLoad, tuple[Copy, ...]]:
    """The document with its fingerprint and its ties to copies that the graph holds, and these ties."""
    own = fingerprint(load.file.document.url, load.text)
    found = copies_among(load, own, await ask(reader, "fingerprints"))
    nodes = tuple(
        replace(node, properties={**node.properties, **_kept(own)})
        if node.label == "Document" and node.id == load.id
        else node
        for node in load.batch.nodes
    )
    links = tuple(
        Link(type="COPY_OF", from_label="Document", from_id=one.copy, to_label="Document", to_id=one.of)
        for one in found
    )
    return replace(load, batch=Batch(nodes=nodes, links=load.batch.links + links)), found


def _kept(own: Fingerprint) -> dict[str, str]:
    given = {"canonical_url": own.url, "signature": own.signature, "words_sha256": own.words}
    return {name: value for name, value in given.items() if value is not None}


def copies_among(load: DocumentLoad, own: Fingerprint, held: Sequence[Record]) -> tuple[Copy, ...]:
    """The ties of a document to those of the graph: rows with key, title, url, words, signature, known_at."""
    tied = {link.to_id for link in load.batch.links if link.type in _TIES and link.from_id == load.id}
    known = next(node.properties["known_at"] for node in load.batch.nodes if node.id == load.id)
    age = (_moment(known), load.id)
    alike = sorted(
        ((_moment(row["known_at"]), str(row["key"])), str(row["title"]), why)
        for row in held
        if row["key"] != load.id and row["key"] not in tied and (why := _likeness(own, row)) is not None
    )
    older = [one for one in alike if one[0] < age]
    younger = [one for one in alike if one[0] > age]
    copies = [Copy(copy=load.id, of=key, of_title=title, why=why) for (_, key), title, why in older[:1]]
    if not older:
        copies += [Copy(copy=key, of=load.id, of_title=load.title, why=why) for (_, key), _, why in younger]
    return tuple(copies)


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) else _NEVER


def _likeness(own: Fingerprint, row: Record) -> str | None:
    url, words, signature = row["url"], row["words"], row["signature"]
    if own.url is not None and isinstance(url, str) and canonical_url(url) == own.url:
        return "the same address"
    if own.words is not None and words == own.words:
        return "the same words"
    if own.signature is None or not isinstance(signature, str):
        return None
    alike = resemblance(own.signature, signature)
    return None if alike is None or alike < THRESHOLD else f"resemblance {alike:.2f}"
