"""A request is led to the route that the framework would have found, and to no other."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.app import ROUTERS, create_app
from api.settings import Settings
from api.signposts import Signposts, put_up


async def test_every_route_is_led_to_as_the_framework_would_lead() -> None:
    app = create_app(Settings())
    asked = [
        (method, re.sub(r"\{[^}]+\}", "x", route.path))
        for router in ROUTERS
        for route in router.routes
        for method in sorted(route.methods)  # type: ignore[attr-defined]
    ]
    assert len(asked) > 60
    for method, path in asked:
        scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
        found = next(route for route in app.router.routes if route.matches(dict(scope))[0] is Match.FULL)
        has_no_sign = path.startswith(("/db/", "/problems/"))  # a parameter stands among its first two parts
        assert led_to(app, dict(scope)) is (None if has_no_sign else found), path


def led_to(app: FastAPI, scope: Scope) -> object:
    signposts = app.router.middleware_stack
    assert isinstance(signposts, Signposts)
    return next((one for one, _ in signposts.candidates(scope["path"]) if one.matches(scope)[0] is Match.FULL), None)


@pytest.fixture
def app() -> FastAPI:
    made, one, two, barred = FastAPI(), APIRouter(), APIRouter(), []

    @one.get("/v1/things/{id}")
    async def thing(id: str, request: Request) -> list[str]:  # noqa: A002
        return ["thing", id, request.scope["route"].path, *barred]

    @one.get("/v1/things/special")
    async def never() -> list[str]:
        return ["never"]

    @two.put("/v1/things/{id}")
    async def put(id: str) -> list[str]:  # noqa: A002
        return ["put", id]

    @two.get("/v1/files/{path:path}")
    async def file(path: str) -> list[str]:
        return ["file", path]

    async def bar() -> None:
        barred.append("asked")

    put_up(made, [one, two], [Depends(bar)])
    return made


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/v1/things/a", 200, ["thing", "a", "/v1/things/{id}", "asked"]),
        ("GET", "/v1/things/special", 200, ["thing", "special", "/v1/things/{id}", "asked"]),
        ("PUT", "/v1/things/a", 200, ["put", "a"]),
        ("GET", "/v1/files/a/b", 200, ["file", "a/b"]),
        ("GET", "/v1/things/a/b", 404, None),
        ("GET", "/v1/nothing", 404, None),
        ("DELETE", "/v1/things/a", 405, None),
        ("GET", "/v1/things/a/", 307, None),
        ("GET", "/", 404, None),
    ],
)
async def test_what_is_found_what_is_not_and_what_stands_before_it(
    app: FastAPI, method: str, path: str, status: int, said: list[str] | None
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    if said is not None:
        assert answer.json() == said


async def test_where_nothing_leads_the_framework_looks_itself() -> None:
    asked: list[str] = []

    async def beyond(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])

    async def nothing(*_: object) -> None:
        return

    await Signposts(beyond, {})({"type": "http", "path": "/v1/x"}, nothing, nothing)  # type: ignore[arg-type]
    await Signposts(beyond, {})({"type": "lifespan", "path": "at start"}, nothing, nothing)  # type: ignore[arg-type]
    assert asked == ["/v1/x", "at start"]


async def test_a_parameter_that_is_not_known_is_refused_with_those_that_are_near() -> None:
    app = create_app(Settings(log_level="error"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:

        async def refused(path: str, name: str) -> str:
            answer = await client.get(path)
            body = answer.json()
            assert (answer.status_code, body["code"]) == (422, "invalid_ask"), body
            assert body["errors"][0]["pointer"] == f"/{name}"
            return str(body["detail"])

        assert "did you mean limit" in await refused("/v1/observations?limt=5", "limt")
        assert "did you mean as_of" in await refused("/v1/claims/x?as-of=2026-01-01", "as-of")
        assert "it takes as_at, as_of" in await refused("/v1/claims/x?_", "_")
        assert "it takes none" in await refused("/v1/queries?a=1&a=2", "a")
        assert "updated_since" in await refused("/v1/documents?updated=2026-01-01", "updated")
        assert (await client.get("/healthz?a=1")).status_code == 200
        assert (await client.get("/v1/nothing?a=1")).status_code == 404
