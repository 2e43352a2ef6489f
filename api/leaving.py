"""Ends the work for a client that has gone: the framework would finish it, and a query hold its place for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException

UNWATCHED_SECONDS = 0.05  # work that is done by then is not worth a task that watches over it
Result = TypeVar("Result")


async def while_connected(request: Request, work: Coroutine[Any, Any, Result]) -> Result:
    """What `work` gives, or raises; it is cancelled when the client leaves, whom no answer reaches any more.

    The body has to be read before: what comes in afterwards can only be that the client has gone.
    """
    watch = _Watch(request)
    timer = asyncio.get_running_loop().call_later(UNWATCHED_SECONDS, watch.begin)
    try:
        return await work
    except asyncio.CancelledError:
        if watch.took():
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        raise
    finally:
        timer.cancel()
        await watch.end()


class _Watch:
    """Cancels the task that it was made in when the client leaves."""

    def __init__(self, request: Request) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._request = request
        self._task = task
        self._cancelled_before = task.cancelling()
        self._watching: asyncio.Task[None] | None = None
        self._left = False

    def begin(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.create_task(self._watch())

    def took(self) -> bool:
        """Whether it was the client's leaving, and nothing else, that cancelled the task; then it is no more."""
        return self._left and self._task.uncancel() <= self._cancelled_before

    async def end(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})

    async def _watch(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            continue
        self._left = True
        self._task.cancel()
