"""Several workers over one Neo4j: they answer and count together, are replaced when they die, and end together."""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import re
import signal
import sys
import time
from pathlib import Path

import httpx
import psutil

from api.fairness import WINDOW_SECONDS
from api.keystore import KeyStore
from graph.endpoint import Endpoint
from tests.e2e.test_serve import COMMAND, serving


def settings(reach: Endpoint, tmp_path: Path) -> dict[str, str]:
    return {
        "data": str(tmp_path),
        "graph_url": reach.url,
        "graph_user": reach.user,
        "graph_password": reach.password,
        "graph_database": reach.database,
        "workers": "2",
        "drain_seconds": "0",
    }


def works(one: psutil.Process) -> bool:
    """Whether a child is a worker that lives (a parent that spawns has a child that tracks its sockets, too)."""
    try:
        return "spawn_main" in " ".join(one.cmdline())
    except psutil.Error:
        return False


async def children(process: asyncio.subprocess.Process, without: int = 0) -> list[psutil.Process]:
    """The two workers, once both are there; `without` is one that has gone."""
    for _ in range(600):
        found = [one for one in psutil.Process(process.pid).children() if works(one) and one.pid != without]
        if len(found) == 2:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("there are not two workers")


async def ready(client: httpx.AsyncClient) -> None:
    for _ in range(400):
        try:
            if (await client.get("/readyz")).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.05)
    raise AssertionError("it is not ready")


async def test_two_workers_serve_one_neo4j(neo4j_endpoint: Endpoint, tmp_path: Path) -> None:
    async with serving(**settings(neo4j_endpoint, tmp_path)) as (client, process):
        workers = await children(process)
        await ready(client)
        for _ in range(20):  # each over a connection of its own, so that both workers have a part
            async with httpx.AsyncClient(base_url=client.base_url) as one:
                assert (await one.get("/v1/templates?limit=1")).status_code == 200
        text = (await client.get("/metrics")).text
        found = re.search(r'whymove_requests_total\{method="GET",route="/v1/templates",status="2xx"\} (\S+)', text)
        assert found is not None
        assert float(found[1]) == 20, "whichever worker is asked answers for both"
        workers[0].kill()
        workers = await children(process, without=workers[0].pid)
        await ready(client)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        assert not [one for one in workers if works(one)]


async def test_the_requests_of_a_key_are_counted_over_all_workers(neo4j_endpoint: Endpoint, tmp_path: Path) -> None:
    _, key = KeyStore(tmp_path).create("agent", ["read"])
    limit, header = 30, {"Authorization": f"Bearer {key}"}
    given = settings(neo4j_endpoint, tmp_path) | {"auth": "required", "rate_limit": str(limit)}
    async with serving(**given) as (client, process):
        await children(process)
        await ready(client)
        began, left, refused = time.monotonic(), [], 0
        for _ in range(2 * limit):  # each over a connection of its own, so that both workers have a part
            async with httpx.AsyncClient(base_url=client.base_url, headers=header) as one:
                answer = await one.get("/v1/templates?limit=1")
            assert answer.status_code in {200, 429}
            refused += answer.status_code == 429
            left.append(int(re.findall(r"r=(\d+)", answer.headers["ratelimit"])[0]))
        filled = math.ceil((time.monotonic() - began) * limit / WINDOW_SECONDS)
        assert limit <= 2 * limit - refused <= limit + filled
        assert left[0] == limit - 1
        assert all(next_ <= before + filled for before, next_ in itertools.pairwise(left)), "both count the same"


async def test_workers_that_cannot_start_end_the_service(tmp_path: Path) -> None:
    given = {"WHYMOVE_GRAPH_URL": "bolt://127.0.0.1:1", "WHYMOVE_GRAPH_PASSWORD_FILE": str(tmp_path / "none")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        "serve",
        *("--workers", "2", "--port", "0"),
        env=environment | given | {"WHYMOVE_DATA": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == 3
    assert b"a worker gave up" in said
