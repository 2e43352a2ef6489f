"""Jobs over REST: what a client sees of them, hears of them and can end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.jobs.runner import MOST_WAITING, JobRunner
from api.schemas_jobs import JobBody
from api.settings import Settings
from tests.e2e.rest_kit import refused
from tests.fakes import FakeStore
from tests.jobs_kit import Counting, until

BTC = {"instrument": "btcusd", "start": "2031-02-04", "end": "2031-02-05"}


class World:
    """A client, the runner behind it, and the kind of job that it knows beside its own."""

    def __init__(self, http: httpx.AsyncClient, jobs: JobRunner, kind: Counting) -> None:
        self.http = http
        self.jobs = jobs
        self.kind = kind

    async def count(self, **request: int) -> str:
        return (await self.jobs.submit("counting", request, "req_test")).id


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    app = create_app(Settings(data=tmp_path, log_level="error"), FakeStore())  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        runner: JobRunner = app.state.jobs
        runner.kinds["counting"] = kind = Counting()
        yield World(http, runner, kind)


def frames(text: str) -> list[dict[str, str]]:
    """The events of a stream, without its comments."""
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    return [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]


async def test_a_job_says_how_far_it_is_and_what_it_gave(world: World) -> None:
    id_ = await world.count(to=3, stop_at=2)
    await until(world.jobs, id_, lambda job: job.done == 1)
    answer = await world.http.get(f"/v1/jobs/{id_}")
    body = JobBody.model_validate_json(answer.content)
    assert (body.state, body.progress.done, body.progress.total, body.result) == ("running", 1, 3, None)
    assert int(answer.headers["retry-after"]) > 0
    assert body.resume_token == id_
    world.kind.go.set()
    await world.jobs.finished(id_, 20)
    answer = await world.http.get(f"/v1/jobs/{id_}")
    ended = answer.json()
    assert (ended["state"], ended["result"]["counted"], ended["counters"]) == ("succeeded", 3, {"counted": 3})
    assert ended["request"] == {"to": 3, "stop_at": 2}
    assert "retry-after" not in answer.headers
    again = await world.http.get(f"/v1/jobs/{id_}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_jobs_are_listed_page_by_page_the_youngest_first(world: World) -> None:
    ids = [await world.count(to=1) for _ in range(3)]
    failing = await world.count(to=2, fail_at=1)
    for id_ in (*ids, failing):
        await world.jobs.finished(id_, 20)
    seen, path = [], "/v1/jobs?limit=3"
    while path:
        answer = await world.http.get(path)
        seen += [row["id"] for row in answer.json()["items"]]
        path = answer.headers["link"].split(">")[0][1:] if "link" in answer.headers else ""
    assert seen == [failing, *reversed(ids)]
    failed = (await world.http.get("/v1/jobs", params={"state": "failed"})).json()["items"]
    assert [row["id"] for row in failed] == [failing]
    assert failed[0]["error"]["code"] == "invalid_ask"
    assert (await world.http.get("/v1/jobs", params={"kind": "other"})).json()["items"] == []
    refused(await world.http.get("/v1/jobs", params={"cursor": "abc"}), 400, "unknown_cursor")
    refused(await world.http.get("/v1/jobs", params={"state": "lost"}), 422, "invalid_request")


async def test_a_client_hears_every_event_once_also_when_it_comes_back(world: World) -> None:
    id_ = await world.count(to=3)
    await world.jobs.finished(id_, 20)
    answer = await world.http.get(f"/v1/jobs/{id_}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    heard = frames(answer.text)
    assert [(one["id"], one["event"]) for one in heard] == [
        ("1", "progress"),
        ("2", "progress"),
        ("3", "progress"),
        ("4", "done"),
    ]
    rest = await world.http.get(f"/v1/jobs/{id_}/events", headers={"Last-Event-ID": "2"})
    assert frames(rest.text) == heard[2:]
    past = await world.http.get(f"/v1/jobs/{id_}/events", headers={"Last-Event-ID": "4"})
    assert frames(past.text) == []
    bad = await world.http.get(f"/v1/jobs/{id_}/events", headers={"Last-Event-ID": "x"})
    refused(bad, 422, "invalid_request")


async def test_a_job_can_be_cancelled_and_an_unknown_one_is_404(world: World) -> None:
    id_ = await world.count(to=3, stop_at=2)
    await until(world.jobs, id_, lambda job: job.done == 1)
    assert (await world.http.delete(f"/v1/jobs/{id_}")).json()["state"] == "cancelled"
    assert (await world.http.delete(f"/v1/jobs/{id_}")).json()["state"] == "cancelled"
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        refused(await world.http.request(method, f"/v1/jobs/job_none{path}"), 404, "not_found")


async def test_what_could_not_be_asked_becomes_no_job(world: World) -> None:
    async def asked(path: str, body: dict[str, Any]) -> str:
        answer = await world.http.post(path, json=body, headers={"Prefer": "respond-async"})
        found: str = refused(answer, 422, answer.json()["code"])["errors"][0]["pointer"]
        return found

    assert await asked("/v1/explanations", BTC | {"end": "2031-02-01"}) == "/end"
    batch = "/v1/explanations/batch"
    assert await asked(batch, {"instrument": "btcusd"}) == "/min"
    assert await asked(batch, {"min": 0.1}) == "/instrument"
    assert await asked(batch, {"instrument": "btcusd", "min": 0.1, "since": "soon"}) == "/since"
    both = {"instrument": "btcusd", "min": 0.1, "as_of": "2020-01-01", "as_of_close": True}
    assert await asked(batch, both) == "/as_of"
    assert await asked(batch, {"resume_token": "job_x", "min": 0.1}) == "/resume_token"
    assert await asked(batch, {"instrument": "btcusd", "min": -1}) == "/min"
    answer = await world.http.post(batch, json={"resume_token": "job_none"})
    refused(answer, 404, "not_found")
    assert (await world.http.get("/v1/jobs")).json()["items"] == []


async def test_an_explanation_that_fails_later_fails_as_it_would_have_at_once(world: World) -> None:
    now = await world.http.post("/v1/explanations", json=BTC)
    waited = await world.http.post("/v1/explanations", json=BTC, headers={"Prefer": "wait=20"})
    assert (waited.status_code, waited.json()["code"]) == (now.status_code, now.json()["code"]) == (404, "not_in_graph")
    assert waited.headers["preference-applied"] == "wait=20"
    later = await world.http.post("/v1/explain", json=BTC, headers={"Prefer": "respond-async"})
    assert later.status_code == 202
    assert later.headers["preference-applied"] == "respond-async"
    job = await world.jobs.finished(later.json()["id"], 20)
    assert later.headers["location"] == f"/v1/jobs/{job.id}"
    found = (await world.http.get(later.headers["location"])).json()
    assert (found["state"], found["error"]["code"]) == ("failed", "not_in_graph")


async def test_a_queue_that_is_full_is_429(world: World) -> None:
    for _ in range(MOST_WAITING):
        await world.jobs.jobs.add("of nobody", {}, "")
    answer = await world.http.post("/v1/explanations", json=BTC, headers={"Prefer": "respond-async"})
    refused(answer, 429, "too_many_jobs")
    assert int(answer.headers["retry-after"]) > 0
