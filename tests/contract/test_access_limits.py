"""How much each caller may ask, and what is written down and counted of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.mcp_serving import PATH as MCP
from api.mcp_serving import mcp_app, open_services
from api.settings import Settings
from graph.analysts import Answer
from tests.access_kit import Guarded, bearer, guarded, refused
from tests.fakes import FakeStore


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Guarded]:
    async with guarded(tmp_path) as found:
        yield found


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


async def test_agents_and_rest_take_from_one_bucket(tmp_path: Path) -> None:
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    async with guarded(tmp_path, rate_limit=9) as service:
        settings = Settings(data=tmp_path, auth="required", log_level="error", rate_limit=9)
        known, text = service.keys.create("agent", ["read"])
        async with open_services(settings, FakeStore()) as services, mcp_app(settings, services) as app:  # type: ignore[arg-type]
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8010") as agents:
                answer = await agents.post(MCP, json=ping, headers={**bearer(text), "Accept": "application/json"})
                assert answer.status_code == 200, answer.text
        table = service.app.state.door.shares.table
        service.app.state.door.shares.clock = lambda: 0.0
        with table.slot(f"key:{known.id}") as slot:
            held, at = slot.bucket
            assert held == 8.0
            slot.keep(held, 0.0)  # when the clock of the service stands
        answer = await service.http.get("/v1/templates?limit=1", headers=bearer(text))
        assert answer.headers["ratelimit"].startswith('"minute";r=7;')
        assert at > 0.0


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

    async def ask(self, *_: object, **__: object) -> Answer:
        self.asked += 1
        if self.asked == 3:
            self.third.set()
        await self.go.wait()
        return Answer(fields=("n",), pieces=[b"[1]"], count=1, bytes=4, whole=True)


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
