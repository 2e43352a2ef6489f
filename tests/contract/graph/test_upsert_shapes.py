"""Writing many alike at once, and again, says what writing a few at a time says, on both servers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from graph.creating import FEW
from graph.endpoint import Endpoint
from graph.hashing import graph_hash
from graph.model import Batch, Link, Node, Written
from graph.schema import LABELS
from graph.store import GraphStore
from tests.conftest import clear
from tests.samples import a_link, a_node, an_observation, filled

COUNT = FEW + 5
CASE, THING, STEP = a_node("Case", "case"), a_node("Instrument", "ibit"), a_node("Step", "case:story.1", n=1)
PAPER = a_node("Document", "doc_1", title="Paper")
CLAIMS = "MATCH (:Observation {key: 'case:a'})-[r:SUPPORTS]->(c:Claim) RETURN c.id, count(r) ORDER BY c.id"


def alike() -> tuple[list[Node], list[Link]]:
    """Facts with every property that they may have, each with links to things and a fact, with and without words."""
    every = filled(dict(LABELS["Observation"].properties))
    nodes = [Node(label="Observation", id=f"case:f{n}", properties={**every, "value": n + 0.5}) for n in range(COUNT)]
    links = [a_link("ABOUT", one, THING) for one in nodes]
    links += [a_link("SUPPORTS", one, STEP) for one in nodes]
    links += [a_link("REPORTED_BY", one, PAPER) for one in nodes]
    links += [a_link("PART_OF", one, CASE, name="reading", kind="flow") for one in nodes]
    return nodes, links


async def test_many_alike_at_once_are_what_they_are_a_few_at_a_time(store: GraphStore, endpoint: Endpoint) -> None:
    nodes, links = alike()
    ends = Batch(nodes=(CASE, THING, STEP, PAPER))
    assert (await store.upsert(ends + Batch(nodes=tuple(nodes), links=tuple(links)))).created == COUNT + 4
    at_once = await graph_hash(store)
    await asyncio.to_thread(clear, endpoint)
    await store.upsert(ends)
    for start in range(0, COUNT, FEW - 20):
        few = tuple(nodes[start : start + FEW - 20])
        ids = {one.id for one in few}
        await store.upsert(Batch(nodes=few, links=tuple(one for one in links if one.from_id in ids)))
    assert await graph_hash(store) == at_once


async def test_many_alike_are_corrected_and_the_same_again_is_no_correction(store: GraphStore) -> None:
    nodes, links = alike()
    ends = Batch(nodes=(CASE, THING, STEP, PAPER))
    await store.upsert(ends + Batch(nodes=tuple(nodes), links=tuple(links)))
    changed = tuple(replace(one, properties={**one.properties, "value": -1.0}) for one in nodes)
    corrected = Batch(nodes=changed, links=tuple(links))
    assert await store.upsert(corrected) == Written(corrected=COUNT, links=len(links))
    before = await graph_hash(store)
    assert await store.upsert(corrected) == Written(unchanged=COUNT, links=len(links))
    assert await graph_hash(store) == before
    tied = "MATCH (o:Observation)-[r]->() WHERE o.id ENDS WITH '@2' RETURN type(r) AS type, count(r) ORDER BY type"
    kinds = ("ABOUT", "PART_OF", "REPORTED_BY", "SUPERSEDES", "SUPPORTS")
    assert (await store.read(tied)).rows == tuple((kind, COUNT) for kind in kinds)


async def test_a_fact_that_is_held_goes_on_to_what_replaces_the_fact_it_speaks_of(store: GraphStore) -> None:
    fact, claim = an_observation("case:a"), a_node("Claim", "case:c", statement="as it was")
    said = Batch(nodes=(fact, claim), links=(a_link("SUPPORTS", fact, claim),))
    await store.upsert(said)
    other = replace(claim, properties={**claim.properties, "statement": "as it is"})
    assert (await store.upsert(Batch(nodes=(fact, other), links=said.links))).corrected == 1
    assert (await store.read(CLAIMS)).rows == (("case:c", 1), ("case:c@2", 1))
    version = await store.version()
    assert (await store.upsert(Batch(nodes=(fact,), links=said.links))).unchanged == 1
    assert await store.version() == version
    assert (await store.read(CLAIMS)).rows == (("case:c", 1), ("case:c@2", 1))


async def test_an_end_named_by_key_and_by_version_is_one_end(store: GraphStore) -> None:
    fact, claim = an_observation("case:a"), a_node("Claim", "case:c")
    await store.upsert(Batch(nodes=(claim,)))
    other = replace(claim, properties={**claim.properties, "statement": "as it is"})
    await store.upsert(Batch(nodes=(other,)))
    by_key = a_link("SUPPORTS", fact, claim)
    await store.upsert(Batch(nodes=(fact,), links=(by_key, replace(by_key, to_id="case:c@2"))))
    assert (await store.read(CLAIMS)).rows == (("case:c@2", 1),)


async def test_a_new_case_of_a_fact_that_is_held_is_tied_to_it(store: GraphStore) -> None:
    fact, payload = an_observation("case:a"), a_node("Payload", "payload_1")
    await store.upsert(Batch(nodes=(fact,)))
    new = Batch(nodes=(fact, CASE, payload), links=(a_link("PART_OF", fact, CASE),))
    new += Batch(links=(a_link("WAS_DERIVED_FROM", fact, payload),))
    assert await store.upsert(new) == Written(created=2, unchanged=1, links=2)
    found = await store.read("MATCH (:Observation)-[r]->(x) RETURN type(r) AS type, x.id ORDER BY type")
    assert found.rows == (("PART_OF", "case"), ("WAS_DERIVED_FROM", "payload_1"))
