"""Content negotiation for what is JSON at home: lists also as lines of JSON, CSV and Arrow; 406 for anything else.

A list is made as JSON by its route and turned into what `Accept` asks for on the way out, so that no route has to know
of it. Routes that write several forms themselves are passed on as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accepting import accepted, csv_type, formulas_kept
from api.failing import unacceptable
from api.writing_cypher import as_csv, lines, lines_of

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
LINES = ("application/jsonl", "application/x-ndjson")
OF_LISTS = (JSON, *LINES, CSV, ARROW)
_ABOUT = ("as_of", "as_at", "next_cursor")
_OWN = (b"content-type", b"content-length")


class ListForms:
    """ASGI middleware: turns the JSON of a list into the form that is asked for, and refuses what is not written."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        asked = b", ".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
        held: Message | None = None
        pieces: list[bytes] = []

        async def send_form(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                if _is_json(message) and accepted(asked, OF_LISTS) != JSON:
                    held = message
                else:
                    await send(_varied(scope, message))
                return
            if held is None:
                await send(message)
                return
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                await _answer((scope, receive, send), held, b"".join(pieces), asked)

        await self.app(scope, receive, send_form)


def _is_json(start: Message) -> bool:
    kind = next((value for name, value in start.get("headers", ()) if name.lower() == b"content-type"), b"")
    return start["status"] == HTTPStatus.OK and kind.split(b";")[0].strip() == JSON.encode()


def _varied(scope: Scope, start: Message) -> Message:
    """The start of an answer, which says of a list that it has several forms; one resource has its id in the path."""
    if scope.get("path_params") or not _is_json(start):
        return start
    return {**start, "headers": [*start.get("headers", ()), (b"vary", b"Accept")]}


async def _answer(call: tuple[Scope, Receive, Send], start: Message, body: bytes, asked: str) -> None:
    scope, receive, send = call
    content: Any = orjson.loads(body)
    is_list = isinstance(content, dict) and "items" in content and "next_cursor" in content
    offered = OF_LISTS if is_list else (JSON,)
    kind = accepted(asked, offered)
    headers = [*start.get("headers", ()), (b"vary", b"Accept")]
    if kind is None:
        refusal = await unacceptable(Request(scope), offered)
        await refusal(scope, receive, send)
        return
    raw = kind == CSV and formulas_kept(asked)
    body = await asyncio.to_thread(_written, kind, content, raw)
    headers = [(name, value) for name, value in headers if name.lower() not in _OWN]
    said = csv_type(raw=raw) if kind == CSV else kind
    headers += [(b"content-type", said.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(f"x-{name.replace('_', '-')}".encode(), str(content[name]).encode()) for name in _said(content)]
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _said(content: Mapping[str, Any]) -> list[str]:
    return [name for name in _ABOUT if content.get(name) is not None]


def _written(kind: str, content: Mapping[str, Any], raw: bool) -> bytes:
    items = content["items"]
    fields = list(dict.fromkeys(name for item in items for name in item))
    rows = [[item.get(name) for name in fields] for item in items]
    about = {name: content[name] for name in _ABOUT if name in content}
    if kind == ARROW:
        from api.columns import arrow_of

        return arrow_of(fields, rows, about)
    if kind == CSV:
        return as_csv(fields, rows, raw=raw)
    return b"".join(lines(fields, [lines_of(rows)] if rows else [], about))
