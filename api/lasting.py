"""Answers that cannot change are made once: an explanation that was kept is named by a digest of what it says.

They are given out from memory before any route is looked for, with the header fields of the first time. Whoever may not
read is told so by the route: what is held is held for the scopes of the caller that it was made for.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.calls import CALL
from api.conditional import send_unless_held

MOST_BYTES = 16 * 1024 * 1024
_LASTS = re.compile(r"/v1/explanations/exp_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    start: Message
    body: Message
    tag: bytes
    route: object

    @property
    def size(self) -> int:
        return len(self.body["body"])


class Lasting:
    """ASGI middleware: gives an answer that lasts again, as long as it is among the last `most` bytes asked for."""

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES) -> None:
        self.app = app
        self.most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = _key(scope)
        kept = None if key is None else self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            scope["route"] = kept.route  # what is counted is counted by the route that made it
            # a copy, as layers outside add to what passes
            await send_unless_held(scope, {**kept.start}, kept.body, kept.tag, send)
        elif key is None:
            await self.app(scope, receive, send)
        else:
            await self._made(key, scope, receive, send)

    async def _made(self, key: Hashable, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None

        async def send_kept(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = {**message}
            elif start is not None and start["status"] == HTTPStatus.OK and not message.get("more_body", False):
                tag = next((value for name, value in start["headers"] if name == b"etag"), None)
                if tag is not None:
                    self._keep(key, _Kept(start=start, body=message, tag=tag, route=scope.get("route")))
            await send(message)

        await self.app(scope, receive, send_kept)

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        before = self._kept.pop(key, None)
        self._bytes += kept.size - (0 if before is None else before.size)
        self._kept[key] = kept
        while self._bytes > self.most:
            self._bytes -= self._kept.popitem(last=False)[1].size


def _key(scope: Scope) -> Hashable | None:
    """By what an answer is held: address, form and scopes of the caller; None where it may change."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return None
    path = scope["path"]
    if not _LASTS.fullmatch(path):
        return None
    call = CALL.get()
    scopes = None if call is None or call.caller is None else frozenset(call.caller.scopes)
    return path, tuple(value for name, value in scope["headers"] if name == b"accept"), scopes
