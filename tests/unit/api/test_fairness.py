"""How much one caller may ask: a bucket that fills with time, turns that are handed on, callers that do not mix."""

from __future__ import annotations

import asyncio

import pytest

from api.fairness import MOST_CALLERS, WINDOW_SECONDS, Bucket, Shares, Turns, limit_field, policy_field
from graph.errors import TooManyQueriesError


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_size_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    bucket = Bucket(size=6, clock=clock)
    assert [bucket.take() for _ in range(7)] == [True] * 6 + [False]
    assert bucket.seconds == WINDOW_SECONDS / 6
    clock.now += 9.9
    assert not bucket.take()
    clock.now += 0.2
    assert bucket.take()
    assert not bucket.take()


def test_a_bucket_never_holds_more_than_its_size() -> None:
    clock = Clock()
    bucket = Bucket(size=3, clock=clock)
    assert bucket.take()
    clock.now += 3600
    assert [bucket.take() for _ in range(4)] == [True] * 3 + [False]


def test_the_fields_say_what_is_left_and_when_there_is_more() -> None:
    bucket = Bucket(size=60, clock=Clock())
    bucket.take()
    assert policy_field(60) == b'"minute";q=60;w=60'
    assert limit_field(bucket) == b'"minute";r=59;t=1'


def test_callers_do_not_take_from_one_another() -> None:
    shares = Shares(a_minute=1, clock=Clock())
    assert shares.of("key:a").bucket.take()
    assert not shares.of("key:a").bucket.take()
    assert shares.of("key:b").bucket.take()


def test_callers_that_asked_longest_ago_are_forgotten() -> None:
    shares = Shares(a_minute=1, clock=Clock())
    first = shares.of("first")
    for number in range(MOST_CALLERS):
        shares.of(f"key:{number}")
    assert shares.of("first") is not first


async def test_two_run_ten_wait_and_the_next_is_refused() -> None:
    turns, go, began = Turns(), asyncio.Event(), []

    async def query(number: int) -> None:
        async with turns.turn():
            began.append(number)
            await go.wait()

    running = [asyncio.create_task(query(number)) for number in range(12)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyQueriesError, match="2 of your queries run and 10 wait"):
        async with turns.turn():
            pass
    assert began == [0, 1]
    go.set()
    await asyncio.gather(*running)
    assert began == list(range(12))


async def test_one_that_leaves_the_queue_gives_its_place_back() -> None:
    turns = Turns(running=1, queued=1)
    async with turns.turn():
        waiting = asyncio.create_task(turns.turn().__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    async with turns.turn():
        pass
