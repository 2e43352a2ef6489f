"""Searches for what was missing over REST, on both servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from api.dates import write_instant
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import every, got, refused, serving
from tests.minimal_case import told, written

CASE = "2026-03-12-example"
MOVE, GAP = f"{CASE}:move", f"{CASE}:gap.1"
GAPS = [
    {"item": "a default of the holder", "why": "nobody asked", "indicator": "default", "subject": "big_holder"},
    {
        "item": "its letter to investors",
        "why": "not public",
        "search": {"outcome": "not_public", "by": "Court records"},
    },
]
SEARCH = {"gap": "gap.1", "outcome": "not_found", "detection": 0.8, "by": "Ann Lee", "how": "The register."}


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    step = {
        "n": 1,
        "text": "a default",
        "predicts": [{"indicator": "default", "subject": "big_holder", "direction": "occurs"}],
    }
    story = told(causal_steps=[step])
    await store.upsert(load_case(written(tmp_path, lambda case: case.update(narratives=[story], gaps=GAPS))).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def posterior(client: httpx.AsyncClient) -> float:
    answer = await client.post("/v1/explanations", json={"case": CASE, "store": False})
    assert answer.status_code == 200, answer.text
    return next(float(one["posterior"]) for one in answer.json()["narratives"] if one["id"] == "sold")


async def test_a_search_is_kept_speaks_and_is_corrected(client: httpx.AsyncClient) -> None:
    silent = await posterior(client)
    answer = await client.post("/v1/searches", json=SEARCH, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.text
    place, first = answer.headers["location"], answer.json()
    assert place == f"/v1/searches/{first['key']}"
    assert (first["gap"], first["indicator"], first["subject"]) == (GAP, "default", "big_holder")
    assert (first["by"], first["name"], first["detection"]) == ("ann_lee", "Ann Lee", 0.8)
    again = await client.post("/v1/searches", json=SEARCH, headers={"Idempotency-Key": "once"})
    assert (again.json(), again.headers["idempotency-replayed"]) == (first, "true")
    assert await posterior(client) < silent

    tag = (await client.get(place)).headers["etag"]
    assert (await client.get(place, headers={"If-None-Match": tag})).status_code == 304
    between = write_instant(datetime.now(UTC))
    corrected = await client.post("/v1/searches", json={"gap": GAP, "outcome": "found", "by": "ann lee"})
    assert (corrected.headers["location"], corrected.json()["outcome"]) == (place, "found")
    assert (await client.get(place)).headers["etag"] != tag
    assert (await got(client, place, as_at=between))["outcome"] == "not_found"
    assert (await got(client, f"/v1/searches/{first['id']}", as_at=between))["outcome"] == "not_found"
    assert [row["key"] for row in await every(client, "/v1/searches", updated_since=between)] == [first["key"]]


async def test_searches_are_listed_by_move_gap_outcome_and_person(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/searches", json=SEARCH)).status_code == 201
    rows = await every(client, "/v1/searches", limit=1)
    assert [(row["item"], row["outcome"]) for row in rows] == [
        ("its letter to investors", "not_public"),
        ("a default of the holder", "not_found"),
    ]
    assert await every(client, "/v1/searches", move=MOVE) == rows
    assert await every(client, "/v1/searches", move="another") == []
    for filters in ({"gap": GAP}, {"outcome": "not_found"}, {"by": "ann_lee", "move": MOVE}):
        assert await every(client, "/v1/searches", **filters) == rows[1:]
    assert await every(client, "/v1/searches", as_of="2026-03-01") == []
    gaps = {row["key"] for row in (await got(client, f"/v1/moves/{MOVE}/data-gaps"))["items"]}
    assert {row["gap"] for row in rows} <= gaps


async def test_a_gap_that_an_explanation_found_is_listed_with_its_move(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/explanations", json={"case": CASE})).status_code == 201
    found = {**SEARCH, "gap": "look.default.big_holder.during"}
    key = (await client.post("/v1/searches", json=found)).json()["key"]
    assert key in {row["key"] for row in await every(client, "/v1/searches", move=MOVE)}


async def test_what_cannot_be_kept_is_a_problem_with_its_place(client: httpx.AsyncClient) -> None:
    async def sent(changes: dict[str, object], status: int, code: str) -> str:
        problem = refused(await client.post("/v1/searches", json=SEARCH | changes), status, code)
        return f"{problem['detail']} {problem['errors']}"

    assert "detection is of what was not_found" in await sent({"outcome": "found"}, 422, "invalid_ask")
    assert "false_alarm has to be less" in await sent({"false_alarm": 0.9}, 422, "invalid_ask")
    assert "/detection" in await sent({"detection": 1.0}, 422, "invalid_request")
    await sent({"seen": True}, 422, "invalid_request")
    assert GAP in await sent({"gap": f"{CASE}:gap.7"}, 404, "not_in_graph")
    refused(await client.get("/v1/searches/none"), 404, "not_in_graph")
    refused(await client.get("/v1/searches", params={"outcome": "lost"}), 422, "invalid_request")
    assert [row["outcome"] for row in await every(client, "/v1/searches")] == ["not_public"]
