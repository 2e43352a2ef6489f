"""Gives work out to processes that compute, so that what serves is free to answer reads meanwhile.

A few pieces of work at a time, a few that wait, the next is refused; what may take long has places of its own. A
process that has gone is started again, and what it was given is given out once more.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from api.calls import CALL
from api.computations import Result, Tell, Work
from api.computeparts import Place
from api.computeprocess import ComputeProcess, GoneError
from api.errors import ComputingUnavailableError, OverloadedError
from api.timing import part
from graph.errors import TooManyQueriesError

RUNNING, QUEUED = 2, 20  # run in each process, as one reads while the other computes; wait for all of them, seconds
LONG_RUNNING, LONG_QUEUED = 2, 10
LONGEST_WAIT = 30.0  # seconds, after which whoever asks has mostly gone
OF_ONE = 10  # that wait for one caller, who must not fill all places
START_SECONDS = 120.0
LONGEST_PAUSE = 30.0
_MOST_RETRY = 60
_log = structlog.get_logger("compute")


@dataclass(slots=True, kw_only=True)
class Lane:
    """Places for work of one sort: `running` at a time, `queued` that wait.

    None waits longer than `longest` seconds, as far as the pace of what was done before tells.
    """

    running: int
    queued: int
    longest: float = math.inf
    clock: Callable[[], float] = time.monotonic
    waiting: int = 0
    at_work: int = 0
    _of: Counter[str] = field(default_factory=Counter)
    _seconds: float = 1.0
    _places: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.running)

    @asynccontextmanager
    async def turn(self, *, patient: bool) -> AsyncIterator[None]:
        """Hold one of the places; who is patient waits behind any number of others.

        Raises OverloadedError, and TooManyQueriesError where too many wait for the same caller.
        """
        caller = _caller()
        if self._places.locked() and not patient:
            self._check(caller)
        self.waiting += 1
        self._of[caller] += 1
        try:
            with part("queue"):
                await self._places.acquire()
        finally:
            self.waiting -= 1
            self._of[caller] -= 1
            self._of += Counter()  # callers who do not wait are forgotten
        began, self.at_work = self.clock(), self.at_work + 1
        try:
            yield
        finally:
            self.at_work -= 1
            self._seconds += 0.2 * (self.clock() - began - self._seconds)
            self._places.release()

    def _check(self, caller: str) -> None:
        if self.waiting >= self.queued or self._seconds * (self.waiting + 1) / self.running > self.longest:
            said = f"{self.running} requests are computed and {self.waiting} wait; ask again in {self._later()} s"
            raise OverloadedError(said, retry_after=self._later())
        if caller and self._of[caller] >= OF_ONE:
            said = f"{OF_ONE} of your requests wait to be computed already; ask again in {self._later()} s"
            raise TooManyQueriesError(said, retry_after=self._later())

    def _later(self) -> int:
        """Seconds after which about half of what waits now will be done."""
        return min(_MOST_RETRY, max(1, math.ceil(self._seconds * self.waiting / (2 * self.running))))


def _caller() -> str:
    call = CALL.get()
    return "" if call is None or call.caller is None else call.caller.id


class Computing:
    """The processes that compute for one service. Use it in one event loop and close it there."""

    def __init__(self, place: Place, processes: int) -> None:
        self._place = place
        self._count = processes
        self._quick = Lane(running=RUNNING * processes, queued=QUEUED, longest=LONGEST_WAIT)
        self._long = Lane(running=LONG_RUNNING, queued=LONG_QUEUED)
        self._ready: list[ComputeProcess] = []
        self._why: str | None = None
        self._changed = asyncio.Condition()
        self._keeping: list[asyncio.Task[None]] = []
        self.restarts = 0

    def start(self) -> None:
        """Begin to start the processes; whoever asks meanwhile waits."""
        self._keeping = [asyncio.create_task(self._keep()) for _ in range(self._count)]

    async def do(self, work: Work[Result], tell: Tell, *, patient: bool = False) -> Result:
        """The answer to a piece of work; given out a second time where its process goes.

        Raises what the work raises, OverloadedError and TooManyQueriesError (unless `patient`) and
        ComputingUnavailableError.
        """
        async with (self._long if work.long else self._quick).turn(patient=patient):
            for _ in range(2):
                try:
                    answer: Result = await (await self._one()).do(work, tell)
                except GoneError:
                    continue
                return answer
        raise ComputingUnavailableError("the process that computes this ended twice; ask for less, or later")

    def told(self) -> dict[str, float]:
        """How much runs and waits, how many processes are ready, and how many had to be started again."""
        lanes = (self._quick, self._long)
        return {
            "running": float(sum(one.at_work for one in lanes)),
            "waiting": float(sum(one.waiting for one in lanes)),
            "ready": float(len(self._alive())),
            "restarts": float(self.restarts),
        }

    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes that are ready."""
        return tuple(one.pid for one in self._alive())

    async def close(self) -> None:
        """End the processes; what is still being computed is given up."""
        for task in self._keeping:
            task.cancel()
        if self._keeping:
            await asyncio.wait(self._keeping)
        await self._say("the service is ending")

    async def _one(self) -> ComputeProcess:
        """The process that has least to do; waits for one that is being started."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._alive() or self._why is not None)
        alive = self._alive()
        if not alive:
            raise ComputingUnavailableError(f"nothing can be computed at the moment: {self._why}; ask again soon")
        return min(alive, key=lambda one: one.busy)

    def _alive(self) -> list[ComputeProcess]:
        return [one for one in self._ready if one.alive]

    async def _keep(self) -> None:
        """Start a process again and again, after pauses that grow while it does not even become ready."""
        pause = 0.0
        while True:
            pause = 0.0 if await self._once() else min(LONGEST_PAUSE, 2 * pause + 1.0)
            self.restarts += 1
            await asyncio.sleep(pause)

    async def _once(self) -> bool:
        """Start a process and see it through to its end; whether it was ever ready."""
        starting = asyncio.create_task(ComputeProcess.start(self._place))
        try:
            process = await asyncio.shield(starting)
        except OSError as error:  # no memory for it, or no process more
            _log.error("compute.fail", reason=str(error))
            await self._say("no process could be started")
            return False
        except asyncio.CancelledError:
            await (await starting).end()  # what was half started would be left behind
            raise
        try:
            return await self._served(process)
        finally:
            ending = asyncio.create_task(process.end())
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                await ending
                raise

    async def _served(self, process: ComputeProcess) -> bool:
        """Give a process work once it is ready, until it has gone; whether it was ever ready."""
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = bool(await process.ready)
        except TimeoutError:
            ready = False
        if not ready:
            _log.error("compute.fail", pid=process.pid)
            await self._say("the process that computes did not start, and is being started again")
            return False
        self._ready.append(process)
        await self._say(None)
        try:
            code = await process.gone()
        finally:
            self._ready.remove(process)
        _log.warning("compute.restart", pid=process.pid, code=code)
        return True

    async def _say(self, why: str | None) -> None:
        self._why = why
        async with self._changed:
            self._changed.notify_all()
