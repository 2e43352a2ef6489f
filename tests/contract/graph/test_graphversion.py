"""Every write gives the graph another version, on both servers, and nothing else changes with it."""

from __future__ import annotations

import asyncio

import pytest

from graph.endpoint import Endpoint
from graph.errors import NotInGraphError
from graph.graphversion import LABEL
from graph.model import Batch, Link, Node
from graph.schema import LABELS
from graph.store import GraphStore, open_store


def instrument(name: str, **more: str) -> Batch:
    properties = {"name": name, "kind": "spot", "asset_class": "crypto"} | more
    return Batch(nodes=(Node(label="Instrument", id=name, properties=properties),))


async def test_each_write_gives_another_version_and_one_that_changes_nothing_none(store: GraphStore) -> None:
    assert await store.version() is None
    seen = []
    for batch in (instrument("a"), instrument("b"), instrument("a", quote_currency="USD")):
        await store.upsert(batch)
        seen.append(await store.version())
    assert None not in seen
    assert len(set(seen)) == 3
    await store.upsert(instrument("b"))
    assert await store.version() == seen[-1]


async def test_a_write_that_fails_leaves_the_version_and_counts_as_tried(store: GraphStore) -> None:
    await store.upsert(instrument("a"))
    before, tried = await store.version(), store.writes
    missing = Link(type="PART_OF", from_label="Instrument", from_id="a", to_label="Case", to_id="nowhere")
    with pytest.raises(NotInGraphError):
        await store.upsert(Batch(nodes=instrument("b").nodes, links=(missing,)))
    assert await store.version() == before
    assert store.writes == tried + 1


async def test_writers_at_one_time_all_change_it_and_none_is_lost(store: GraphStore, endpoint: Endpoint) -> None:
    others = [open_store(endpoint) for _ in range(3)]
    seen: set[int | None] = {await store.version()}

    async def write(by: GraphStore, name: str) -> None:
        for number in range(4):
            await by.upsert(instrument(f"{name}{number}"))
            seen.add(await by.version())

    await asyncio.gather(*(write(one, name) for one, name in zip(others, "abc", strict=True)))
    for one in others:
        await one.close()
    assert (await store.read("MATCH (n:Instrument) RETURN count(n)")).rows == ((12,),)
    assert len(seen) > 4  # each writer sees at least what it wrote itself; some are seen together


async def test_the_version_is_no_fact_and_lies_beside_all_that_is_hashed(store: GraphStore) -> None:
    assert LABEL not in LABELS  # which is what hashes, schema and exports go through
    await store.upsert(instrument("a"))
    found = await store.read("MATCH (n) WHERE NOT n:Instrument RETURN DISTINCT labels(n) AS labels, keys(n) AS keys")
    ((labels, names),) = found.rows
    assert labels == [LABEL]
    assert sorted(names) == ["begun", "by", "id", "mark", "said", "since"]  # type: ignore[call-overload]


async def test_sessions_are_counted_while_they_are_open(store: GraphStore) -> None:
    assert store.sessions == 0
    reading = [asyncio.create_task(store.read("RETURN 1")) for _ in range(3)]
    await asyncio.sleep(0)
    assert store.sessions == 3
    await asyncio.gather(*reading)
    assert store.sessions == 0
