"""What every graph server must do for us: one suite, run against the embedded server and a real Neo4j."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import neo4j
import pytest

from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, NotInGraphError, OntologyError, QueryRefusedError
from graph.model import Batch, Limits, Link, Node
from graph.server import Running
from graph.store import GraphReader, GraphStore, open_reader, open_store
from tests.conftest import clear

KNOWN = datetime(2030, 1, 2, 20, tzinfo=UTC)


def an_instrument(name: str, **properties: object) -> Node:
    return Node(label="Instrument", id=name, sort="Etf", properties={"kind": "ETF", "name": name, **properties})  # type: ignore[dict-item]  # a test's values


def an_observation(key: str, value: float, **properties: object) -> Node:
    clocks = {"known_at": KNOWN, "known_at_precision": "day", "valid_from": KNOWN, "valid_to": KNOWN}
    given = {"value": value, "unit": "percent", "statement": "it was so", **clocks, **properties}
    return Node(label="Observation", id=key, properties=given)  # type: ignore[arg-type]  # a test's values


def about(key: str, name: str) -> Link:
    return Link(type="ABOUT", from_label="Observation", from_id=key, to_label="Instrument", to_id=name)


BATCH = Batch(
    nodes=(an_instrument("ibit"), an_instrument("fbtc"), an_observation("c:flow", -175.0)),
    links=(about("c:flow", "ibit"),),
)


async def rows(store: GraphReader, cypher: str, params: Mapping[str, object] | None = None) -> list[dict[str, object]]:
    return (await store.read(cypher, params)).records()


async def shape(store: GraphReader) -> object:
    nodes = await store.read(
        "MATCH (n) WHERE NOT n:GraphVersion "
        "RETURN n.id AS id, n.value AS value, n.content_hash AS hash, n.recorded_to AS gone ORDER BY id"
    )
    links = await store.read("MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS r, b.id AS b ORDER BY a, r, b")
    return nodes.rows, links.rows


async def test_what_is_written_is_read_back_with_its_types(store: GraphStore) -> None:
    node = an_observation("c:x", 1.5, trade_date=date(2030, 1, 2), seed=True)
    await store.upsert(Batch(nodes=(node, an_instrument("ibit")), links=(about("c:x", "ibit"),)))
    (found,) = await rows(
        store,
        "MATCH (o:Observation)-[:ABOUT]->(i:Etf) RETURN o.value AS value, o.seed AS seed, o.known_at AS known,"
        " o.trade_date AS day, i.id AS id, o.key AS key",
    )
    assert found == {
        "value": 1.5,
        "seed": True,
        "known": KNOWN,
        "day": date(2030, 1, 2),
        "id": "ibit",
        "key": "c:x",
    }


async def test_writing_twice_or_in_another_order_changes_nothing(store: GraphStore) -> None:
    first = await store.upsert(BATCH)
    before = await shape(store)
    again = await store.upsert(Batch(nodes=BATCH.nodes[::-1], links=BATCH.links[::-1]))
    assert first.created == 3
    assert (again.created, again.unchanged, again.corrected) == (0, 3, 0)
    assert await shape(store) == before


async def test_a_batch_is_written_whole_or_not_at_all(store: GraphStore) -> None:
    bad = Batch(nodes=BATCH.nodes, links=(*BATCH.links, about("c:flow", "nowhere")))
    with pytest.raises(NotInGraphError, match="nowhere"):
        await store.upsert(bad)
    assert await rows(store, "MATCH (n) WHERE NOT n:GraphVersion RETURN count(n) AS n") == [{"n": 0}]


async def test_a_correction_closes_the_old_version_and_supersedes_it(store: GraphStore) -> None:
    await store.upsert(BATCH)
    written = await store.upsert(
        Batch(nodes=(an_observation("c:flow", -176.3), an_instrument("ibit")), links=(about("c:flow", "ibit"),))
    )
    assert written.corrected == 1
    found = await rows(
        store,
        "MATCH (o:Observation {key: 'c:flow'}) RETURN o.id AS id, o.value AS value, o.recorded_to IS NULL AS current"
        " ORDER BY id",
    )
    assert found == [
        {"id": "c:flow", "value": -175.0, "current": False},
        {"id": "c:flow@2", "value": -176.3, "current": True},
    ]
    chain = await rows(store, "MATCH (a)-[:SUPERSEDES]->(b) RETURN a.id AS new, b.id AS old")
    assert chain == [{"new": "c:flow@2", "old": "c:flow"}]
    subjects = await rows(store, "MATCH (:Observation {id: 'c:flow@2'})-[:ABOUT]->(i) RETURN i.id AS id")
    assert subjects == [{"id": "ibit"}]


async def test_the_two_clocks_show_what_was_known_and_what_was_recorded(store: GraphStore, endpoint: Endpoint) -> None:
    filter_ = (
        "MATCH (x:Observation) WHERE x.known_at <= $as_of AND x.recorded_from <= $as_at"
        " AND (x.recorded_to IS NULL OR x.recorded_to > $as_at) RETURN x.value AS value"
    )
    moments = iter([datetime(2031, 1, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC)])
    dated = open_store(endpoint, clock=lambda: next(moments))
    await dated.upsert(BATCH)
    changed = tuple(replace(n, properties={**n.properties, "value": -1.0}) for n in BATCH.nodes if n.id == "c:flow")
    await dated.upsert(Batch(nodes=changed, links=BATCH.links))
    await dated.close()

    async def seen(as_of: datetime, as_at: datetime) -> list[object]:
        return [row["value"] for row in await rows(store, filter_, {"as_of": as_of, "as_at": as_at})]

    later = datetime(2033, 1, 1, tzinfo=UTC)
    assert await seen(KNOWN - timedelta(seconds=1), later) == []
    assert await seen(KNOWN, datetime(2030, 6, 1, tzinfo=UTC)) == []
    assert await seen(KNOWN, datetime(2031, 6, 1, tzinfo=UTC)) == [-175.0]
    assert await seen(KNOWN, later) == [-1.0]


async def test_an_instant_keeps_its_moment_whatever_its_zone(store: GraphStore) -> None:
    tokyo = timezone(timedelta(hours=9))
    await store.upsert(Batch(nodes=(an_observation("c:x", 1.0, known_at=KNOWN.astimezone(tokyo)),)))
    (found,) = await rows(store, "MATCH (o:Observation) RETURN o.known_at AS known")
    assert found["known"] == KNOWN


async def test_aliases_of_two_writers_are_joined(store: GraphStore) -> None:
    await store.upsert(Batch(nodes=(an_instrument("ibit", aliases=("IBIT",)),)))
    await store.upsert(Batch(nodes=(an_instrument("ibit", aliases=("iShares Bitcoin Trust",)),)))
    (found,) = await rows(store, "MATCH (i:Instrument) RETURN i.aliases AS aliases")
    assert set(found["aliases"]) == {"IBIT", "iShares Bitcoin Trust"}  # type: ignore[call-overload]  # a list


async def test_many_rows_go_in_one_batch(store: GraphStore) -> None:
    nodes = tuple(an_observation(f"c:{i}", float(i)) for i in range(2500))
    links = tuple(about(f"c:{i}", "ibit") for i in range(2500))
    written = await store.upsert(Batch(nodes=(*nodes, an_instrument("ibit")), links=links))
    assert written.created == 2501
    assert await rows(store, "MATCH (:Observation)-[r:ABOUT]->() RETURN count(r) AS n") == [{"n": 2500}]


async def test_a_read_is_cut_at_its_row_limit_and_says_so(store: GraphStore) -> None:
    table = await store.read("UNWIND range(1, 50) AS i RETURN i", limits=Limits(rows=10))
    assert len(table.rows) == 10
    assert table.truncated
    assert not (await store.read("UNWIND range(1, 10) AS i RETURN i", limits=Limits(rows=10))).truncated


async def test_nonsense_is_refused_with_the_servers_words(store: GraphStore) -> None:
    with pytest.raises(QueryRefusedError):
        await store.read("MATCH (n RETURN n")


async def test_an_unknown_word_is_refused_before_anything_is_sent(store: GraphStore) -> None:
    with pytest.raises(OntologyError, match="Instrument"):
        await store.upsert(Batch(nodes=(Node(label="Instrumnt", id="x"),)))
    assert await rows(store, "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]


async def test_creating_the_schema_again_is_no_error(store: GraphStore) -> None:
    await store.create_schema()


async def test_a_wrong_password_is_an_unavailable_graph(endpoint: Endpoint) -> None:
    reader = open_reader(replace(endpoint, password="not-it"))
    with pytest.raises(GraphUnavailableError):
        await reader.ping()
    await reader.close()


async def test_a_server_that_is_down_is_an_unavailable_graph() -> None:
    down = Endpoint(url="bolt://127.0.0.1:9", user="x", password="x", database="x")
    reader = open_reader(down)
    with pytest.raises(GraphUnavailableError, match="no graph"):
        await reader.ping()
    await reader.close()


WRITES = (
    "CREATE (n:Instrument {id: 'mine'}) RETURN n.id AS id",
    "MATCH (n:Instrument {id: 'ibit'}) SET n.name = 'mine' RETURN n.id AS id",
    "MATCH (n:Instrument {id: 'fbtc'}) DETACH DELETE n",
)


@pytest.mark.parametrize("statement", WRITES)
async def test_what_a_reader_tries_to_write_is_not_there(store: GraphStore, statement: str) -> None:
    """Neo4j refuses at once; the embedded server would refuse at commit, and a reader never commits."""
    await store.upsert(BATCH)
    with contextlib.suppress(QueryRefusedError):
        await store.read(statement)
    found = await rows(store, "MATCH (n:Instrument) RETURN n.id AS id, n.name AS name ORDER BY id")
    assert found == [{"id": "fbtc", "name": "fbtc"}, {"id": "ibit", "name": "ibit"}]


@pytest.mark.parametrize("statement", WRITES)
async def test_the_analysts_user_cannot_commit_a_write(embedded: Running, statement: str) -> None:
    clear(embedded.service)
    service = open_store(embedded.service)
    await service.create_schema()
    await service.upsert(BATCH)
    user = embedded.analyst
    with (
        neo4j.GraphDatabase.driver(user.url, auth=(user.user, user.password), telemetry_disabled=True) as driver,
        driver.session(database=user.database) as session,
        pytest.raises(neo4j.exceptions.Neo4jError),
    ):
        session.execute_write(lambda transaction: transaction.run(statement).consume())
    found = await rows(service, "MATCH (n:Instrument) RETURN n.id AS id, n.name AS name ORDER BY id")
    await service.close()
    assert found == [{"id": "fbtc", "name": "fbtc"}, {"id": "ibit", "name": "ibit"}]
