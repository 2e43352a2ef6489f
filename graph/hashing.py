"""One number for all that a graph or a series store says, so that two of them can be called equal.

Left out is what says when and by which run something was written, and not what is known: `recorded_from`,
`recorded_to` and `IngestRun` with its links. An interrupted load and one without a fault then have one hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import aclosing
from datetime import date, datetime

from graph.schema import LABELS
from graph.series import SeriesStore
from graph.store import GraphReader
from graph.values import iso

SECONDS = 3_600.0  # for all nodes, or all links, of one label
_WRITTEN_WHEN = frozenset({"recorded_from", "recorded_to"})
_WRITTEN_BY = "IngestRun"
_ALL = 2**256
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


async def graph_hash(graph: GraphReader) -> str:
    """A hash over all nodes and links with their properties, in whatever order they were written.

    It is the sum of the SHA-256 of each, modulo 2^256 (Bellare and Micciancio 1997, "A new paradigm for collision-free
    hashing"): good against accidents, not against who makes two graphs to collide. Raises GraphUnavailableError.
    """
    total = 0
    for label in sorted(set(LABELS) - {_WRITTEN_BY}):
        async with aclosing(graph.stream(_NODES.format(label=label), seconds=SECONDS)) as nodes:
            async for id_, labels, properties in nodes:
                total += _number(["node", label, id_, _plain(labels), _plain(properties)])
        async with aclosing(graph.stream(_LINKS.format(label=label), seconds=SECONDS)) as links:
            async for id_, type_, labels, other, properties in links:
                if _WRITTEN_BY not in str(labels):
                    total += _number(["link", label, id_, type_, _plain(labels), other, _plain(properties)])
    return f"sum-sha256:{total % _ALL:064x}"


async def series_hash(store: SeriesStore) -> str:
    """A hash over all rows of all series, revisions too; not over the files that they lie in. BrokenSeriesError."""
    return await asyncio.to_thread(_series_hash, store)


def _series_hash(store: SeriesStore) -> str:
    digest = hashlib.sha256()
    for name in store.names():
        rows = [hashlib.sha256() for _ in range(4)]
        for block in store.blocks(name):
            columns = (block.at.tobytes(), block.days().tobytes(), block.value.tobytes(), block.known().tobytes())
            for one, column in zip(rows, columns, strict=True):
                one.update(column)
        digest.update(f"{name}\n".encode() + b"".join(one.digest() for one in rows))
    return f"sha256:{digest.hexdigest()}"


# Nothing is put in order, which a server would have to hold all of it for; clocks that do not count do not travel.
_NODES = (
    "MATCH (n:{label}) RETURN n.id AS id, labels(n) AS labels,"
    " n {{.*, recorded_from: null, recorded_to: null}} AS properties"
)
_LINKS = (
    "MATCH (n:{label})-[r]->(x) RETURN n.id AS id, type(r) AS type, labels(x) AS labels, x.id AS other,"
    " properties(r) AS properties"
)


def _number(parts: list[object]) -> int:
    text = _TEXT(parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest())


def _plain(value: object) -> object:
    """A value as JSON, clocks of the store left out, labels in order."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items() if name not in _WRITTEN_WHEN and one is not None}
    if isinstance(value, datetime):
        return {"instant": iso(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, list | tuple):
        return sorted(value) if all(isinstance(one, str) for one in value) else [_plain(one) for one in value]
    return value
