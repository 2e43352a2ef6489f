"""Answers that last are made once, and given again as if they had been made anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Response

from api.calls import CALL, Call, Caller
from api.conditional import Conditional
from api.lasting import Lasting
from api.metrics import Metrics
from api.middleware import RequestTrail

ONE, OTHER = (f"/v1/explanations/exp_{digit * 16}" for digit in "12")


@dataclass(slots=True)
class Stage:
    """A client, and how often each address was made."""

    client: httpx.AsyncClient
    made: list[str] = field(default_factory=list)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    app = FastAPI()
    app.add_middleware(Conditional)
    app.add_middleware(Lasting, most=3000)
    app.add_middleware(RequestTrail, body_limit=1000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        ready = Stage(client)

        @app.get("/v1/explanations/{id}")
        async def explanation(id: str) -> Response:  # noqa: A002
            ready.made.append(id[4])
            return Response(id * 100, 404 if id.endswith("9") else 200, headers={"X-Own": "kept"})

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


async def test_what_was_made_for_one_scope_is_not_given_to_another(stage: Stage) -> None:
    for scopes in ({"read"}, {"read"}, {"cypher"}, None):
        caller = None if scopes is None else Caller(id="key:a", scopes=frozenset(scopes))
        token = CALL.set(Call(request_id="r", caller=caller, audit=Nowhere(), count=Metrics(), turns=None))
        await stage.client.get(ONE)
        CALL.reset(token)
    assert stage.made == ["1", "1", "1"]


class Nowhere:
    """An audit that is not read."""

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Drop a line."""
