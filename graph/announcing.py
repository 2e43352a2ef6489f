"""A write says in the graph that it is under way, as long as it is, so that others can read as at an instant before.

The order is what makes it hold: said and committed first, then the clock is read by which the batch is recorded, then
the batch is committed, and only then the end is said, in a transaction of its own. A reader who does not see the
beginning has read its own clock before the batch was given its instant; one who does not see it any more finds the
whole batch. The clocks of machines that write and read one graph must differ by less than such a transaction takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime

from graph.errors import GraphError
from graph.graphversion import BEGIN, END, OVERDUE_SECONDS, STILL, Moment, a_mark, a_place, micros_of, moment_of

Send = Callable[[str, Mapping[str, object]], Awaitable[Sequence[Sequence[object]]]]
STILL_SECONDS = OVERDUE_SECONDS / 5
_TRUSTED_SECONDS = OVERDUE_SECONDS / 2  # half, as what is sent takes time to arrive


class Announcement:
    """One write that is under way; `send` runs one statement in a transaction of its own and gives its rows.

    `committing`: whether its transaction may be about to be committed, which whoever writes says here.
    """

    def __init__(self, send: Send) -> None:
        self.committing = False
        self._send = send
        self._by = uuid.uuid4().hex
        self._place = ""
        self._said = 0.0
        self._saying: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Say that a write begins, in a place where no other says so, and keep on saying it until `end` or `leave`."""
        taken: Sequence[Sequence[object]] = ()
        while not taken:
            self._place, self._said = a_place(), time.monotonic()
            since = micros_of(datetime.now(UTC))
            taken = await self._send(BEGIN, {"place": self._place, "since": since, "by": self._by})
        self._saying = asyncio.create_task(self._keep_saying())

    @property
    def overdue(self) -> bool:
        """Whether it was said so long ago that readers may pass it over before the batch is committed."""
        return time.monotonic() - self._said > _TRUSTED_SECONDS

    async def end(self, *, changed: bool) -> Moment:
        """Say that all of it is there, or that nothing is; with `changed` the graph gets another version."""
        await self.leave()
        before = datetime.now(UTC)
        told = {"place": self._place, "by": self._by, "changed": changed, "mark": a_mark()}
        return moment_of(await self._send(END, told), before)

    async def leave(self) -> None:
        """Say nothing any more, where it is not known what became of the write: it gets overdue."""
        saying, self._saying = self._saying, None
        if saying is not None:
            saying.cancel()
            await asyncio.wait({saying})

    async def _keep_saying(self) -> None:
        while True:
            await asyncio.sleep(STILL_SECONDS)
            now = time.monotonic()
            with contextlib.suppress(GraphError):  # the batch itself tells of a graph that is away
                if await self._send(STILL, {"place": self._place, "by": self._by}):
                    self._said = now
