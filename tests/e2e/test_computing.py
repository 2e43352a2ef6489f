"""Explanations computed beside `whymove serve`: the same answers, none lost when either process ends."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import psutil

from api.ask import make_ask
from api.explaining import explain_move
from api.knowledge import load_knowledge
from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.bundled_graph import CASE, fill
from tests.e2e.test_serve import free_port, serving
from tests.e2e.test_shutdown import until

AS_OF = "2026-11-01T00:00:00Z"
READY = 'whymove_computing{what="ready"} 1.0'


def beside(process: asyncio.subprocess.Process) -> psutil.Process:
    """The process that computes for a service."""
    (found,) = [one for one in psutil.Process(process.pid).children() if "api.computeworker" in one.cmdline()]
    return found


def timeless(content: bytes) -> bytes:
    """An explanation without the time that it took."""
    return orjson.dumps({name: value for name, value in orjson.loads(content).items() if name != "took_ms"})


def half_of(question: dict[str, Any]) -> tuple[bytes, bytes]:
    """A request in two parts, of which the service waits for the second."""
    body = orjson.dumps(question)
    head = "POST /v1/explanations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    return whole[:-10], whole[-10:]


async def told_to_end_meanwhile(
    client: httpx.AsyncClient, process: asyncio.subprocess.Process, question: dict[str, Any]
) -> bytes:
    """The answer to a question whose end is sent after the service was told to end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    first, second = half_of(question)
    writer.write(first)
    await writer.drain()
    await until(client, "/metrics", "whymove_requests_running 2.0")
    process.send_signal(signal.SIGTERM)
    writer.write(second)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 200 "), head
    return body


def over(endpoint: Endpoint, data: Path) -> dict[str, str]:
    """The settings of a service over a graph, with time to end."""
    return {
        "data": str(data),
        "graph_url": endpoint.url,
        "graph_user": endpoint.user,
        "graph_password": endpoint.password,
        "graph_database": endpoint.database,
        "drain_seconds": "0",
        "grace_seconds": "60",
    }


async def test_answers_are_those_of_one_process_and_outlive_either(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    await fill(store)
    clocks = {"as_of": AS_OF, "as_at": datetime.now(UTC).isoformat()}
    ask = make_ask(case=CASE, **clocks)
    own = timeless(orjson.dumps(await explain_move(ask, store, knowledge=load_knowledge(), record=False)))
    question = {"case": CASE, "store": False, **clocks}
    async with serving(**over(endpoint, tmp_path)) as (client, process):
        client.timeout = httpx.Timeout(120.0)
        answer = await client.post("/v1/explanations", json=question)
        assert answer.status_code == 200, answer.text
        assert timeless(answer.content) == own
        assert {"queue", "gather", "core"} < {
            part.split(";")[0] for part in answer.headers["server-timing"].split(", ")
        }
        before = beside(process)
        before.kill()
        kept = await client.post("/v1/explanations", json={**question, "store": True})
        assert kept.status_code == 201, kept.text
        assert (await client.get(kept.headers["location"])).content == kept.content
        worker = beside(process)
        assert worker.pid != before.pid
        assert timeless(await told_to_end_meanwhile(client, process, question)) == own
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert not worker.is_running()


async def test_a_service_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    away = f"bolt://127.0.0.1:{free_port()}"
    async with serving(data=str(tmp_path), graph_url=away) as (client, process):
        await until(client, "/metrics", READY)
        worker = beside(process)
        process.kill()
        await process.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, [worker], timeout=30)
        assert not alive


async def test_told_to_it_computes_by_itself(tmp_path: Path) -> None:
    away = f"bolt://127.0.0.1:{free_port()}"
    async with serving(data=str(tmp_path), graph_url=away, compute="0") as (client, process):
        assert "whymove_computing" not in (await client.get("/metrics")).text
        body = {"graph": [["a", "b"]], "normal": {"b": [1.0, 2.0] * 20}, "anomalous": {"b": [9.0] * 5}, "target": "b"}
        assert (await client.post("/v1/root-causes", json=body)).status_code == 200
        assert not psutil.Process(process.pid).children()
