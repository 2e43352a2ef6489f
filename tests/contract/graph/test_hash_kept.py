"""The hash of a graph of all kinds of values stays what it was: backups and runs are compared by it for years."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

from graph.driver import neo4j
from graph.endpoint import Endpoint
from graph.hashing import graph_hash
from graph.model import Batch, Link, Node
from graph.store import GraphStore
from tests.conftest import clear

WHEN = datetime(2026, 2, 5, 21, 0, 0, 120_000, tzinfo=UTC)
# Computed when every row still travelled as nodes, maps and lists.
STORED = "sum-sha256:dba99bf03c49f84fcf445a3e7bee9ffaa838acc4940c19fd75f5a66cbb419a28"
OTHERS = "sum-sha256:dbf05cf44e900409d29c964c4b1becddd722ecd0011dd7921d8ff54f70d9b5fb"
CLOCK = {"known_at": WHEN, "known_at_precision": "instant"}
# What the store does not write but a graph may hold.
WRITTEN = """
CREATE (a:Indicator:Other {id: 'i2', name: 'a\\u001fb', unit: '', sign: -3, low: -0.0, tiny: 1.0e-7, large: 1.0e16})
CREATE (b:Strategy {name: 'without an id', known: datetime('2026-02-05T22:00:00.5+01:00'), day: date('0987-02-05')})
CREATE (c:Series {id: 'c', numbers: [1.0, 2.5], times: [datetime('1969-12-31T23:59:59Z')], none: [], text: 'true'})
CREATE (d:Source {id: 'd\\u001fd', recorded_to: datetime('2026-02-05T22:00:00Z')})
CREATE (e:Observation {id: 'e', key: 'e', value: 7, seed: false, unit: 'ü"\\\\\\n\\t'})
CREATE (a)-[:ABOUT]->(b), (b)-[:ABOUT]->(c), (c)-[:ABOUT {n: 1, at: datetime('2026-02-05T22:00:00Z')}]->(d)
CREATE (e)-[:ABOUT]->(a), (e)-[:ABOUT]->(b), (e)-[:ABOUT]->(d), (e)-[:WAS_DERIVED_FROM {n: 1.5}]->(c)
CREATE (e)-[:WAS_GENERATED_BY]->(:IngestRun {id: 'r'})
"""


def all_kinds() -> Batch:
    """Nodes and links with every type that the ontology knows."""
    nodes = (
        Node(label="Instrument", id="btc", sort="CryptoAsset", properties={"kind": "k", "name": "B", "barrier": 1.0}),
        Node(label="Source", id="s", properties={"kind": "paper", "name": "s", "aliases": ("b", "a")}),
        Node(label="Indicator", id="i", properties={"name": "i", "sign": -1, "by_price": True, "reference": 1e-9}),
        Node(label="Step", id="p", properties={"n": 2, "text": "é\u2028"}),
        Node(label="Template", id="t", properties={}),
        Node(label="Observation", id="o", properties={**CLOCK, "value": 1e22, "trade_date": date(2026, 2, 5)}),
        Node(label="Observation", id="w", properties={**CLOCK, "value": WHEN, "known_at_inferred": False}),
        Node(label="Check", id="c", properties={**CLOCK, "kind": "k", "expected": "1", "found": 1, "outcome": "no"}),
    )
    links = (
        Link(type="ABOUT", from_label="Observation", from_id="o", to_label="Instrument", to_id="btc"),
        Link(type="OF_INDICATOR", from_label="Observation", from_id="o", to_label="Indicator", to_id="i"),
        Link(type="CHECKS", from_label="Check", from_id="c", to_label="Observation", to_id="w"),
        Link(type="HAS_STEP", from_label="Template", from_id="t", to_label="Step", to_id="p", properties={"n": 2}),
    )
    return Batch(nodes=nodes, links=links)


async def test_values_that_the_store_writes_have_the_hash_that_they_had(store: GraphStore, endpoint: Endpoint) -> None:
    await asyncio.to_thread(clear, endpoint)
    await store.upsert(all_kinds())
    assert await graph_hash(store) == STORED


async def test_values_that_others_wrote_have_the_hash_that_they_had(store: GraphStore, endpoint: Endpoint) -> None:
    await asyncio.to_thread(clear, endpoint)
    await asyncio.to_thread(write, endpoint)
    assert await graph_hash(store) == OTHERS


def write(endpoint: Endpoint) -> None:
    """Write what no store writes."""
    with (
        neo4j.GraphDatabase.driver(endpoint.url, auth=(endpoint.user, endpoint.password)) as driver,
        driver.session(database=endpoint.database) as session,
    ):
        session.run(WRITTEN).consume()
