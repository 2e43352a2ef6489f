"""Conditional requests over REST, on both servers: a tag lasts as long as what it stands for, in each of its forms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.detecting import all_moves, batch_of
from graph.model import Batch, Node
from graph.reading import find_instrument
from graph.store import GraphStore
from tests.e2e.moves_kit import ingest
from tests.e2e.rest_kit import serving

VALUES = "/v1/series/acme.close/values"
ARROW = "application/vnd.apache.arrow.stream"
MOVE = "/v1/moves/detected:acme.2024-05-14.2024-05-15"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    series = await ingest(store, tmp_path)
    found = await all_moves(await find_instrument(store, "acme"), store, series)
    await store.upsert(batch_of(move for move, _ in found.moves))
    async with serving(store, tmp_path) as ready:
        yield ready


async def asked(client: httpx.AsyncClient, path: str, tag: str, accept: str = "*/*") -> httpx.Response:
    return await client.get(path, headers={"If-None-Match": tag, "Accept": accept})


async def test_a_resource_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for path in ("/v1/series/acme.close", MOVE, VALUES, "/v1/indicators/price_level"):
        first = await client.get(path)
        assert first.status_code == 200, path
        again = await asked(client, path, first.headers["etag"])
        assert (again.status_code, again.content) == (304, b""), path
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        assert again.headers["x-as-of"] > first.headers["x-as-of"]


async def test_each_form_of_the_values_has_a_tag_of_its_own(client: httpx.AsyncClient) -> None:
    tags = {}
    for accept in ("application/json", "text/csv", ARROW):
        answer = await client.get(VALUES, headers={"Accept": accept})
        tags[accept] = answer.headers["etag"]
        assert answer.headers["vary"] == "Accept"
    assert len(set(tags.values())) == 3
    assert (await asked(client, VALUES, tags["text/csv"], "text/csv")).status_code == 304
    assert (await asked(client, VALUES, tags["text/csv"], ARROW)).status_code == 200


async def test_what_has_changed_has_another_tag(client: httpx.AsyncClient, store: GraphStore, tmp_path: Path) -> None:
    row, values = (await client.get("/v1/series/acme.close")), (await client.get(VALUES))
    await store.upsert(Batch(nodes=(Node(label="Series", id="acme.close", properties={"cutoff": "16:00"}),)))
    assert (await asked(client, "/v1/series/acme.close", row.headers["etag"])).json()["cutoff"] == "16:00"
    await ingest(store, tmp_path, acme_fall=-0.13)
    fresh = await asked(client, VALUES, values.headers["etag"])
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != values.headers["etag"]


async def test_lists_and_failures_have_no_tag(client: httpx.AsyncClient) -> None:
    for path in ("/v1/series", "/v1/moves", "/v1/series/none"):
        assert "etag" not in (await asked(client, path, "*")).headers


async def test_head_answers_as_get_without_the_body(client: httpx.AsyncClient) -> None:
    own = {"x-request-id", "server-timing", "x-as-of", "x-as-at", "date"}
    for path in (
        "/v1/instruments",
        "/v1/series/acme.close",
        "/v1/series/acme.close",
        VALUES,
        "/healthz",
        "/v1/nothing",
    ):
        got, asked_for = await client.get(path), await client.head(path)
        assert (asked_for.status_code, asked_for.content) == (got.status_code, b""), path
        assert {k: v for k, v in asked_for.headers.items() if k not in own} == {
            k: v for k, v in got.headers.items() if k not in own
        }, path
    held = await client.head(MOVE, headers={"If-None-Match": (await client.get(MOVE)).headers["etag"]})
    assert held.status_code == 304
    assert (await client.head("/v1/explain")).status_code == 405


async def test_head_of_a_stream_without_end_ends(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20):
        found = await client.head("/v1/explanations/changes", headers={"Accept": "text/event-stream"})
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/event-stream")
