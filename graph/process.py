"""The server process that a data folder names, and whether it is still that process.

A process id alone proves nothing: ids are given again. The start time beside it tells the server from whatever runs
under its number today, so that nothing but our own server is ever ended.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

STOP_SECONDS = 20.0
_FILE = "server.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One server process: its id, when it started (seconds since 1970), its loopback ports.

    `ready` once it has answered and both of its users exist.
    """

    pid: int
    created: float
    bolt: int
    http: int
    ready: bool


def write_process(data: Path, process: Process) -> None:
    """Name a process as the folder's server, in one step."""
    draft = data / f"{_FILE}.tmp"
    draft.write_text(json.dumps(asdict(process)), encoding="utf-8")
    draft.replace(data / _FILE)


def living_process(data: Path) -> Process | None:
    """The server that the folder names, if that very process still lives."""
    try:
        found = json.loads((data / _FILE).read_text(encoding="utf-8"))
        process = Process(
            pid=int(found["pid"]),
            created=float(found["created"]),
            bolt=int(found["bolt"]),
            http=int(found["http"]),
            ready=bool(found["ready"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if _same(process) is not None else None


def forget_process(data: Path) -> None:
    """Let the folder name no server."""
    (data / _FILE).unlink(missing_ok=True)


def end_process(process: Process, *, grace: float = STOP_SECONDS) -> None:
    """End a server, gently for `grace` seconds and then at once; return when it is gone."""
    same = _same(process)
    if same is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        same.terminate()
        try:
            same.wait(grace)
        except psutil.TimeoutExpired:
            same.kill()
            same.wait(STOP_SECONDS)


def _same(process: Process) -> psutil.Process | None:
    try:
        found = psutil.Process(process.pid)
        if abs(found.create_time() - process.created) > 1.0 or found.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.Error:
        return None
    return found
