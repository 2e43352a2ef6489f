"""Tells who sends a request, from an API key or an access token, and answers those whom it does not know.

A key is looked up at most once a second, so that one that was revoked stops within that time and one in use costs
nothing. Keys come in headers and never in addresses, which end up in logs.
"""

from __future__ import annotations

import asyncio
import binascii
import sqlite3
import time
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from api.calls import Caller
from api.errors import OverloadedError, UnauthenticatedError
from api.keys import ApiKey, Given, digest_of, read_key
from api.keystore import KeyStore
from api.refusals import QUERY_API
from api.tokens import MOST_TOKEN, Tokens

FRESH_SECONDS = 1.0
USE_NOTED = timedelta(minutes=1)
MOST_KEPT = 1000
_log = structlog.get_logger("auth")
_SEND = "send Authorization: Bearer with an API key (whymove keys create makes one)"


@dataclass(slots=True, kw_only=True)
class KeyBook:
    """The keys in memory for a second each, over the file that holds them."""

    store: KeyStore
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[str, tuple[float, ApiKey | None]] = field(default_factory=OrderedDict)
    _noting: set[asyncio.Task[None]] = field(default_factory=set)

    async def caller(self, given: Given) -> Caller | None:
        """Whom a key lets in; None where it lets in nobody."""
        key = await self._key(given.id)
        if key is None:
            return None
        now = datetime.now(UTC)
        if not key.opened_by(digest_of(self.store.pepper(), given.id, given.secret), now):
            return None
        if key.last_used is None or now - key.last_used >= USE_NOTED:
            self._note(key)
        return Caller(id=f"key:{key.id}", scopes=key.scopes)

    async def close(self) -> None:
        """Wait until the last uses are noted."""
        if self._noting:
            await asyncio.wait(self._noting)

    async def _key(self, key_id: str) -> ApiKey | None:
        kept = self._kept.get(key_id)
        if kept is not None and self.clock() - kept[0] < FRESH_SECONDS:
            return kept[1]
        if kept is not None:
            self._kept[key_id] = (self.clock(), kept[1])  # whoever asks meanwhile need not look as well
        try:
            key = await asyncio.to_thread(self._look, key_id)
        except sqlite3.Error as error:
            raise OverloadedError("the keys cannot be read at the moment", retry_after=2) from error
        self._kept[key_id] = (self.clock(), key)
        self._kept.move_to_end(key_id)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    def _look(self, key_id: str) -> ApiKey | None:
        key = self.store.find(key_id)
        if key is not None:
            self.store.pepper()  # read here, in the thread; later calls find it in memory
        return key

    def _note(self, key: ApiKey) -> None:
        if any(task.get_name() == key.id for task in self._noting):
            return
        task = asyncio.create_task(asyncio.to_thread(self._touch, key.id), name=key.id)
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    def _touch(self, key_id: str) -> None:
        try:
            self.store.touch(key_id)
        except (sqlite3.Error, OSError) as error:  # a folder that may not be written: the key opens all the same
            _log.warning("key.touch", key=key_id, failure=type(error).__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """Who sends a request: the holder of a key, or of a token where an issuer is set."""

    book: KeyBook
    tokens: Tokens | None = None

    async def caller(self, header: bytes, path: str) -> Caller:
        """The sender, from the `Authorization` field. Raises UnauthenticatedError, IssuerUnavailableError."""
        secret = _secret_of(header, path)
        given = read_key(secret)
        if given is not None:
            found = await self.book.caller(given)
            if found is None:
                raise UnauthenticatedError("this key is not known, or no longer", given=True)
            return found
        if self.tokens is None or secret.count(".") != 2:
            raise UnauthenticatedError(f"this is no key that this service gave; {_SEND}", given=True)
        bearer = await self.tokens.read(secret)
        return Caller(id=f"token:{bearer.subject[:200]}", scopes=bearer.scopes)


def _secret_of(header: bytes, path: str) -> str:
    if not header:
        raise UnauthenticatedError(_SEND, given=False)
    if len(header) > MOST_TOKEN + 16:
        raise UnauthenticatedError("the Authorization field is too long", given=True)
    scheme, _, value = header.decode("latin-1").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic" and path.startswith(QUERY_API):
        return _password_of(value.strip())
    raise UnauthenticatedError(_SEND, given=True)


def _password_of(value: str) -> str:
    """The password of HTTP Basic (RFC 7617), which has to be the key; the user may be called anything."""
    try:
        return b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UnauthenticatedError("the Authorization field cannot be read", given=True) from error
