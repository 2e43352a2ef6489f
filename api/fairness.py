"""How much one caller may ask: so many requests a minute, so many Cypher queries at once.

Both are counted in this process; with several workers each counts for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from graph.errors import TooManyQueriesError

WINDOW_SECONDS = 60
RUNNING, QUEUED = 2, 10
MOST_CALLERS = 10_000


@dataclass(slots=True, kw_only=True)
class Bucket:
    """A token bucket: holds `size` requests, and fills within `WINDOW_SECONDS`."""

    size: int
    clock: Callable[[], float] = time.monotonic
    _held: float = -1.0
    _at: float = 0.0

    def take(self) -> bool:
        """Take one request out, if there is one."""
        self._fill()
        if self._held < 1:
            return False
        self._held -= 1
        return True

    @property
    def left(self) -> int:
        """Requests that may follow at once."""
        return math.floor(self._held)

    @property
    def seconds(self) -> int:
        """Seconds until there is another request, or until the bucket is full where there is one now."""
        missing = (self.size if self._held >= 1 else 1) - self._held
        return max(1, math.ceil(missing * WINDOW_SECONDS / self.size)) if missing > 0 else 0

    def _fill(self) -> None:
        now = self.clock()
        if self._held < 0:
            self._held = float(self.size)
        else:
            self._held = min(float(self.size), self._held + (now - self._at) * self.size / WINDOW_SECONDS)
        self._at = now


@dataclass(slots=True, kw_only=True)
class Turns:
    """The Cypher queries of one caller: two run, ten wait, the next is refused."""

    running: int = RUNNING
    queued: int = QUEUED
    _waiting: int = 0
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.running)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places. Raises TooManyQueriesError."""
        if self._slots.locked() and self._waiting >= self.queued:
            raise TooManyQueriesError(
                f"{self.running} of your queries run and {self.queued} wait already; ask again in a few seconds"
            )
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one caller has: its bucket and its turns."""

    bucket: Bucket
    turns: Turns


@dataclass(slots=True, kw_only=True)
class Shares:
    """The share of each caller; those that have not asked for longest are forgotten beyond `MOST_CALLERS`."""

    a_minute: int
    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[str, Share] = field(default_factory=OrderedDict)

    def of(self, caller: str) -> Share:
        """The share of a caller."""
        share = self._known.get(caller)
        if share is None:
            share = Share(bucket=Bucket(size=self.a_minute, clock=self.clock), turns=Turns())
            self._known[caller] = share
            if len(self._known) > MOST_CALLERS:
                self._known.popitem(last=False)
        self._known.move_to_end(caller)
        return share


def policy_field(size: int) -> bytes:
    """The `RateLimit-Policy` field (draft-ietf-httpapi-ratelimit-headers-11, section 3)."""
    return f'"minute";q={size};w={WINDOW_SECONDS}'.encode()


def limit_field(bucket: Bucket) -> bytes:
    """The `RateLimit` field (the same draft, section 4): requests left, and seconds until there are more."""
    return f'"minute";r={bucket.left};t={bucket.seconds}'.encode()
