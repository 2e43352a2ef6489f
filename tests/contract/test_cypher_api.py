"""`POST /v1/cypher`: answers in three forms, limits that show, refusals by place, and a line in the log for each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from api.accepting import accepted
from graph.store import GraphReader
from tests.cypher_kit import READINGS, Reach, fill, reached, serving
from tests.fakes import FakeStore

COUNT = "MATCH (o:Observation) RETURN count(o) AS n"
SLOW = "MATCH (a), (b), (c), (d), (e), (f) WHERE a.id + b.id + c.id + d.id + e.id = f.id RETURN count(*) AS n"


@pytest.fixture(scope="module", params=["embedded", "neo4j"])
def reach(request: pytest.FixtureRequest) -> Reach:
    """Each of the two servers in turn, with the small graph."""
    return reached(request)


@pytest.fixture
async def http(reach: Reach, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await fill(reach.service)
    async with serving(reach, tmp_path) as client:
        yield client


async def ask(http: httpx.AsyncClient, query: str, accept: str = "application/json", **body: Any) -> httpx.Response:
    return await http.post("/v1/cypher", json={"query": query, **body}, headers={"Accept": accept})


async def test_rows_come_with_fields_values_and_both_clocks(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "MATCH (i:Instrument) RETURN i.id AS id, i.name AS name ORDER BY id")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["fields"], body["values"]) == (["id", "name"], [["fbtc", "FBTC"], ["ibit", "IBIT"]])
    assert body["truncated"] is None
    assert body["as_of"] == body["as_at"]
    assert answer.headers["vary"] == "Accept"


async def test_parameters_and_clocks_arrive_in_the_query(http: httpx.AsyncClient) -> None:
    query = (
        "MATCH (o:Observation) WHERE o.known_at <= $as_of AND o.recorded_from <= $as_at AND o.value >= $least"
        " RETURN count(o) AS n"
    )
    params = {"least": READINGS - 10}

    async def seen(as_of: str, as_at: str) -> object:
        return (await ask(http, query, params=params, as_of=as_of, as_at=as_at)).json()["values"]

    assert await seen("2020-01-03", "2020-02-02T00:00:00Z") == [[10]]
    assert await seen("2020-01-02T19:59:59Z", "2020-02-02T00:00:00Z") == [[0]]
    assert await seen("2020-01-03", "2020-01-30") == [[0]]
    assert (await ask(http, query, params=params)).json()["values"] == [[10]]
    future = await ask(http, query, params=params, as_of="2999-01-01")
    assert (future.status_code, future.json()["code"]) == (422, "invalid_ask")
    shown = await ask(http, "RETURN $as_of AS a, $as_at AS b", as_of="2026-02-05", as_at="2026-02-06T00:00:00Z")
    assert shown.json()["values"] == [["2026-02-06T00:00:00Z", "2026-02-06T00:00:00Z"]]


async def test_a_query_that_names_no_clock_asks_the_graph_for_no_instant(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    moment = GraphReader.moment

    async def counted(store: GraphReader, **more: float) -> object:
        asked.append(store)
        return await moment(store, **more)

    monkeypatch.setattr(GraphReader, "moment", counted)
    assert (await ask(http, COUNT)).json()["values"] == [[READINGS]]
    assert (await ask(http, "RETURN $as_at AS at", as_at="2026-02-06")).status_code == 200
    assert not asked
    for query in ("RETURN $as_at AS at", "RETURN $as_of AS at"):
        at = (await ask(http, query)).json()
        assert at["values"] == [[at["as_at"]]]
    assert len(asked) == 2


async def test_nodes_relationships_paths_and_times_are_written_whole(http: httpx.AsyncClient) -> None:
    query = (
        "MATCH p = (a:Actor)-[r:HAS_INTEREST_IN]->(i) RETURN a, r, p, date('2026-02-05') AS day,"
        " datetime('2026-02-05T21:00:00.500Z') AS t, duration('P1DT2H') AS d, {k: [1, 2.5, null, true]} AS m"
    )
    (row,) = (await ask(http, query)).json()["values"]
    node, link, path, day, time, duration, map_ = row
    assert node["labels"] == ["Actor"]
    assert node["properties"]["name"] == "=Park"
    assert (link["type"], link["startNodeElementId"]) == ("HAS_INTEREST_IN", node["elementId"])
    assert [part["elementId"] for part in path[:2]] == [node["elementId"], link["elementId"]]
    assert path[2]["labels"] == ["Etf", "Instrument"]
    assert (day, time, duration) == ("2026-02-05", "2026-02-05T21:00:00.5Z", "P1DT2H")
    assert map_ == {"k": [1, 2.5, None, True]}


async def test_lines_begin_with_a_header_and_end_with_a_summary(http: httpx.AsyncClient) -> None:
    query = "MATCH (o:Observation) RETURN o.value AS value ORDER BY value"
    for kind in ("application/x-ndjson", "application/jsonl"):
        answer = await ask(http, query, kind)
        assert answer.headers["content-type"].split(";")[0] == kind
        events = [json.loads(line) for line in answer.text.splitlines()]
        assert events[0] == {"$event": "Header", "_body": {"fields": ["value"]}}
        assert [event["_body"] for event in events[1:-1]] == [[float(n)] for n in range(READINGS)]
        assert events[-1]["$event"] == "Summary"
        assert events[-1]["_body"]["truncated"] is None


async def test_csv_has_a_head_and_no_formulas(http: httpx.AsyncClient) -> None:
    query = "MATCH (a:Actor) RETURN a.name AS name, -1 AS n, [1, 'x'] AS l, null AS none, true AS yes"
    answer = await ask(http, query, "text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["name", "n", "l", "none", "yes"],
        ["'=Park", "-1", '[1,"x"]', "", "true"],
    ]
    raw = await ask(http, query, "text/csv; formulas=raw")
    assert next(csv.DictReader(io.StringIO(raw.text)))["name"] == "=Park"
    timing = dict(one.split(";dur=") for one in raw.headers["server-timing"].split(", "))
    assert [name for name in timing if name != "plan"] == ["run", "serialise", "total"]


async def test_where_the_server_tells_a_plan_the_time_of_the_look_at_it_is_told(
    http: httpx.AsyncClient, reach: Reach
) -> None:
    timing = dict(one.split(";dur=") for one in (await ask(http, COUNT)).headers["server-timing"].split(", "))
    assert ("plan" in timing) == (reach.service == reach.analyst)  # a Neo4j, where both are one user
    assert float(timing.get("plan", 0)) <= float(timing["run"])


@pytest.mark.parametrize(("limits", "cut"), [({"rows": 7}, "rows"), ({"bytes": 200}, "bytes")], ids=["rows", "bytes"])
async def test_an_answer_that_is_cut_says_by_which_limit(
    http: httpx.AsyncClient, limits: dict[str, int], cut: str
) -> None:
    query = "MATCH (o:Observation) RETURN o.statement AS statement"
    answer = await ask(http, query, limits=limits)
    assert answer.json()["truncated"] == answer.headers["x-truncated"] == cut
    assert 0 < len(answer.json()["values"]) < READINGS
    lines = await ask(http, query, "application/x-ndjson", limits=limits)
    assert json.loads(lines.text.splitlines()[-1])["_body"]["truncated"] == cut
    assert (await ask(http, query, "text/csv", limits=limits)).headers["x-truncated"] == cut


async def test_a_query_that_passes_its_time_is_422_and_the_next_one_is_answered(http: httpx.AsyncClient) -> None:
    slow = await ask(http, SLOW, limits={"seconds": 0.5})
    assert slow.status_code == 422
    assert slow.json()["code"] == "query_over_budget"
    assert (await ask(http, COUNT)).json()["values"] == [[READINGS]]


async def test_a_write_is_refused_with_its_place(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "MATCH (n:Actor)\nSET n.name = 'x'")
    assert answer.status_code == 400
    body = answer.json()
    assert body["code"] == "query_refused"
    (fault,) = body["errors"]
    assert (fault["pointer"], fault["line"], fault["column"]) == ("/query", 2, 1)
    assert "SET writes" in fault["detail"]


async def test_an_unknown_label_comes_with_near_ones(http: httpx.AsyncClient) -> None:
    (fault,) = (await ask(http, "MATCH (n:Instrment) RETURN n")).json()["errors"]
    assert "Instrument" in fault["near"]


async def test_what_the_server_does_not_understand_is_a_refusal_too(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "MATCH (n:Actor) RETURN n ORDER n.name")
    assert (answer.status_code, answer.json()["code"]) == (400, "query_refused")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"params": {"as_of": "2026-02-05"}}, 422, "/params/as_of"),
        ({"as_of": "soon"}, 422, "/as_of"),
        ({"limits": {"seconds": 31}}, 422, "/limits/seconds"),
        ({"limits": {"rows": 0}}, 422, "/limits/rows"),
        ({"limit": 5}, 422, "/limit"),
        ({"params": {"x": [[[[[[[[[1]]]]]]]]]}}, 400, "/params"),
    ],
)
async def test_a_request_that_does_not_fit_says_where(
    http: httpx.AsyncClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await ask(http, COUNT, **body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)


async def test_a_form_is_refused_as_a_body_and_an_unknown_type_as_an_answer(http: httpx.AsyncClient) -> None:
    form = await http.post("/v1/cypher", content=b'{"query": "RETURN 1"}', headers={"Content-Type": "text/plain"})
    image = await ask(http, COUNT, "image/png, application/json;q=0")
    assert (form.status_code, image.status_code) == (415, 406)
    assert image.json()["code"] == "not_acceptable"


async def test_every_query_leaves_one_line_without_its_values(http: httpx.AsyncClient) -> None:
    query = "MATCH (n:Actor)\nWHERE n.id = $id RETURN n.id AS id"
    with structlog.testing.capture_logs() as logs:
        await ask(http, query, params={"id": "park"})
        await ask(http, "MATCH (n)\nDETACH DELETE n")
    first, second = (line for line in logs if line["event"] == "cypher.ask")
    assert (first["verdict"], first["rows"], first["params"]) == ("answered", 1, {"id": 4})
    assert "park" not in str(first)
    assert "\n" not in first["text"]
    assert len(first["sha256"]) == 64
    assert second["verdict"] == "QueryRefused:write"


async def test_a_query_whose_client_has_left_is_ended(reach: Reach, tmp_path: Path) -> None:
    body = json.dumps({"query": SLOW, "limits": {"seconds": 30}}).encode()
    messages = [{"type": "http.request", "body": body, "more_body": False}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/cypher",
        "raw_path": b"/v1/cypher",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("whymove.test", 80),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await fill(reach.service)
    async with serving(reach, tmp_path) as http:
        with structlog.testing.capture_logs() as logs:
            await http._transport.app(scope, receive, send)  # type: ignore[attr-defined]  # the application itself
        assert (await ask(http, COUNT)).json()["values"] == [[READINGS]]
    assert [line["verdict"] for line in logs if line["event"] == "cypher.ask"] == ["left"]
    assert sent[0]["status"] == 400


async def test_a_service_without_a_graph_for_analysts_is_503(tmp_path: Path) -> None:
    from api.app import create_app
    from api.settings import Settings

    app = create_app(Settings(data=tmp_path, log_level="error"), FakeStore())  # type: ignore[arg-type]
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await ask(client, COUNT)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (None, "a/json"),
        ("*/*", "a/json"),
        ("text/csv", "text/csv"),
        ("a/json;q=0.1, text/csv", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv;q=0, */*", "a/json"),
        ("image/png", None),
        ("text/csv;q=x", None),
    ],
)
def test_the_accept_field_is_read_by_its_weights(header: str | None, kind: str | None) -> None:
    assert accepted(header, ("a/json", "text/csv")) == kind
