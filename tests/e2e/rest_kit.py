"""The API in this process, on the server under test, over the two invented price series."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pyarrow as pa

from api.app import create_app
from api.problems import MEDIA_TYPE
from api.schemas import ProblemBody
from api.settings import Settings
from graph.store import GraphStore


@asynccontextmanager
async def serving(store: GraphStore, data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API over a graph and a data folder."""
    app = create_app(Settings(data=data, log_level="error"), store)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


async def got(client: httpx.AsyncClient, path: str, **params: object) -> dict[str, Any]:
    """The JSON of a read that succeeds."""
    answer = await client.get(path, params={name: str(value) for name, value in params.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def every(client: httpx.AsyncClient, path: str, **params: object) -> list[dict[str, Any]]:
    """All rows of a list, page by page; each page but the last names the next one in `Link` too."""
    rows: list[dict[str, Any]] = []
    cursor: dict[str, object] = {}
    while True:
        answer = await client.get(path, params={name: str(value) for name, value in (params | cursor).items()})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        assert ("link" in answer.headers) == (page["next_cursor"] is not None)
        if page["next_cursor"] is None:
            return rows
        cursor = {"cursor": page["next_cursor"]}


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem body of a request that fails so."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    body = ProblemBody.model_validate_json(answer.content)
    assert (body.status, body.code) == (status, code)
    found: dict[str, Any] = answer.json()
    return found


async def in_every_form(client: httpx.AsyncClient, path: str, **params: object) -> list[dict[str, Any]]:
    """The rows of a list, which lines, CSV and Arrow have as well; what stands beside them is in lines and Arrow."""
    asked = {name: str(value) for name, value in params.items()}
    body = await got(client, path, **asked)
    items: list[dict[str, Any]] = body["items"]
    assert items, "nothing can be told of an empty list"

    async def form(kind: str) -> bytes:
        answer = await client.get(path, params=asked, headers={"Accept": kind})
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].split(";")[0] == kind
        assert answer.headers["vary"] == "Accept"
        return answer.content

    header, *records, summary = (orjson.loads(line) for line in (await form("application/jsonl")).splitlines())
    assert [dict(zip(header["_body"]["fields"], one["_body"], strict=True)) for one in records] == items
    assert summary["_body"].keys() == body.keys() - {"items"}
    table = pa.ipc.open_stream(await form("application/vnd.apache.arrow.stream")).read_all()
    assert (table.column_names, table.num_rows) == (list(items[0]), len(items))
    assert {name.decode() for name in table.schema.metadata or {}} == body.keys() - {"items"}
    rows = list(csv.DictReader(io.StringIO((await form("text/csv")).decode())))
    assert [list(row) for row in rows] == [list(items[0])] * len(items)
    refused(await client.get(path, params=asked, headers={"Accept": "image/png"}), 406, "not_acceptable")
    return items
