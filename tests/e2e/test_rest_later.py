"""Explanations that are answered later, in batches and once only, over REST on both servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.moves_kit import ingest
from tests.e2e.rest_kit import got, serving
from tests.minimal_case import written

CASE = {"case": "2026-03-12-example"}


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await ingest(store, tmp_path)
    await store.upsert(load_case(written(tmp_path)).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def ended(client: httpx.AsyncClient, path: str) -> dict[str, object]:
    await client.get(f"{path}/events", timeout=60)  # the stream ends with the job
    return await got(client, path)


async def test_an_explanation_that_is_answered_later_is_kept_like_any_other(
    client: httpx.AsyncClient, store: GraphStore
) -> None:
    taken = await client.post("/v1/explanations", json=CASE, headers={"Prefer": "respond-async"})
    assert taken.status_code == 202
    job = await ended(client, taken.headers["location"])
    assert job["state"] == "succeeded"
    result = job["result"]
    assert isinstance(result, dict)
    explanation = await got(client, result["location"])
    assert explanation["id"] == result["explanation"]
    told = (await client.get(f"{taken.headers['location']}/events")).text
    steps = [line for line in told.splitlines() if line.startswith("data: ") and '"text"' in line]
    assert "gathering what is known" in steps[0]
    assert "keeping the explanation" in steps[-1]
    waited = await client.post("/v1/explain", json=CASE, headers={"Prefer": "wait=60"}, timeout=70)
    assert waited.status_code == 201
    assert (await got(client, waited.headers["location"])) == waited.json()
    assert waited.json()["narratives"] == explanation["narratives"]
    asked_only = await client.post(
        "/v1/explanations", json=CASE | {"store": False}, headers={"Prefer": "respond-async"}
    )
    assert asked_only.status_code == 200
    assert "preference-applied" not in asked_only.headers


async def test_an_explanation_says_how_long_its_parts_took(client: httpx.AsyncClient) -> None:
    kept = await client.post("/v1/explanations", json=CASE)
    parts = dict(one.split(";dur=") for one in kept.headers["server-timing"].split(", "))
    assert list(parts) == ["gather", "core", "record", "total"]
    assert all(float(ms) > 0.0 for ms in parts.values())
    assert float(parts["total"]) >= sum(float(parts[name]) for name in ("gather", "core", "record")) - 0.5
    asked = await client.post("/v1/explanations", json=CASE | {"store": False})
    assert "record" not in asked.headers["server-timing"]
    assert (await client.get("/v1/templates")).headers["server-timing"].startswith("total;dur=")


async def test_one_key_explains_once(client: httpx.AsyncClient, store: GraphStore) -> None:
    headers = {"Idempotency-Key": '"one"'}
    first = await client.post("/v1/explanations", json=CASE, headers=headers)
    second = await client.post("/v1/explanations", json=CASE, headers=headers)
    assert first.status_code == 201
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    found = await store.read(
        "// clocks: none\nMATCH (e:Explanation) WHERE NOT (e)-[:VARIANT_OF]->() RETURN count(e) AS n"
    )
    assert found.rows == ((1,),)


async def test_a_batch_explains_every_large_move_and_tells_of_each(client: httpx.AsyncClient) -> None:
    asked = {"instrument": "daycoin", "min": 0.02, "since": "2024-05-01", "until": "2024-05-31", "as_of_close": True}
    narrowed = {name: value for name, value in asked.items() if name != "as_of_close"}
    moves = (await got(client, "/v1/moves", detect="true", **narrowed))["items"]
    move_known = {move["end"]: move["known_at"] for move in moves}
    taken = await client.post("/v1/explanations/batch", json=asked)
    assert taken.status_code == 202
    job = await ended(client, taken.headers["location"])
    assert job["state"] == "succeeded", job
    result = job["result"]
    assert isinstance(result, dict)
    rows = result["items"]
    assert [row["day"] for row in rows] == sorted(move["end"] for move in moves)
    assert len(rows) >= 2
    assert job["progress"] == {"done": len(rows), "total": len(rows)}
    assert job["counters"] == {"explained": len(rows), "refused": 0}
    for row in rows:
        explanation = await got(client, f"/v1/explanations/{row['explanation']}")
        assert explanation["ask"]["end"] == row["day"]
        assert explanation["as_of"] == move_known[row["day"]]
    again = await client.post("/v1/explanations/batch", json={"resume_token": job["resume_token"]})
    carried = await ended(client, again.headers["location"])
    assert carried["result"] == result
    assert carried["progress"] == {"done": 0, "total": None}


async def test_a_batch_of_an_unknown_instrument_fails_with_its_near_names(client: httpx.AsyncClient) -> None:
    taken = await client.post("/v1/explanations/batch", json={"instrument": "acmee", "min": 0.05})
    job = await ended(client, taken.headers["location"])
    error = job["error"]
    assert isinstance(error, dict)
    assert (job["state"], error["code"], error["errors"][0]["near"]) == ("failed", "not_in_graph", ["acme"])
