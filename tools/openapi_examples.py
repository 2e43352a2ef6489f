"""Records the examples of answers that the description shows: `python -m tools.openapi_examples`.

Asks every operation of a service over an embedded graph with the bundled case of bitcoin, and keeps what it answers in
`api/examples.json`, each list cut to its first element. Operations that cannot be asked so are printed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Message

from api.app import create_app
from api.describing_forms import EXAMPLES
from api.settings import Settings
from graph.reading import Clocks
from graph.server import stop
from graph.store import GraphStore
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from ingest.documents import bundled_documents, load_document
from ingest.storing import settle_figures, store_document

CASE = "2026-02-05-bitcoin-flash-crash"
ASK = {"case": CASE}
NAMED = {"/problems": "overloaded", "/v1/queries": "Q2"}  # ids to ask for, where the first of a list will not do
LEFT_OUT = {("POST", "/v1/ingest-jobs")}  # asks other hosts
Node = dict[str, Any]


async def call(app: FastAPI, method: str, path: str, query: str = "", body: object = None) -> tuple[int, object]:
    """The status of one request to the application and its JSON, None where it is no JSON."""
    sent: list[Message] = []
    content = b"" if body is None else orjson.dumps(body)
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"host", b"localhost"), (b"accept", b"application/json")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    whole = b"".join(message.get("body", b"") for message in sent[1:])
    try:
        return sent[0]["status"], orjson.loads(whole)
    except orjson.JSONDecodeError:
        return sent[0]["status"], None


def cut(value: object) -> object:
    """The value with each list cut to its first element."""
    if isinstance(value, list):
        return [cut(one) for one in value[:1]]
    return {name: cut(one) for name, one in value.items()} if isinstance(value, dict) else value


def wanted(description: Node) -> Iterator[tuple[str, str, str, Node]]:
    """Every operation that answers in JSON: its id, method, path and description, those that create first."""
    found = [
        (operation["operationId"], method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if any("application/json" in one.get("content", {}) for one in operation["responses"].values())
    ]
    yield from sorted(found, key=lambda one: (one[1] != "POST", one[2].count("{"), one[2]))


def example_of(operation: Node) -> object:
    """The first example of a request body."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return next((one["value"] for one in content.get("examples", {}).values()), content.get("example"))


async def record(app: FastAPI, description: Node) -> dict[str, object]:
    """What every operation answers, by its id."""
    found: dict[str, object] = {}
    answered: dict[str, Any] = {path: {"items": [{"id": id_}]} for path, id_ in NAMED.items()}
    left = [one for one in wanted(description) if (one[1], one[2]) not in LEFT_OUT]
    for _ in range(2):  # what needs the id of something that a list gives comes in the second round
        later = []
        for name, method, path, operation in left:
            whole = _with_ids(path, answered)
            if whole is None:
                later.append((name, method, path, operation))
                continue
            query = _query(operation) if method == "GET" and "{" not in path else ""
            status, body = await call(app, method, whole, query, example_of(operation))
            if status >= 300 or body is None:
                print(f"{status} {method} {whole}?{query}: {str(body)[:200]}")
                continue
            found[name] = {"status": str(status), "body": cut(body)}
            if "{" not in path:
                _remember(answered, path, body)
        left = later
    for name, *_ in left:
        print(f"no id for {name}")
    return found


def _remember(answered: Node, path: str, body: object) -> None:
    """Keep what a list gave, and what was made where there is no list of it."""
    if isinstance(body, dict) and "items" in body:
        answered.setdefault(path, body)
    elif isinstance(body, dict) and body.get("id"):
        answered.setdefault(path, {"items": [body]})


def _query(operation: Node) -> str:
    needed = {"case": CASE, "instrument": "btcusd", "on": "2026-02-05", "move": "down"}
    known = {part["name"]: part.get("required", False) for part in operation.get("parameters", ())}
    names = [name for name, required in known.items() if required or (name == "on" and known.get("instrument"))]
    return "&".join(f"{name}={needed[name]}" for name in names if name in needed)


def _with_ids(path: str, answered: Node) -> str | None:
    if "{" not in path:
        return path
    before, _, rest = path.partition("/{")
    items = answered.get(before, {}).get("items") if isinstance(answered.get(before), dict) else None
    if not items:
        return None
    return f"{before}/{items[0].get('id', items[0].get('name'))}{rest.partition('}')[2]}"


async def fill(store: GraphStore) -> None:
    """Add the documents of the case, and what can be recomputed of their claims."""
    for path in bundled_documents(CASE):
        await store_document(store, load_document(path))
    await settle_figures(store, None)
    now = datetime.now(UTC)
    world, _ = await read_world(store, None, Clocks(as_of=now, as_at=now))
    await store.upsert(check_batch(check_all(world.readings.values(), world)))


async def main() -> None:
    """Record all, and write the file."""
    os.environ.pop("WHYMOVE_GRAPH_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), log_level="error")
        app = create_app(settings)
        try:
            async with app.router.lifespan_context(app):
                await call(app, "POST", "/v1/explanations", body=ASK)
                await fill(app.state.services.store)
                found = await record(app, app.openapi())
        finally:
            stop(Path(folder) / "graph")
    EXAMPLES.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    print(f"{len(found)} examples")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
