"""Three clocks on each server: when it was so, when it could be known, when we recorded it; and corrections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from graph.endpoint import Endpoint
from graph.model import Batch, Written
from graph.store import GraphStore, open_store
from tests.samples import KNOWN, a_link, a_node, an_observation, whole_graph

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SEEN = (
    "MATCH (o:Observation) WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at"
    " AND (o.recorded_to IS NULL OR o.recorded_to > $as_at) RETURN o.id, o.value ORDER BY o.id"
)


class Days:
    """A clock that moves on by a day at every batch."""

    def __init__(self) -> None:
        self.now = START - timedelta(days=1)

    def __call__(self) -> datetime:
        self.now += timedelta(days=1)
        return self.now


@pytest.fixture
async def dated(store: GraphStore, endpoint: Endpoint) -> AsyncIterator[GraphStore]:
    """A store whose first batch is recorded on 1 March, the next on 2 March, and so on."""
    opened = open_store(endpoint, clock=Days())
    yield opened
    await opened.close()


async def seen(store: GraphStore, *, as_of: datetime = KNOWN, day: float = 99) -> list[tuple[object, ...]]:
    found = await store.read(SEEN, {"as_of": as_of, "as_at": START + timedelta(days=day)})
    return list(found.rows)


async def test_a_correction_retires_the_version_before_and_points_at_it(dated: GraphStore) -> None:
    await dated.upsert(Batch(nodes=(an_observation(value=230.0),)))
    assert await dated.upsert(Batch(nodes=(an_observation(value=-175.3),))) == Written(corrected=1)
    assert await dated.upsert(Batch(nodes=(an_observation(value=-170.0),))) == Written(corrected=1)
    found = await dated.read(
        "MATCH (n:Observation) OPTIONAL MATCH (n)-[:SUPERSEDES]->(o)"
        " RETURN n.id, n.key, n.value, n.recorded_from, n.recorded_to, o.id ORDER BY n.id"
    )
    first, second, third = (START + timedelta(days=n) for n in range(3))
    assert found.rows == (
        ("case:flow", "case:flow", 230.0, first, second, None),
        ("case:flow@2", "case:flow", -175.3, second, third, "case:flow"),
        ("case:flow@3", "case:flow", -170.0, third, None, "case:flow@2"),
    )


async def test_as_at_shows_what_was_recorded_then(dated: GraphStore) -> None:
    await dated.upsert(Batch(nodes=(an_observation(value=230.0),)))
    await dated.upsert(Batch(nodes=(an_observation(value=-175.3),)))
    assert await seen(dated, day=-0.5) == []
    assert await seen(dated, day=0) == [("case:flow", 230.0)]
    assert await seen(dated, day=0.5) == [("case:flow", 230.0)]
    assert await seen(dated, day=1) == [("case:flow@2", -175.3)]


async def test_as_of_shows_what_could_be_known_then(dated: GraphStore) -> None:
    late = an_observation("case:late", 2.0, known_at=KNOWN + timedelta(days=3))
    await dated.upsert(Batch(nodes=(an_observation("case:soon", 1.0), late)))
    assert await seen(dated, as_of=KNOWN - timedelta(microseconds=1)) == []
    assert await seen(dated, as_of=KNOWN) == [("case:soon", 1.0)]
    assert await seen(dated, as_of=KNOWN + timedelta(days=3)) == [("case:late", 2.0), ("case:soon", 1.0)]


async def test_the_same_content_again_makes_no_version(dated: GraphStore) -> None:
    instrument = a_node("Instrument", "ibit")
    batch = Batch(nodes=(an_observation(), instrument), links=(a_link("ABOUT", an_observation(), instrument),))
    await dated.upsert(batch)
    tokyo = an_observation(known_at=KNOWN.astimezone(timezone(timedelta(hours=9))), unit_note=None)
    assert await dated.upsert(Batch(nodes=(tokyo, instrument), links=batch.links)) == Written(unchanged=2, links=1)
    found = await dated.read("MATCH (n) WHERE NOT n:GraphVersion RETURN n.recorded_from, n.recorded_to")
    assert found.rows == ((START, None),) * 2


async def test_another_subject_is_a_correction(dated: GraphStore) -> None:
    fact, wrong, right = an_observation(), a_node("Instrument", "fbtc"), a_node("Instrument", "ibit")
    await dated.upsert(Batch(nodes=(fact, wrong, right), links=(a_link("ABOUT", fact, wrong),)))
    written = await dated.upsert(Batch(nodes=(fact,), links=(a_link("ABOUT", fact, right),)))
    assert written.corrected == 1
    found = await dated.read("MATCH (o:Observation)-[:ABOUT]->(i) RETURN o.id, i.id ORDER BY o.id")
    assert found.rows == (("case:flow", "fbtc"), ("case:flow@2", "ibit"))


async def test_links_into_a_fact_follow_its_correction_but_what_an_explanation_used_does_not(dated: GraphStore) -> None:
    fact, paper, used = an_observation(), a_node("Document", "doc_1", title="Draft"), a_node("Assessment", "as_1")
    links = (a_link("REPORTED_BY", fact, paper), a_link("OF", used, fact), a_link("PART_OF", fact, a_node("Case", "c")))
    await dated.upsert(Batch(nodes=(fact, paper, used, a_node("Case", "c")), links=links))
    await dated.upsert(Batch(nodes=(a_node("Document", "doc_1", title="Final"),)))
    await dated.upsert(Batch(nodes=(an_observation(value=1.0),), links=links[:1]))
    found = await dated.read(
        "MATCH (a)-[r]->(b) WHERE a.recorded_to IS NULL AND b.recorded_to IS NULL AND type(r) <> 'SUPERSEDES'"
        " RETURN a.id, type(r), b.id ORDER BY type(r)"
    )
    assert found.rows == (("case:flow@2", "PART_OF", "c"), ("case:flow@2", "REPORTED_BY", "doc_1@2"))
    ((of,),) = (await dated.read("MATCH (:Assessment)-[:OF]->(o) RETURN o.id")).rows
    assert of == "case:flow"


async def test_a_link_may_name_a_retired_version(dated: GraphStore) -> None:
    await dated.upsert(Batch(nodes=(an_observation(value=1.0),)))
    await dated.upsert(Batch(nodes=(an_observation(value=2.0),)))
    await dated.upsert(Batch(nodes=(an_observation(value=3.0),)))
    used = a_node("Assessment", "as_1")
    link = a_link("OF", used, an_observation("case:flow@2"))
    await dated.upsert(Batch(nodes=(used,), links=(link,)))
    assert (await dated.read("MATCH (:Assessment)-[:OF]->(o) RETURN o.value")).rows == ((2.0,),)


async def test_two_cases_that_cite_one_document_do_not_take_turns_in_correcting_it(dated: GraphStore) -> None:
    paper = a_node("Document", "doc_1")
    batches = []
    for name in ("one", "two"):
        case = a_node("Case", name)
        batches.append(Batch(nodes=(paper, case), links=(a_link("PART_OF", paper, case),)))
    for batch in batches * 2:
        assert (await dated.upsert(batch)).corrected == 0
    found = await dated.read("MATCH (d:Document)-[:PART_OF]->(c) RETURN d.id, c.id ORDER BY c.id")
    assert found.rows == (("doc_1", "one"), ("doc_1", "two"))


@pytest.mark.parametrize("hours", [-5, 0, 9, 5.75])
async def test_an_instant_is_one_instant_in_any_zone(dated: GraphStore, hours: float) -> None:
    instant = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
    local = instant.astimezone(timezone(timedelta(hours=hours)))
    await dated.upsert(Batch(nodes=(an_observation(known_at=local),)))
    found = await dated.read(
        "MATCH (o:Observation) RETURN o.known_at, o.known_at = $same, o.known_at < $later, o.trade_date",
        {"same": instant, "later": instant + timedelta(microseconds=1)},
    )
    ((known_at, same, before, trade_date),) = found.rows
    assert (known_at, same, before) == (instant, True, True)
    assert isinstance(known_at, datetime)
    assert known_at.utcoffset() == timedelta(0)
    assert str(trade_date) == "2026-02-05"


async def test_a_correction_and_its_undoing_are_both_kept(dated: GraphStore) -> None:
    for value in (1.0, 2.0, 1.0):
        await dated.upsert(Batch(nodes=(an_observation(value=value),)))
    assert [await seen(dated, day=day) for day in (0, 1, 2)] == [
        [("case:flow", 1.0)],
        [("case:flow@2", 2.0)],
        [("case:flow@3", 1.0)],
    ]
    nodes, links = await whole_graph(dated)
    assert (len(nodes), len(links)) == (3, 2)
