"""Work for a client: its own way as long as the client is there, ended when the client goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from api.leaving import while_connected

Receive = Callable[[], Awaitable[dict[str, Any]]]


def a_request(receive: Receive) -> Request:
    return Request({"type": "http"}, receive)


async def stays() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def goes() -> dict[str, Any]:
    return {"type": "http.disconnect"}


async def test_what_the_work_gives_or_raises_comes_through() -> None:
    async def gives() -> int:
        return 1

    async def raises() -> int:
        raise ValueError("x")

    assert await while_connected(a_request(stays), gives()) == 1
    with pytest.raises(ValueError, match="x"):
        await while_connected(a_request(stays), raises())


async def test_work_for_a_client_that_goes_is_cancelled_and_its_task_lives_on() -> None:
    cancelled = asyncio.Event()

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(HTTPException) as caught:
        await while_connected(a_request(goes), works())
    assert caught.value.status_code == 400
    assert cancelled.is_set()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_task_that_is_cancelled_from_without_stays_cancelled() -> None:
    begun = asyncio.Event()

    async def works() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(while_connected(a_request(stays), works()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
