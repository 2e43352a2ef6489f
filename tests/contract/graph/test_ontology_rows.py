"""Every row of the ontology goes into each server and comes out as it went in."""

from __future__ import annotations

import pytest

from graph.errors import NotInGraphError, OntologyError
from graph.model import Batch, Node, Value
from graph.schema import LABELS, RELATIONSHIPS
from graph.store import GraphStore
from tests.samples import SCALARS, a_full_node, a_link, a_node, an_observation, covering_links, whole_graph


def as_read(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


async def test_every_label_keeps_every_property(store: GraphStore) -> None:
    nodes = tuple(a_full_node(label) for label in LABELS)
    written = await store.upsert(Batch(nodes=nodes))
    assert written.created == len(LABELS)
    for node in nodes:
        found = await store.read(f"MATCH (n:{node.label} {{id: $id}}) RETURN properties(n), labels(n)", {"id": node.id})
        ((properties, labels),) = found.rows
        assert isinstance(properties, dict)
        kept = {name: properties[name] for name in node.properties}
        assert kept == {name: as_read(value) for name, value in node.properties.items()}, node.label
        of_the_store = {"id", "recorded_from"} | ({"key", "content_hash"} if LABELS[node.label].fact else set())
        assert set(properties) - set(kept) == of_the_store
        assert labels == [node.label]
    assert await store.upsert(Batch(nodes=nodes)) == type(written)(unchanged=len(nodes))


async def test_every_relation_joins_its_ends_with_its_properties(store: GraphStore) -> None:
    nodes = tuple(a_node(label, f"{label}-{n}") for label in LABELS for n in (1, 2))
    links = covering_links()
    await store.upsert(Batch(nodes=nodes))
    for n in range(0, len(links), 40):
        await store.upsert(Batch(links=tuple(links[n : n + 40])))
    found = await store.read("MATCH (a)-[r]->(b) RETURN a.id, type(r), b.id, properties(r)")
    read = {(row[0], row[1], row[2]): row[3] for row in found.rows}
    expected = {(one.from_id, one.type, one.to_id): one for one in links}
    assert read.keys() == expected.keys()
    for place, link in expected.items():
        assert read[place] == {name: as_read(value) for name, value in link.properties.items()}, place
    assert {row[1] for row in found.rows} == set(RELATIONSHIPS)


@pytest.mark.parametrize("value", SCALARS, ids=repr)
async def test_a_value_keeps_its_type(store: GraphStore, value: Value) -> None:
    await store.upsert(Batch(nodes=(an_observation(value=value),)))
    ((found,),) = (await store.read("MATCH (o:Observation) RETURN o.value")).rows
    assert (found, type(found)) == (value, type(value))


async def test_a_second_label_is_set_and_searched(store: GraphStore) -> None:
    etf = Node(label="Instrument", id="ibit", sort="Etf", properties={"kind": "ETF", "name": "IBIT"})
    await store.upsert(Batch(nodes=(etf, a_node("Instrument", "btcusd"))))
    assert (await store.read("MATCH (n:Etf) RETURN n.id")).rows == (("ibit",),)
    assert (await store.read("MATCH (n:Instrument) RETURN count(n)")).rows == ((2,),)
    assert (await store.upsert(Batch(nodes=(etf,)))).unchanged == 1


async def test_the_schema_may_be_made_again(store: GraphStore) -> None:
    await store.create_schema()
    found = await store.read("SHOW CONSTRAINTS YIELD labelsOrTypes RETURN labelsOrTypes")
    assert {one for row in found.rows for one in row[0]} >= set(LABELS)  # type: ignore[attr-defined]


async def test_a_write_off_the_table_leaves_the_graph_alone(store: GraphStore) -> None:
    with pytest.raises(OntologyError, match="Instrument"):
        await store.upsert(Batch(nodes=(a_node("Instrument", "a"), Node(label="Instrumnt", id="b"))))
    assert await whole_graph(store) == ([], [])


async def test_a_link_to_nothing_is_named(store: GraphStore) -> None:
    fact = an_observation()
    with pytest.raises(NotInGraphError, match=r"unknown Instrument at an end of ABOUT 'nobody'"):
        await store.upsert(Batch(nodes=(fact,), links=(a_link("ABOUT", fact, a_node("Instrument", "nobody")),)))
    assert await whole_graph(store) == ([], [])
