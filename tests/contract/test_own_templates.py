"""A user's own templates over REST and in files: checked, kept, versioned, tried beside the bundled ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from api.errors import TemplateTakenError
from api.knowledge import load_knowledge
from api.own_templates import OwnTemplates
from api.schemas_templates import TEMPLATE_EXAMPLES
from causal.errors import InvalidTemplateError
from graph.store import GraphStore
from ingest.casefile import load_case
from tests.e2e.rest_kit import got, refused, serving
from tests.minimal_case import written

OWN: dict[str, Any] = TEMPLATE_EXAMPLES["leaving an index"]["value"]
PATH = "/v1/templates/X01"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(written(tmp_path)).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


def changed(**fields: object) -> dict[str, Any]:
    return deepcopy(OWN) | fields


async def test_an_own_template_is_tried_from_then_on_and_no_longer_when_it_is_gone(
    client: httpx.AsyncClient, store: GraphStore, tmp_path: Path
) -> None:
    made = await client.post("/v1/templates", json=OWN)
    assert made.status_code == 201, made.text
    assert (made.headers["location"], made.json()["origin"]) == (PATH, "own")
    assert yaml.safe_load((tmp_path / "templates" / "X01.yaml").read_text(encoding="utf-8")) == OWN
    rows = (await got(client, "/v1/templates", limit=500))["items"]
    assert {row["id"] for row in rows if row["origin"] == "own"} == {"X01"}
    found = await store.read("// clocks: none\nMATCH (t:Template {id: 'X01'}) RETURN t.title AS title")
    assert found.rows == ((OWN["title"],),)
    assert "X01" in await tried(client)
    tag = (await client.get(PATH)).headers["etag"]
    assert (await client.delete(PATH, headers={"If-Match": tag})).status_code == 204
    assert "X01" not in await tried(client)
    refused(await client.get(PATH), 404, "unknown_template")


async def tried(client: httpx.AsyncClient) -> set[str]:
    ask = {"case": "2026-03-12-example", "store": False}
    answer = await client.post("/v1/explanations", json=ask, timeout=60)
    assert answer.status_code == 200, answer.text
    return {narrative["id"] for narrative in answer.json()["narratives"]}


async def test_a_new_version_needs_the_tag_of_the_one_that_was_read(client: httpx.AsyncClient, tmp_path: Path) -> None:
    await client.post("/v1/templates", json=OWN)
    first = (await client.get(PATH)).headers["etag"]
    second = changed(version="2", title="Another title")
    refused(await client.put(PATH, json=second), 428, "missing_condition")
    refused(await client.put(PATH, json=second, headers={"If-Match": '"other"'}), 412, "failed_condition")
    same = await client.put(PATH, json=changed(title="x"), headers={"If-Match": first})
    assert refused(same, 422, "template_refused")["errors"][0]["pointer"] == "/version"
    done = await client.put(PATH, json=second, headers={"If-Match": first})
    assert (done.status_code, done.json()["version"], done.json()["title"]) == (200, "2", "Another title")
    refused(await client.put(PATH, json=changed(version="3"), headers={"If-Match": first}), 412, "failed_condition")
    refused(await client.delete(PATH), 428, "missing_condition")
    kept = tmp_path / "templates" / "versions" / "X01@1.yaml"
    assert yaml.safe_load(kept.read_text(encoding="utf-8")) == OWN


async def test_bundled_templates_cannot_be_changed(client: httpx.AsyncClient) -> None:
    tag = {"If-Match": (await client.get("/v1/templates/T01")).headers["etag"]}
    refused(await client.post("/v1/templates", json=changed(id="t01")), 409, "template_taken")
    refused(await client.put("/v1/templates/T01", json=changed(id="T01"), headers=tag), 409, "template_taken")
    refused(await client.delete("/v1/templates/T01", headers=tag), 409, "template_taken")
    await client.post("/v1/templates", json=OWN)
    refused(await client.post("/v1/templates", json=OWN), 409, "template_taken")
    refused(await client.put("/v1/templates/X99", json=changed(id="X99"), headers=tag), 404, "unknown_template")


async def test_every_fault_is_named_with_its_place(client: httpx.AsyncClient, tmp_path: Path) -> None:
    broken = changed(id="X02")
    broken["steps"][0]["n"] = 2
    broken["steps"][0]["predictions"][0] |= {"role": "nobody", "indicator": "rumours"}
    answer = await client.post("/v1/templates/validate", json=broken)
    verdict = answer.json()
    assert (answer.status_code, verdict["valid"]) == (200, False)
    places = {fault["pointer"] for fault in verdict["errors"]}
    assert places == {"/steps/0/n", "/steps/0/predictions/0/role"}
    made = refused(await client.post("/v1/templates", json=broken), 422, "template_refused")
    assert {fault["pointer"] for fault in made["errors"]} == places
    strange = changed()
    strange["steps"][0]["predictions"][0]["indicator"] = "rumours"
    verdict = (await client.post("/v1/templates/validate", json=strange)).json()
    assert [fault["pointer"] for fault in verdict["errors"]] == ["/steps/0/predictions/0/indicator"]
    assert (await client.post("/v1/templates/validate", json=OWN)).json() == {"valid": True, "errors": []}
    for name in ("../X", "X 1", "1X", "x" * 40 + "y"):
        answer = await client.post("/v1/templates", json=changed(id=name))
        assert answer.status_code == 422, name
    refused(await client.post("/v1/templates", json=OWN | {"stepz": []}), 422, "invalid_request")
    assert not (tmp_path / "templates").exists()


def test_files_put_into_the_folder_count_and_a_broken_one_stops_none(tmp_path: Path) -> None:
    knowledge = load_knowledge()
    own = OwnTemplates(tmp_path / "own", knowledge.library, {one.name for one in knowledge.indicators})
    assert own.library() == knowledge.library
    assert not own.changed()
    own.create(OWN)
    assert own.changed()
    assert [template.id for template in own.library()][-1] == "X01"
    assert not own.changed()
    assert load_knowledge(tmp_path / "own").library == own.library()
    (tmp_path / "own" / "X03.yaml").write_text("id: X04\n", encoding="utf-8")
    with pytest.raises(InvalidTemplateError):
        load_knowledge(tmp_path / "own")
    assert own.library() == knowledge.library
    assert own.ids == frozenset()
    (tmp_path / "own" / "X03.yaml").unlink()
    (tmp_path / "own" / "T01.yaml").write_text(yaml.safe_dump(OWN | {"id": "T01"}), encoding="utf-8")
    with pytest.raises(InvalidTemplateError, match="bundled"):
        load_knowledge(tmp_path / "own")
    with pytest.raises(TemplateTakenError):
        own.create(OWN | {"id": "T01"})
