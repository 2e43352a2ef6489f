"""Serves requests to names of this machine alone, where nobody is asked who they are.

A web page anywhere may have its own name resolved to a loopback address and then read what a service there answers (DNS
rebinding); the name in the `Host` field gives it away.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import MisdirectedRequestError
from api.refusals import send_error
from api.settings import is_loopback


class KnownHosts:
    """ASGI middleware: 421 where `Host` names neither a loopback address nor `bound`, which is listened on."""

    def __init__(self, app: ASGIApp, bound: str) -> None:
        self.app = app
        self._bound = bound.strip("[]").lower()
        self._known = lru_cache(maxsize=64)(self._is_known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] == "http":
            for name, value in scope["headers"]:
                if name == b"host" and not self._known(value):
                    shown = value[:100].decode("ascii", "backslashreplace")
                    await send_error(scope, send, MisdirectedRequestError(shown))
                    return
        await self.app(scope, receive, send)

    def _is_known(self, field: bytes) -> bool:
        try:
            name = (urlsplit(f"//{field.decode('ascii')}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return is_loopback(name) or name.endswith(".localhost") or name == self._bound
