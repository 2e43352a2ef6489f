"""What is done while a server answers, and what becomes of the question when that fails."""

from __future__ import annotations

import asyncio

import pytest

from graph.held import meanwhile


async def test_work_is_done_while_the_question_is_out() -> None:
    steps: list[str] = []

    async def ask() -> str:
        steps.append("asked")
        await asyncio.sleep(0)
        steps.append("answered")
        return "answer"

    def work() -> str:
        steps.append("worked")
        return "work"

    assert await meanwhile(ask(), work) == ("answer", "work")
    assert steps == ["asked", "worked", "answered"]


async def test_a_question_is_not_left_open_when_the_work_fails() -> None:
    ended = asyncio.Event()

    async def ask() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    def work() -> None:
        raise ValueError("no work")

    with pytest.raises(ValueError, match="no work"):
        await meanwhile(ask(), work)
    assert ended.is_set()


async def test_a_question_that_fails_is_told_as_it_failed() -> None:
    async def ask() -> None:
        raise ValueError("no answer")

    with pytest.raises(ValueError, match="no answer"):
        await meanwhile(ask(), lambda: 1)


async def test_a_question_is_not_left_open_when_whoever_asks_is_cancelled() -> None:
    asked, ended = asyncio.Event(), asyncio.Event()

    async def ask() -> None:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    asking = asyncio.create_task(meanwhile(ask(), lambda: 1))
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert ended.is_set()
