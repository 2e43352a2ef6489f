"""How much one caller may ask: so many requests a minute, so many Cypher queries at once.

Both are counted in this process, or for all that serve from one data folder together (`SharedBucket`, `SharedTurns`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from api.limits_table import LimitsTable
from graph.errors import TooManyQueriesError

WINDOW_SECONDS = 60
RUNNING, QUEUED = 2, 10
MOST_CALLERS = 10_000
LOOK_SECONDS = 0.02


@dataclass(slots=True, kw_only=True)
class Bucket:
    """A token bucket: holds `size` requests, and fills within `WINDOW_SECONDS`."""

    size: int
    clock: Callable[[], float] = time.monotonic
    held: float = -1.0
    at: float = 0.0

    def take(self) -> bool:
        """Take one request out, if there is one."""
        self._fill()
        if self.held < 1:
            return False
        self.held -= 1
        return True

    @property
    def left(self) -> int:
        """Requests that may follow at once."""
        return math.floor(self.held)

    @property
    def seconds(self) -> int:
        """Seconds until there is another request, or until the bucket is full where there is one now."""
        missing = (self.size if self.held >= 1 else 1) - self.held
        return max(1, math.ceil(missing * WINDOW_SECONDS / self.size)) if missing > 0 else 0

    def _fill(self) -> None:
        now = self.clock()
        if self.held < 0:
            self.held = float(self.size)
        else:
            self.held = min(float(self.size), self.held + (now - self.at) * self.size / WINDOW_SECONDS)
        self.at = now


@dataclass(slots=True, kw_only=True)
class SharedBucket:
    """The same, held in common with other processes; `left` and `seconds` are as of the last request of this one."""

    size: int
    caller: str
    table: LimitsTable
    clock: Callable[[], float] = time.monotonic
    _seen: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self._seen = Bucket(size=self.size, clock=self.clock)

    def take(self) -> bool:
        """Take one request out, if there is one."""
        with self.table.slot(self.caller) as slot:
            self._seen.held, self._seen.at = slot.bucket
            taken = self._seen.take()
            slot.keep(self._seen.held, self._seen.at)
        return taken

    @property
    def left(self) -> int:
        """Requests that may follow at once."""
        return self._seen.left

    @property
    def seconds(self) -> int:
        """As `Bucket.seconds`."""
        return self._seen.seconds


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
            raise _too_many(self.running, self.queued)
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._slots.release()


@dataclass(slots=True, kw_only=True)
class SharedTurns:
    """The same, counted in all processes; who waits looks every `LOOK_SECONDS`, within a process one after another."""

    caller: str
    table: LimitsTable
    running: int = RUNNING
    queued: int = QUEUED
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the places. Raises TooManyQueriesError."""
        if not self._enter():
            await self._wait()
        try:
            yield
        finally:
            with self.table.slot(self.caller) as slot:
                slot.count(running=-1)

    def _enter(self) -> bool:
        """Whether there is a place at once, which is taken then; else one in the queue is taken."""
        for last in (False, True):
            with self.table.slot(self.caller) as slot:
                waiting = slot.waiting
                free = not waiting and slot.running < self.running
                if free or waiting < self.queued:
                    slot.count(running=int(free), waiting=int(not free))
                    return free
            if not last:
                self.table.drop_the_dead()  # rather than refuse for what a worker did that is gone
        raise _too_many(self.running, self.queued)

    async def _wait(self) -> None:
        got = False
        try:
            async with self._line:
                looked = time.monotonic()
                while not (got := self._move_up()):
                    await asyncio.sleep(LOOK_SECONDS)
                    if time.monotonic() - looked > 1.0:
                        self.table.drop_the_dead()
                        looked = time.monotonic()
        finally:
            if not got:
                with self.table.slot(self.caller) as slot:
                    slot.count(waiting=-1)

    def _move_up(self) -> bool:
        with self.table.slot(self.caller) as slot:
            if slot.running >= self.running:
                return False
            slot.count(running=1, waiting=-1)
            return True


class Filling(Protocol):
    """What the door needs of a bucket."""

    @property
    def size(self) -> int:
        """Requests a minute."""

    def take(self) -> bool:
        """Take one request out, if there is one."""

    @property
    def left(self) -> int:
        """Requests that may follow at once."""

    @property
    def seconds(self) -> int:
        """Seconds until there is another request, or until the bucket is full where there is one now."""


class Queue(Protocol):
    """What Cypher needs of turns."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Hold one of the places. Raises TooManyQueriesError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one caller has: its bucket and its turns."""

    bucket: Filling
    turns: Queue


@dataclass(slots=True, kw_only=True)
class Shares:
    """The share of each caller; those that have not asked for longest are forgotten beyond `MOST_CALLERS`.

    With a `table` they are shares of all processes that have it in common.
    """

    a_minute: int
    clock: Callable[[], float] = time.monotonic
    table: LimitsTable | None = None
    _known: OrderedDict[str, Share] = field(default_factory=OrderedDict)

    def of(self, caller: str) -> Share:
        """The share of a caller."""
        share = self._known.get(caller)
        if share is None:
            share = self._made(caller)
            self._known[caller] = share
            if len(self._known) > MOST_CALLERS:
                self._known.popitem(last=False)
        self._known.move_to_end(caller)
        return share

    def _made(self, caller: str) -> Share:
        if self.table is None:
            return Share(bucket=Bucket(size=self.a_minute, clock=self.clock), turns=Turns())
        return Share(
            bucket=SharedBucket(size=self.a_minute, caller=caller, table=self.table, clock=self.clock),
            turns=SharedTurns(caller=caller, table=self.table),
        )


def _too_many(running: int, queued: int) -> TooManyQueriesError:
    return TooManyQueriesError(f"{running} of your queries run and {queued} wait already; ask again in a few seconds")


def policy_field(size: int) -> bytes:
    """The `RateLimit-Policy` field (draft-ietf-httpapi-ratelimit-headers-11, section 3)."""
    return f'"minute";q={size};w={WINDOW_SECONDS}'.encode()


def limit_field(bucket: Filling) -> bytes:
    """The `RateLimit` field (the same draft, section 4): requests left, and seconds until there are more."""
    return f'"minute";r={bucket.left};t={bucket.seconds}'.encode()
