"""The state of graph and library is looked at when somebody asks, by one for all, and not too often."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from fastapi import APIRouter

from api.app import ROUTERS
from api.freshness import AGAIN_SECONDS, LOOK_SECONDS, Freshness, made_of, places_of
from api.guarding import guarded_routes
from tests.unit.api.standing_services import Standing


def freshness(of: Standing) -> Freshness:
    return Freshness(services=of, clock=of.clock)  # type: ignore[arg-type]  # no more of them is used


async def test_the_graph_is_asked_once_in_a_while_and_its_state_stays_the_same_as_long_as_it_does() -> None:
    ours = Standing()
    fresh = freshness(ours)
    first = await fresh.look("graph")
    assert first is not None
    ours.now += LOOK_SECONDS * 0.9
    ours.store.told = 2
    assert await fresh.look("graph") is first
    assert ours.store.asked_for_it == 1
    ours.now += LOOK_SECONDS * 0.2
    second = await fresh.look("graph")
    assert second is not None
    assert second is not first
    ours.now += LOOK_SECONDS
    assert await fresh.look("graph") is second
    assert ours.store.asked_for_it == 3


async def test_those_who_ask_at_once_wait_for_one_look() -> None:
    ours = Standing()
    fresh = freshness(ours)
    ours.store.held.clear()
    waiting = [asyncio.create_task(fresh.look("graph")) for _ in range(5)]
    await asyncio.sleep(0)
    ours.store.held.set()
    states = await asyncio.gather(*waiting)
    assert ours.store.asked_for_it == 1
    assert len({id(state) for state in states}) == 1


@pytest.mark.parametrize("how", ["forget", "write"])
async def test_what_this_process_writes_is_looked_for_at_once(how: str) -> None:
    ours = Standing()
    fresh = freshness(ours)
    before = await fresh.look("graph")
    ours.store.told = 2
    if how == "forget":
        fresh.forget()
    else:
        ours.store.writes += 1
    assert await fresh.look("graph") is not before


async def test_a_look_that_began_before_a_write_does_not_count_after_it() -> None:
    ours = Standing()
    fresh = freshness(ours)
    ours.store.held.clear()
    early = asyncio.create_task(fresh.look("graph"))
    await asyncio.sleep(0)
    ours.store.told = 2  # read already by the look that is under way
    ours.store.writes += 1
    ours.store.held.set()
    before = await early
    after = await fresh.look("graph")
    assert after is not before
    assert ours.store.asked_for_it == 2


async def test_a_graph_that_does_not_answer_has_no_state_and_is_let_alone_for_a_while() -> None:
    ours = Standing()
    fresh = freshness(ours)
    assert await fresh.look("graph") is not None
    ours.store.down = True
    ours.now += LOOK_SECONDS
    assert await fresh.look("graph") is None
    ours.now += AGAIN_SECONDS * 0.9
    assert await fresh.look("graph") is None
    assert ours.store.asked_for_it == 2
    ours.store.down = False
    ours.now += AGAIN_SECONDS * 0.2
    assert await fresh.look("graph") is not None


async def test_a_graph_that_tells_no_version_has_no_state() -> None:
    ours = Standing()
    ours.store.told = 0
    assert await freshness(ours).look("graph") is None
    assert await Freshness().look("graph") is None


async def test_the_library_has_a_state_of_its_own_that_asks_no_graph() -> None:
    ours = Standing()
    fresh = freshness(ours)
    first = await fresh.look("library")
    ours.changed = "another"
    assert await fresh.look("library") is first
    ours.now += LOOK_SECONDS
    second = await fresh.look("library")
    assert second is not first
    assert ours.store.asked_for_it == 0
    assert ours.looks == 2


async def test_another_library_is_another_state_of_what_is_made_of_both() -> None:
    ours = Standing()
    fresh = freshness(ours)
    first = await fresh.look("graph")
    ours.knowledge = "taken in by a request"
    assert await fresh.look("graph") is not first


def test_a_route_that_is_not_found_by_its_address_cannot_be_kept() -> None:
    router = APIRouter()

    @router.get("/v1/things/{id}/parts")
    @made_of("graph")
    async def parts(id: str) -> str:  # noqa: A002
        return id

    with pytest.raises(AssertionError, match="before its end"):
        places_of([router])


def test_every_single_resource_of_the_graph_is_kept() -> None:
    """Jobs and runs are in the ledger, proposals quote files, questions and problems ship, pictures are named twice."""
    single = {
        one.route.path.rpartition("/")[0]
        for one in guarded_routes(ROUTERS)
        if one.route.path.endswith("}") and "GET" in one.route.methods
    }
    others = {"/v1/jobs", "/v1/ingest-jobs", "/v1/proposals", "/v1/queries", "/problems"}
    assert single - places_of(ROUTERS).keys() == others | {"/v1/explanations/{id}/pictures"}


async def test_who_reads_now_is_answered_by_a_look_that_was_taken_since_it_came_one_for_all() -> None:
    ours = Standing()
    fresh = freshness(ours)
    ours.store.held.clear()
    waiting = [asyncio.create_task(fresh.present(ours.now)) for _ in range(5)]
    await asyncio.sleep(0)
    ours.store.held.set()
    assert len(set(await asyncio.gather(*waiting))) == 1
    assert ours.store.asked_for_it == 1
    came = ours.now + LOOK_SECONDS / 10  # a look from before it came may not show what was acknowledged meanwhile
    ours.now += LOOK_SECONDS / 5
    later = await fresh.present(came)
    assert later > waiting[0].result()
    assert ours.store.asked_for_it == 2
    assert await fresh.present(came) == later == fresh.last_present


async def test_a_graph_that_is_down_is_read_by_the_clock_and_not_asked_by_every_request() -> None:
    ours = Standing()
    fresh = freshness(ours)
    ours.store.down = True
    before = datetime.now(UTC)
    for _ in range(3):
        assert await fresh.present(ours.now) >= before
    assert ours.store.asked_for_it == 1
