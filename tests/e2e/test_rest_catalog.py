"""Things by their id, what a move lacks, saved queries and the words of the graph over REST, on both servers."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pytest

from api.questions import questions
from graph.endpoint import Endpoint
from graph.reading import query_text
from graph.schema import LABELS, RELATIONSHIPS
from graph.store import GraphStore, open_store
from ingest.casefile import load_case
from tests.e2e.rest_kit import every, got, in_every_form, refused, serving
from tests.minimal_case import written

CASE = "2024-08-05-yen-carry-unwind"
MOVE = f"{CASE}:move"
SMALL = "2026-03-12-example"


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path, cases_folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(cases_folder / f"{CASE}.yaml").batch)
    async with serving(store, tmp_path) as ready:
        yield ready


@pytest.fixture
async def small(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await store.upsert(load_case(written(tmp_path)).batch)
    async with serving(store, tmp_path) as ready:
        yield ready


async def test_each_row_of_a_list_can_be_read_by_its_id(client: httpx.AsyncClient) -> None:
    for path in ("instruments", "events", "narratives", "templates"):
        rows = await every(client, f"/v1/{path}")
        assert rows, path
        for row in rows[:3]:
            assert await got(client, f"/v1/{path}/{row['id']}") == row
        assert (await client.get(f"/v1/{path}/none")).status_code == 404
    refused(await client.get("/v1/templates/T99"), 404, "unknown_template")
    early = {"as_of": "2020-01-01"}
    event = (await every(client, "/v1/events"))[0]["id"]
    refused(await client.get(f"/v1/events/{event}", params=early), 404, "not_in_graph")


async def test_what_a_move_lacks_is_told_by_its_case_and_by_its_explanations(client: httpx.AsyncClient) -> None:
    named = (await got(client, f"/v1/moves/{MOVE}/data-gaps"))["items"]
    assert {row["named_by"] for row in named} == {"author"}
    assert {row["kind"] for row in named} == {"gap", "watch"}
    watch = next(row for row in named if row["kind"] == "watch")
    assert watch["would_favour"] or watch["would_hurt"]
    made = await client.post("/v1/explanations", json={"case": CASE})
    assert made.status_code == 201, made.text
    after = await in_every_form(client, f"/v1/moves/{MOVE}/data-gaps")
    found = [row for row in after if row["named_by"] == "system"]
    assert len(after) == len(named) + len(found)
    wanted = {part["gain_bits"] for part in made.json()["look_next"]}
    assert found
    assert {row["gain_bits"] for row in found} <= wanted
    assert {row["explanation"] for row in found} == {made.json()["id"]}
    gains = [row["gain_bits"] or 0 for row in after]
    assert gains == sorted(gains, reverse=True)
    refused(await client.get("/v1/moves/none/data-gaps"), 404, "not_in_graph")


async def test_moves_that_templates_fitted_before_are_those_known_by_the_clocks(client: httpx.AsyncClient) -> None:
    pattern = {"move": "down", "size": 0.01}
    alike = await got(client, "/v1/template-fits", **pattern)
    assert {one["move"] for row in alike["items"] for one in row["moves"]} == {MOVE}
    for clock in ("as_of", "as_at"):
        before = await got(client, "/v1/template-fits", **pattern, **{clock: "2024-01-01"})
        assert before[clock] == "2024-01-02T00:00:00Z"
        assert [row["template"] for row in before["items"]] == [row["template"] for row in alike["items"]]
        assert not any(row["moves"] for row in before["items"])
    late = await client.get("/v1/template-fits", params={"move": "down", "as_of": "2124-01-01"})
    assert refused(late, 422, "invalid_ask")["errors"][0]["pointer"] == "/as_of"


async def test_a_saved_query_answers_as_the_command_does(small: httpx.AsyncClient) -> None:
    listed = await in_every_form(small, "/v1/queries")
    assert len(listed) == 30
    seven = next(row for row in listed if row["id"] == "Q7")
    body = {"case": SMALL, "as_of": "2026-03-31"}
    answers = []
    for name in ("Q7", "7", seven["name"]):
        answer = await small.post(f"/v1/queries/{name}", json=body)
        assert answer.status_code == 200, answer.text
        answers.append({key: value for key, value in answer.json().items() if key != "as_at"})
    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["fields"] == seven["columns"]
    assert (answers[0]["truncated"], answers[0]["as_of"]) == (False, "2026-04-01T00:00:00Z")
    assert answers[0]["values"]
    await same_rows(small, "/v1/queries/7", body, answers[0])
    assert await got(small, "/v1/queries/7") == seven
    refused(await small.get("/v1/queries/Q99"), 404, "not_found")
    refused(await small.post("/v1/queries/Q99", json=body), 404, "not_found")
    missing = refused(await small.post("/v1/queries/Q2", json={}), 422, "invalid_ask")
    assert "explanation" in missing["errors"][0]["pointer"]
    refused(
        await small.post("/v1/queries/Q7", json={"parameters": {"query": "MATCH (n) RETURN n"}}), 422, "invalid_ask"
    )
    refused(await small.post("/v1/queries/Q7", json={"cypher": "MATCH (n) DELETE n"}), 422, "invalid_request")


async def same_rows(client: httpx.AsyncClient, path: str, body: dict[str, str], told: dict[str, Any]) -> None:
    """The rows of a query as lines, CSV and Arrow are those of its JSON."""

    async def form(kind: str) -> bytes:
        answer = await client.post(path, json=body, headers={"Accept": kind})
        assert answer.status_code == 200, answer.text
        assert (answer.headers["content-type"].split(";")[0], answer.headers["vary"]) == (kind, "Accept")
        return answer.content

    _, *records, summary = (orjson.loads(line) for line in (await form("application/jsonl")).splitlines())
    assert [one["_body"] for one in records] == told["values"]
    assert (summary["_body"]["id"], summary["_body"]["truncated"]) == ("Q7", False)
    table = pa.ipc.open_stream(await form("application/vnd.apache.arrow.stream")).read_all()
    assert (table.column_names, table.num_rows) == (told["fields"], len(told["values"]))
    first, *rest = csv.reader(io.StringIO((await form("text/csv")).decode()))
    assert (first, len(rest)) == (told["fields"], len(told["values"]))
    refused(await client.post(path, json=body, headers={"Accept": "image/png"}), 406, "not_acceptable")


async def test_the_columns_of_a_query_are_those_of_its_answer(neo4j_endpoint: Endpoint) -> None:
    """On Neo4j alone: the embedded server names no columns where there are no rows."""
    store = open_store(neo4j_endpoint)
    for one in questions():
        params = dict.fromkeys([*one.parameters, "as_of", "as_at"])
        assert (await store.read(query_text(one.name), params)).fields == one.columns, one.id
    await store.close()


async def test_the_schema_tells_every_label_and_relationship(small: httpx.AsyncClient) -> None:
    told = await got(small, "/v1/schema")
    assert [row["label"] for row in told["labels"]] == sorted(LABELS)
    assert [row["type"] for row in told["relationships"]] == sorted(RELATIONSHIPS)
    claim = next(row for row in told["labels"] if row["label"] == "Claim")
    assert claim["fact"]
    statement = next(row for row in claim["properties"] if row["name"] == "statement")
    assert statement == {"name": "statement", "type": "text", "required": True}
    ends = next(row["ends"] for row in told["relationships"] if row["type"] == "OF_INDICATOR")
    assert {"start": "Claim", "end": "Indicator"} in ends
    assert {one["name"] for one in told["every_fact"]} == {"key", "content_hash", "recorded_to"}
