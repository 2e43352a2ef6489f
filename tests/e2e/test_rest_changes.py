"""What changed since: lists narrowed by the store's clock, and explanations that say something new, on both servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from api.changes import SETTLED, Mark, Scored, changes_after, differences, mark_of, start_mark
from api.dates import write_instant
from api.errors import InvalidAskError
from graph.endpoint import Endpoint
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import every, got, refused, serving
from tests.live_server import live_server
from tests.minimal_case import written

CASE = {"case": "2026-03-12-example"}
START = Mark(recorded=datetime(2000, 1, 1, tzinfo=UTC))


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(written(tmp_path)).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def explained(client: httpx.AsyncClient, **ask: object) -> dict[str, Any]:
    answer = await client.post("/v1/explanations", json=CASE | ask, timeout=60)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_lists_give_what_was_recorded_since(client: httpx.AsyncClient, store: GraphStore, tmp_path: Path) -> None:
    first = await explained(client)
    listed = await every(client, "/v1/explanations", limit=1)
    assert [row["id"] for row in listed] == [first["id"]]
    assert listed[0]["move"] == first["move"]["id"]
    ranks = [one["rank"] for one in listed[0]["narratives"]]
    assert ranks == [*range(1, len(first["narratives"]) + 1), None]
    since = write_instant(datetime.now(UTC))
    assert await every(client, "/v1/explanations", updated_since=since) == []
    for plural in ("observations", "claims", "documents", "moves", "events", "disputes", "checks"):
        assert await every(client, f"/v1/{plural}", updated_since=since) == [], plural
    assert await every(client, "/v1/observations", updated_since="2026-01-01T00:00:00Z") == await every(
        client, "/v1/observations"
    )
    second = await explained(client)
    assert [row["id"] for row in await every(client, "/v1/explanations", updated_since=since)] == [second["id"]]
    assert len(await every(client, "/v1/explanations", limit=1, move=first["move"]["id"])) == 2
    assert await every(client, "/v1/explanations", move="other") == []
    tomorrow = write_instant(datetime.now(UTC) + timedelta(days=1))
    refused(await client.get("/v1/claims", params={"updated_since": tomorrow}), 422, "invalid_ask")
    page = await got(client, "/v1/explanations", limit=1)
    moved = await client.get("/v1/explanations", params={"cursor": page["next_cursor"], "updated_since": since})
    refused(moved, 400, "unknown_cursor")


async def test_only_what_says_something_new_is_a_change(client: httpx.AsyncClient, store: GraphStore) -> None:
    early = await explained(client, as_of="2026-03-12T20:00:00Z")
    late = await explained(client)
    same = await explained(client)
    found = await changes_after(store, START)
    assert [change.mark.id for change in found] == [early["id"], late["id"], same["id"]]
    first, second, third = (change.data for change in found)
    assert first is not None
    assert (first["before"], first["explanation"], first["instrument"]) == (None, early["id"], "exmp")
    differs = {n["id"]: n["posterior"] for n in early["narratives"]} != {
        n["id"]: n["posterior"] for n in late["narratives"]
    }
    assert (second is not None) is differs
    if second is not None:
        assert (second["before"], second["before_as_of"]) == (early["id"], early["as_of"])
        assert second["changed"]
    assert third is None
    assert await changes_after(store, found[-1].mark) == []
    assert [one.mark for one in await changes_after(store, mark_of(found[0].mark.text()))] == [
        one.mark for one in found[1:]
    ]


def test_a_rank_or_a_posterior_that_differs_is_a_difference() -> None:
    one, two = Scored(narrative="a", rank=1, posterior=0.5), Scored(narrative="b", rank=2, posterior=0.2)
    assert differences([one, two], [one, two]) == []
    assert differences([one], [one, two]) == ["b"]
    assert differences([one, two], [Scored(narrative="a", rank=1, posterior=0.5 + 1e-9), two]) == []
    assert differences([one, two], [Scored(narrative="a", rank=1, posterior=0.51), two]) == ["a"]
    assert differences([one], [Scored(narrative="a", rank=2, posterior=0.5)]) == ["a"]


def test_a_stream_begins_where_it_is_asked_to() -> None:
    now = datetime(2031, 1, 2, tzinfo=UTC)
    assert start_mark(None, None, now) == Mark(recorded=now - SETTLED)
    assert start_mark("2031-01-01T00:00:00Z~exp_1", None, now) == Mark(
        recorded=datetime(2031, 1, 1, tzinfo=UTC), id="exp_1"
    )
    for last, since in (("nonsense", None), (None, "soon"), (None, "2031-01-03T00:00:00Z")):
        with pytest.raises(InvalidAskError):
            start_mark(last, since, now)


async def test_a_client_hears_of_changes_and_goes_on_where_it_was(
    endpoint: Endpoint, store: GraphStore, tmp_path: Path
) -> None:
    await store.upsert(load_case(written(tmp_path)).batch)
    started = write_instant(datetime.now(UTC))
    with live_server(endpoint, tmp_path) as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client, asyncio.timeout(120):
            first = await explained(client)
            heard = await next_event(client, {}, updated_since=started)
            assert heard["event"] == "explanation.changed"
            assert orjson.loads(heard["data"])["explanation"] == first["id"]
            second = await explained(client, no_case=True, case=None, instrument="exmp", on="2026-03-12")
            event = await next_event(client, {"Last-Event-ID": heard["id"]})
            data = orjson.loads(event["data"])
            assert data["explanation"] == second["id"]


async def next_event(client: httpx.AsyncClient, headers: dict[str, str], **params: str) -> dict[str, str]:
    """The first event of the stream."""
    found: dict[str, str] = {}
    async with client.stream("GET", "/v1/explanations/changes", headers=headers, params=params) as stream:
        assert stream.status_code == 200
        async for line in stream.aiter_lines():
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                found[name] = value
            elif found:
                return found
    raise AssertionError("the stream ended")
