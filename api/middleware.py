"""Gives every request its id and its line in the log, and turns what nobody caught into a problem.

Pure ASGI: a layer that wraps request and response objects costs four times the request itself.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from api.problems import PLAIN, problem_of_status
from api.refusals import send_problem
from api.timing import PARTS, field_of

_ACCEPTED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_QUIET = frozenset({"/healthz", "/readyz"})
_log = structlog.get_logger("api")


class RequestTrail:
    """ASGI middleware: `X-Request-Id` in and out, `request.serve` in the log, problem+json for unhandled faults.

    A body of more than `body_limit` bytes (`body_limits` of single paths) is refused as soon as that shows (413), one
    that pauses for more than `body_seconds` as well (408).
    """

    def __init__(
        self,
        app: ASGIApp,
        body_limit: int,
        body_seconds: float = 30.0,
        body_limits: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.body_limit = body_limit
        self.body_limits = body_limits or {}
        self.body_seconds = body_seconds

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
                took = field_of(parts, (time.perf_counter() - began) * 1000)
                own = ((b"x-request-id", request_id.encode()), (b"server-timing", took))
                message["headers"] = [*message.get("headers", ()), *own]
            await send(message)

        began = time.perf_counter()
        parts: dict[str, float] = {}
        PARTS.set(parts)  # of this task alone, which ends with the request, as does what is bound for its lines
        bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, self._limited(scope, receive), send_marked)
        except HTTPException as refused:  # by the limits of bodies, where a layer outside of the routes reads one
            if status:
                raise
            problem, given = problem_of_status(refused.status_code), refused.headers or {}
            extra = [(name.lower().encode(), value.encode()) for name, value in given.items()]
            await send_problem(scope, send_marked, problem, problem.text, extra)
        except Exception:  # the last handler: nothing above it may see a traceback
            _log.exception("request.fail", method=scope["method"], path=_on_one_line(scope["path"]))
            if status:
                raise
            problem = PLAIN["internal-error"]
            await send_problem(scope, send_marked, problem, problem.text)
        if scope["path"] not in _QUIET:
            ms = round((time.perf_counter() - began) * 1000, 1)
            who = {"caller": scope["state"]["caller"]} if "caller" in scope["state"] else {}
            path = _on_one_line(scope["path"])
            _log.info("request.serve", method=scope["method"], path=path, status=status, ms=ms, **who)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        most = self.body_limits.get(scope["path"], self.body_limit)
        seen, more = 0, True

        async def receive_limited() -> Message:
            nonlocal seen, more
            announced = _header(scope, b"content-length")
            if announced.isdigit() and int(announced) > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if not more:
                return await receive()  # what comes after the body is that the client goes, which may take its time
            try:
                async with asyncio.timeout(self.body_seconds):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"Connection": "close"}) from None
            seen += len(message.get("body", b""))
            more = message.get("more_body", False)
            if seen > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        return receive_limited


def _header(scope: Scope, wanted: bytes) -> bytes:
    for name, value in scope["headers"]:
        if name == wanted:
            found: bytes = value
            return found
    return b""


def _on_one_line(path: str) -> str:
    # what an address says must not forge a line of the log
    return path if path.isprintable() else ascii(path)


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    if given and _ACCEPTED.fullmatch(given):
        return given.decode("ascii")
    return f"req_{random.getrandbits(64):016x}"  # tells requests apart, and is no secret
