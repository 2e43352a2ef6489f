"""Content negotiation for what is JSON at home: lists also as lines of JSON, CSV and Arrow; 406 for anything else.

A list (what has `items`) is made as JSON by its route and turned into what `Accept` asks for on the way out, so that no
route has to know of it. Routes that write several forms themselves are passed on as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accepting import accepted, csv_type, formulas_kept
from api.errors import NotAcceptableError
from api.failing import on_our_error
from api.writing_cypher import as_csv, lines, lines_of

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
LINES = ("application/jsonl", "application/x-ndjson")
OF_LISTS = (JSON, *LINES, CSV, ARROW)
_SAID = ("as_of", "as_at", "next_cursor")
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
                    await send(_varied(message) if _is_json(message) else message)
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


def _varied(start: Message) -> Message:
    """The start of an answer, which says that it hangs on `Accept`: a list has other forms, one resource none (406)."""
    headers = start.get("headers", ())
    if any(name.lower() == b"vary" for name, _ in headers):
        return start
    return {**start, "headers": [*headers, (b"vary", b"Accept")]}


async def _answer(call: tuple[Scope, Receive, Send], start: Message, body: bytes, asked: str) -> None:
    scope, receive, send = call
    content: Any = orjson.loads(body)
    offered = OF_LISTS if isinstance(content, dict) and "items" in content else (JSON,)
    kind = accepted(asked, offered)
    if kind is None:
        refusal = await on_our_error(Request(scope), NotAcceptableError(offered))
        await refusal(scope, receive, send)
        return
    raw = kind == CSV and formulas_kept(asked)
    body = await asyncio.to_thread(_list_as, kind, content, raw)
    start = _varied(start)
    headers = [(name, value) for name, value in start["headers"] if name.lower() not in _OWN]
    headers += [(b"content-type", type_of(kind, raw=raw).encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in _said(content).items()]
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _said(content: Mapping[str, Any]) -> dict[str, str]:
    """What stands beside the rows, as header fields."""
    said = {f"X-{name.replace('_', '-').title()}": content[name] for name in _SAID if content.get(name) is not None}
    return said | ({"X-Truncated": "rows"} if content.get("truncated") else {})


def _list_as(kind: str, content: Mapping[str, Any], raw: bool) -> bytes:
    items = content["items"]
    fields = list(dict.fromkeys(name for item in items for name in item))
    rows = [[item.get(name) for name in fields] for item in items]
    return rows_as(kind, fields, rows, {name: value for name, value in content.items() if name != "items"}, raw=raw)


def type_of(kind: str, *, raw: bool) -> str:
    """The media type as it is answered; of CSV with its parameters."""
    return csv_type(raw=raw) if kind == CSV else kind


def rows_as(
    kind: str, fields: Sequence[str], rows: Sequence[Sequence[object]], about: Mapping[str, object], *, raw: bool
) -> bytes:
    """Rows with named fields as lines of JSON, CSV (`raw`: with formulas) or Arrow; `about` stands beside them.

    It is the Summary of lines and the metadata of Arrow; CSV has no room for it.
    """
    if kind == ARROW:
        from api.columns import arrow_of

        return arrow_of(fields, rows, about)
    if kind == CSV:
        return as_csv(fields, rows, raw=raw)
    return b"".join(lines(fields, [lines_of(rows)] if rows else [], about))
