"""Sources fetched over REST: a run is begun, looked at, listed, cancelled and carried on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
from fastapi import FastAPI

from api.app import create_app
from api.jobs.runner import JobRunner
from api.settings import Settings
from graph.store import GraphStore
from ingest.ledger import RunLedger
from tests.connector_kit import Asked, Endpoint, Reply, busy, playing
from tests.e2e.rest_kit import every, got, refused

DAY, FIRST = 86_400, 1_767_225_600
SPAN = {"source": "coinbase", "symbols": ["BTC-USD"], "since": "2026-01-01", "until": "2026-02-09"}


def candles(asked: Asked) -> Reply:
    """Forty daily candles from 2026-01-01 on."""
    return Reply(body=orjson.dumps([[FIRST + n * DAY, 90, 110, 100, 100 + n, 5] for n in range(40)]))


async def ended(client: httpx.AsyncClient, jobs: JobRunner, path: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (run := await got(client, path))["state"] in {"queued", "running", "interrupted"}:
            await jobs.jobs.change()
    return run


@asynccontextmanager
async def service(store: GraphStore, data: Path, source: Endpoint) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The service over a graph, asking an endpoint in place of the source."""
    hosts = {"coinbase.api": f"{source.url}/api"}
    app = create_app(Settings(data=data, log_level="error", source_hosts=hosts), store)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield app, client


async def test_a_run_that_the_service_leaves_is_carried_on_when_it_is_back(store: GraphStore, tmp_path: Path) -> None:
    asked = asyncio.Event()

    def busy_for_a_minute(_asked: Asked) -> Reply:
        asked.set()
        return busy("60")

    async with playing(busy_for_a_minute) as source, service(store, tmp_path, source) as (_, client):
        answer = await client.post("/v1/ingest-jobs", json=SPAN)
        assert answer.status_code == 202, answer.text
        async with asyncio.timeout(30):
            await asked.wait()
    left = RunLedger(tmp_path / "runs.sqlite3").page()[0]
    assert (left.state, left.fetched) == ("interrupted", 0)
    async with playing(candles) as source, service(store, tmp_path, source) as (app, client):
        run = await ended(client, app.state.jobs, answer.headers["location"])
    assert (run["state"], run["attempts"]) == ("succeeded", 2)


async def test_a_source_is_fetched_listed_and_its_series_read(store: GraphStore, tmp_path: Path) -> None:
    async with playing(candles) as endpoint, service(store, tmp_path, endpoint) as (app, client):
        answer = await client.post("/v1/ingest-jobs", json=SPAN)
        assert answer.status_code == 202, answer.text
        run = await ended(client, app.state.jobs, answer.headers["location"])
        assert (run["state"], run["counters"]["values new"], run["error"]) == ("succeeded", 80, None)
        assert [one["id"] for one in await every(client, "/v1/ingest-jobs", source="coinbase")] == [run["id"]]
        series = await got(client, "/v1/series/btcusd.price_level.coinbase_daily/values", limit=5)
        assert (series["count"], series["licence"], series["truncated"]) == (5, "private_use", True)

        body = b"[]"
        endpoint.answer = lambda _: Reply(body=body)
        short = await ended(
            client, app.state.jobs, (await client.post("/v1/ingest-jobs", json=SPAN)).headers["location"]
        )
        assert (short["state"], short["phase"]) == ("failed", "checking")
        assert "nothing was stored" in short["error"]
        endpoint.answer = candles
        again = await client.post("/v1/ingest-jobs", json={"resume": short["id"]})
        assert (await ended(client, app.state.jobs, again.headers["location"]))["state"] == "succeeded"
        ending = await client.delete(f"/v1/ingest-jobs/{short['id']}")
        assert ending.json()["state"] == "succeeded"

        refused(await client.post("/v1/ingest-jobs", json={"source": "coinbas"}), 404, "unknown_source")
        refused(await client.post("/v1/ingest-jobs", json=SPAN | {"symbols": ["eth"]}), 422, "invalid_window")
        refused(await client.post("/v1/ingest-jobs", json={}), 422, "invalid_ask")
        refused(await client.get("/v1/ingest-jobs/none"), 404, "unknown_run")
        refused(await client.get("/v1/ingest-jobs", params={"cursor": "x"}), 400, "unknown_cursor")
