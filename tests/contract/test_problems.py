"""Every failure has a row, every row a page, and every failed request a problem body, over an in-memory graph."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

import api.errors
import causal.errors
import graph.errors
import ingest.errors
from api.app import create_app
from api.problems import CLASSES, MEDIA_TYPE, PROBLEMS, problem_of
from api.schemas import ProblemBody
from api.settings import Settings
from tests.fakes import FakeStore

ERRORS = [
    kind
    for module in (api.errors, causal.errors, graph.errors, ingest.errors)
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, Exception) and kind.__module__ == module.__name__
]
NAMES = {"MATCH (i:Instrument)\nRETURN": [{"id": "btcusd", "symbol": "BTC", "name": "Bitcoin", "aliases": []}]}
BTC = {"instrument": "btcusd", "start": "2031-02-04", "end": "2031-02-05"}


@asynccontextmanager
async def client(store: FakeStore, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(data=folder, log_level="error"), store)  # type: ignore[arg-type]
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
            yield found


def checked(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a failed request, after what every problem body must hold."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    body = ProblemBody.model_validate_json(response.content)
    assert body.status == status
    assert body.code == code
    assert body.type == f"/problems/{code.replace('_', '-')}"
    assert body.request_id == response.headers["x-request-id"]
    assert body.instance == response.request.url.path
    return response.json()


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_class_has_a_row(kind: type[Exception]) -> None:
    assert kind in CLASSES


def test_a_subclass_without_a_row_has_that_of_its_base() -> None:
    class StillBootingError(graph.errors.GraphUnavailableError):
        """A server that has not finished starting."""

    assert problem_of(StillBootingError("wait")).slug == "graph-unavailable"


async def test_every_problem_has_its_page(tmp_path: Path) -> None:
    async with client(FakeStore(), tmp_path) as http:
        for slug, problem in PROBLEMS.items():
            response = await http.get(f"/problems/{slug}")
            assert response.status_code == 200
            assert response.json()["title"] == problem.title
        body = checked(await http.get("/problems/graph-unavailabel"), 404, "not_found")
    assert "graph-unavailable" in body["errors"][0]["near"]


async def test_an_unknown_instrument_proposes_near_names(tmp_path: Path) -> None:
    async with client(FakeStore(NAMES), tmp_path) as http:
        response = await http.post("/v1/explanations", json=BTC | {"instrument": "bitcon"})
    body = checked(response, 404, "not_in_graph")
    assert body["errors"] == [
        {"pointer": "/instrument", "detail": "unknown instrument 'bitcon'; did you mean btcusd?", "near": ["btcusd"]}
    ]


async def test_malformed_json_is_400_and_says_where(tmp_path: Path) -> None:
    async with client(FakeStore(), tmp_path) as http:
        response = await http.post(
            "/v1/explanations", content=b'{"instrument": ', headers={"Content-Type": "application/json"}
        )
    assert "character" in checked(response, 400, "malformed_json")["errors"][0]["detail"]


async def test_a_field_that_is_not_known_is_refused_by_its_pointer(tmp_path: Path) -> None:
    async with client(FakeStore(), tmp_path) as http:
        response = await http.post("/v1/explain", json=BTC | {"begin": "2031-02-04"})
    assert [fault["pointer"] for fault in checked(response, 422, "invalid_request")["errors"]] == ["/begin"]


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"as_of": "2031-02-05T12:00:00"}, "/as_of", "has no time zone"),
        ({"start": "2031-02-04T12:00:00"}, "/start", "has no time zone"),
        ({"start": "soon"}, "/start", "neither a date nor an instant"),
        ({"end": "2031-02-01"}, "/end", "does not come after the start"),
        ({"end": None}, "/end", "missing"),
        ({"instrument": None}, "/instrument", "dates without an instrument"),
    ],
)
async def test_a_question_that_cannot_be_asked_says_what_to_write(
    tmp_path: Path, change: dict[str, Any], pointer: str, words: str
) -> None:
    async with client(FakeStore(), tmp_path) as http:
        body = checked(await http.post("/v1/explanations", json=BTC | change), 422, "invalid_ask")
    assert body["errors"][0]["pointer"] == pointer
    assert words in body["detail"]


async def test_a_clock_in_the_future_is_refused(tmp_path: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    async with client(FakeStore(), tmp_path) as http:
        posted = await http.post("/v1/explanations", json=BTC | {"as_of": tomorrow})
        listed = await http.get("/v1/events", params={"as_of": tomorrow})
    assert "lies in the future" in checked(posted, 422, "invalid_ask")["detail"]
    assert "lies in the future" in checked(listed, 422, "invalid_ask")["detail"]


async def test_a_graph_that_is_down_is_503_with_retry_after(tmp_path: Path) -> None:
    async with client(FakeStore(down=True), tmp_path) as http:
        posted = await http.post("/v1/explanations", json=BTC)
        listed = await http.get("/v1/instruments")
        ready = await http.get("/readyz")
        alive = await http.get("/healthz")
    for response in (posted, listed):
        checked(response, 503, "graph_unavailable")
        assert response.headers["retry-after"] == "7"
    assert ready.status_code == 503
    assert ready.json()["status"] == "not_ready"
    assert "bolt://127.0.0.1:1" in ready.json()["checks"]["graph"]
    assert alive.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/explanations/exp_none", 404, "not_in_graph"),
        ("DELETE", "/v1/explanations", 405, "method_not_allowed"),
        ("GET", "/v1/events?cursor=abc", 400, "unknown_cursor"),
        ("GET", "/v1/events?limit=501", 422, "invalid_request"),
    ],
)
async def test_framework_failures_are_problems_too(
    tmp_path: Path, method: str, path: str, status: int, code: str
) -> None:
    async with client(FakeStore(), tmp_path) as http:
        checked(await http.request(method, path), status, code)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/explanations", "GET, HEAD, POST"),
        ("/v1/explanations/batch", "POST"),
        ("/v1/explanations/exp_1", "GET, HEAD"),
        ("/v1/jobs/job_1", "DELETE, GET, HEAD"),
        ("/v1/forecasts", "GET, HEAD, POST"),
    ],
)
async def test_a_405_names_every_method_of_the_address(tmp_path: Path, path: str, allowed: str) -> None:
    async with client(FakeStore(), tmp_path) as http:
        response = await http.request("OPTIONS", path)
    checked(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed


async def test_another_media_type_is_415(tmp_path: Path) -> None:
    async with client(FakeStore(), tmp_path) as http:
        response = await http.post("/v1/explanations", content=b"{}", headers={"Content-Type": "text/plain"})
    checked(response, 415, "unsupported_media_type")


async def test_a_body_that_is_too_large_is_413(tmp_path: Path) -> None:
    async def piecewise() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b"b" * 1_000

    async with client(FakeStore(), tmp_path) as http:
        announced = await http.post("/v1/explanations", json={"instrument": "b" * 70_000})
        streamed = await http.post(
            "/v1/explanations", content=piecewise(), headers={"Content-Type": "application/json"}
        )
    checked(announced, 413, "body_too_large")
    checked(streamed, 413, "body_too_large")


async def test_a_fault_of_ours_is_500_without_its_text(tmp_path: Path) -> None:
    class Broken(FakeStore):
        async def read(self, *_: Any, **__: Any) -> Any:
            raise ZeroDivisionError("secret detail")

    async with client(Broken(), tmp_path) as http:
        response = await http.get("/v1/instruments")
    checked(response, 500, "internal_error")
    assert "secret" not in response.text


@pytest.mark.parametrize(
    ("given", "kept"), [("trace-1", True), ("a b", False), ("x" * 65, False)], ids=["short", "blank", "long"]
)
async def test_a_request_id_is_kept_when_it_is_well_formed(tmp_path: Path, given: str, kept: bool) -> None:
    async with client(FakeStore(), tmp_path) as http:
        response = await http.get("/healthz", headers={"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept
