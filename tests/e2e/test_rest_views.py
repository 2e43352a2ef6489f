"""The forms and views of an explanation over REST, on both servers: JSON, Markdown, a page, pictures, provenance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from prov.model import ProvDocument

from api.html_page import POLICY
from api.rendering_html import to_html
from api.rendering_markdown import to_markdown
from graph.model import Batch, Node
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import got, in_every_form, refused, serving
from tests.minimal_case import written

CASE = "2026-03-12-example"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(written(tmp_path)).batch)
    said = {"statement": "It sold.", "known_at": datetime(2026, 3, 14, tzinfo=UTC), "known_at_precision": "instant"}
    await store.upsert(Batch(nodes=(Node(label="Claim", id="other:said", properties=said),)))
    async with serving(store, tmp_path) as ready:
        yield ready


async def explained(client: httpx.AsyncClient, accept: str, **more: object) -> httpx.Response:
    return await client.post("/v1/explanations", json={"case": CASE, **more}, headers={"Accept": accept})


async def test_an_explanation_is_answered_in_the_form_that_is_wanted(client: httpx.AsyncClient) -> None:
    made = await explained(client, "*/*")
    assert (made.status_code, made.headers["content-type"]) == (201, "application/json")
    place, kept = made.headers["location"], made.json()
    page = await client.get(place, headers={"Accept": BROWSER})
    assert page.text == to_html(kept)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    text = await client.get(place, headers={"Accept": "text/markdown"})
    assert text.text == to_markdown(kept)
    again = await client.get(place)
    assert again.content == made.content
    assert {one.headers["vary"] for one in (made, page, text, again)} == {"Accept"}
    assert len({one.headers["etag"] for one in (page, text, again)}) == 3


async def test_the_form_is_settled_before_anything_is_explained(client: httpx.AsyncClient) -> None:
    refused(await explained(client, "image/png"), 406, "not_acceptable")
    page = await explained(client, "text/html", store=False)
    assert (page.status_code, page.text[:15]) == (200, "<!doctype html>")
    kept = await explained(client, "text/html")
    assert kept.status_code == 201
    refused(await client.get(kept.headers["location"], headers={"Accept": "image/png"}), 406, "not_acceptable")
    refused(await client.get("/v1/explanations/exp_none", headers={"Accept": BROWSER}), 404, "not_in_graph")


async def test_an_explanation_has_a_timeline_pictures_and_a_provenance(client: httpx.AsyncClient) -> None:
    made = await explained(client, "application/json")
    place = made.headers["location"]
    timeline = await got(client, f"{place}/timeline")
    assert timeline["explanation"] == made.json()["id"]
    assert len(timeline["moments"]) == len(made.json()["belief"])
    assert timeline["entries"]
    story = made.json()["narratives"][-1]["id"]
    for name in ("belief", "chain", "matrix", "waterfall"):
        answer = await client.get(f"{place}/pictures/{name}", params={"narrative": story})
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert ElementTree.fromstring(answer.text).tag.endswith("svg")
        assert (await client.get(f"{place}/pictures/{name}", params={"narrative": story})).content == answer.content
    refused(await client.get(f"{place}/pictures/pie"), 422, "invalid_request")
    refused(await client.get(f"{place}/pictures/chain", params={"narrative": "none"}), 404, "not_found")
    answer = await client.get(f"{place}/provenance")
    assert answer.headers["content-type"] == "application/provenance+json"
    (bundle,) = ProvDocument.deserialize(content=answer.text, format="json").bundles
    assert f"explanation:{made.json()['id']}" in bundle.get_provn()
    plain = await client.get(f"{place}/provenance", headers={"Accept": "application/json"})
    assert (plain.headers["content-type"], plain.headers["vary"]) == ("application/json", "Accept")
    assert plain.content == answer.content
    for view in ("timeline", "pictures/chain", "provenance"):
        refused(await client.get(f"{place}/{view}", headers={"Accept": "image/png"}), 406, "not_acceptable")
        refused(await client.get(f"/v1/explanations/exp_none/{view}"), 404, "not_in_graph")


async def test_moves_are_compared_and_claims_reviewed(client: httpx.AsyncClient) -> None:
    await explained(client, "application/json")
    rows = await in_every_form(client, f"/v1/moves/{CASE}:move/precedents")
    assert rows == (await got(client, f"/v1/moves/{CASE}/precedents"))["items"]
    assert rows[0]["posterior"] is not None
    assert any("August 2007" in name for row in rows for name in row["named"])
    refused(await client.get("/v1/moves/none/precedents"), 404, "not_in_graph")
    pattern = {"move": "down", "size": 0.01, "indicator": "net_etf_flow=up"}
    fits = await in_every_form(client, "/v1/template-fits", **pattern)
    by_template = {row["template"]: row for row in fits}
    assert (by_template["T08"]["verdict"], by_template["T03"]["verdict"]) == ("ruled out", "open")
    refused(await client.get("/v1/template-fits", params={"move": "down", "indicator": "x=up"}), 422, "invalid_ask")
    refused(await client.get("/v1/template-fits", params={"move": "off"}), 422, "invalid_request")
    answer = await client.get("/v1/claims/other:said/review")
    assert answer.headers["content-type"] == "application/ld+json"
    review: dict[str, Any] = answer.json()
    assert review["reviewRating"]["alternateName"] == "Not checked"
    plain = await client.get("/v1/claims/other:said/review", headers={"Accept": "application/json"})
    assert (plain.headers["content-type"], plain.json()) == ("application/json", review)
    refused(await client.get("/v1/claims/other:said/review", headers={"Accept": "text/csv"}), 406, "not_acceptable")
    refused(await client.get("/v1/claims/none/review"), 404, "not_in_graph")
