"""`whymove serve` as a process: it answers, says when its graph is away, and ends when told to."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from graph.server import Running

COMMAND = "import sys; from api.cli import main; sys.exit(main())"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[tuple[httpx.AsyncClient, asyncio.subprocess.Process]]:
    """The server as a process with these settings, once it answers."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        "serve",
        "--port",
        str(port),
        env=environment | {f"WHYMOVE_{name.upper()}": value for name, value in settings.items()},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await answering(client, process)
            yield client, process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answering(client: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    for _ in range(150):
        assert process.returncode is None, "the server ended by itself"
        try:
            assert (await client.get("/healthz")).json() == {"status": "ok"}
        except httpx.TransportError:
            await asyncio.sleep(0.2)
        else:
            return
    raise AssertionError("the server did not answer within 30 s")


async def test_it_answers_and_ends_when_told_to(embedded: Running, tmp_path: Path) -> None:
    reach = embedded.service
    settings = {
        "data": str(tmp_path),
        "graph_url": reach.url,
        "graph_user": reach.user,
        "graph_password": reach.password,
        "graph_database": reach.database,
    }
    async with serving(**settings) as (client, process):
        ready = await client.get("/readyz")
        assert ready.json() == {"status": "ready", "checks": {"graph": "ok", "templates": "20 loaded"}}
        described = (await client.get("/openapi.json")).json()
        assert described["info"]["title"] == "whymove"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 15) in (0, -signal.SIGTERM)


async def test_it_starts_without_its_graph_and_says_so(tmp_path: Path) -> None:
    async with serving(data=str(tmp_path), graph_url=f"bolt://127.0.0.1:{free_port()}") as (client, _):
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["status"] == "not_ready"
        answer = await client.post("/v1/explanations", json={"instrument": "btcusd", "on": "2026-02-05"})
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
