"""Answers that still hold are not made again: kept in memory, and given out before any route is looked for.

An explanation is named by a digest of what it says, and holds for good. What is made of the graph or the library holds
as long as these are what they were (`api.freshness`), and `LIFE_SECONDS` at most: facts become public as time goes by,
and a graph may be changed past our writers. An answer that is given again has the header fields of the first time, with
clocks of its own. Whoever may not read is told so by the route: what is kept is kept for the scopes of the caller that
it was made for. A request with `Cache-Control` asks the graph.

Whatever has to ask the graph how it stands finds in `ARRIVED` of its scope when the request came.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.calls import CALL
from api.conditional import send_unless_held
from api.dates import write_instant
from api.freshness import LIFE_SECONDS, Freshness, Place, State
from api.idempotency import ONLY_READS

MOST_BYTES = 16 * 1024 * 1024
_ENTRY_BYTES = 1500  # what an answer takes beside its body: its header fields, its key
_BY_DIGEST = re.compile(r"exp_[0-9a-f]{16}")
ARRIVED = "whymove.arrived"
_CLOCKS = (b"x-as-of", b"x-as-at")
_ANEW = (b"cache-control", b"pragma")
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    start: Message
    body: Message
    tag: bytes
    route: object
    clocked: bool
    state: State | None
    until: float

    @property
    def size(self) -> int:
        return len(self.body["body"]) + _ENTRY_BYTES


class Lasting:
    """ASGI middleware: gives an answer that holds again, as long as it is among the last `most` bytes asked for.

    `places` says of which routes answers are kept and what they are made of.
    """

    def __init__(
        self,
        app: ASGIApp,
        places: Mapping[str, Place],
        freshness: Freshness,
        most: int = MOST_BYTES,
    ) -> None:
        self.app = app
        self.most = most
        self._places = places
        self._freshness = freshness
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "GET":
            await self._read(scope, receive, send)
        elif scope["method"] in _CHANGING and not scope["path"].startswith(ONLY_READS):
            await self._change(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, _, name = scope["path"].rpartition("/")
        place = self._places.get(before)
        if place is None or scope["query_string"] or (place.matter == "itself" and not _BY_DIGEST.fullmatch(name)):
            await self.app(scope, receive, send)
            return
        key, anew = _key(scope)
        scope[ARRIVED] = self._freshness.clock()
        state = None if place.matter == "itself" else await self._freshness.look(place.matter)
        kept = self._kept.get(key)
        if kept is not None and kept.state is state and (kept.until > self._freshness.clock()) and not anew:
            self._kept.move_to_end(key)
            await _give(kept, self._freshness.last_present, scope, send)
        elif state is None and place.matter != "itself":
            await self.app(scope, receive, send)
        else:
            await self._make(key, place, state, (scope, receive, send))

    async def _make(self, key: Hashable, place: Place, state: State | None, call: tuple[Scope, Receive, Send]) -> None:
        scope, receive, send = call
        until = float("inf") if place.matter == "itself" else self._freshness.clock() + LIFE_SECONDS
        start: Message | None = None

        async def send_kept(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = {**message} if _may_be_kept(scope, message, place) else None
            elif start is not None and not message.get("more_body", False):
                kept = _kept(scope, start, message, state, until)
                if kept is not None:
                    self._keep(key, kept)
            await send(message)

        await self.app(scope, receive, send_kept)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_after(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._freshness.forget()  # whoever is told that it is done must find it done
            await send(message)

        try:
            await self.app(scope, receive, send_after)
        finally:
            self._freshness.forget()

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        before = self._kept.pop(key, None)
        self._bytes += kept.size - (0 if before is None else before.size)
        self._kept[key] = kept
        while self._bytes > self.most:
            self._bytes -= self._kept.popitem(last=False)[1].size


def _key(scope: Scope) -> tuple[Hashable, bool]:
    """By what an answer is kept, address, form and scopes of the caller; and whether it is to be made anew."""
    accept, anew = b"", False
    for name, value in scope["headers"]:
        if name == b"accept":
            accept += b"," + value
        elif name in _ANEW:
            anew = True
    call = CALL.get()
    scopes = None if call is None or call.caller is None else call.caller.scopes
    return (scope["path"], accept, scopes), anew


def _may_be_kept(scope: Scope, start: Message, place: Place) -> bool:
    return start["status"] == HTTPStatus.OK and scope.get("endpoint") is place.endpoint


def _kept(scope: Scope, start: Message, body: Message, state: State | None, until: float) -> _Kept | None:
    """What is kept of an answer in one piece; None where it has no tag."""
    fields = [field for field in start["headers"] if field[0] not in _CLOCKS]
    tag = next((value for name, value in fields if name == b"etag"), None)
    if tag is None:
        return None
    return _Kept(
        start={**start, "headers": fields},
        body=body,
        tag=tag,
        route=scope.get("route"),
        clocked=len(fields) < len(start["headers"]),
        state=state,
        until=until,
    )


async def _give(kept: _Kept, present: datetime, scope: Scope, send: Send) -> None:
    scope["route"] = kept.route  # what is counted is counted by the route that made it
    start = {**kept.start}  # a copy, as layers outside add to what passes
    if kept.clocked:
        clocks = zip(_CLOCKS, (datetime.now(UTC), present), strict=True)
        told = ((name, write_instant(instant).encode()) for name, instant in clocks)
        start["headers"] = [*start["headers"], *told]
    await send_unless_held(scope, start, kept.body, kept.tag, send)
