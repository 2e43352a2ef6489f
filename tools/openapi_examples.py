"""Records the examples of answers that the description shows: `python -m tools.openapi_examples`.

Asks every operation of a service over an embedded graph with the bundled case of bitcoin, and keeps what it answers in
`api/examples.json`, each list cut to its first element, a text to its first lines. What is left out or cannot be asked
so is printed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import Message

from api.app import create_app
from api.describing_forms import EXAMPLES
from api.eventstream import MEDIA_TYPE
from graph.server import stop
from tools.example_world import CASE, FUND, FUND_DAY, SERIES, example_settings, fill

ASK = {"case": CASE}
NAMED = {  # ids to ask for, where the first of a list will not do
    "/problems": "overloaded",
    "/v1/queries": "Q2",
    "/v1/series": SERIES,
}
LEFT_OUT = {"listExplanationChanges": "it does not end", "getExplanationPicture": "a part of a picture is none"}
OF_FUND = {"instrument": FUND, "on": FUND_DAY.isoformat()}  # it has a series of its own
_LINES = 6
Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the status, the media type without its parameters, the tag, and the bytes."""

    status: int
    type: str
    tag: str | None
    content: bytes

    @property
    def json(self) -> object:
        """The content as JSON, None where it is none."""
        try:
            return orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return None


async def call(
    app: FastAPI, method: str, path: str, *, query: str = "", body: object = None, tag: str | None = None
) -> Answer:
    """The answer to one request to the application, which changes what has this tag where one is given."""
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

    headers = [(b"content-type", b"application/json"), (b"host", b"localhost"), (b"accept", b"application/json, */*")]
    if tag is not None:
        headers.append((b"if-match", tag.encode()))
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
    given = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(
        status=sent[0]["status"],
        type=given.get("content-type", "").partition(";")[0],
        tag=given.get("etag"),
        content=b"".join(message.get("body", b"") for message in sent[1:]),
    )


def cut(value: object) -> object:
    """The value with each list cut to its first element; where that is a row of a table, it stays whole."""
    if isinstance(value, list):
        return [one if isinstance(one, list) else cut(one) for one in value[:1]]
    return {name: cut(one) for name, one in value.items()} if isinstance(value, dict) else value


def wanted(description: Node) -> Iterator[tuple[str, str, str, Node]]:
    """Every operation that answers with a body: its id, method, path and description, those that create first."""
    found = [
        (operation["operationId"], method.upper(), path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if any(one.get("content") for status, one in operation["responses"].items() if status < "300")
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
    left = [one for one in wanted(description) if one[0] not in LEFT_OUT]
    for _ in range(2):  # what needs the id of something that a list gives comes in the second round
        later = []
        for name, method, path, operation in left:
            whole = _with_ids(path, answered)
            if whole is None:
                later.append((name, method, path, operation))
                continue
            query = _query(operation) if method == "GET" and "{" not in path else ""
            tag = (await call(app, "GET", whole)).tag if method == "PUT" else None
            answer = await call(app, method, whole, query=query, body=_asked(operation, whole), tag=tag)
            if answer.status >= 300:
                print(f"{answer.status} {method} {whole}?{query}: {answer.content[:200]!r}")
                continue
            found[name] = {"status": str(answer.status), "type": answer.type, "body": _shown(answer)}
            if "{" not in path:
                _remember(answered, path, answer.json)
        left = later
    for name, *_ in left:
        print(f"no id for {name}")
    for name, why in LEFT_OUT.items():
        print(f"left out: {name}: {why}")
    return found


def _asked(operation: Node, path: str) -> object:
    """The first example of its body; what replaces a thing has the id of its address."""
    body = example_of(operation)
    if isinstance(body, dict) and "id" in body and "{" not in path and operation["operationId"].startswith("replace"):
        return {**body, "id": path.rsplit("/", 1)[1], "version": "2"}
    return body


def _shown(answer: Answer) -> object:
    """What of an answer is shown."""
    body = answer.json
    if answer.type == MEDIA_TYPE:
        return _event(answer.content.decode())
    if body is None or not answer.type.endswith("json"):
        return "".join(answer.content.decode().splitlines(keepends=True)[:_LINES])
    if answer.type == "application/provenance+json" and isinstance(body, dict):
        return {**_firsts(body), "bundle": {id_: _firsts(held) for id_, held in body["bundle"].items()}}
    return cut(body)


def _event(stream: str) -> Node:
    """The first event of a stream, in the words by which the description tells of events."""
    frame = next(part for part in stream.split("\n\n") if not part.startswith(":"))
    return dict(line.split(": ", 1) for line in frame.splitlines())


def _firsts(kinds: Node) -> Node:
    """The first of each kind, of which the members have their ids as names, as PROV-JSON has it."""
    return {name: dict(list(held.items())[:1]) for name, held in kinds.items()}


def _remember(answered: Node, path: str, body: object) -> None:
    """Keep what a list gave, and what was made where there is no list of it."""
    if isinstance(body, dict) and "items" in body:
        answered.setdefault(path, body)
    elif isinstance(body, dict) and body.get("id"):
        answered.setdefault(path, {"items": [body]})


def _query(operation: Node) -> str:
    needed = {"case": CASE, "instrument": "btcusd", "on": "2026-02-05", "move": "down"}
    if operation["operationId"] == "listReadings":
        needed |= OF_FUND
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


async def main() -> None:
    """Record all, and write the file."""
    os.environ.pop("WHYMOVE_GRAPH_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        settings = example_settings(Path(folder))
        app = create_app(settings)
        try:
            async with app.router.lifespan_context(app):
                await call(app, "POST", "/v1/explanations", body=ASK)
                await fill(app.state.services.store, settings)
                found = await record(app, app.openapi())
        finally:
            stop(Path(folder) / "graph")
    EXAMPLES.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    print(f"{len(found)} examples")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
