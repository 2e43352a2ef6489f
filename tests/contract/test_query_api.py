"""Neo4j's Query API v2: plain and typed JSON, lines, transactions by name, and failures in its own codes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.queryapi import LIFE_SECONDS, MOST_TRANSACTIONS, QueryApiError, Transactions
from tests.cypher_kit import READINGS, Reach, fill, reached, serving

TYPED = "application/vnd.neo4j.query"
PATH = "/db/neo4j/query/v2"
COUNT = {"statement": "MATCH (o:Observation) RETURN count(o) AS n"}


@pytest.fixture(scope="module", params=["embedded", "neo4j"])
def reach(request: pytest.FixtureRequest) -> Reach:
    """Each of the two servers in turn."""
    return reached(request)


@pytest.fixture
async def http(reach: Reach, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await fill(reach.service)
    async with serving(reach, tmp_path) as client:
        yield client


async def post(http: httpx.AsyncClient, path: str, body: Any, kind: str = "application/json") -> httpx.Response:
    return await http.post(path, content=json.dumps(body), headers={"Content-Type": kind, "Accept": kind})


def failed(answer: httpx.Response, status: int) -> str:
    """The code of a failed request."""
    assert answer.status_code == status, answer.text
    (error,) = answer.json()["errors"]
    assert error["message"]
    code: str = error["code"]
    return code


async def test_discovery_names_the_version_and_the_addresses(http: httpx.AsyncClient) -> None:
    found = (await http.get("/")).json()
    assert found["neo4j_version"].startswith("5.")
    assert found["query"] == "http://localhost/db/{databaseName}/query/v2"


async def test_plain_json_is_202_with_fields_and_values(http: httpx.AsyncClient) -> None:
    body = {
        "statement": "MATCH (a:Actor {id: $id}) RETURN a, a.id AS id, 2 AS two",
        "parameters": {"id": "park"},
        "includeCounters": True,
        "accessMode": "READ",
    }
    answer = await post(http, PATH, body)
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    found = answer.json()
    assert found["data"]["fields"] == ["a", "id", "two"]
    node, id_, two = found["data"]["values"][0]
    assert (node["labels"], node["properties"]["name"], id_, two) == (["Actor"], "=Park", "park", 2)
    assert found["bookmarks"] == []
    assert found["counters"]["containsUpdates"] is False


async def test_typed_json_names_every_type_both_ways(http: httpx.AsyncClient) -> None:
    body = {
        "statement": "MATCH p = (a:Actor)-[r]->(i) RETURN $n + 1 AS n, $f AS f, $day AS day, $xs AS xs, a, r, p,"
        " datetime('2026-02-05T21:00:00Z') AS t, null AS none, duration('P1D') AS d",
        "parameters": {
            "n": {"$type": "Integer", "_value": "41"},
            "f": {"$type": "Float", "_value": "1.5"},
            "day": {"$type": "Date", "_value": "2026-02-05"},
            "xs": {"$type": "List", "_value": [{"$type": "String", "_value": "x"}, {"$type": "Null", "_value": None}]},
        },
    }
    answer = await post(http, PATH, body, TYPED)
    assert answer.headers["content-type"] == TYPED
    row = answer.json()["data"]["values"][0]
    types = ["Integer", "Float", "Date", "List", "Node", "Relationship", "Path", "OffsetDateTime", "Null", "Duration"]
    assert [value["$type"] for value in row] == types
    values = dict(zip(answer.json()["data"]["fields"], (value["_value"] for value in row), strict=True))
    assert (values["n"], values["f"], values["day"], values["none"]) == ("42", "1.5", "2026-02-05", None)
    assert values["xs"] == [{"$type": "String", "_value": "x"}, {"$type": "Null", "_value": None}]
    assert values["a"]["_labels"] == ["Actor"]
    assert values["a"]["_properties"]["id"] == {"$type": "String", "_value": "park"}
    assert values["r"]["_start_node_element_id"] == values["a"]["_element_id"]
    assert [part["$type"] for part in values["p"]] == ["Node", "Relationship", "Node"]


@pytest.mark.parametrize("kind", ["application/jsonl", f"{TYPED}+jsonl", f"{TYPED}.v1.0+jsonl"])
async def test_lines_come_as_header_records_and_summary(http: httpx.AsyncClient, kind: str) -> None:
    body = {"statement": "MATCH (o:Observation) RETURN toInteger(o.value) AS v ORDER BY v LIMIT 3"}
    answer = await http.post(PATH, json=body, headers={"Accept": kind})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (202, kind)
    events = [json.loads(line) for line in answer.text.splitlines()]
    assert [event["$event"] for event in events] == ["Header", "Record", "Record", "Record", "Summary"]
    first = {"$type": "Integer", "_value": "0"} if kind.startswith(TYPED) else 0
    assert events[1]["_body"] == [first]


async def test_the_clocks_may_come_as_parameters(http: httpx.AsyncClient) -> None:
    body = {
        "statement": "MATCH (o:Observation) WHERE o.known_at <= $as_of RETURN count(o) AS n",
        "parameters": {"as_of": "2020-01-01"},
    }
    assert (await post(http, PATH, body)).json()["data"]["values"] == [[0]]
    body["parameters"] = {}
    assert (await post(http, PATH, body)).json()["data"]["values"] == [[READINGS]]


async def test_a_transaction_is_begun_used_and_committed(http: httpx.AsyncClient) -> None:
    begun = await post(http, f"{PATH}/tx", {})
    assert begun.status_code == 202
    name = begun.json()["transaction"]["id"]
    ran = await post(http, f"{PATH}/tx/{name}", COUNT)
    assert ran.json()["data"]["values"] == [[READINGS]]
    assert ran.json()["transaction"]["id"] == name
    committed = await post(http, f"{PATH}/tx/{name}/commit", COUNT)
    assert committed.json()["data"]["values"] == [[READINGS]]
    assert (
        failed(await post(http, f"{PATH}/tx/{name}", COUNT), 404) == "Neo.ClientError.Transaction.TransactionNotFound"
    )


async def test_a_transaction_can_be_left_and_ends_with_a_failure(http: httpx.AsyncClient) -> None:
    left = (await post(http, f"{PATH}/tx", COUNT)).json()["transaction"]["id"]
    assert (await http.delete(f"{PATH}/tx/{left}")).json() == {}
    failed(await http.delete(f"{PATH}/tx/{left}"), 404)
    broken = (await post(http, f"{PATH}/tx", {})).json()["transaction"]["id"]
    write = {"statement": "CREATE (n:Actor)"}
    assert failed(await post(http, f"{PATH}/tx/{broken}", write), 400) == "Neo.ClientError.Statement.AccessMode"
    failed(await post(http, f"{PATH}/tx/{broken}", COUNT), 404)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"statement": "MATCH (n) DETACH DELETE n", "accessMode": "Write"}, "Neo.ClientError.Statement.AccessMode"),
        ({"statement": "MATCH (n RETURN n"}, "Neo.ClientError.Statement.SyntaxError"),
        ({"statement": "MATCH (n:Actor) RETURN n ORDER n"}, "Neo.ClientError.Statement.SyntaxError"),
        ({"statement": 1}, "Neo.ClientError.Request.Invalid"),
        ({}, "Neo.ClientError.Request.Invalid"),
        ([], "Neo.ClientError.Request.Invalid"),
        (COUNT | {"accessMode": "Admin"}, "Neo.ClientError.Request.Invalid"),
        (COUNT | {"impersonatedUser": "root"}, "Neo.ClientError.Request.Invalid"),
        (COUNT | {"maxExecutionTime": 0}, "Neo.ClientError.Request.Invalid"),
        (COUNT | {"parameters": {"as_of": 1}}, "Neo.ClientError.Request.Invalid"),
        (COUNT | {"parameters": {"as_of": "soon"}}, "Neo.ClientError.Request.Invalid"),
    ],
)
async def test_a_failure_has_this_protocols_code(http: httpx.AsyncClient, body: Any, code: str) -> None:
    assert failed(await post(http, PATH, body), 400) == code
    assert (await post(http, PATH, COUNT)).json()["data"]["values"] == [[READINGS]]


async def test_typed_parameters_that_are_none_are_refused(http: httpx.AsyncClient) -> None:
    for value in (1, {"$type": "Duration", "_value": "P1D"}, {"$type": "Integer", "_value": "x"}, {"_value": 1}):
        answer = await post(http, PATH, {"statement": "RETURN $x AS x", "parameters": {"x": value}}, TYPED)
        assert failed(answer, 400) == "Neo.ClientError.Request.Invalid"


async def test_other_databases_types_and_forms_are_refused(http: httpx.AsyncClient) -> None:
    unknown = await post(http, "/db/system/query/v2", COUNT)
    assert failed(unknown, 404) == "Neo.ClientError.Database.DatabaseNotFound"
    failed(await http.post(PATH, json=COUNT, headers={"Accept": "text/html"}), 406)
    failed(await http.post(PATH, content=b"statement=1", headers={"Content-Type": "text/plain"}), 415)
    failed(await http.post(PATH, content=b"{", headers={"Content-Type": "application/json"}), 400)


async def test_an_answer_that_is_cut_carries_a_warning(http: httpx.AsyncClient) -> None:
    body = {"statement": "UNWIND range(1, 9999) AS a UNWIND [1, 2] AS b RETURN a"}
    found = (await post(http, PATH, body)).json()
    assert len(found["data"]["values"]) == 10_000
    assert found["notifications"][0]["severity"] == "WARNING"


async def test_a_query_that_passes_its_time_is_ended(http: httpx.AsyncClient) -> None:
    slow = "MATCH (a), (b), (c), (d), (e), (f) WHERE a.id + b.id + c.id + d.id + e.id = f.id RETURN count(*) AS n"
    answer = await post(http, PATH, {"statement": slow, "maxExecutionTime": 0.5})
    assert failed(answer, 400) == "Neo.ClientError.Transaction.TransactionTimedOut"


def test_a_transaction_that_nobody_uses_is_forgotten_after_a_minute() -> None:
    now = [0.0]
    transactions = Transactions(clock=lambda: now[0])
    name = transactions.begin()
    now[0] = LIFE_SECONDS - 1
    transactions.use(name)
    now[0] += LIFE_SECONDS - 1
    transactions.use(name)
    now[0] += LIFE_SECONDS
    with pytest.raises(QueryApiError):
        transactions.use(name)
    for _ in range(MOST_TRANSACTIONS):
        transactions.begin()
    with pytest.raises(QueryApiError) as caught:
        transactions.begin()
    assert caught.value.status == 429
