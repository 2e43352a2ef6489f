"""A POST with an `Idempotency-Key` is served once: what the same and another request with that key are answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from api.app import create_app
from api.idempotency import MOST_BYTES
from api.ledger import Ledger
from api.settings import Settings
from tests.e2e.rest_kit import refused
from tests.fakes import FakeStore

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


class Counter:
    """A resource that counts how often it was created; `answers` are the statuses of the next answers."""

    def __init__(self) -> None:
        self.made = 0
        self.answers: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        self.time = 1_000_000.0

    async def create(self, request: Request) -> Response:
        self.made += 1
        body = await request.body()
        self.reached.set()
        await self.gate.wait()
        if body == b"large":
            return Response(b"x" * (MOST_BYTES + 1), 201)
        status = self.answers.pop(0) if self.answers else 201
        return Response(b"%d:%b" % (self.made, body), status, headers={"Location": f"/v1/counters/{self.made}"})


@asynccontextmanager
async def serving(folder: Path, counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = create_app(Settings(data=folder, log_level="error"), FakeStore())  # type: ignore[arg-type]
    app.state.ledger = Ledger(folder / "ledger.sqlite3", lambda: counter.time)
    app.router.add_route("/v1/counters", counter.create, methods=["POST", "PUT"])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as http,
    ):
        yield http


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
async def http(tmp_path: Path, counter: Counter) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(tmp_path, counter) as client:
        yield client


async def test_the_same_request_gets_the_same_answer_and_creates_nothing_twice(
    http: httpx.AsyncClient, counter: Counter
) -> None:
    first = await http.post("/v1/counters", content=b"a", headers=KEY)
    bare = {"idempotency-key": KEY["Idempotency-Key"].strip('"')}
    second = await http.post("/v1/counters", content=b"a", headers=bare)
    assert (first.status_code, first.content) == (second.status_code, second.content) == (201, b"1:a")
    assert first.headers["location"] == second.headers["location"] == "/v1/counters/1"
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert counter.made == 1


@pytest.mark.parametrize(("path", "body"), [("/v1/counters", b"b"), ("/v1/counters?x=1", b"a")])
async def test_another_request_with_the_key_is_refused(
    http: httpx.AsyncClient, counter: Counter, path: str, body: bytes
) -> None:
    await http.post("/v1/counters", content=b"a", headers=KEY)
    refused(await http.post(path, content=body, headers=KEY), 422, "idempotency_key_reused")
    assert counter.made == 1


async def test_while_the_first_is_being_served_the_second_is_told_to_wait(
    http: httpx.AsyncClient, counter: Counter
) -> None:
    counter.gate.clear()
    first = asyncio.create_task(http.post("/v1/counters", content=b"a", headers=KEY))
    await counter.reached.wait()
    answer = await http.post("/v1/counters", content=b"a", headers=KEY)
    refused(answer, 409, "idempotency_key_in_use")
    assert int(answer.headers["retry-after"]) > 0
    counter.gate.set()
    assert (await first).status_code == 201
    assert (await http.post("/v1/counters", content=b"a", headers=KEY)).content == b"1:a"


@pytest.mark.parametrize("status", [404, 422, 429, 500, 503])
async def test_a_request_that_failed_leaves_its_key_free(
    http: httpx.AsyncClient, counter: Counter, status: int
) -> None:
    counter.answers = [status]
    assert (await http.post("/v1/counters", content=b"a", headers=KEY)).status_code == status
    assert (await http.post("/v1/counters", content=b"a", headers=KEY)).status_code == 201
    assert counter.made == 2


async def test_an_answer_outlives_a_restart_and_goes_after_a_day(tmp_path: Path, counter: Counter) -> None:
    async with serving(tmp_path, counter) as http:
        await http.post("/v1/counters", content=b"a", headers=KEY)
    async with serving(tmp_path, counter) as http:
        assert (await http.post("/v1/counters", content=b"a", headers=KEY)).content == b"1:a"
        counter.time += 86_401.0
        assert (await http.post("/v1/counters", content=b"a", headers=KEY)).content == b"2:a"


async def test_a_key_belongs_to_whoever_sent_it(http: httpx.AsyncClient, counter: Counter) -> None:
    for number, name in enumerate(("one", "two"), 1):
        sent = KEY | {"Authorization": f"Bearer {name}"}
        for _ in range(2):
            assert (await http.post("/v1/counters", content=b"a", headers=sent)).content == b"%d:a" % number


async def test_an_answer_that_is_too_large_to_keep_is_made_again(http: httpx.AsyncClient, counter: Counter) -> None:
    for _ in range(2):
        assert (await http.post("/v1/counters", content=b"large", headers=KEY)).status_code == 201
    assert counter.made == 2


async def test_without_a_key_and_for_other_methods_nothing_is_kept(
    tmp_path: Path, http: httpx.AsyncClient, counter: Counter
) -> None:
    await http.post("/v1/counters", content=b"a")
    await http.put("/v1/counters", content=b"a", headers=KEY)
    await http.put("/v1/counters", content=b"a", headers=KEY)
    assert counter.made == 3
    assert not (tmp_path / "ledger.sqlite3").exists()


@pytest.mark.parametrize("key", ['""', "a b", "x" * 256, "caf\u00e9"])
async def test_what_cannot_be_a_key_is_refused(http: httpx.AsyncClient, counter: Counter, key: str) -> None:
    answer = await http.post("/v1/counters", content=b"a", headers={"Idempotency-Key": key.encode("latin-1")})
    refused(answer, 400, "invalid_idempotency_key")
    assert counter.made == 0


async def test_a_body_that_is_too_large_is_still_413(http: httpx.AsyncClient, counter: Counter) -> None:
    refused(await http.post("/v1/counters", content=b"x" * 70_000, headers=KEY), 413, "body_too_large")
    assert counter.made == 0


async def test_a_data_folder_that_cannot_be_written_is_503(tmp_path: Path, counter: Counter) -> None:
    (tmp_path / "file").write_text("")
    async with serving(tmp_path / "file", counter) as http:
        refused(await http.post("/v1/counters", content=b"a", headers=KEY), 503, "ledger_unavailable")
    assert counter.made == 0
