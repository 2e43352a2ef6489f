"""A service that is told to end does not wait for clients that listen, and hands its jobs back."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from api.jobs.store import JobStore
from api.ledger import Ledger
from graph.server import Running
from tests.e2e.test_serve import serving


async def test_streams_end_and_jobs_are_queued_again(embedded: Running, tmp_path: Path) -> None:
    reach = embedded.service
    settings = {
        "data": str(tmp_path),
        "graph_url": reach.url,
        "graph_user": reach.user,
        "graph_password": reach.password,
        "graph_database": reach.database,
    }
    jobs = JobStore(Ledger(tmp_path / "ledger.sqlite3"))
    job = await jobs.add("of a kind that this service does not know", {}, "")
    async with serving(**settings) as (client, process):
        batch = {"instrument": "nobody", "min": 0.1}
        taken = (await client.post("/v1/explanations/batch", json=batch)).json()["id"]
        async with client.stream("GET", "/v1/explanations/changes", timeout=60) as stream:
            assert stream.status_code == 200
            lines = stream.aiter_lines()
            assert await anext(lines) == ": open"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert [line async for line in lines if line and not line.startswith(":")] == []
        assert await asyncio.wait_for(process.wait(), 30) in (0, -signal.SIGTERM)
    assert (await jobs.get(job.id)).state == "queued"
    assert (await jobs.get(taken)).state in {"queued", "failed"}
