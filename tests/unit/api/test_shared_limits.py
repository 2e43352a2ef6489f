"""Limits that several processes count together: one bucket, one queue, and nothing left of a process that died."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.fairness import LOOK_SECONDS, Share, Shares, limit_field
from api.limits_table import LimitsTable
from graph.errors import TooManyQueriesError

DIES = """
import os, sys
from pathlib import Path
from api.limits_table import LimitsTable
with LimitsTable(Path(sys.argv[1])).slot("key:a") as slot:
    slot.count(running=2, waiting=10)
os._exit(9)
"""


def died(data: Path) -> int:
    """The exit code of a process that fills the queue of a caller, and dies without closing anything."""
    return subprocess.run([sys.executable, "-c", DIES, str(data)], check=False).returncode


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[tuple[LimitsTable, LimitsTable]]:
    both = LimitsTable(tmp_path), LimitsTable(tmp_path)
    yield both
    for one in both:
        one.close()


def shares(tables: tuple[LimitsTable, ...], a_minute: int = 6, caller: str = "key:a") -> list[Share]:
    return [Shares(a_minute=a_minute, table=one).of(caller) for one in tables]


def test_two_processes_take_from_one_bucket(tables: tuple[LimitsTable, LimitsTable]) -> None:
    one, other = shares(tables)
    assert [share.bucket.take() for share in (one, other, one, other, one, other)] == [True] * 6
    assert not one.bucket.take()
    assert not other.bucket.take()
    assert limit_field(other.bucket) == b'"minute";r=0;t=10'


def test_the_field_counts_what_another_process_took(tables: tuple[LimitsTable, LimitsTable]) -> None:
    one, other = shares(tables)
    one.bucket.take()
    other.bucket.take()
    assert (one.bucket.left, other.bucket.left) == (5, 4)


def test_callers_do_not_take_from_one_another(tables: tuple[LimitsTable, LimitsTable]) -> None:
    first, second = shares(tables, 1)[0], shares(tables, 1, "key:b")[1]
    assert first.bucket.take()
    assert second.bucket.take()
    assert not first.bucket.take()


def test_what_was_taken_outlives_the_process_that_took_it(tmp_path: Path) -> None:
    for expected in (True, False):
        table = LimitsTable(tmp_path)
        assert shares((table,), 1)[0].bucket.take() is expected
        table.close()


def test_a_clock_that_began_anew_gives_a_full_bucket(tmp_path: Path) -> None:
    table = LimitsTable(tmp_path)
    with table.slot("key:a") as slot:
        slot.keep(0.0, 1e12)
    assert shares((table,))[0].bucket.take()
    table.close()


def test_who_asked_longest_ago_makes_room_but_nobody_whose_queries_run(tmp_path: Path) -> None:
    table = LimitsTable(tmp_path)
    with table.slot("first") as slot:
        slot.keep(1.0, 1.0)
    with table.slot("busy") as slot:
        slot.keep(1.0, 1.0)
        slot.count(running=1)
    for number in range(20_000):  # more than twice as many as there is room for
        with table.slot(f"key:{number}") as slot:
            slot.keep(1.0, 2.0 + number)
    with table.slot("first") as slot:
        assert slot.bucket[0] < 0
    with table.slot("busy") as slot:
        assert (slot.running, slot.bucket) == (1, (1.0, 1.0))
    table.close()


async def test_two_run_ten_wait_and_the_next_is_refused_wherever_it_is_asked(
    tables: tuple[LimitsTable, LimitsTable],
) -> None:
    both, go, began = shares(tables), asyncio.Event(), []

    async def query(number: int) -> None:
        async with both[number % 2].turns.turn():
            began.append(number)
            await go.wait()

    running = [asyncio.create_task(query(number)) for number in range(12)]
    await asyncio.sleep(LOOK_SECONDS * 5)
    assert began == [0, 1]
    for share in both:
        with pytest.raises(TooManyQueriesError, match="2 of your queries run and 10 wait"):
            async with share.turns.turn():
                pass
    go.set()
    await asyncio.wait_for(asyncio.gather(*running), 60)
    assert sorted(began) == list(range(12))
    with tables[0].slot("key:a") as slot:
        assert (slot.running, slot.waiting) == (0, 0)


async def test_one_that_leaves_the_queue_gives_its_place_back(tables: tuple[LimitsTable, LimitsTable]) -> None:
    one, other = shares(tables)
    async with one.turns.turn(), one.turns.turn():
        waiting = asyncio.create_task(other.turns.turn().__aenter__())
        await asyncio.sleep(LOOK_SECONDS)
        waiting.cancel()
        await asyncio.wait({waiting})
        with tables[0].slot("key:a") as slot:
            assert (slot.running, slot.waiting) == (2, 0)


async def test_queries_of_a_process_that_died_hold_nobody_up(tmp_path: Path) -> None:
    assert died(tmp_path) == 9
    table = LimitsTable(tmp_path)
    (share,) = shares((table,))
    async with asyncio.timeout(60), share.turns.turn(), share.turns.turn():
        with table.slot("key:a") as slot:
            assert (slot.running, slot.waiting) == (2, 0)
    table.close()


async def test_who_would_be_refused_for_a_process_that_has_just_died_is_not(tmp_path: Path) -> None:
    table = LimitsTable(tmp_path)  # open before the other one comes and goes
    assert died(tmp_path) == 9
    (share,) = shares((table,))
    async with asyncio.timeout(60), share.turns.turn():
        pass
    table.close()
