"""Places for work: so many at a time, so many that wait, and nobody waits behind one caller alone."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import AsyncExitStack

import pytest

from api.calls import CALL, Call, Caller
from api.computing import OF_ONE, Lane
from api.errors import OverloadedError
from api.metrics import Metrics
from graph.errors import TooManyQueriesError


class Nowhere:
    """What writes no line down."""

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Keep nothing."""


def a_call(name: str) -> Call:
    return Call(request_id="req", caller=Caller(id=name, scopes=frozenset()), audit=Nowhere(), count=Metrics())


async def hold(lane: Lane, held: asyncio.Event, *, patient: bool = False) -> None:
    async with lane.turn(patient=patient):
        await held.wait()


async def test_what_finds_no_place_and_no_room_to_wait_is_refused_with_a_time() -> None:
    lane, held = Lane(running=1, queued=2), asyncio.Event()
    tasks = [asyncio.create_task(hold(lane, held)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="2 wait") as refused:
        await hold(lane, held)
    assert refused.value.retry_after >= 1
    assert (lane.at_work, lane.waiting) == (1, 2)
    held.set()
    await asyncio.gather(*tasks)
    await hold(lane, held)
    assert (lane.at_work, lane.waiting) == (0, 0)


async def test_where_work_is_slow_fewer_wait() -> None:
    now = itertools.count(0.0, 30.0)  # half a minute later whenever it is asked
    lane, held = Lane(running=1, queued=100, longest=30.0, clock=lambda: next(now)), asyncio.Event()
    held.set()
    for _ in range(20):
        await hold(lane, held)
    held.clear()
    tasks = [asyncio.create_task(hold(lane, held)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError, match="1 wait"):
        await hold(lane, held)
    held.set()
    await asyncio.gather(*tasks)


async def test_who_is_patient_waits_behind_any_number() -> None:
    lane, held = Lane(running=1, queued=0), asyncio.Event()
    tasks = [asyncio.create_task(hold(lane, held, patient=True)) for _ in range(5)]
    await asyncio.sleep(0)
    assert (lane.at_work, lane.waiting) == (1, 4)
    held.set()
    await asyncio.gather(*tasks)


async def test_a_place_that_is_waited_for_in_vain_is_given_on() -> None:
    lane = Lane(running=1, queued=1)
    async with AsyncExitStack() as first:
        await first.enter_async_context(lane.turn(patient=False))
        waiting = asyncio.create_task(hold(lane, asyncio.Event()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        assert lane.waiting == 0
    async with asyncio.timeout(5), lane.turn(patient=False):
        assert lane.at_work == 1


async def test_one_caller_does_not_fill_the_room_of_all() -> None:
    lane, held = Lane(running=1, queued=OF_ONE + 5), asyncio.Event()
    token = CALL.set(a_call("greedy"))
    tasks = [asyncio.create_task(hold(lane, held)) for _ in range(OF_ONE + 1)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyQueriesError, match="of your requests"):
        await hold(lane, held)
    CALL.reset(token)
    CALL.set(a_call("modest"))
    tasks.append(asyncio.create_task(hold(lane, held)))
    await asyncio.sleep(0)
    assert lane.waiting == OF_ONE + 1
    held.set()
    await asyncio.gather(*tasks)
