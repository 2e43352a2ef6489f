"""`Idempotency-Key` on every POST that creates: asking again after a lost answer creates nothing twice.

After draft-ietf-httpapi-idempotency-key-header. Successful answers are kept for a day and sent again to the same key
and body; a request that failed had no effect, and leaves its key free. The effect is in the graph and the answer in the
ledger, so there is no common transaction: a process that dies between the two lets the request be served once more,
which the graph bears, because what is recorded twice under one id is there once.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, InvalidKeyError
from api.failing import on_http_error, on_our_error
from api.kept_answers import Claim, KeptAnswer, KeptAnswers

HEADER = "Idempotency-Key"
MOST_BYTES = 8 * 1024 * 1024
# a POST because a question does not fit into an address; nothing is created
ONLY_READS = ("/v1/cypher", "/v1/queries")
_KEY = re.compile(r'"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_NOT_KEPT = {b"content-length", b"x-request-id", b"date", b"server-timing"}


class Idempotent:
    """ASGI middleware: serves a POST with a key once, and replays its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        given = _key(scope)
        if given is None:
            await self.app(scope, receive, send)
            return
        try:
            body = await _whole(receive)
            if body is None:
                return
            kept = KeptAnswers(scope["app"].state.ledger)
            claim = await kept.claim(_scope(scope), _checked(given), _fingerprint(scope, body))
        except ApiError as error:
            await (await on_our_error(Request(scope), error))(scope, receive, send)
        except HTTPException as error:  # of the limit on bodies; the framework catches only what is raised inside it
            await (await on_http_error(Request(scope), error))(scope, receive, send)
        else:
            if isinstance(claim, KeptAnswer):
                await _replay(claim, send)
            else:
                await self._serve(kept, claim, body, (scope, receive, send))

    async def _serve(self, kept: KeptAnswers, claim: Claim, body: bytes, call: tuple[Scope, Receive, Send]) -> None:
        scope, receive, send = call
        seen = _Seen(send)
        waiting = [body]

        async def given_body() -> Message:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            return await receive()

        try:
            await self.app(scope, given_body, seen)
        finally:
            answer = seen.answer()
            # kept also where the client has gone: that is when it will ask again
            await asyncio.shield(kept.release(claim) if answer is None else kept.keep(claim, answer))


class _Seen:
    """Passes an answer on, and holds a copy."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._pieces: list[bytes] = []
        self._size = 0
        self._whole = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in message.get("headers", ())
                if name.lower() not in _NOT_KEPT
            ]
        elif message["type"] == "http.response.body":
            piece = message.get("body", b"")
            self._size += len(piece)
            if self._size <= MOST_BYTES:
                self._pieces.append(piece)
            self._whole = not message.get("more_body", False)
        await self._send(message)

    def answer(self) -> KeptAnswer | None:
        """What is to be kept: a success, whole and not too large."""
        success = HTTPStatus.OK <= self._status < HTTPStatus.MULTIPLE_CHOICES
        if not success or not self._whole or self._size > MOST_BYTES:
            return None
        return KeptAnswer(status=self._status, headers=self._headers, body=b"".join(self._pieces))


async def _replay(answer: KeptAnswer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    own = [(b"content-length", str(len(answer.body)).encode()), (b"idempotency-replayed", b"true")]
    await send({"type": "http.response.start", "status": answer.status, "headers": [*headers, *own]})
    await send({"type": "http.response.body", "body": answer.body})


async def _whole(receive: Receive) -> bytes | None:
    """The whole body; None where the client left in the middle of it."""
    pieces = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)


def _key(scope: Scope) -> bytes | None:
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/v1/"):
        return None
    return None if scope["path"].startswith(ONLY_READS) else _field(scope, HEADER.lower().encode())


def _checked(given: bytes) -> str:
    found = _KEY.fullmatch(given.decode("latin-1").strip())
    if found is None:
        raise InvalidKeyError(f"{HEADER} has to be 1 to 255 visible ASCII characters, such as a UUID in quotes")
    return found[1] or found[2]


def _scope(scope: Scope) -> str:
    return hashlib.sha256(_field(scope, b"authorization") or b"").hexdigest()


def _fingerprint(scope: Scope, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (scope["path"].encode(), scope["query_string"], body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _field(scope: Scope, wanted: bytes) -> bytes | None:
    return next((value for name, value in scope["headers"] if name == wanted), None)
