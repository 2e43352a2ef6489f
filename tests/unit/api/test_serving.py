"""The end of the service in its steps, without a process: what each signal sets off."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.types import Message

from api.serving import DrainingServer, ToldShortly
from graph.errors import GraphUnavailableError


def server(drain_seconds: float) -> tuple[DrainingServer, list[str]]:
    told: list[str] = []
    made = DrainingServer(
        uvicorn.Config("none:none", date_header=False, server_header=False),
        drain=lambda: told.append("drain"),
        drain_seconds=drain_seconds,
    )
    made.started = True
    return made, told


async def test_while_it_drains_it_takes_requests_and_asks_to_close_connections() -> None:
    made, told = server(drain_seconds=3600)
    assert not await made.on_tick(0)
    assert made.server_state.default_headers == []
    made.handle_exit(signal.SIGTERM, None)
    for counter in (0, 1, 10):
        assert not await made.on_tick(counter)
        assert made.server_state.default_headers == [(b"connection", b"close")]
    assert told == ["drain"]


async def test_after_draining_it_takes_no_more() -> None:
    made, _ = server(drain_seconds=0)
    made.handle_exit(signal.SIGTERM, None)
    assert await made.on_tick(1)


async def test_an_interrupt_does_not_wait() -> None:
    made, told = server(drain_seconds=3600)
    made.handle_exit(signal.SIGINT, None)
    assert await made.on_tick(1)
    assert told == ["drain"]


async def test_a_start_that_fails_for_a_reason_outside_is_told_in_one_line() -> None:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        raise fault
        yield

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        told.append(str(message["message"]))

    told: list[str] = []
    for fault in (GraphUnavailableError("nobody\nanswers"), PermissionError(13, "Permission denied"), KeyError("ours")):
        with pytest.raises(type(fault)):
            await ToldShortly(Starlette(lifespan=lifespan))({"type": "lifespan", "state": {}}, receive, send)
    assert told[:2] == ["nobody answers", "[Errno 13] Permission denied"]
    assert "Traceback" in told[2]
