"""Who may ask what: every route has a scope, and nobody who is not known, or does not hold it, gets by."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import api.auth
from api.app import ROUTERS
from api.guarding import guarded_routes, needs
from api.scopes import PUBLIC, SCOPES
from tests.access_kit import Guarded, bearer, guarded, refused
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


async def test_nobody_who_is_not_known_is_told_where_the_graph_is(tmp_path: Path) -> None:
    async with guarded(tmp_path, FakeStore(down=True)) as service:
        answer = await service.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")
        assert answer.json()["checks"]["graph"] == "does not answer; the log says why"
        known = await service.http.get("/v1/instruments", headers=service.key("read"))
        assert "bolt://" in refused(known, 503, "graph_unavailable").detail


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
