"""The hash of a graph, on both servers: the order of writing does not matter, every word of it does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from graph.endpoint import Endpoint
from graph.hashing import graph_hash
from graph.model import Batch, Link, Node, Value
from graph.store import GraphStore, open_store
from tests.conftest import clear

WHEN = datetime(2026, 2, 5, 21, tzinfo=UTC)
THING = Node(label="Instrument", id="btcusd", properties={"kind": "crypto spot", "name": "Bitcoin"})


def seen(n: int, value: float = 1.0) -> Batch:
    properties: dict[str, Value] = {"known_at": WHEN, "known_at_precision": "instant", "value": value, "unit": "USD"}
    node = Node(label="Observation", id=f"o{n}", properties=properties)
    about = Link(type="ABOUT", from_label="Observation", from_id=node.id, to_label="Instrument", to_id=THING.id)
    return Batch(nodes=(node,), links=(about,))


async def hash_of(endpoint: Endpoint, *batches: Batch) -> str:
    """The hash of a graph with these batches, written one after another on another day."""
    await asyncio.to_thread(clear, endpoint)
    store = open_store(endpoint, clock=lambda: datetime.now(UTC))
    for batch in (Batch(nodes=(THING,)), *batches):
        await store.upsert(batch)
    found = await graph_hash(store)
    await store.close()
    return found


async def test_order_and_repetition_of_writing_do_not_matter(store: GraphStore, endpoint: Endpoint) -> None:
    whole = await hash_of(endpoint, seen(1) + seen(2) + seen(3))
    assert await hash_of(endpoint, seen(3), seen(1), seen(2), seen(1)) == whole


async def test_a_value_a_link_a_node_and_a_correction_matter(store: GraphStore, endpoint: Endpoint) -> None:
    unlinked = replace(seen(1), links=())
    hashes = [
        await hash_of(endpoint),
        await hash_of(endpoint, seen(1)),
        await hash_of(endpoint, seen(2)),
        await hash_of(endpoint, seen(1, 2.0)),
        await hash_of(endpoint, seen(1, 1.0), seen(1, 2.0)),
        await hash_of(endpoint, unlinked),
    ]
    assert len(set(hashes)) == len(hashes)


async def test_nodes_beyond_those_that_come_at_once_count(store: GraphStore, endpoint: Endpoint) -> None:
    count = 2_001  # the driver takes a thousand at a time
    nodes = tuple(Node(label="Source", id=f"s{n:06}", properties={"name": f"s{n}"}) for n in range(count))
    assert await hash_of(endpoint, Batch(nodes=nodes)) != await hash_of(endpoint, Batch(nodes=nodes[:-1]))
