"""Reads of one resource that are given again: never older than is said, and each for its own request; both servers."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml
from fastapi import FastAPI

from api.app import create_app
from api.dates import write_instant
from api.freshness import LIFE_SECONDS, LOOK_SECONDS
from api.schemas_templates import TEMPLATE_EXAMPLES
from api.settings import Settings
from graph.endpoint import Endpoint
from graph.model import Batch, Node
from graph.store import GraphStore, open_store

PATH = "/v1/instruments/acme"
LATER = "MATCH (n:Instrument {id: 'acme'}) SET n.name = 'past the store'"


@dataclass(slots=True)
class Kept:
    """A service with a clock that a test sets, and the graph below it."""

    http: httpx.AsyncClient
    app: FastAPI
    now: float = 100.0

    async def name(self, **headers: str) -> str:
        """How the instrument is called by the service."""
        answer = await self.http.get(PATH, headers={key.replace("_", "-"): value for key, value in headers.items()})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["name"])

    async def how_often(self, line: str) -> float:
        """The value of a line of the metrics, 0 where there is none."""
        told = (await self.http.get("/metrics")).text.splitlines()
        return next((float(one.rpartition(" ")[2]) for one in told if one.startswith(line)), 0.0)


@asynccontextmanager
async def serving(store: GraphStore, data: Path, level: str = "error") -> AsyncIterator[Kept]:
    app = create_app(Settings(data=data, log_level=level), store)  # type: ignore[arg-type]  # a word of the setting
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        found = Kept(client, app)
        app.state.freshness.clock = lambda: found.now
        yield found


def acme(symbol: str) -> Batch:
    """An account of the instrument, whose symbol each one changes."""
    properties = {"name": "Acme", "kind": "spot", "symbol": symbol}
    return Batch(nodes=(Node(label="Instrument", id="acme", properties=properties),))


async def symbol(service: Kept, query: str = "") -> str:
    return str((await service.http.get(PATH + query)).json().get("symbol"))


async def test_what_this_process_writes_is_seen_at_once_and_what_another_writes_soon(
    store: GraphStore, endpoint: Endpoint, tmp_path: Path
) -> None:
    other = open_store(endpoint)
    async with serving(store, tmp_path) as service:
        assert (await service.http.get(PATH)).status_code == 404
        await store.upsert(acme("A"))
        assert await symbol(service) == "A"
        await store.upsert(acme("B"))
        assert await symbol(service) == "B"
        await other.upsert(acme("C"))
        assert await symbol(service) == "B"  # it is kept: the graph was asked just now
        asked = f"?as_of={write_instant(datetime.now(UTC))}"
        assert await symbol(service, asked) == "C"  # another question, which is not mixed up with it
        service.now += LOOK_SECONDS
        assert await symbol(service) == "C"
    await other.close()


async def test_what_is_changed_past_the_store_is_seen_by_whoever_asks_for_it_and_soon_by_all(
    store: GraphStore, tmp_path: Path
) -> None:
    await store.upsert(acme("A"))
    async with serving(store, tmp_path) as service:
        assert await service.name() == "Acme"
        async with store._session("WRITE") as session:
            await (await session.run(LATER)).consume()
        service.now += LOOK_SECONDS
        assert await service.name() == "Acme"
        assert await service.name(cache_control="no-cache") == "past the store"
        async with store._session("WRITE") as session:
            await (await session.run(LATER.replace("past", "again past"))).consume()
        assert await service.name() == "past the store"
        service.now += LIFE_SECONDS
        assert await service.name() == "again past the store"


async def test_what_is_given_again_is_told_counted_and_written_down_like_the_first_time(
    store: GraphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.upsert(acme("A"))
    heard = io.StringIO()
    monkeypatch.setattr(sys, "stderr", heard)
    async with serving(store, tmp_path, "info") as service:
        first, again = [await service.http.get(PATH) for _ in range(2)]
        known = await service.http.get(PATH, headers={"If-None-Match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert again.content == first.content
        names = {name for name in first.headers if name != "content-length"}
        assert names == set(again.headers) - {"content-length"} >= {"etag", "server-timing", "x-as-of", "x-as-at"}
        for name in ("x-request-id", "x-as-of"):
            assert len({one.headers[name] for one in (first, again, known)}) == 3, name
        assert all(one.headers["x-as-at"] <= one.headers["x-as-of"] for one in (first, again, known))
        counted = 'whymove_requests_total{method="GET",route="/v1/instruments/{id}",status='
        assert await service.how_often(counted + '"2xx"}') == 2
        assert await service.how_often(counted + '"3xx"}') == 1
        assert await service.how_often('whymove_graph_sessions{which="open"}') == 0
        assert await service.how_often('whymove_graph_sessions{which="most"}') == store.pool
    lines = [line for line in heard.getvalue().splitlines() if f" path={PATH} " in line]
    assert [line.rpartition("request_id=")[2] for line in lines] == [
        one.headers["x-request-id"] for one in (first, again, known)
    ]


async def test_a_template_that_is_changed_as_a_file_is_seen(store: GraphStore, tmp_path: Path) -> None:
    own = deepcopy(TEMPLATE_EXAMPLES["leaving an index"]["value"])
    async with serving(store, tmp_path) as service:
        path = f"/v1/templates/{own['id']}"
        assert (await service.http.get(path)).status_code == 404
        folder = tmp_path / "templates"
        folder.mkdir(exist_ok=True)
        for title in ("as it was", "as it is"):
            new = folder / "new.tmp"
            new.write_text(yaml.safe_dump(own | {"title": title}), encoding="utf-8")
            new.rename(folder / f"{own['id']}.yaml")
            service.now += LOOK_SECONDS
            answers = [await service.http.get(path) for _ in range(2)]
            assert [one.json()["title"] for one in answers] == [title, title]
