"""Writing on each server: the same again changes nothing, and a batch is there whole or not at all."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from itertools import pairwise

import pytest

from graph.endpoint import Endpoint
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node, Written
from graph.store import GraphStore, open_store
from tests.conftest import clear
from tests.samples import KNOWN, a_link, a_node, an_observation, whole_graph


def a_batch(facts: int = 40, case: str = "case") -> Batch:
    """Facts of one case about two instruments, with documents, a dispute and a narrative of three steps."""
    about = [Node(label="Instrument", id=name, properties={"kind": "k", "name": name}) for name in ("ibit", "btcusd")]
    source, held = a_node("Source", "src_wire"), a_node("Case", case)
    papers = [Node(label="Document", id=f"doc_{n}", properties={"title": f"Paper {n}"}) for n in range(4)]
    readings = [an_observation(f"{case}:f{n}", float(n)) for n in range(facts)]
    dispute = a_node("Dispute", f"{case}:dispute", known_at=KNOWN)
    story = a_node("Narrative", f"{case}:story")
    steps = [a_node("Step", f"{case}:story.{n}", n=n) for n in (1, 2, 3)]
    links = [a_link("PUBLISHED_BY", paper, source) for paper in papers]
    for n, fact in enumerate(readings):
        links += [a_link("ABOUT", fact, about[n % 2]), a_link("REPORTED_BY", fact, papers[n % 4])]
        links.append(a_link("PART_OF", fact, held))
    links += [a_link("SIDE_OF", fact, dispute) for fact in readings[:2]]
    links += [a_link("HAS_STEP", story, step, n=n) for n, step in enumerate(steps, 1)]
    links += [a_link("LEADS_TO", a, b) for a, b in pairwise(steps)]
    nodes = [*about, source, held, *papers, *readings, dispute, story, *steps]
    return Batch(nodes=tuple(nodes), links=tuple(links))


async def test_a_batch_says_what_it_did(store: GraphStore) -> None:
    batch = a_batch()
    assert await store.upsert(batch) == Written(created=len(batch.nodes), links=len(batch.links))
    assert await store.upsert(batch) == Written(unchanged=len(batch.nodes), links=len(batch.links))


async def test_the_same_twice_and_in_another_order_is_the_same_graph(store: GraphStore) -> None:
    batch = a_batch()
    await store.upsert(batch)
    before = await whole_graph(store)
    assert (len(before[0]), len(before[1])) == (len(batch.nodes), len(batch.links))
    shuffled = Batch(
        nodes=tuple(random.Random(1).sample(batch.nodes, len(batch.nodes))),
        links=tuple(random.Random(2).sample(batch.links, len(batch.links))),
    )
    await store.upsert(shuffled + batch)
    assert await whole_graph(store) == before


async def test_the_order_of_two_batches_is_no_content(store: GraphStore, endpoint: Endpoint) -> None:
    first, second = a_batch(case="one"), a_batch(case="two")
    await store.upsert(first)
    await store.upsert(second)
    before = await whole_graph(store)
    clear(endpoint)
    await store.upsert(second)
    await store.upsert(first)
    assert await whole_graph(store) == before


async def test_more_rows_than_one_statement_takes_are_all_written(store: GraphStore) -> None:
    hub = a_node("Instrument", "hub")
    facts = [an_observation(f"many:{n}", float(n)) for n in range(2_300)]
    batch = Batch(nodes=(hub, *facts), links=tuple(a_link("ABOUT", fact, hub) for fact in facts))
    assert (await store.upsert(batch)).created == 2_301
    found = await store.read("MATCH (o:Observation)-[:ABOUT]->(:Instrument {id: 'hub'}) RETURN count(DISTINCT o.key)")
    assert found.rows == ((2_300,),)


async def test_a_bad_link_behind_many_good_rows_leaves_nothing(store: GraphStore) -> None:
    batch = a_batch()
    lost = Link(type="DURING", from_label="Observation", from_id="case:f0", to_label="Move", to_id="case:nowhere")
    with pytest.raises(NotInGraphError):
        await store.upsert(replace(batch, links=(*batch.links, lost)))
    assert await whole_graph(store) == ([], [])
    assert (await store.upsert(batch)).created == len(batch.nodes)


async def test_a_refused_batch_changes_nothing_that_was_there(store: GraphStore) -> None:
    batch = a_batch()
    await store.upsert(batch)
    before = await whole_graph(store)
    changed = an_observation("case:f0", -1.0)
    lost = a_link("DURING", changed, a_node("Move", "case:nowhere"))
    with pytest.raises(NotInGraphError):
        await store.upsert(Batch(nodes=(changed,), links=(lost,)))
    assert await whole_graph(store) == before


async def test_a_text_of_several_megabytes_is_kept(store: GraphStore) -> None:
    body = "x" * 5_000_000
    await store.upsert(Batch(nodes=(a_node("Explanation", "exp_1", body=body), a_node("Explanation", "exp_2"))))
    ((length,),) = (await store.read("MATCH (e:Explanation {id: 'exp_1'}) RETURN size(e.body)")).rows
    assert length == len(body)


async def test_what_two_accounts_call_a_thing_is_kept(store: GraphStore) -> None:
    first = a_node("Instrument", "btcusd", name="Bitcoin", aliases=("XBT",))
    second = a_node("Instrument", "btcusd", name="BTC", tz="UTC")
    await store.upsert(Batch(nodes=(first,)))
    assert (await store.upsert(Batch(nodes=(second,)))).corrected == 1
    ((name, aliases, tz),) = (await store.read("MATCH (n:Instrument) RETURN n.name, n.aliases, n.tz")).rows
    assert (name, aliases, tz) == ("Bitcoin", ["BTC", "XBT"], "UTC")
    assert (await store.upsert(Batch(nodes=(first,)))).unchanged == 1
    assert (await store.upsert(Batch(nodes=(second,)))).unchanged == 1


async def test_two_writers_at_once_make_one_graph(store: GraphStore, endpoint: Endpoint) -> None:
    batch = a_batch(facts=20)
    other = open_store(endpoint)
    try:
        written = await asyncio.gather(store.upsert(batch), other.upsert(batch))
    finally:
        await other.close()
    assert sum(one.created for one in written) == len(batch.nodes)
    nodes, links = await whole_graph(store)
    assert (len(nodes), len(links)) == (len(batch.nodes), len(batch.links))
