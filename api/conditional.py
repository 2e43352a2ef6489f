"""Conditional requests (RFC 9110, section 13): one resource comes with a strong ETag, and is not sent again unchanged.

A resource is what a path with an id in it names. The tag is a digest of the bytes as they are sent, so that each media
type has its own. Lists have none: they echo the clocks of the request.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

VERSIONED = "/v1/"
_OF_THE_BODY = (b"content-type", b"content-length")
_DIGEST_BYTES = 16


class Conditional:
    """ASGI middleware: `ETag` on a GET of one resource, and 304 where `If-None-Match` names it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; what comes in one piece is tagged, what comes in several is passed on as it is."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(VERSIONED):
            await self.app(scope, receive, send)
            return
        held: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_one_resource(scope, message):
                held = message
                return
            if held is None:
                await send(message)
                return
            start, held = held, None
            if message.get("more_body", False):
                await send(start)
                await send(message)
            else:
                await _send_whole(scope, start, message, send)

        await self.app(scope, receive, send_tagged)


def _is_one_resource(scope: Scope, start: Message) -> bool:
    # the router leaves the parameters of the path in the scope
    return start["status"] == HTTPStatus.OK and bool(scope.get("path_params"))


async def _send_whole(scope: Scope, start: Message, body: Message, send: Send) -> None:
    tag = f'"{hashlib.blake2b(body.get("body", b""), digest_size=_DIGEST_BYTES).hexdigest()}"'.encode()
    await send_unless_held(scope, {**start, "headers": [*start.get("headers", ()), (b"etag", tag)]}, body, tag, send)


async def send_unless_held(scope: Scope, start: Message, body: Message, tag: bytes, send: Send) -> None:
    """Send a whole answer, whose header fields hold its tag; 304 without the body to whoever holds it already."""
    if not _named(scope, tag):
        await send(start)
        await send(body)
        return
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in _OF_THE_BODY]
    await send({**start, "status": int(HTTPStatus.NOT_MODIFIED), "headers": kept})
    await send({"type": "http.response.body", "body": b""})


def _named(scope: Scope, tag: bytes) -> bool:
    """Whether `If-None-Match` names the tag, by weak comparison as section 13.1.2 has it, or is `*`."""
    asked = b",".join([value for name, value in scope["headers"] if name == b"if-none-match"])
    if not asked:
        return False
    names = [name.strip().removeprefix(b"W/") for name in asked.split(b",")]
    return tag in names or names == [b"*"]
