"""Starts, finds and stops the embedded graph server: one a data folder, shared by every process that uses the folder.

A file names the running server (process, its start time, ports); whoever finds that it still lives attaches to it,
whoever finds it dead replaces it. Starting is guarded by an exclusive file lock, so that two starters make one server.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.driver import driver_errors, neo4j
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

_DETACHED: list[subprocess.Popen[bytes]] = []  # meant to outlive their handle, so that nobody waits for them
READY_SECONDS = 90.0
STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that answers: how the product and analysts reach it; `started` when this call started it."""

    service: Endpoint
    analyst: Endpoint
    pid: int
    started: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    pid: int
    created: float
    ports: Ports


def ensure_running(data: Path, *, keep: bool, heap: str = "1g") -> Running:
    """Attach to the server of a data folder, or start it and wait until it answers an authenticated query.

    A server started with `keep` outlives this process; without, it ends with it. Raises GraphUnavailableError when
    the server cannot be started, or does not answer in 90 seconds.
    """
    data = data.absolute()
    alive = _living(data)
    if alive is not None and _answers(data, alive):
        return _running(data, alive, started=False)
    prepare_folder(data)
    with exclusive(data / "start.lock"):
        alive = _living(data)
        if alive is not None:
            if _answers_soon(data, alive):
                return _running(data, alive, started=False)
            _end(alive)
        record = _start(data, keep=keep, heap=heap)
        return _running(data, record, started=True)


def status(data: Path) -> Running | None:
    """The running server of a data folder, None where none runs."""
    alive = _living(data.absolute())
    return None if alive is None else _running(data.absolute(), alive, started=False)


def stop(data: Path) -> bool:
    """End the server of a data folder; False where none ran. Only a process that we started is ever ended."""
    data = data.absolute()
    alive = _living(data)
    if alive is not None:
        _end(alive)
    (data / "server.json").unlink(missing_ok=True)
    return alive is not None


def _running(data: Path, record: _Record, *, started: bool) -> Running:
    passwords = passwords_of(data)
    url = f"bolt://127.0.0.1:{record.ports.bolt}"
    return Running(
        service=Endpoint(url=url, user=SERVICE_USER, password=passwords.service, database=DATABASE),
        analyst=Endpoint(url=url, user=ANALYST_USER, password=passwords.analyst, database=DATABASE),
        pid=record.pid,
        started=started,
    )


def _living(data: Path) -> _Record | None:
    """The server that the folder's file names, if that very process still lives."""
    try:
        found = json.loads((data / "server.json").read_text(encoding="utf-8"))
        record = _Record(
            pid=int(found["pid"]),
            created=float(found["created"]),
            ports=Ports(bolt=int(found["bolt"]), http=int(found["http"])),
        )
    except (OSError, ValueError, KeyError):
        return None
    return record if _process(record) is not None else None


def _process(record: _Record) -> psutil.Process | None:
    """The process of a record; a process id that was given to another program is not it."""
    try:
        process = psutil.Process(record.pid)
        if abs(process.create_time() - record.created) > 1.0 or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.Error:
        return None
    return process


def _end(record: _Record) -> None:
    process = _process(record)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)


def _start(data: Path, *, keep: bool, heap: str) -> _Record:
    prepare_folder(data)
    ports = Ports(bolt=_free_port(), http=_free_port())
    line = command(wheel_folder(), data, ports, heap)
    with (data / "console.log").open("ab") as log:
        child = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=data, start_new_session=True
        )
    if not keep:
        _leash(child.pid)
    _DETACHED.append(child)
    record = _Record(pid=child.pid, created=psutil.Process(child.pid).create_time(), ports=ports)
    try:
        _wait(data, record, child)
    except GraphUnavailableError:
        _end(record)
        raise
    draft = data / "server.json.tmp"
    draft.write_text(
        json.dumps({"pid": record.pid, "created": record.created, "bolt": ports.bolt, "http": ports.http}),
        encoding="utf-8",
    )
    draft.replace(data / "server.json")
    return record


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


def _wait(data: Path, record: _Record, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    passwords = passwords_of(data)
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise GraphUnavailableError(f"the graph server ended at once; its last words: {_last_words(data)}")
        if _ask(record, SERVICE_USER, passwords.service):
            _ensure_analyst(record, passwords)
            return
        time.sleep(0.2)
    raise GraphUnavailableError(f"the graph server did not answer in {READY_SECONDS:.0f} s: {_last_words(data)}")


def _answers(data: Path, record: _Record) -> bool:
    return _ask(record, SERVICE_USER, passwords_of(data).service)


def _answers_soon(data: Path, record: _Record) -> bool:
    for _ in range(25):
        if _answers(data, record):
            return True
        time.sleep(0.2)
    return False


def _ask(record: _Record, user: str, password: str) -> bool:
    """Whether an authenticated query is answered; an open port or a missing database is not ready."""
    try:
        with (
            neo4j.GraphDatabase.driver(
                f"bolt://127.0.0.1:{record.ports.bolt}",
                auth=(user, password),
                connection_timeout=2.0,
                telemetry_disabled=True,
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
            ) as driver,
            driver.session(database=DATABASE) as session,
        ):
            found = session.run("RETURN 1 AS ready").single()
            return found is not None and found["ready"] == 1
    except (driver_errors.DriverError, driver_errors.Neo4jError, OSError):
        return False


def _ensure_analyst(record: _Record, passwords: Passwords) -> None:
    """Make the user that may only read, once; over HTTP, because Bolt has no command for it."""
    if _ask(record, ANALYST_USER, passwords.analyst):
        return
    user = {"name": ANALYST_USER, "password": passwords.analyst, "databases": {DATABASE: [ANALYST_USER]}}
    credentials = base64.b64encode(f"{SERVICE_USER}:{passwords.service}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", record.ports.http, timeout=10)
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
