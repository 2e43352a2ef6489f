"""How the service ends: it says so, finishes what runs, hurries when told twice; and where it does not listen."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_serve import COMMAND, free_port, serving

BODY = b'{"instrument": "btcusd", "begin": "2026-02-04"}'
HEAD = (
    b"POST /v1/explanations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


@asynccontextmanager
async def half_sent(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A request whose body has come in by half: it runs for as long as the rest is not sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + BODY[:10])
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()


async def until(client: httpx.AsyncClient, path: str, words: str) -> httpx.Response:
    """The first answer that holds these words."""
    for _ in range(400):
        answer = await client.get(path)
        if words in answer.text:
            return answer
        await asyncio.sleep(0.025)
    raise AssertionError(f"{path} never said {words}: {answer.text}")


def settings(tmp_path: Path, **more: str) -> dict[str, str]:
    """A service whose graph is away: what is tested here needs none."""
    return {"data": str(tmp_path), "graph_url": f"bolt://127.0.0.1:{free_port()}", **more}


async def test_told_to_end_it_finishes_what_runs_and_ends_well(tmp_path: Path) -> None:
    async with serving(**settings(tmp_path, drain_seconds="2", grace_seconds="60")) as (client, process):
        port = client.base_url.port
        assert port is not None
        async with half_sent(port) as (reader, writer):
            await until(client, "/metrics", "whymove_requests_running 2.0")
            process.send_signal(signal.SIGTERM)
            answer = await until(client, "/readyz", '"service":"ending"')
            assert answer.status_code == 503
            with pytest.raises(httpx.TransportError):
                await until(client, "/healthz", "it takes no requests any more")
            assert process.returncode is None, "it has to wait for the request that runs"
            writer.write(BODY[10:])
            await writer.drain()
            answered = await reader.read()
            assert answered.startswith(b"HTTP/1.1 422 ")
            assert b"/begin" in answered
        assert await asyncio.wait_for(process.wait(), 30) == 0


async def test_a_request_that_does_not_end_is_given_up_after_the_grace_time(tmp_path: Path) -> None:
    async with serving(**settings(tmp_path, drain_seconds="0", grace_seconds="1")) as (client, process):
        port = client.base_url.port
        assert port is not None
        async with half_sent(port) as (reader, _):
            await until(client, "/metrics", "whymove_requests_running 2.0")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 30) == 0
            await reader.read()


async def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    async with serving(**settings(tmp_path, drain_seconds="60", grace_seconds="60")) as (client, process):
        process.send_signal(signal.SIGTERM)
        await until(client, "/readyz", '"service":"ending"')
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 128 + signal.SIGTERM


async def refused(*arguments: str, **given: str) -> tuple[int | None, str]:
    """The exit code and the words of a service that does not start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        "serve",
        *arguments,
        env=environment | {f"WHYMOVE_{name.upper()}": value for name, value in given.items()},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, said.decode()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.test"])
async def test_it_does_not_listen_elsewhere_without_asking_who_asks(tmp_path: Path, host: str) -> None:
    code, said = await refused("--host", host, data=str(tmp_path))
    assert code == 2
    assert "WHYMOVE_HOST" in said
    assert "WHYMOVE_AUTH=required" in said


async def test_the_embedded_server_takes_one_worker(tmp_path: Path) -> None:
    code, said = await refused("--workers", "2", data=str(tmp_path))
    assert code == 2
    assert "WHYMOVE_WORKERS" in said
    assert "WHYMOVE_GRAPH_URL" in said


async def test_with_keys_it_listens_elsewhere_and_asks(tmp_path: Path) -> None:
    async with serving(**settings(tmp_path, host="0.0.0.0", auth="required")) as (client, process):
        assert (await client.get("/v1/templates")).status_code == 401
        made = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            COMMAND.replace("main()", "main(['keys', 'create', 'test'])"),
            env=os.environ | {"WHYMOVE_DATA": str(tmp_path)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        key = (await made.communicate())[0].decode().strip()
        answer = await client.get("/v1/templates", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 30) == 0
