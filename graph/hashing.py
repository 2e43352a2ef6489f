"""One number for all that a graph or a series store says, so that two of them can be called equal.

Left out is what says when and by which run something was written, and not what is known: `recorded_from`,
`recorded_to` and `IngestRun` with its links. An interrupted load and one without a fault then have one hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime

from graph.model import Limits
from graph.schema import LABELS
from graph.series import SeriesStore
from graph.store import GraphReader
from graph.values import iso

PAGE = 5_000
_LIMITS = Limits(rows=PAGE, seconds=60.0)
_WRITTEN_WHEN = frozenset({"recorded_from", "recorded_to"})
_WRITTEN_BY = "IngestRun"
_ALL = 2**256


async def graph_hash(graph: GraphReader) -> str:
    """A hash over all nodes and links with their properties, in whatever order they were written.

    It is the sum of the SHA-256 of each, modulo 2^256 (Bellare and Micciancio 1997, "A new paradigm for collision-free
    hashing"): good against accidents, not against who makes two graphs to collide. Raises GraphUnavailableError.
    """
    total = 0
    for label in sorted(set(LABELS) - {_WRITTEN_BY}):
        async for row in _nodes(graph, label):
            total += _number(["node", label, row["id"], _plain(row["labels"]), _plain(row["properties"])])
        async for row in _links(graph, label):
            total += _number(
                ["link", label, row["id"], row["type"], _plain(row["labels"]), row["other"], _plain(row["properties"])]
            )
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


async def _nodes(graph: GraphReader, label: str) -> AsyncIterator[Mapping[str, object]]:
    """All nodes of a label, page by page in the order of their ids."""
    after = ""
    while True:
        table = await graph.read(
            f"MATCH (n:{label}) WHERE n.id > $after RETURN n.id AS id, labels(n) AS labels,"
            f" properties(n) AS properties ORDER BY n.id LIMIT {PAGE}",
            {"after": after},
            _LIMITS,
        )
        rows = table.records()
        for row in rows:
            yield row
        if len(rows) < PAGE:
            return
        after = str(rows[-1]["id"])


async def _links(graph: GraphReader, label: str) -> AsyncIterator[Mapping[str, object]]:
    """All links that start at nodes of a label, for pages of those nodes; a page has all links of its nodes."""
    after = ""
    while True:
        ids = [str(row[0]) for row in (await graph.read(_IDS.format(label=label), {"after": after}, _LIMITS)).rows]
        for start in range(0, len(ids), 500):
            limits = Limits(rows=1_000_000, seconds=120.0)
            wanted = {"ids": ids[start : start + 500]}
            for row in (await graph.read(_LINKS.format(label=label), wanted, limits)).records():
                if _WRITTEN_BY not in str(row["labels"]):
                    yield row
        if len(ids) < PAGE:
            return
        after = ids[-1]


_IDS = f"MATCH (n:{{label}}) WHERE n.id > $after RETURN n.id AS id ORDER BY n.id LIMIT {PAGE}"
_LINKS = (
    "UNWIND $ids AS id MATCH (n:{label} {{id: id}})-[r]->(x) RETURN n.id AS id, type(r) AS type, labels(x) AS labels,"
    " x.id AS other, properties(r) AS properties"
)


def _number(parts: list[object]) -> int:
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
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
