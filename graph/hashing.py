"""One number for all that a graph or a series store says, so that two of them can be called equal.

Left out is what says when and by which run something was written, and not what is known: `recorded_from`,
`recorded_to` and `IngestRun` with its links. An interrupted load and one without a fault then have one hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import aclosing

from graph import hashrows
from graph.schema import LABELS
from graph.series import SeriesStore
from graph.store import GraphReader

SECONDS = 3_600.0  # for all nodes, or all links, of one label
_ALL = 2**256
_TEXT = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


async def graph_hash(graph: GraphReader) -> str:
    """A hash over all nodes and links with their properties, in whatever order they were written.

    It is the sum of the SHA-256 of each, modulo 2^256 (Bellare and Micciancio 1997, "A new paradigm for collision-free
    hashing"): good against accidents, not against who makes two graphs to collide. Raises GraphUnavailableError.
    """
    total = 0
    for label in sorted(set(LABELS) - {hashrows.WRITTEN_BY}):
        for cypher, of_row in hashrows.statements(label):
            async with aclosing(graph.stream(cypher, seconds=SECONDS)) as rows:
                async for row in rows:
                    total += sum(map(_number, of_row(row)))
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


def _number(parts: hashrows.Json) -> int:
    text = _TEXT(parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest())
