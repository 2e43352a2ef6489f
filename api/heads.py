"""Answers HEAD as GET without the body (RFC 9110, section 9.3.2), for every address that has a GET.

The method is that of the request again as soon as there are header fields, because the server looks at it to know that
no body follows. A stream ends there: it is told that its client has gone.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Heads:
    """ASGI middleware: what is inside of it sees GET, what is outside HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        said = False

        async def send_start(message: Message) -> None:
            nonlocal said
            if message["type"] == "http.response.start":
                said, scope["method"] = True, "HEAD"
                await send(message)
                await send({"type": "http.response.body", "body": b""})

        async def receive_until_said() -> Message:
            return {"type": "http.disconnect"} if said else await receive()

        scope["method"] = "GET"
        try:
            await self.app(scope, receive_until_said, send_start)
        finally:
            scope["method"] = "HEAD"
