"""The list of hostile and harmless queries on both servers: refused, bounded or answered, and nothing harmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

import psutil
import pytest

from graph.analysts import GRACE_SECONDS, QUEUED, RUNNING, Analysts, Answer, QueryLimits
from graph.cyphergate import check
from graph.endpoint import Endpoint
from graph.errors import (
    GraphError,
    GraphUnavailableError,
    QueryOverBudgetError,
    QueryRefusedError,
    TooManyQueriesError,
)
from graph.server import ensure_running, restart, status, stop
from tests.conftest import clear
from tests.hostile_kit import Hostile, Stage, load, staged

CLOCKS = {"as_of": datetime(2026, 11, 1, tzinfo=UTC), "as_at": datetime(2100, 1, 1, tzinfo=UTC)}
LIMITS = QueryLimits(rows=1_000, bytes=2_000_000, seconds=1.0)
HANGING = LIMITS.seconds + GRACE_SECONDS + 15.0  # a guard against hanging for ever, far from what is promised
HEAP_MB = 512
MOST_MB = 2 * HEAP_MB + 256  # the heap, and what a JVM has beside it
REFUSED, BOMBS, HARMLESS = load("refused"), load("bounded"), load("answered")
BEHIND = [one for one in REFUSED if one.behind]
# expected to make few rows, whatever a server knows of the graph, and takes minutes
SLOW = "UNWIND range(1, 9999) AS x MATCH (b), (c) WHERE b.id <> c.id RETURN count(*) AS n"
DEAF = "RETURN size(reduce(l = [], x IN range(1, 200000) | l + x)) AS n"  # a loop in which no server looks up


def ids(query: Hostile) -> str:
    return query.id


@pytest.fixture(scope="module", params=["embedded", "neo4j"])
async def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Each of the two servers in turn; the embedded one is of its own, as it may be killed."""
    outside = tmp_path_factory.mktemp("outside")
    if request.param == "neo4j":
        endpoint: Endpoint = request.getfixturevalue("neo4j_endpoint")
        clear(endpoint)
        async with staged(endpoint, endpoint, outside) as found:
            yield found
        clear(endpoint)
        return
    data = tmp_path_factory.mktemp("hostile")
    running = ensure_running(data, keep=False, heap=f"{HEAP_MB}m")
    revive = partial(restart, data, url=running.service.url, keep=False, heap=f"{HEAP_MB}m")

    def process() -> int:
        found = status(data)
        assert found is not None
        return found.pid

    async with staged(running.service, running.analyst, outside, revive=revive, process=process) as found:
        yield found
    stop(data)


async def ask(analysts: Analysts, query: Hostile, stage: Stage) -> Answer | GraphError:
    """What becomes of a query, within a time in which even a server that is killed is back."""
    text, params = query.filled(stage.places)
    try:
        async with asyncio.timeout(HANGING):
            return await analysts.ask(text, CLOCKS | params, LIMITS)
    except GraphError as error:
        return error


async def check_unharmed(stage: Stage) -> None:
    """The server answers, the graph is what it was, nothing went out, and the next query works."""
    await stage.watchdog.revived()
    for _ in range(20):  # a busy machine may take longer than it waits
        if await stage.watchdog.answers():
            break
    else:
        pytest.fail("the server does not answer")
    assert await stage.outline() == stage.outline_before
    assert not stage.reached_out()
    assert not list(stage.outside.iterdir())
    after = await stage.gated.ask("RETURN 1 AS one", {}, QueryLimits(seconds=20))
    assert after.rows == [[1]]
    if stage.process is not None:
        assert psutil.Process(stage.process()).memory_info().rss < MOST_MB * 2**20


def test_the_list_is_long_and_names_each_query_once() -> None:
    every = [one.id for one in (*REFUSED, *BOMBS, *HARMLESS)]
    assert len(every) == len(set(every)) >= 300
    assert len(BOMBS) >= 40
    assert len(HARMLESS) >= 40


@pytest.mark.parametrize("query", REFUSED, ids=ids)
def test_the_gate_refuses_it_with_its_rule(query: Hostile) -> None:
    with pytest.raises(QueryRefusedError) as caught:
        check(query.query, CLOCKS | dict(query.params))
    assert caught.value.rule
    assert caught.value.rule not in {"unknown-label", "unknown-type", "unknown-property"}  # refused for what it is


@pytest.mark.parametrize("query", BEHIND, ids=ids)
async def test_past_the_gate_it_changes_nothing_and_reaches_nothing(stage: Stage, query: Hostile) -> None:
    await ask(stage.ungated, query, stage)
    await check_unharmed(stage)


@pytest.mark.parametrize("query", BOMBS, ids=ids)
async def test_a_bomb_is_bounded(stage: Stage, query: Hostile) -> None:
    revivals = stage.watchdog.revivals
    found = await ask(stage.gated, query, stage)
    if isinstance(found, Answer):
        assert found.whole or found.truncated
        assert len(found.rows) <= LIMITS.rows
        assert found.bytes <= LIMITS.bytes
    elif isinstance(found, GraphUnavailableError):  # it took its server along, which was too busy to be asked
        assert stage.watchdog.revivals > revivals
    else:
        assert isinstance(found, QueryOverBudgetError | QueryRefusedError)
    await check_unharmed(stage)


@pytest.mark.parametrize("query", HARMLESS, ids=ids)
async def test_a_harmless_look_alike_is_answered(stage: Stage, query: Hostile) -> None:
    text, params = query.filled(stage.places)
    answer = await stage.gated.ask(text, CLOCKS | params, QueryLimits(seconds=20))
    assert len(answer.rows) == query.rows
    assert answer.truncated is None
    await check_unharmed(stage)


async def test_a_query_that_cannot_be_ended_costs_the_embedded_server_and_nothing_else(stage: Stage) -> None:
    revivals = stage.watchdog.revivals
    with pytest.raises(QueryOverBudgetError):
        await stage.ungated.ask(DEAF, {}, LIMITS)
    assert stage.watchdog.revivals == revivals + (stage.process is not None)
    await check_unharmed(stage)


async def test_a_row_of_millions_is_taken_in_a_process_of_its_own(stage: Stage) -> None:
    own = psutil.Process()
    before = own.memory_info().rss
    with pytest.raises(GraphError):
        await stage.gated.ask("WITH range(1, 3000) AS l RETURN [x IN l | l] AS l", {}, LIMITS)
    assert own.memory_info().rss - before < 100 * 2**20
    await check_unharmed(stage)


async def test_few_run_some_wait_and_the_rest_come_again(stage: Stage) -> None:
    limits = QueryLimits(seconds=0.4)
    asked = [asyncio.create_task(stage.gated.ask(SLOW, {}, limits)) for _ in range(RUNNING + QUEUED + 3)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, TooManyQueriesError) for one in found) == 3
    await check_unharmed(stage)


async def test_a_query_whose_client_has_gone_is_ended(stage: Stage) -> None:
    asked = asyncio.create_task(stage.gated.ask(SLOW, {}, QueryLimits(seconds=30)))
    await asyncio.sleep(0.5)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await stage.watchdog.revived()
    for _ in range(100):
        running = await stage.store.read("SHOW TRANSACTIONS")
        if "b.id <> c.id" not in str(running.rows):
            break
        await asyncio.sleep(0.2)
    else:
        pytest.fail("the query goes on without its client")
    await check_unharmed(stage)


async def test_after_all_of_it_every_property_is_what_it_was(stage: Stage) -> None:
    assert await stage.digest() == stage.before
