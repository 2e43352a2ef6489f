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
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Message

from api.app import create_app
from api.describing_forms import EXAMPLES
from api.settings import Settings
from graph.server import stop

CASE = "2026-02-05-bitcoin-flash-crash"
ASK = {"case": CASE}
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
    answered: dict[str, Any] = {}
    for name, method, path, operation in wanted(description):
        whole = _with_ids(path, answered)
        query = "" if "{" in path or method != "GET" else _query(operation)
        if whole is None:
            print(f"no id for {path}")
            continue
        status, body = await call(app, method, whole, query, example_of(operation))
        if status >= 300 or body is None:
            print(f"{status} {method} {whole}?{query}: {str(body)[:200]}")
            continue
        found[name] = {"status": str(status), "body": cut(body)}
        if method == "GET" and "{" not in path:
            answered[path] = body
    return found


def _query(operation: Node) -> str:
    needed = {"case": CASE, "instrument": "btcusd", "on": "2026-02-05"}
    names = [part["name"] for part in operation.get("parameters", ()) if part.get("required")]
    return "&".join(f"{name}={needed[name]}" for name in names if name in needed)


def _with_ids(path: str, answered: Node) -> str | None:
    if "{" not in path:
        return path
    before, _, rest = path.partition("/{")
    items = answered.get(before, {}).get("items") if isinstance(answered.get(before), dict) else None
    if not items:
        return None
    return f"{before}/{items[0].get('id', items[0].get('name'))}{rest.partition('}')[2]}"


async def main() -> None:
    """Record all, and write the file."""
    os.environ.pop("WHYMOVE_GRAPH_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), log_level="error")
        app = create_app(settings)
        try:
            async with app.router.lifespan_context(app):
                await call(app, "POST", "/v1/explanations", body=ASK)
                found = await record(app, app.openapi())
        finally:
            stop(Path(folder) / "graph")
    EXAMPLES.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    print(f"{len(found)} examples")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
