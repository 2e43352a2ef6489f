"""The embedded server: one a data folder, found again by every process, replaced when it is dead."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError
from graph.model import Batch, Node
from graph.server import Running, ensure_running, status, stop
from graph.store import open_reader, open_store

NODE = Node(label="Instrument", id="ibit", properties={"kind": "ETF", "name": "ibit"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    data = tmp_path_factory.mktemp("server") / "graph"
    yield data
    stop(data)


def start(data: Path) -> Running:
    return ensure_running(data, keep=False, heap="384m")


async def count(running: Running) -> int:
    store = open_store(running.service)
    found = (await store.read("MATCH (n) WHERE NOT n:GraphVersion RETURN count(n) AS n")).records()
    await store.close()
    return int(str(found[0]["n"]))


async def ping(endpoint: Endpoint) -> None:
    reader = open_reader(endpoint)
    try:
        await reader.ping()
    finally:
        await reader.close()


def test_the_passwords_are_random_and_only_their_owner_reads_them(folder: Path) -> None:
    start(folder)
    file = folder / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "root.password").stat().st_mode) == 0o600
    words = json.loads(file.read_text())
    assert words["service"] != words["analyst"]
    assert all(len(word) >= 24 for word in words.values())


def test_everything_listens_on_loopback_only(folder: Path) -> None:
    running = start(folder)
    listening = [c for c in psutil.Process(running.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert listening
    assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} == {"127.0.0.1"}


def test_another_process_attaches_to_the_running_server(folder: Path) -> None:
    running = start(folder)
    code = (
        "from pathlib import Path; from graph.server import ensure_running;"
        f"r = ensure_running(Path({str(folder)!r}), keep=True); print(r.pid, r.started)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert found.stdout.split() == [str(running.pid), "False"]


def test_two_starters_at_once_make_one_server(tmp_path: Path) -> None:
    data = tmp_path / "graph"
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: ensure_running(data, keep=False, heap="384m"), range(2)))
    try:
        assert len({one.pid for one in found}) == 1
        assert sorted(one.started for one in found) == [False, True]
    finally:
        assert stop(data)
    assert not stop(data)


def test_a_killed_server_is_replaced_and_nothing_acknowledged_is_lost(folder: Path) -> None:
    running = start(folder)

    async def write() -> None:
        store = open_store(running.service, clock=lambda: datetime(2030, 1, 1, tzinfo=UTC))
        await store.create_schema()
        await store.upsert(Batch(nodes=(NODE,)))
        await store.close()

    asyncio.run(write())
    os.kill(running.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(running.pid)] if psutil.pid_exists(running.pid) else [], timeout=10)
    again = start(folder)
    assert again.started
    assert again.pid != running.pid
    assert asyncio.run(count(again)) == 1


def test_a_stale_file_that_names_another_program_is_recognised(folder: Path) -> None:
    start(folder)
    assert stop(folder)
    ours = {"pid": os.getpid(), "created": 1.0, "bolt": 1, "http": 2, "ready": True}
    (folder / "server.json").write_text(json.dumps(ours))
    assert status(folder) is None
    assert not stop(folder)
    (folder / "server.json").write_text(json.dumps(ours))
    assert start(folder).started


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": null, "created": 0, "bolt": 1, "http": 2}'])
def test_a_damaged_file_names_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert status(tmp_path) is None
    assert not stop(tmp_path)


def test_a_server_that_lives_but_does_not_answer_is_replaced(folder: Path) -> None:
    running = start(folder)
    os.kill(running.pid, signal.SIGSTOP)
    again = start(folder)
    assert again.started
    assert again.pid != running.pid
    assert not psutil.pid_exists(running.pid)


def test_lost_passwords_are_made_anew_and_the_graph_is_kept(folder: Path) -> None:
    before = start(folder)
    facts = asyncio.run(count(before))
    stop(folder)
    (folder / "passwords.json").unlink()
    after = start(folder)
    assert after.service.password != before.service.password
    assert asyncio.run(count(after)) == facts
    asyncio.run(ping(after.analyst))


def test_a_server_that_is_not_kept_ends_with_its_parent(tmp_path: Path) -> None:
    data = tmp_path / "graph"
    code = (
        "from pathlib import Path; from graph.server import ensure_running;"
        f"print(ensure_running(Path({str(data)!r}), keep=False, heap='384m').pid)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    pid = int(found.stdout)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and psutil.pid_exists(pid):
        time.sleep(0.2)
    assert not psutil.pid_exists(pid)


def test_stopping_what_does_not_run_says_so(tmp_path: Path) -> None:
    assert not stop(tmp_path)
    assert status(tmp_path) is None


def test_a_platform_without_the_wheel_is_told_of_another_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[3])])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(GraphUnavailableError, match="set WHYMOVE_GRAPH_URL"):
        ensure_running(tmp_path / "graph", keep=False)
