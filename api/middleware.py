"""Gives every request its id and its line in the log, and turns what nobody caught into a problem.

Pure ASGI: a layer that wraps request and response objects costs four times the request itself.
"""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from uuid import uuid4

import orjson
import structlog
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import MEDIA_TYPE, PLAIN, body_of

_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/healthz", "/readyz")
_log = structlog.get_logger("api")


class RequestTrail:
    """ASGI middleware: `X-Request-Id` in and out, `request.serve` in the log, problem+json for unhandled faults.

    A body of more than `body_limit` bytes is refused as soon as that shows (413).
    """

    def __init__(self, app: ASGIApp, body_limit: int) -> None:
        self.app = app
        self.body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, self._limited(scope, receive), send_marked)
            except Exception:  # the last handler: nothing above it may see a traceback
                _log.exception("request.fail", method=scope["method"], path=scope["path"])
                if status:
                    raise
                await _send_fault(scope, request_id, send_marked)
            if scope["path"] not in _QUIET:
                ms = round((time.perf_counter() - began) * 1000, 1)
                _log.info("request.serve", method=scope["method"], path=scope["path"], status=status, ms=ms)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        announced = _header(scope, b"content-length")
        too_large = announced.isdigit() and int(announced) > self.body_limit
        seen = 0

        async def receive_limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if too_large or seen > self.body_limit:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        return receive_limited


def _header(scope: Scope, wanted: bytes) -> bytes:
    return next((value for name, value in scope["headers"] if name == wanted), b"")


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    return given.decode("ascii") if _ACCEPTED.fullmatch(given) else f"req_{uuid4().hex[:16]}"


async def _send_fault(scope: Scope, request_id: str, send: Send) -> None:
    problem = PLAIN["internal-error"]
    body = orjson.dumps(body_of(problem, problem.text, instance=scope["path"], request_id=request_id))
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
