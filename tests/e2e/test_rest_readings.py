"""Readings over REST, on both servers: the rows are those of the command, narrowed and bounded where asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.schemas_readings import ReadingList
from graph.endpoint import Endpoint
from graph.store import GraphStore
from tests.e2e.moves_kit import Command, ingest
from tests.e2e.rest_kit import got, in_every_form, refused, serving

ASK = {"instrument": "daycoin", "on": "2024-05-15"}


@pytest.fixture
async def client(store: GraphStore, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    await ingest(store, tmp_path)
    async with serving(store, tmp_path) as ready:
        yield ready


async def test_rest_and_the_command_tell_the_same_readings(
    client: httpx.AsyncClient, endpoint: Endpoint, tmp_path: Path
) -> None:
    answer = await client.get("/v1/readings", params=ASK)
    body = ReadingList.model_validate_json(answer.content)
    assert (body.move.instrument, body.move.start, body.move.end) == ("daycoin", "2024-05-14", "2024-05-15")
    assert body.count == len(body.items) > 3
    assert body.truncated is False
    assert {row.subject for row in body.items} == {"acme", "daycoin"}
    done = await Command(endpoint=endpoint, data=tmp_path).run("readings", "daycoin", "--on", "2024-05-15", "--json")
    assert done.code == 0, done.err
    names = ("subject", "reading", "window", "value", "percentile", "series")
    told = [[row[name] for name in names] for row in json.loads(done.out)]
    assert [[getattr(row, name) for name in names] for row in body.items] == told


async def test_readings_are_narrowed_and_the_bound_shows(client: httpx.AsyncClient) -> None:
    whole = await got(client, "/v1/readings", **ASK)
    assert await in_every_form(client, "/v1/readings", **ASK) == whole["items"]
    own = await got(client, "/v1/readings", **ASK, subject="acme")
    assert own["items"] == [row for row in whole["items"] if row["subject"] == "acme"]
    assert own["count"] == whole["count"]
    outer = await got(client, "/v1/readings", **ASK, unusual=25)
    assert outer["items"] == [row for row in whole["items"] if abs(row["percentile"] - 50.0) >= 25.0]
    first = await got(client, "/v1/readings", **ASK, limit=1)
    assert (first["items"], first["truncated"]) == (whole["items"][:1], True)
    cut = await client.get("/v1/readings", params=ASK | {"limit": "1"}, headers={"Accept": "text/csv"})
    assert cut.headers["x-truncated"] == "rows"


async def test_what_cannot_be_asked_is_a_problem(client: httpx.AsyncClient) -> None:
    refused(await client.get("/v1/readings", params={"on": "2024-05-15"}), 422, "invalid_request")
    refused(await client.get("/v1/readings", params=ASK | {"unusual": "60"}), 422, "invalid_request")
    body = refused(await client.get("/v1/readings", params={"instrument": "daycoin"}), 422, "invalid_ask")
    assert body["errors"][0]["pointer"] == "/start"
    missing = await client.get("/v1/readings", params=ASK | {"instrument": "daycoyn"})
    assert "daycoin" in refused(missing, 404, "not_in_graph")["errors"][0]["near"]
    stretch = {"instrument": "daycoin", "start": "2025-01-01", "end": "2025-01-02"}
    assert (
        "whymove ingest table"
        in refused(await client.get("/v1/readings", params=stretch), 422, "invalid_ask")["detail"]
    )
