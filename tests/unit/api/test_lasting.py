"""Answers that hold are made once, and given again as if they had been made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response

from api.calls import CALL, Call, Caller
from api.conditional import Conditional
from api.freshness import LIFE_SECONDS, LOOK_SECONDS, Freshness, made_of, places_of
from api.lasting import Lasting
from api.metrics import Metrics
from api.middleware import RequestTrail
from tests.unit.api.standing_services import Standing

ONE, OTHER = (f"/v1/explanations/exp_{digit * 16}" for digit in "12")
THING, TEMPLATE = "/v1/things/one", "/v1/templates/T01"


@dataclass(slots=True)
class Stage:
    """A client, how often each address was made, and what stands behind it."""

    client: httpx.AsyncClient
    made: list[str] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)
    status: int = 200


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    app, router = FastAPI(), APIRouter()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        ready = Stage(client)

        @router.get("/v1/explanations/{id}")
        @made_of("itself")
        async def explanation(id: str) -> Response:  # noqa: A002
            ready.made.append(id[4])
            return Response(id * 100, 404 if id.endswith("9") else 200, headers={"X-Own": "kept"})

        @router.get("/v1/things/{id}")
        @made_of("graph")
        async def thing(id: str) -> Response:  # noqa: A002
            ready.made.append(id)
            said = f"{id} of {ready.standing.store.told}"
            clocks = {"X-As-Of": "2026-01-01T00:00:00Z", "X-As-At": "2026-01-01T00:00:00Z"}
            return Response(said, ready.status, headers=clocks)

        @router.get("/v1/templates/{id}")
        @made_of("library")
        async def template(id: str) -> Response:  # noqa: A002
            ready.made.append(id)
            return Response(f"{id} of {ready.standing.knowledge}")

        @router.get("/v1/things/all/lists")
        @router.post("/v1/things")
        async def other() -> Response:
            ready.made.append("other")
            return Response("other")

        app.include_router(router)
        freshness = Freshness(services=ready.standing, clock=ready.standing.clock)  # type: ignore[arg-type]
        app.add_middleware(Conditional)
        app.add_middleware(Lasting, places=places_of([router]), freshness=freshness, most=6000)
        app.add_middleware(RequestTrail, body_limit=1000)
        yield ready


async def test_it_is_made_once_and_each_answer_has_its_own_id(stage: Stage) -> None:
    answers = [await stage.client.get(ONE) for _ in range(3)]
    assert stage.made == ["1"]
    assert {(one.status_code, one.content, one.headers["x-own"], one.headers["etag"]) for one in answers} == {
        (200, answers[0].content, "kept", answers[0].headers["etag"])
    }
    ids = [one.headers.get_list("x-request-id") for one in answers]
    assert [len(one) for one in ids] == [1, 1, 1]
    assert len({one[0] for one in ids}) == 3


async def test_whoever_holds_it_is_told_so(stage: Stage) -> None:
    tag = (await stage.client.get(ONE)).headers["etag"]
    again = await stage.client.get(ONE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await stage.client.get(ONE, headers={"If-None-Match": '"other"'})).status_code == 200
    assert stage.made == ["1"]


@pytest.mark.parametrize("path", [f"{ONE}?a=1", "/v1/explanations/exp_other", "/v1/explanations/exp_9999999999999999"])
async def test_what_may_change_and_what_failed_is_made_anew(stage: Stage, path: str) -> None:
    for _ in range(2):
        await stage.client.get(path)
    assert len(stage.made) == 2


async def test_each_form_is_held_for_itself(stage: Stage) -> None:
    for accept in ("application/json", "text/html", "text/html"):
        await stage.client.get(ONE, headers={"Accept": accept})
    assert stage.made == ["1", "1"]


async def test_what_was_asked_for_longest_ago_makes_room(stage: Stage) -> None:
    for path in (ONE, OTHER, ONE, OTHER):  # either fits, not both
        assert (await stage.client.get(path)).status_code == 200
    assert stage.made == ["1", "2", "1", "2"]


async def test_what_is_made_of_the_graph_is_given_again_until_the_graph_is_another(stage: Stage) -> None:
    first = await stage.client.get(THING)
    again = await stage.client.get(THING)
    assert (again.content, again.headers["etag"]) == (b"one of 1", first.headers["etag"])
    stage.standing.store.told = 2
    stage.standing.now += LOOK_SECONDS
    assert (await stage.client.get(THING)).content == b"one of 2"
    assert stage.made == ["one", "one"]


async def test_what_is_given_again_has_the_clocks_of_its_own_request(stage: Stage) -> None:
    assert (await stage.client.get(THING)).headers["x-as-of"] == "2026-01-01T00:00:00Z"
    again = [await stage.client.get(THING) for _ in range(2)]
    assert stage.made == ["one"]
    assert "2026-01-01T00:00:00Z" < again[0].headers["x-as-of"] < again[1].headers["x-as-of"]
    for one in again:
        (recorded,) = one.headers.get_list("x-as-at")  # that of the look by which the answer holds
        assert "2026-01-01T00:00:00Z" < recorded <= one.headers["x-as-of"]


async def test_nothing_made_of_the_graph_is_given_for_long(stage: Stage) -> None:
    for _ in range(2):
        await stage.client.get(THING)
        stage.standing.now += LIFE_SECONDS * 0.9
    assert stage.made == ["one"]
    stage.standing.now += LIFE_SECONDS * 0.2
    await stage.client.get(THING)
    assert stage.made == ["one", "one"]


async def test_while_the_graph_is_down_nothing_made_of_it_is_given(stage: Stage) -> None:
    await stage.client.get(THING)
    stage.standing.store.down, stage.standing.now = True, stage.standing.now + LOOK_SECONDS
    for _ in range(2):
        await stage.client.get(THING)
    assert stage.made == ["one"] * 3


@pytest.mark.parametrize("fields", [{"Cache-Control": "no-cache"}, {"Pragma": "no-cache"}])
async def test_whoever_says_so_has_it_made_anew_for_the_next_ones_too(stage: Stage, fields: dict[str, str]) -> None:
    await stage.client.get(THING)
    stage.standing.store.told = 2
    assert (await stage.client.get(THING)).content == b"one of 1"
    assert (await stage.client.get(THING, headers=fields)).content == b"one of 2"
    assert (await stage.client.get(THING)).content == b"one of 2"
    assert stage.made == ["one", "one"]


async def test_after_a_change_by_this_service_the_graph_is_asked_again(stage: Stage) -> None:
    await stage.client.get(THING)
    stage.standing.store.told = 2
    await stage.client.post("/v1/things")
    assert (await stage.client.get(THING)).content == b"one of 2"


async def test_templates_are_given_again_without_a_graph_until_they_change(stage: Stage) -> None:
    stage.standing.store.down = True
    for _ in range(2):
        assert (await stage.client.get(TEMPLATE)).content == b"T01 of as it came"
    stage.standing.changed, stage.standing.now = "another", stage.standing.now + LOOK_SECONDS
    assert (await stage.client.get(TEMPLATE)).content == b"T01 of another"
    assert stage.made == ["T01", "T01"]
    assert stage.standing.store.asked_for_it == 0


@pytest.mark.parametrize("path", [f"{THING}?as_of=2026-01-01", "/v1/things/all/lists"])
async def test_other_questions_and_other_routes_are_not_mixed_up_with_it(stage: Stage, path: str) -> None:
    await stage.client.get(THING)
    for _ in range(2):
        await stage.client.get(path)
    assert len(stage.made) == 3


async def test_what_was_not_found_is_found_once_it_is_there(stage: Stage) -> None:
    stage.status = 404
    assert (await stage.client.get(THING)).status_code == 404
    stage.status = 200
    assert (await stage.client.get(THING)).status_code == 200


@pytest.mark.parametrize("path", [ONE, THING])
async def test_what_was_made_for_one_scope_is_not_given_to_another(stage: Stage, path: str) -> None:
    for scopes in ({"read"}, {"read"}, {"cypher"}, None):
        caller = None if scopes is None else Caller(id="key:a", scopes=frozenset(scopes))
        token = CALL.set(Call(request_id="r", caller=caller, audit=Nowhere(), count=Metrics(), turns=None))
        await stage.client.get(path)
        CALL.reset(token)
    assert len(stage.made) == 3


class Nowhere:
    """An audit that is not read."""

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Drop a line."""
