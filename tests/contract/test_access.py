"""Who may ask what: every route has a scope, nobody unknown gets by, and each caller has its limit and its line."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import api.auth
from api.app import ROUTERS
from api.guarding import guarded_routes, needs
from api.problems import MEDIA_TYPE
from api.schemas import ProblemBody
from api.scopes import PUBLIC, SCOPES
from graph.analysts import Answer
from tests.access_kit import Guarded, bearer, guarded
from tests.fakes import FakeStore
from tests.issuer import AUDIENCE, providing

ROUTES = list(guarded_routes(ROUTERS))
ANYBODY = {"/", "/healthz", "/readyz", "/problems/{slug}"}

CLOSED = [
    (method, "/".join("x" if part.startswith("{") else part for part in one.route.path.split("/")), str(one.scope))
    for one in ROUTES
    if one.scope != PUBLIC
    for method in sorted((one.route.methods or set()) - {"HEAD"})
]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path) as found:
        yield found


def refused(answer: httpx.Response, status: int, code: str) -> ProblemBody:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = ProblemBody.model_validate_json(answer.content)
    assert body.code == code
    assert body.request_id == answer.headers["x-request-id"]
    return body


def test_every_route_says_which_scope_it_asks_for() -> None:
    assert [one.route.path for one in ROUTES if one.scope not in {*SCOPES, PUBLIC}] == []


def test_what_anybody_may_ask_is_a_short_list() -> None:
    assert {one.route.path for one in ROUTES if one.scope == PUBLIC} == ANYBODY


def test_what_changes_something_asks_for_more_than_reading() -> None:
    """What a POST that reads, explains or begins work of that kind may have the scope `read`, and nothing else."""
    harmless = ("/v1/expla", "/v1/jobs", "/v1/queries", "/v1/attributions", "/v1/counterfactuals", "/v1/root-causes")
    validate = ("/v1/templates/validate",)
    for one in ROUTES:
        writes = (one.route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        if writes and not one.route.path.startswith((*harmless, *validate)):
            assert one.scope not in {"read", PUBLIC}, one.route.path


async def test_no_route_lets_in_who_is_not_known(service: Guarded) -> None:
    for method, path, _ in CLOSED:
        answer = await service.http.request(method, path)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="whymove"')


async def test_no_route_lets_in_who_holds_all_scopes_but_its_own(service: Guarded) -> None:
    keys = {scope: service.key(*(name for name in SCOPES if name not in {scope, "admin"})) for scope in SCOPES}
    for method, path, scope in CLOSED:
        content = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
        answer = await service.http.request(method, path, headers=keys[scope], **content)  # type: ignore[arg-type]
        assert answer.status_code == 403, (method, path, answer.text)
        assert f'scope="{scope}"' in answer.headers["www-authenticate"]
        assert scope in answer.text


async def test_health_and_the_description_are_for_anybody(service: Guarded) -> None:
    for path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/problems/missing-scope", "/"):
        assert (await service.http.get(path)).status_code == 200, path


async def test_what_lies_nowhere_tells_nothing_to_who_is_not_known(service: Guarded) -> None:
    refused(await service.http.get("/v1/nothing"), 401, "unauthenticated")
    refused(await service.http.get("/v1/nothing", headers=service.key("read")), 404, "not_found")


async def test_a_route_that_says_nothing_asks_for_admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi import APIRouter

    import api.app

    silent = APIRouter()

    @silent.get("/silent")
    async def answer() -> None:
        return None

    monkeypatch.setattr(api.app, "ROUTERS", (*ROUTERS, silent))
    async with guarded(tmp_path) as service:
        assert (await service.http.get("/silent", headers=service.key("read"))).status_code == 403
        assert (await service.http.get("/silent", headers=service.key("admin"))).status_code == 200


def test_a_route_may_ask_for_another_scope_than_its_router() -> None:
    from fastapi import APIRouter

    router = needs("read")(APIRouter())

    @router.get("/a")
    async def read() -> None:
        return None

    @router.post("/a")
    @needs("ingest")
    async def write() -> None:
        return None

    assert [one.scope for one in guarded_routes([router])] == ["read", "ingest"]


async def test_a_key_lets_in_and_its_use_is_noted(service: Guarded) -> None:
    key, text = service.keys.create("alice", ["read"])
    answer = await service.http.get("/v1/templates", headers=bearer(text))
    assert answer.status_code == 200
    await service.app.state.door.who.book.close()
    found = service.keys.find(key.id)
    assert found is not None
    assert found.last_used is not None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer whymove_live_000000000000_" + "a" * 43,
        "Basic eDp5",
        "Digest username=x",
        "Bearer " + "x" * 10_000,
        "Bearer a.b.c",
    ],
)
async def test_what_is_no_key_is_refused_without_an_echo(service: Guarded, header: str) -> None:
    answer = await service.http.get("/v1/templates", headers={"Authorization": header})
    refused(answer, 401, "unauthenticated")
    assert "error=" in answer.headers["www-authenticate"]
    assert "a" * 40 not in answer.text
    assert "x" * 40 not in answer.text


async def test_two_authorization_fields_are_refused(service: Guarded) -> None:
    key = service.key("read")["Authorization"]
    answer = await service.http.get("/v1/templates", headers=[("Authorization", key), ("Authorization", key)])
    refused(answer, 401, "unauthenticated")


async def test_a_key_in_the_address_lets_nobody_in(service: Guarded) -> None:
    text = service.keys.create("alice", ["read"])[1]
    for name in ("key", "api_key", "access_token"):
        refused(await service.http.get("/v1/templates", params={name: text}), 401, "unauthenticated")


async def test_a_revoked_key_stops_within_a_second(service: Guarded) -> None:
    now = [0.0]
    service.app.state.door.who.book.clock = lambda: now[0]
    key, text = service.keys.create("alice", ["read"])
    assert (await service.http.get("/v1/templates", headers=bearer(text))).status_code == 200
    service.keys.revoke(key.id)
    now[0] += api.auth.FRESH_SECONDS
    refused(await service.http.get("/v1/templates", headers=bearer(text)), 401, "unauthenticated")


async def test_a_new_key_works_without_a_restart(service: Guarded) -> None:
    refused(await service.http.get("/v1/templates"), 401, "unauthenticated")
    assert (await service.http.get("/v1/templates", headers=service.key("read"))).status_code == 200


async def test_a_password_that_is_a_key_lets_in_to_the_query_api_alone(service: Guarded) -> None:
    def basic(text: str) -> dict[str, str]:
        return {"Authorization": f"Basic {b64encode(f'neo4j:{text}'.encode()).decode()}"}

    text = service.keys.create("browser", ["cypher", "read"])[1]
    path, body = "/db/neo4j/query/v2", {"statement": "RETURN 1"}
    known = await service.http.post(path, json=body, headers=basic(text))
    assert known.status_code == 503  # known, and there is no graph behind this service
    refused(await service.http.get("/v1/templates", headers=basic(text)), 401, "unauthenticated")
    unknown = await service.http.post(path, json=body, headers=basic("wrong"))
    assert unknown.status_code == 401
    assert unknown.json()["errors"][0]["code"] == "Neo.ClientError.Security.Unauthorized"
    assert "Basic realm" in unknown.headers["www-authenticate"]


async def test_the_query_api_says_in_its_own_words_that_a_scope_is_missing(service: Guarded) -> None:
    answer = await service.http.post("/db/neo4j/query/v2", json={"statement": "RETURN 1"}, headers=service.key("read"))
    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["code"] == "Neo.ClientError.Security.Forbidden"
    assert "cypher" in error["message"]


async def test_tokens_of_the_issuer_let_in_beside_keys(tmp_path: Path) -> None:
    with providing() as provider:
        async with guarded(tmp_path, oidc_issuer=provider.url, oidc_audience=AUDIENCE) as service:
            token = bearer(provider.token(scope="whymove:read"))
            assert (await service.http.get("/v1/templates", headers=token)).status_code == 200
            answer = await service.http.post("/v1/cypher", json={"query": "RETURN 1"}, headers=token)
            refused(answer, 403, "missing_scope")
            forged = bearer(provider.token(aud="https://other.test"))
            refused(await service.http.get("/v1/templates", headers=forged), 401, "unauthenticated")
            assert (await service.http.get("/v1/templates", headers=service.key("read"))).status_code == 200
            assert {line["caller"] for line in service.audit()} >= {"token:desk-7"}


async def test_an_issuer_that_is_away_is_503_and_keys_work_on(tmp_path: Path) -> None:
    with providing() as provider:
        provider.up = False
        async with guarded(tmp_path, oidc_issuer=provider.url, oidc_audience=AUDIENCE) as service:
            answer = await service.http.get("/v1/templates", headers=bearer(provider.token()))
            refused(answer, 503, "issuer_unavailable")
            assert int(answer.headers["retry-after"]) > 0
            assert (await service.http.get("/v1/templates", headers=service.key("read"))).status_code == 200


async def test_each_key_has_its_limit_and_is_told_of_it(tmp_path: Path) -> None:
    async with guarded(tmp_path, rate_limit=3) as service:
        service.app.state.door.shares.clock = lambda: 0.0
        one, other = service.key("read"), service.key("read")
        answers = [await service.http.get("/v1/templates?limit=1", headers=one) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60'
        assert answers[0].headers["ratelimit"] == '"minute";r=2;t=20'
        refused(answers[3], 429, "too_many_requests")
        assert answers[3].headers["ratelimit"] == '"minute";r=0;t=20'
        assert answers[3].headers["retry-after"] == "20"
        assert (await service.http.get("/v1/templates?limit=1", headers=other)).status_code == 200
        assert (await service.http.get("/healthz")).status_code == 200


async def test_too_many_at_once_are_503_and_health_is_answered(tmp_path: Path) -> None:
    go, inside = asyncio.Event(), asyncio.Event()

    class Slow(FakeStore):
        async def read(self, *args: object, **named: object) -> object:  # type: ignore[override]
            inside.set()
            await go.wait()
            return await super().read(*args, **named)  # type: ignore[arg-type]

    async with guarded(tmp_path, Slow(), max_requests=1) as service:
        key = service.key("read")
        running = asyncio.create_task(service.http.get("/v1/events", headers=key))
        await inside.wait()
        answer = await service.http.get("/v1/events", headers=key)
        refused(answer, 503, "overloaded")
        assert int(answer.headers["retry-after"]) > 0
        assert (await service.http.get("/healthz")).status_code == 200
        assert (await service.http.get("/readyz")).status_code == 200
        go.set()
        assert (await running).status_code == 200


async def test_every_call_of_somebody_known_leaves_one_line(service: Guarded) -> None:
    key, text = service.keys.create("alice", ["read"])
    marked = {**bearer(text), "X-Request-Id": "trace-7"}
    await service.http.get("/v1/events?as_of=2020-01-02", headers=marked)
    await service.http.post("/v1/cypher", json={"query": "RETURN 1"}, headers=bearer(text))
    await service.http.get("/v1/observations/no%0asuch", headers=bearer(text))
    await service.http.get("/v1/events")
    lines = service.audit()
    assert [(line["event"], line["route"], line["status"]) for line in lines] == [
        ("call", "/v1/events", 200),
        ("call", "/v1/cypher", 403),
        ("call", "/v1/observations/{id}", 404),
    ]
    first = lines[0]
    assert (first["caller"], first["request_id"], first["method"]) == (f"key:{key.id}", "trace-7", "GET")
    assert first["bytes"] > 0
    whole = service.app.state.door.audit.file.read_text()
    assert text not in whole
    assert text[-20:] not in whole
    assert "2020-01-02" not in whole


class Waiting:
    """Answers no query until it is told to."""

    def __init__(self) -> None:
        self.go, self.third, self.asked = asyncio.Event(), asyncio.Event(), 0

    async def ask(self, *_: object) -> Answer:
        self.asked += 1
        if self.asked == 3:
            self.third.set()
        await self.go.wait()
        return Answer(fields=("n",), rows=[[1]], whole=True)


async def test_two_queries_of_a_key_run_ten_wait_and_other_keys_have_their_own(tmp_path: Path) -> None:
    analysts = Waiting()
    async with guarded(tmp_path, analysts=analysts) as service:
        one, other = service.key("cypher"), service.key("cypher")

        async def ask(key: dict[str, str]) -> httpx.Response:
            return await service.http.post("/v1/cypher", json={"query": "RETURN 1 AS n"}, headers=key)

        asked = [asyncio.create_task(ask(one)) for _ in range(13)]
        (refusal,), waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        refused(refusal.result(), 429, "too_many_queries")
        assert int(refusal.result().headers["retry-after"]) > 0
        assert analysts.asked == 2
        third = asyncio.create_task(ask(other))
        began = asyncio.create_task(analysts.third.wait())
        await asyncio.wait({third, began}, return_when=asyncio.FIRST_COMPLETED)
        analysts.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*waiting, third)] == [200] * 13


async def test_a_query_is_written_down_without_the_values_of_its_parameters(tmp_path: Path) -> None:
    analysts = Waiting()
    analysts.go.set()
    async with guarded(tmp_path, analysts=analysts) as service:
        key, text = service.keys.create("alice", ["cypher"])
        body = {"query": "RETURN $name AS n\n// {forged}", "params": {"name": "private"}}
        headers = {**bearer(text), "X-Request-Id": "trace-8"}
        assert (await service.http.post("/v1/cypher", json=body, headers=headers)).status_code == 200
        (query,) = [line for line in service.audit() if line["event"] == "cypher"]
        assert (query["caller"], query["request_id"]) == (f"key:{key.id}", "trace-8")
        assert (query["verdict"], query["rows"], query["params"]) == ("answered", 1, {"name": 7})
        assert json.loads(query["text"]) == body["query"]
        assert "private" not in service.app.state.door.audit.file.read_text()
        metrics = (await service.http.get("/metrics", headers=service.key("read"))).text
        assert 'whymove_queries_total{verdict="answered",way="rest"} 1.0' in metrics


async def test_metrics_count_by_route_and_class_of_status(service: Guarded) -> None:
    key = service.key("read")
    for name in ("a", "b"):
        await service.http.get(f"/v1/observations/{name}", headers=key)
    await service.http.get("/v1/templates", headers=key)
    await service.http.get("/v1/templates")
    text = (await service.http.get("/metrics", headers=key)).text
    assert 'whymove_requests_total{method="GET",route="/v1/observations/{id}",status="4xx"} 2.0' in text
    assert 'whymove_requests_total{method="GET",route="/v1/templates",status="2xx"} 1.0' in text
    assert 'whymove_requests_total{method="GET",route="unmatched",status="4xx"} 1.0' in text
    assert 'whymove_refused_total{why="Unauthenticated"} 1.0' in text
    assert 'whymove_request_seconds_count{route="/v1/templates"} 1.0' in text
    assert "whymove_requests_running 1.0" in text


async def test_each_application_counts_for_itself(tmp_path: Path) -> None:
    async with guarded(tmp_path / "one") as one, guarded(tmp_path / "two") as two:
        await one.http.get("/v1/templates", headers=one.key("read"))
        text = (await two.http.get("/metrics", headers=two.key("read"))).text
    assert 'route="/v1/templates"' not in text
