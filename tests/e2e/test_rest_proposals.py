"""Proposals over REST, on both servers: they are listed apart, decided once, and then are claims or are not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from api.extracting import extract_file
from api.settings import Settings
from graph.store import GraphStore
from tests.chat_endpoint import KEY, chat, endpoint
from tests.e2e.rest_kit import every, got, refused, serving
from tests.minimal_document import META, TEXT, described
from tests.unit.ingest.extraction_kit import FALL, SELLER


async def read_by_a_model(store: GraphStore, data: Path, meta: Path = META) -> None:
    async with endpoint(chat({"proposals": [FALL, SELLER]})) as model:
        settings = Settings(
            data=data, extraction_url=model.url, extraction_model="small", extraction_key=SecretStr(KEY)
        )
        await extract_file(store, settings, TEXT, meta)


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await read_by_a_model(store, tmp_path)
    async with serving(store, tmp_path) as ready:
        yield ready


async def test_a_proposal_is_listed_apart_from_claims_with_the_words_it_was_read_from(
    client: httpx.AsyncClient,
) -> None:
    fall, seller = await every(client, "/v1/proposals", limit=1)
    by_words = {row["quote"]: row for row in (fall, seller)}
    fall = by_words[FALL["quote"]]
    assert (fall["state"], fall["model"], fall["proposed"]["value"]) == ("proposed", "small", -20.0)
    assert await got(client, f"/v1/proposals/{fall['id']}") == fall
    for path in ("claims", "observations", "documents", "instruments", "actors"):
        assert await every(client, f"/v1/{path}") == []
    assert await every(client, "/v1/proposals", state="accepted") == []
    assert len(await every(client, "/v1/proposals", document=fall["document"])) == 2
    refused(await client.get("/v1/proposals/none"), 404, "not_in_graph")
    refused(await client.get("/v1/proposals", params={"state": "sure"}), 422, "invalid_request")


async def test_a_decision_is_made_once_and_an_accepted_proposal_is_a_claim(client: httpx.AsyncClient) -> None:
    rows = {row["quote"]: row["id"] for row in await every(client, "/v1/proposals")}
    there = f"/v1/proposals/{rows[FALL['quote']]}/decision"
    accepted = {"decision": "accept", "by": "ada", "edits": {"at": "2026-03-03", "value": -19, "hedges": ["about"]}}
    answer = await client.post(there, json=accepted)
    assert answer.status_code == 200, answer.text
    row = answer.json()
    assert (row["state"], row["decided_by"], row["edits"][0]) == ("accepted", "ada", '["at", "2026-03-03"]')
    (claim,) = await every(client, "/v1/claims")
    assert (claim["key"], claim["value"], claim["hedges"]) == (row["claim"], -19.0, ["about"])
    assert claim["valid_from"].startswith("2026-03-03")
    body = refused(await client.post(there, json=accepted), 409, "already_decided")
    assert "accepted by ada" in body["detail"]
    other = f"/v1/proposals/{rows[SELLER['quote']]}/decision"
    refused(await client.post(other, json={"decision": "reject", "by": "ada"}), 422, "invalid_ask")
    done = await client.post(other, json={"decision": "reject", "by": "ada", "why": "hearsay"})
    assert (done.json()["state"], done.json()["why"], done.json()["claim"]) == ("rejected", "hearsay", None)
    assert len(await every(client, "/v1/claims")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"decision": "maybe"}, "invalid_request"),
        ({"by": ""}, "invalid_request"),
        ({"state": "accepted"}, "invalid_request"),
        ({"edits": {"id": "x"}}, "invalid_ask"),
        ({"edits": {"at": "soon"}}, "invalid_ask"),
        ({"edits": {"modality": "certain"}}, "record_rejected"),
        ({"edits": {"about": "nobody"}}, "record_rejected"),
        ({"edits": {"statement": {"a": ["b"]}}}, "record_rejected"),
    ],
)
async def test_what_cannot_be_decided_so_changes_nothing(
    client: httpx.AsyncClient, change: dict[str, object], code: str
) -> None:
    (row, *_) = [one for one in await every(client, "/v1/proposals") if one["quote"] == FALL["quote"]]
    body = {"decision": "accept", "by": "ada", **change}
    refused(await client.post(f"/v1/proposals/{row['id']}/decision", json=body), 422, code)
    assert await got(client, f"/v1/proposals/{row['id']}") == row
    assert await every(client, "/v1/claims") == []


async def test_words_that_may_not_be_shown_are_not_served(store: GraphStore, tmp_path: Path) -> None:
    meta = described(tmp_path, lambda data: data["document"].update(licence="private_use"))
    await read_by_a_model(store, tmp_path, meta)
    async with serving(store, tmp_path) as client:
        answer = await client.get("/v1/proposals")
    assert [row["quote"] for row in answer.json()["items"]] == [None, None]
    assert str(FALL["quote"]) not in answer.text
