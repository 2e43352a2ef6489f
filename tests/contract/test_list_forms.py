"""Every list comes as JSON, lines, CSV or Arrow, by `Accept`; what is not written is 406 with what is."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow as pa
import pytest
from fastapi import APIRouter

from api.app import create_app
from api.columns import arrow_of
from api.deprecation import retires
from api.settings import Settings
from tests.e2e.rest_kit import refused
from tests.fakes import FakeStore

ARROW = "application/vnd.apache.arrow.stream"
BTC = {"id": "btcusd", "name": "=1+1", "kind": "crypto spot", "symbol": None, "asset_class": "crypto", "aliases": ["b"]}


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = FakeStore({"MATCH (i:Instrument)": [BTC, BTC | {"id": "etf", "name": "Fund"}]})
    app = create_app(Settings(data=tmp_path, log_level="error"), store)  # type: ignore[arg-type]
    router = APIRouter()

    @router.get("/v1/old")
    @retires(date(2026, 1, 1), date(2027, 1, 1), "/v1/new")
    async def old() -> dict[str, int]:
        return {"a": 1}

    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


async def got(http: httpx.AsyncClient, path: str, kind: str) -> httpx.Response:
    answer = await http.get(path, headers={"Accept": kind})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == kind.split(";", maxsplit=1)[0]
    assert "Accept" in answer.headers["vary"]
    return answer


async def rows(http: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await got(http, path, "application/json")).json()["items"]
    return found


@pytest.mark.parametrize("path", ["/v1/templates?limit=3", "/v1/instruments?limit=1"])
async def test_all_forms_say_the_same(http: httpx.AsyncClient, path: str) -> None:
    items = await rows(http, path)
    assert items
    for kind in ("application/jsonl", "application/x-ndjson"):
        events = [orjson.loads(line) for line in (await got(http, path, kind)).content.splitlines()]
        assert [event["$event"] for event in events] == ["Header", *["Record"] * len(items), "Summary"]
        fields = events[0]["_body"]["fields"]
        assert [dict(zip(fields, event["_body"], strict=True)) for event in events[1:-1]] == items
        assert events[-1]["_body"]["next_cursor"]
    table = pa.ipc.open_stream((await got(http, path, ARROW)).content).read_all()
    assert table.column_names == list(items[0])
    assert table.column("id").to_pylist() == [item["id"] for item in items]
    assert {b"as_of", b"as_at", b"next_cursor"} == set(table.schema.metadata)
    lines = list(csv.DictReader(io.StringIO((await got(http, path, "text/csv")).text)))
    assert [line["id"] for line in lines] == [item["id"] for item in items]


async def test_the_next_page_is_told_in_every_form(http: httpx.AsyncClient) -> None:
    first = await got(http, "/v1/templates?limit=2", "text/csv")
    following = first.headers["link"].split(">")[0].removeprefix("<")
    second = list(csv.DictReader(io.StringIO((await got(http, following, "text/csv")).text)))
    assert [row["id"] for row in second] == [row["id"] for row in (await rows(http, "/v1/templates?limit=4"))[2:]]
    assert first.headers["x-as-of"]


async def test_no_cell_of_a_csv_is_a_formula(http: httpx.AsyncClient) -> None:
    lines = list(csv.DictReader(io.StringIO((await got(http, "/v1/instruments", "text/csv")).text)))
    assert lines[0]["name"] == "'=1+1"
    assert lines[0]["aliases"] == '["b"]'
    assert lines[0]["symbol"] == ""


async def test_csv_comes_as_it_is_where_that_is_asked_for(http: httpx.AsyncClient) -> None:
    raw = await got(http, "/v1/instruments", "text/csv; formulas=raw")
    assert raw.headers["content-type"].endswith("; formulas=raw")
    assert next(csv.DictReader(io.StringIO(raw.text)))["name"] == "=1+1"
    for kind in ("text/csv; formulas=safe", "text/csv;q=1, application/json;q=0.1;formulas=raw"):
        safe = await http.get("/v1/instruments", headers={"Accept": kind})
        assert "'=1+1" in safe.text
        assert "formulas" not in safe.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "offered"), [("/v1/instruments", "text/csv"), ("/v1/jobs", ARROW), ("/v1/old", "application/json")]
)
async def test_what_is_not_written_is_refused_with_what_is(http: httpx.AsyncClient, path: str, offered: str) -> None:
    answer = await http.get(path, headers={"Accept": "image/png"})
    assert offered in refused(answer, 406, "not_acceptable")["detail"]


async def test_one_resource_is_json_alone(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/old", headers={"Accept": "text/csv"})
    assert refused(answer, 406, "not_acceptable")["detail"].endswith("these are: application/json")
    for kind in ("*/*", "application/*", "text/html, application/json;q=0.5", ""):
        assert (await http.get("/v1/old", headers={"Accept": kind})).json() == {"a": 1}


async def test_a_failure_is_a_problem_whatever_is_asked_for(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/instruments?limit=0", headers={"Accept": "text/csv"})
    refused(answer, 422, "invalid_request")


async def test_an_address_on_its_way_out_says_so(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/old")
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Fri, 01 Jan 2027 00:00:00 GMT"
    assert answer.headers["link"] == '</v1/new>; rel="successor-version"'
    assert "deprecation" not in (await http.get("/v1/templates")).headers


async def test_every_answer_says_how_long_it_took(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/templates")
    assert float(answer.headers["server-timing"].removeprefix("total;dur=")) >= 0.0


def test_columns_are_typed_by_what_they_hold() -> None:
    rows = [[1, 1, True, "a", None, {"x": 1}, 2**70], [None, 2.5, False, 1, None, [1], 1]]
    content = arrow_of(list("abcdefg"), rows, {"n": 1})
    table = pa.ipc.open_stream(content).read_all()
    types = [str(field.type) for field in table.schema]
    assert types == ["int64", "double", "bool", "string", "string", "string", "double"]
    assert table.to_pylist()[0] == {"a": 1, "b": 1.0, "c": True, "d": "a", "e": None, "f": '{"x":1}', "g": float(2**70)}
    assert table.schema.metadata == {b"n": b"1"}
    assert pa.ipc.open_stream(arrow_of([], [], {})).read_all().num_rows == 0
