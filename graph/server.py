"""Starts, finds and stops the embedded graph server: one a data folder, shared by every process that uses the folder.

A file names the running server (graph/process.py); whoever finds that it still lives attaches to it, whoever finds it
dead or dumb replaces it. Starting is guarded by an exclusive file lock, so that two starters make one server.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from graph.driver import OURS, driver_errors, neo4j
from graph.embedded import (
    ANALYST_USER,
    DATABASE,
    SERVICE_USER,
    Passwords,
    Ports,
    command,
    passwords_of,
    prepare_folder,
    wheel_folder,
)
from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError
from graph.exclusive import exclusive
from graph.process import Process, end_process, forget_process, living_process, write_process

_DETACHED: list[subprocess.Popen[bytes]] = []  # meant to outlive their handle, so that nobody waits for them
READY_SECONDS = 90.0
ATTACH_SECONDS = 10.0
ANSWER_SECONDS = 5.0
DUMB_SECONDS = 3.0  # to a server that does not answer; what it acknowledged is in its log
STARTS = 3


@atexit.register
def _let_go() -> None:
    """Children that outlive this process on purpose are no leak for the interpreter to warn of."""
    for child in _DETACHED:
        if child.poll() is None:
            child.returncode = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers: how the product and analysts reach it; `started` when this call started it."""

    service: Endpoint
    analyst: Endpoint
    pid: int
    started: bool


class _EndedAtOnceError(GraphUnavailableError):
    """The server process was gone before it answered."""


def ensure_running(data: Path, *, keep: bool, heap: str = "1g") -> Running:
    """Attach to the server of a data folder, or start it and wait until it answers an authenticated query.

    A server started with `keep` outlives this process; without, it ends with it. One that lives but does not answer is
    ended and started again. Raises GraphUnavailableError when the server cannot be started, or does not answer in
    90 seconds.
    """
    data = data.absolute()
    alive = living_process(data)
    if alive is not None and alive.ready and _answers(data, alive):
        return _running(data, alive, started=False)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive(data / "start.lock"):
        alive = living_process(data)
        if alive is not None:
            if _answers_soon(data, alive):
                return _running(data, _made_ready(data, alive), started=False)
            end_process(alive, grace=DUMB_SECONDS)
        return _running(data, _start(data, keep=keep, heap=heap), started=True)


def restart(data: Path, *, url: str, keep: bool, heap: str = "1g") -> Running:
    """End the server that listens at `url` at once, and start it again there, so that whoever knows it finds it.

    A server of the folder that listens elsewhere is left alone: somebody was first. Raises GraphUnavailableError.
    """
    data = data.absolute()
    bolt = int(url.rsplit(":", 1)[1])
    with exclusive(data / "start.lock"):
        alive = living_process(data)
        if alive is not None and alive.bolt != bolt:
            return _running(data, alive, started=False)
        if alive is not None:
            end_process(alive, grace=0.0)
        return _running(data, _start(data, keep=keep, heap=heap, bolt=bolt), started=True)


def status(data: Path) -> Running | None:
    """The running server of a data folder, None where none runs."""
    data = data.absolute()
    alive = living_process(data)
    return None if alive is None or not alive.ready else _running(data, alive, started=False)


def stop(data: Path) -> bool:
    """End the server of a data folder; False where none ran. Only a process that we started is ever ended."""
    data = data.absolute()
    alive = living_process(data)
    if alive is not None:
        end_process(alive)
    forget_process(data)
    return alive is not None


def _running(data: Path, process: Process, *, started: bool) -> Running:
    passwords = passwords_of(data)
    url = f"bolt://127.0.0.1:{process.bolt}"
    return Running(
        service=Endpoint(url=url, user=SERVICE_USER, password=passwords.service, database=DATABASE),
        analyst=Endpoint(url=url, user=ANALYST_USER, password=passwords.analyst, database=DATABASE),
        pid=process.pid,
        started=started,
    )


