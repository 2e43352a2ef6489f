"""Tells an agent how far a call is while it runs, by progress notifications, where the agent asked for them.

Over pipes they go out between answers; over HTTP they stand in the stream that ends with the answer of the call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp.server.lowlevel import Server

Tell = Callable[[str], None]


def _untold(_: str) -> None:
    """Say nothing: nobody asked."""


@asynccontextmanager
async def progress_of(server: Server[object, Any]) -> AsyncIterator[Tell]:
    """What takes the steps of the call at hand, a line each, to be called in the event loop.

    They are sent in order, numbered from 1 (how many there will be is not known), and all of them before the answer.
    """
    call = server.request_context
    token = None if call.meta is None else call.meta.progressToken
    if token is None:
        yield _untold
        return
    steps: asyncio.Queue[str | None] = asyncio.Queue()

    async def send() -> None:
        number = 0
        while (step := await steps.get()) is not None:
            number += 1
            try:
                await call.session.send_progress_notification(
                    token, number, message=step, related_request_id=str(call.request_id)
                )
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # the agent has gone; what it asked for is kept nevertheless

    sending = asyncio.create_task(send())
    try:
        yield steps.put_nowait
    finally:
        steps.put_nowait(None)
        await sending
