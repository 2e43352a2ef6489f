"""The door of the service: how many requests at once, who asks, how much each may ask, and what is written down.

Pure ASGI, and next to nothing where nobody is asked: two counters and a clock. Health is on no pool: it is answered
however much else is being served.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit import Audit
from api.auth import Authenticator
from api.calls import CALL, Call, Caller
from api.errors import ApiError, MissingScopeError, OverloadedError, TooManyRequestsError, UnauthenticatedError
from api.fairness import WINDOW_SECONDS, Share, Shares, limit_field, policy_field
from api.guarding import guarded_routes, scope_table
from api.metrics import Metrics, route_of
from api.refusals import send_error
from api.scopes import PUBLIC, allows

HEALTH = frozenset({"/healthz", "/readyz"})
DESCRIPTION = frozenset({"/openapi.json", "/docs", "/docs/oauth2-redirect"})
AGAIN_SECONDS = 1
_LEFT = 499  # counted where the client went before there was a status


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the gate works with; without `who` nobody is asked who they are, and no caller has a limit of its own."""

    metrics: Metrics
    most: int
    audit: Audit
    shares: Shares
    who: Authenticator | None = None
    public: Public


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """The paths that anybody may ask: these, and what lies below those."""

    these: frozenset[str]
    below: tuple[str, ...]

    def holds(self, path: str) -> bool:
        """Whether anybody may ask this path."""
        return path in self.these or path.startswith(self.below)


def public_paths(routers: Iterable[APIRouter]) -> Public:
    """The paths of the routes that anybody may ask, those with a parameter by what stands before it."""
    paths = [one.route.path for one in guarded_routes(routers) if one.scope == PUBLIC]
    return Public(
        these=DESCRIPTION | {path for path in paths if "{" not in path},
        below=tuple(path.partition("{")[0] for path in paths if "{" in path),
    )


def guard(routers: Iterable[APIRouter]) -> Callable[[Request], Awaitable[None]]:
    """A dependency that lets a caller pass who holds the scope of the route; a route that names none asks for admin."""
    table = scope_table(routers)

    async def may(request: Request) -> None:
        scope = table.get(request.scope["endpoint"], "admin")
        if scope == PUBLIC:
            return
        call = CALL.get()
        if call is None or call.caller is None:
            raise UnauthenticatedError("say who asks: send Authorization: Bearer with an API key", given=False)
        if not allows(call.caller.scopes, scope):
            raise MissingScopeError(scope)

    return may


class Gate:
    """ASGI middleware: bounds, caller, limits, counters and audit of every request."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = _Seen(send)
        began = time.perf_counter()
        self._running += 1
        self.door.metrics.running.inc()
        try:
            await self._serve(scope, receive, seen)
        finally:
            self._running -= 1
            self.door.metrics.running.dec()
            self.door.metrics.served(scope, seen.status, time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, seen: _Seen) -> None:
        if scope["path"] not in HEALTH and self._running > self.door.most:
            self.door.metrics.refused("overload")
            said = f"{self.door.most} requests are being served; ask again in {AGAIN_SECONDS} s"
            await send_error(scope, seen, OverloadedError(said, retry_after=AGAIN_SECONDS))
            return
        if self.door.who is None or self.door.public.holds(scope["path"]):
            await self._as(None, scope, receive, seen)
            return
        try:
            caller = await self.door.who.caller(_authorization(scope), scope["path"])
        except ApiError as error:
            self.door.metrics.refused(type(error).__name__.removesuffix("Error"))
            await send_error(scope, seen, error)
            return
        await self._known(caller, scope, receive, seen)

    async def _known(self, caller: Caller, scope: Scope, receive: Receive, seen: _Seen) -> None:
        """Serve a caller who is known, within the limit, and write the call down."""
        scope["state"]["caller"] = caller.id
        share = self.door.shares.of(caller.id)
        bucket, began = share.bucket, time.perf_counter()
        allowed = bucket.take()
        seen.extra = [(b"ratelimit-policy", policy_field(bucket.size)), (b"ratelimit", limit_field(bucket))]
        try:
            if allowed:
                await self._as(caller, scope, receive, seen, share)
            else:
                self.door.metrics.refused("rate")
                await send_error(scope, seen, TooManyRequestsError(bucket.size, WINDOW_SECONDS, bucket.seconds))
        finally:
            self.door.audit.write("call", _told(caller, scope, seen, (time.perf_counter() - began) * 1000))

    async def _as(
        self, caller: Caller | None, scope: Scope, receive: Receive, seen: _Seen, share: Share | None = None
    ) -> None:
        turns = None if share is None else share.turns
        request_id = scope["state"]["request_id"]
        door = self.door
        token = CALL.set(Call(request_id=request_id, caller=caller, audit=door.audit, count=door.metrics, turns=turns))
        try:
            await self.app(scope, receive, seen)
        finally:
            CALL.reset(token)


class _Seen:
    """A `send` that remembers the status and the bytes of the answer, and adds header fields to it."""

    __slots__ = ("bytes", "extra", "send", "status")

    def __init__(self, send: Send) -> None:
        self.send = send
        self.status = _LEFT
        self.bytes = 0
        self.extra: list[tuple[bytes, bytes]] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.extra:
                message = {**message, "headers": [*message.get("headers", ()), *self.extra]}
        else:
            self.bytes += len(message.get("body", b""))
        await self.send(message)


def _authorization(scope: Scope) -> bytes:
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(found) > 1:
        raise UnauthenticatedError("the Authorization field stands there more than once", given=True)
    return found[0] if found else b""


def _told(caller: Caller, scope: Scope, seen: _Seen, ms: float) -> dict[str, Any]:
    """A call as the audit keeps it: the path without its query, whose values may be private."""
    return {
        "request_id": scope["state"]["request_id"],
        "caller": caller.id,
        "method": scope["method"][:20],
        "route": route_of(scope),
        "path": scope["path"][:300],
        "status": seen.status,
        "bytes": seen.bytes,
        "ms": round(ms, 1),
    }
