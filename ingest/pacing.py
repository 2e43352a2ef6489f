"""How often a host is asked: one pace for all runs of a process, each request at its own time.

Written by hand, in place of a token bucket of a library: sources cut off bursts even below the rate that they state, so
requests are spread evenly, and a host that asks to wait is left alone by everybody.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable


class Pacer:
    """Hands out the times at which requests may go; safe for several threads and event loops."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    async def wait(self, host: str, every: float) -> None:
        """Return when the host may be asked; the next request may go `every` seconds after."""
        with self._lock:
            now = self._now()
            at = max(now, self._next.get(host, now))
            self._next[host] = at + every
        if at > now:
            await self._sleep(at - now)

    def rest(self, host: str, seconds: float) -> None:
        """Let nobody ask the host for so many seconds."""
        with self._lock:
            self._next[host] = max(self._next.get(host, 0.0), self._now() + seconds)


PACER = Pacer()
