"""Lets a driver finish taking a connection before whoever wanted it is cancelled.

The driver (6.4) loses what it is cancelled in the middle of: a connection that is looked at before it is used again
counts as taken for ever, so that a small pool is empty after a few of them; one that is being made leaves its socket
open. A cancelled caller therefore waits until the connection is there or refused, which the driver bounds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def opened(
    opening: Coroutine[Any, Any, T], *, seconds: float, taken: asyncio.Event | None = None
) -> T:  # `seconds`: what the driver allows itself to take a connection, and a little more
    """What `opening` gives. Raises what it raises.

    A caller that is cancelled waits until `opening` has ended or `taken` is set, `seconds` at most; then `opening` is
    cancelled too.
    """
    task = asyncio.ensure_future(opening)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _settled(task, seconds, taken)
        raise


async def _settled(task: asyncio.Future[Any], seconds: float, taken: asyncio.Event | None) -> None:
    marked = None if taken is None else asyncio.ensure_future(taken.wait())
    try:
        await asyncio.wait({task} if marked is None else {task, marked}, timeout=seconds, return_when="FIRST_COMPLETED")
    finally:
        if marked is not None:
            marked.cancel()
        task.cancel()
    with contextlib.suppress(BaseException):  # its caller is cancelled, and is told that
        await task
