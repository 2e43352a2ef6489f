"""Servers as processes, for benchmarks and loads: started, measured and ended.

What is measured is the CPU time and the memory of a whole process tree, because the service asks analysts' Cypher in
processes of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.endpoint import Endpoint
from tests.benchmarks.http_driver import Connection, get

START_SECONDS = 60.0
_COMMAND = "import sys; from api.cli import main; sys.exit(main())"
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU seconds and resident bytes of a process tree."""

    cpu: float
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A server that answers on a port of loopback."""

    port: int
    pid: int

    def usage(self) -> Usage:
        """What the server and its children have used so far."""
        return usage_of(self.pid)


def usage_of(pid: int) -> Usage:
    """What a process and its children have used so far; children that have ended count where they were waited for."""
    root = psutil.Process(pid)
    cpu, size = 0.0, 0
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            cpu += times.user + times.system + times.children_user + times.children_system
            size += process.memory_info().rss
    return Usage(cpu=cpu, bytes=size)


def settings_of(endpoint: Endpoint, data: Path, **more: str) -> dict[str, str]:
    """The environment of a service over a graph."""
    reach = {
        "data": str(data),
        "graph_url": endpoint.url,
        "graph_user": endpoint.user,
        "graph_password": endpoint.password,
        "graph_database": endpoint.database,
    }
    return {f"WHYMOVE_{name.upper()}": value for name, value in (reach | more).items()}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(environment: Mapping[str, str]) -> AsyncIterator[Served]:
    """The service with these settings, once it answers."""
    port = free_port()
    async with _running(["-c", _COMMAND, "serve", "--port", str(port)], port, "/readyz", environment) as served:
        yield served


@asynccontextmanager
async def serving_nothing(path: str) -> AsyncIterator[Served]:
    """The empty route, once it answers at `path`."""
    port = free_port()
    async with _running(["-m", "tests.benchmarks.empty_route", str(port)], port, path, {}) as served:
        yield served


@asynccontextmanager
async def _running(
    arguments: Sequence[str], port: int, ready: str, environment: Mapping[str, str]
) -> AsyncIterator[Served]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=plain | dict(environment), cwd=_ROOT, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _answering(port, ready, process)
        yield Served(port=port, pid=process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), START_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answering(port: int, path: str, process: asyncio.subprocess.Process) -> None:
    connection = Connection(port=port)
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            with contextlib.suppress(OSError, EOFError):
                if (await connection.ask(get(path))).status == 200:
                    connection.close()
                    return
            await asyncio.sleep(0.1)
    raise AssertionError("the server ended by itself")
