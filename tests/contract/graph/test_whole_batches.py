"""Whoever reads as at the settled instant sees whole batches in any number of statements, on both servers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest

from graph import announcing, graphversion
from graph.announcing import Announcement
from graph.endpoint import Endpoint
from graph.errors import NotInGraphError
from graph.graphversion import Moment, micros_of, moment_of
from graph.hashing import graph_hash
from graph.model import Batch, Link
from graph.store import GraphReader, GraphStore, open_reader, open_store
from tests.samples import an_observation

SIZE, ROUNDS = 60, 6
BETWEEN = "MATCH (o:Observation) WHERE o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)"
COUNTED = f"{BETWEEN} AND o.key STARTS WITH $of RETURN o.value AS round, count(o) AS facts ORDER BY round"
KEYS = f"{BETWEEN} AND o.key STARTS WITH $of RETURN count(DISTINCT o.key) AS keys, min(o.value), max(o.value)"


def a_round(of: str, round_: int, size: int = SIZE) -> Batch:
    """The facts of one writer, all with the value of this round: each round corrects every one of them."""
    return Batch(nodes=tuple(an_observation(f"{of}:{n}", float(round_)) for n in range(size)))


async def facts(reader: GraphReader, of: str, as_at: datetime) -> Sequence[tuple[object, ...]]:
    return (await reader.read(COUNTED, {"of": of, "as_at": as_at})).rows


@pytest.fixture
async def other(store: GraphStore, endpoint: Endpoint) -> AsyncIterator[GraphStore]:
    """A store as another process would have it."""
    opened = open_store(endpoint)
    yield opened
    await opened.close()


@pytest.fixture
async def reader(store: GraphStore, endpoint: Endpoint) -> AsyncIterator[GraphReader]:
    """A reader that has written nothing itself."""
    opened = open_reader(endpoint)
    yield opened
    await opened.close()


def sending(store: GraphStore) -> Announcement:
    """An announcement in the graph of a store, apart from its own writes."""
    return Announcement(store._send)


async def test_a_reader_beside_two_writers_sees_one_round_of_each_whole_or_none(
    store: GraphStore, other: GraphStore, reader: GraphReader
) -> None:
    writing = asyncio.gather(*(_write(by, of) for by, of in ((store, "one"), (other, "two"))))
    looks = 0
    while not writing.done():
        as_at = await reader.settled()
        for of in ("one", "two"):
            seen = await facts(reader, of, as_at)
            assert len(seen) <= 1, f"rounds that are mixed: {seen}"
            assert all(count == SIZE for _, count in seen), f"a part of a round: {seen}"
            ((keys, least, most),) = (await reader.read(KEYS, {"of": of, "as_at": as_at})).rows
            assert [(least, keys)] == list(seen) or (keys == 0 and not seen)  # another statement, the same state
            assert least == most
        looks += 1
    await writing
    assert looks
    for of in ("one", "two"):
        assert await facts(reader, of, await reader.settled()) == ((float(ROUNDS - 1), SIZE),)


async def _write(by: GraphStore, of: str) -> None:
    for round_ in range(ROUNDS):
        await by.upsert(a_round(of, round_))


async def test_what_is_committed_in_parts_is_seen_when_its_end_is_said(
    store: GraphStore, endpoint: Endpoint, reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the embedded server publishes a commit part by part: here the parts are batches of one clock."""
    monkeypatch.setattr("graph.store._SETTLE_SECONDS", 0.0)
    await store.upsert(a_round("facts", 0))
    said = sending(store)
    await said.begin()
    now = datetime.now(UTC)
    parts = open_store(endpoint, clock=lambda: now)
    for start, seen in ((0, ((0.0, SIZE // 2), (1.0, SIZE // 2))), (SIZE // 2, ((1.0, SIZE),))):
        await parts.upsert(Batch(nodes=a_round("facts", 1).nodes[start : start + SIZE // 2]))
        assert await facts(reader, "facts", datetime.now(UTC)) == seen  # whoever reads by the clock sees the parts
        assert await facts(reader, "facts", await reader.settled()) == ((0.0, SIZE),)
    assert (await said.end(changed=True)).settled >= now
    assert await facts(reader, "facts", await reader.settled()) == ((1.0, SIZE),)
    await parts.close()


async def test_a_store_reads_what_it_has_written_whatever_is_under_way_elsewhere(
    store: GraphStore, other: GraphStore, reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.store._SETTLE_SECONDS", 0.05)  # a write beside it goes on for longer
    said = sending(other)
    await said.begin()
    await store.upsert(a_round("mine", 0))
    assert await facts(store, "mine", await store.present()) == ((0.0, SIZE),)
    assert await facts(reader, "mine", await reader.present()) == ()
    await said.end(changed=False)
    assert await facts(reader, "mine", await reader.present()) == ((0.0, SIZE),)


async def test_a_write_returns_when_readers_see_it_although_another_one_began_before_it(
    store: GraphStore, other: GraphStore, reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.store._SETTLE_SECONDS", 600.0)
    said = sending(other)
    await said.begin()
    writing = asyncio.create_task(store.upsert(a_round("mine", 0)))
    there: Sequence[object] = ()
    while not there:
        there = await facts(reader, "mine", datetime.now(UTC))
    assert not writing.done()
    await said.end(changed=False)
    await writing
    assert await facts(reader, "mine", await reader.settled()) == ((0.0, SIZE),)


async def test_a_write_that_was_killed_is_passed_over_when_it_is_overdue(
    store: GraphStore, reader: GraphReader, endpoint: Endpoint
) -> None:
    await store.upsert(a_round("facts", 0))
    before = await graph_hash(store)
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, endpoint.url, endpoint.user, endpoint.password, endpoint.database
    )
    assert await killed.wait() == -9
    held = await reader.settled()
    assert await reader.settled() == held  # it stands, while the clock goes on
    assert await facts(reader, "facts", held) == ((0.0, SIZE),)
    assert await graph_hash(store) == before  # what is said of writes is no fact
    longer = round((graphversion.OVERDUE_SECONDS + 1) * 1000)
    async with store._session("WRITE") as session:  # as if so much time had passed
        await (await session.run("MATCH (v:GraphVersion) SET v.said = v.said - $longer", {"longer": longer})).consume()
    assert await reader.settled() > held
    assert await graph_hash(store) == before


KILLED = """
import asyncio, os, signal, sys
from graph.announcing import Announcement
from graph.endpoint import Endpoint
from graph.store import open_store

async def main():
    url, user, password, database = sys.argv[1:]
    store = open_store(Endpoint(url=url, user=user, password=password, database=database))
    await Announcement(store._send).begin()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_write_that_goes_on_says_so_and_is_not_passed_over(
    store: GraphStore, reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "STILL_SECONDS", 0.01)
    said = sending(store)
    await said.begin()
    held = await reader.settled()
    first = later = (await reader.read(SAID)).rows
    while later == first:
        later = (await reader.read(SAID)).rows
    assert not said.overdue
    assert await reader.settled() == held
    await said.end(changed=False)
    assert await reader.settled() > held


SAID = "MATCH (v:GraphVersion) WHERE v.since > 0 RETURN v.said"


async def test_two_writes_never_share_a_place(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    places = iter(["place-1", "place-1", "place-1", "place-2"])
    monkeypatch.setattr(announcing, "a_place", lambda: next(places))
    one, two = sending(store), sending(store)
    await one.begin()
    await two.begin()  # tries the first place twice
    found = await store.read("MATCH (v:GraphVersion) WHERE v.since > 0 RETURN v.id ORDER BY v.id")
    assert found.rows == (("place-1",), ("place-2",))
    await one.end(changed=False)
    await two.end(changed=False)
    assert (await store.read(SAID)).rows == ()


async def test_a_write_that_fails_holds_nobody_back(store: GraphStore, reader: GraphReader) -> None:
    missing = Link(type="PART_OF", from_label="Observation", from_id="facts:0", to_label="Case", to_id="nowhere")
    with pytest.raises(NotInGraphError):
        await store.upsert(Batch(nodes=a_round("facts", 0).nodes, links=(missing,)))
    now = datetime.now(UTC)
    assert await reader.settled() >= now
    assert await facts(reader, "facts", datetime.now(UTC)) == ()


async def test_a_write_that_was_silent_for_too_long_is_done_again_by_a_later_clock(
    store: GraphStore, reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = iter([True, False])
    monkeypatch.setattr(Announcement, "overdue", property(lambda _: next(silent)))
    begun: list[datetime] = []
    begin = Announcement.begin

    async def counted(self: Announcement) -> None:
        begun.append(datetime.now(UTC))
        await begin(self)

    monkeypatch.setattr(Announcement, "begin", counted)
    written = await store.upsert(a_round("facts", 0))
    assert (written.created, len(begun)) == (SIZE, 2)
    ((earliest,),) = (await reader.read("MATCH (o:Observation) RETURN min(o.recorded_from)")).rows
    assert isinstance(earliest, datetime)
    assert earliest >= begun[1]


def test_a_moment_lies_before_all_that_is_under_way_and_not_after_the_look() -> None:
    look = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert moment_of([(0, None)], look) == Moment(version=None, settled=look)
    assert moment_of([(5, micros_of(look) + 10)], look) == Moment(version=5, settled=look)
    earlier = moment_of([(5, micros_of(look) - 10)], look)
    assert micros_of(look) - micros_of(earlier.settled) == 11