def _start(data: Path, *, keep: bool, heap: str, bolt: int | None = None) -> Process:
    """Start a server; again on other ports where somebody took a port before the server could."""
    prepare_folder(data)
    for left in reversed(range(STARTS)):
        try:
            return _start_once(data, keep=keep, heap=heap, bolt=bolt)
        except _EndedAtOnceError:
            if left == 0:
                raise
    raise AssertionError("unreachable: the last start returned or raised")


def _start_once(data: Path, *, keep: bool, heap: str, bolt: int | None) -> Process:
    ports = Ports(bolt=bolt or _free_port(), http=_free_port())
    line = command(wheel_folder(), data, ports, heap)
    with (data / "console.log").open("ab") as log:
        child = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=data, start_new_session=True
        )
    _DETACHED.append(child)
    created = psutil.Process(child.pid).create_time()
    process = Process(pid=child.pid, created=created, bolt=ports.bolt, http=ports.http, ready=False)
    write_process(data, process)  # before it is ready: whoever comes after us must find it, should we die now
    if not keep:
        _leash(child.pid)
    try:
        _wait(data, process, child)
        return _made_ready(data, process)
    except GraphUnavailableError:
        end_process(process)
        forget_process(data)
        raise


def _leash(pid: int) -> None:
    """End the server with this process, however this process ends: a second small process watches both."""
    watcher = subprocess.Popen(
        [sys.executable, "-m", "graph.leash", str(os.getpid()), str(pid)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _DETACHED.append(watcher)


def _wait(data: Path, process: Process, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise _EndedAtOnceError(f"the graph server ended at once; its last words: {_last_words(data)}")
        if _answers(data, process):
            return
        time.sleep(0.2)
    raise GraphUnavailableError(f"the graph server did not answer in {READY_SECONDS:.0f} s: {_last_words(data)}")


def _made_ready(data: Path, process: Process) -> Process:
    """The process with both its users, and named as ready."""
    if process.ready:
        return process
    _ensure_analyst(process, passwords_of(data))
    ready = replace(process, ready=True)
    write_process(data, ready)
    return ready


def _answers(data: Path, process: Process) -> bool:
    return _ask(process, SERVICE_USER, passwords_of(data).service)


def _answers_soon(data: Path, process: Process) -> bool:
    deadline = time.monotonic() + ATTACH_SECONDS
    while not (answered := _answers(data, process)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answered


def _ask(process: Process, user: str, password: str) -> bool:
    """Whether an authenticated query is answered soon; an open port or a missing database is not ready.

    Asynchronous because the driver's blocking half waits for ever on a server that takes connections and is silent.
    """

    async def ask() -> bool:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            neo4j.AsyncGraphDatabase.driver(
                f"bolt://127.0.0.1:{process.bolt}",
                auth=(user, password),
                connection_timeout=2.0,
                **OURS,
            ) as driver,
            driver.session(database=DATABASE) as session,
        ):
            found = await (await session.run("RETURN 1 AS ready")).single()
            return found is not None and found["ready"] == 1

    try:
        with ThreadPoolExecutor(1) as own_loop:  # the caller may have a loop of its own
            return own_loop.submit(lambda: asyncio.run(ask())).result()
    except (driver_errors.DriverError, driver_errors.Neo4jError, OSError):
        return False


def _ensure_analyst(process: Process, passwords: Passwords) -> None:
    """Make the user that may only read, once; over HTTP, because Bolt has no command for it."""
    if _ask(process, ANALYST_USER, passwords.analyst):
        return
    user = {"name": ANALYST_USER, "password": passwords.analyst, "databases": {DATABASE: [ANALYST_USER]}}
    credentials = base64.b64encode(f"{SERVICE_USER}:{passwords.service}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", process.http, timeout=10)
    with contextlib.closing(connection):
        connection.request(
            "POST",
            "/api/v1/server",
            body=json.dumps({"command": f"create user {json.dumps(user)}"}),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    if answer.status >= 300:
        raise GraphUnavailableError(f"the analysts' user could not be made: {answer.status} {text[:300]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_words(data: Path) -> str:
    with contextlib.suppress(OSError):
        lines = (data / "console.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return " | ".join(lines[-5:])
    return "(none)"
