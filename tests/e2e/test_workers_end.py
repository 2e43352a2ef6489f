"""Workers and what works for them end with whoever started them, however that one goes, and lose no request."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.test_serve import serving
from tests.e2e.test_shutdown import BODY, half_sent, until
from tests.e2e.test_shutdown import settings as away
from tests.e2e.test_workers import children


def beneath(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    """The processes that one has started, and those that they have."""
    return psutil.Process(process.pid).children(recursive=True)


async def computing(worker: psutil.Process) -> psutil.Process:
    """The process that computes for a worker, once it is there."""
    for _ in range(600):
        for one in worker.children():
            if "api.computeworker" in one.cmdline():
                return one
        await asyncio.sleep(0.05)
    raise AssertionError("nothing computes for it")


async def test_workers_finish_and_go_when_what_started_them_is_killed(tmp_path: Path) -> None:
    given = away(tmp_path) | {"workers": "2", "drain_seconds": "3600", "grace_seconds": "60"}
    async with serving(**given) as (client, process):
        port = client.base_url.port
        assert port is not None
        for worker in await children(process):
            await computing(worker)
        left = beneath(process)
        async with half_sent(port) as (reader, writer):
            await until(client, "/metrics", "whymove_requests_running 2.0")
            process.kill()
            await process.wait()
            with pytest.raises(httpx.TransportError):
                await until(client, "/healthz", "they take no requests any more")
            writer.write(BODY[10:])
            await writer.drain()
            assert (await reader.read()).startswith(b"HTTP/1.1 422 ")
        _, alive = await asyncio.to_thread(psutil.wait_procs, left, timeout=60)
        assert not alive


async def test_what_computes_for_a_worker_goes_with_it_and_another_worker_comes(tmp_path: Path) -> None:
    async with serving(**away(tmp_path), workers="2") as (_, process):
        workers = await children(process)
        beside = await computing(workers[0])
        workers[0].kill()
        _, alive = await asyncio.to_thread(psutil.wait_procs, [beside], timeout=30)
        assert not alive
        found = await children(process, without=workers[0].pid)
        assert workers[1] in found


async def test_told_as_a_group_workers_finish_what_runs(tmp_path: Path) -> None:
    """A terminal or a service manager tells each process, and the first of them tells the others as well."""
    given = away(tmp_path) | {"workers": "2", "drain_seconds": "0", "grace_seconds": "60"}
    async with serving(**given) as (client, process):
        port = client.base_url.port
        assert port is not None
        workers = await children(process)
        async with half_sent(port) as (reader, writer):
            await until(client, "/metrics", "whymove_requests_running 2.0")
            for one in (*workers, process):
                one.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.TransportError):
                await until(client, "/healthz", "they take no requests any more")
            writer.write(BODY[10:])
            await writer.drain()
            assert (await reader.read()).startswith(b"HTTP/1.1 422 ")
        assert await asyncio.wait_for(process.wait(), 60) == 0
