"""The end of the service in its steps, without a process: what each signal sets off."""

from __future__ import annotations

import signal

import uvicorn

from api.serving import DrainingServer


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
