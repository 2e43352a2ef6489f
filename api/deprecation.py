"""Addresses that are on their way out: they work on, and say since when to leave them and until when they answer.

`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to what comes instead; the description marks them as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = "__retiring__"
Route = TypeVar("Route", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Retiring:
    """Since which day an address should no longer be used, until which day it answers, and what comes instead."""

    since: date
    until: date
    instead: str

    def headers(self) -> list[tuple[bytes, bytes]]:
        """What its answers say."""
        since, until = (datetime.combine(day, time.min, UTC) for day in (self.since, self.until))
        return [
            (b"deprecation", b"@%d" % int(since.timestamp())),
            (b"sunset", format_datetime(until, usegmt=True).encode()),
            (b"link", f'<{self.instead}>; rel="successor-version"'.encode()),
        ]


def retires(since: date, until: date, instead: str) -> Callable[[Route], Route]:
    """Say of the function of a route, below its decorator, that its address is on its way out."""

    def mark(route: Route) -> Route:
        setattr(route, _MARK, Retiring(since=since, until=until, instead=instead))
        return route

    return mark


def retiring(endpoint: object) -> Retiring | None:
    """What was said of the function of a route."""
    return getattr(endpoint, _MARK, None)


class Deprecations:
    """ASGI middleware: says of an address that it is on its way out, also where its request fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                # the router leaves the function of the route in the scope
                found = retiring(scope.get("endpoint"))
                if found is not None:
                    message = {**message, "headers": [*message.get("headers", ()), *found.headers()]}
            await send(message)

        await self.app(scope, receive, send_marked)
