"""One process that computes, as the service sees it: started, given work, ended; it ends with the service anyway."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import structlog

from api.computations import Tell, Work
from api.computeparts import Done, Order, Place, Ready, Stop, Told, framed
from api.timing import PARTS
from graph.childprocess import HEAD

COMMAND = (sys.executable, "-m", "api.computeworker")
NICENESS = 5  # reads, which take a hundredth of the time, come first where there are few processors


class GoneError(Exception):
    """The process has gone before it answered."""


@dataclass(slots=True, kw_only=True)
class _Asked:
    tell: Tell
    answer: asyncio.Future[Done] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class ComputeProcess:
    """A process that does several pieces of work at a time, in one thread of computing. Use it in one event loop."""

    def __init__(self, process: asyncio.subprocess.Process, place: Place) -> None:
        self._process = process
        self._asked: dict[int, _Asked] = {}
        self._numbers = 0
        self.alive = True
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())
        self._send(place)

    @classmethod
    async def start(cls, place: Place) -> ComputeProcess:
        """A new process, which will be ready in a second or two."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            stdin=pipe,
            stdout=pipe,
            cwd=Path(__file__).parent.parent,  # where `-m` looks first: not in whatever folder somebody stands
        )
        _give_way(process.pid)
        return cls(process, place)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def busy(self) -> int:
        """How much it was given and has not done."""
        return len(self._asked)

    async def do(self, work: Work[Any], tell: Tell) -> Any:
        """The answer to a piece of work, whose parts are counted as those of the request at hand.

        Raises GoneError, and what the work raises.
        """
        self._numbers += 1
        number, asked = self._numbers, _Asked(tell=tell)
        if not self.alive:
            raise GoneError
        self._asked[number] = asked
        self._send(Order(number=number, work=work, bound=structlog.contextvars.get_contextvars()))
        try:
            done = await asked.answer
        except asyncio.CancelledError:
            self._send(Stop(number=number))
            raise
        finally:
            self._asked.pop(number, None)
        _count(done)
        if done.failure is not None:
            raise done.failure.error()
        return done.answer

    async def gone(self) -> int:
        """Wait until the process has gone; its exit code."""
        await asyncio.wait({self._listening})
        return await self._process.wait()

    async def end(self) -> None:
        """End the process, whatever it does."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self.gone()

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(framed(message))  # to a process that has gone it is lost, which `_listen` then tells

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        source = self._process.stdout
        try:
            while True:
                (length,) = HEAD.unpack(await source.readexactly(HEAD.size))
                self._take(pickle.loads(await source.readexactly(length)))
        except asyncio.IncompleteReadError:
            return
        finally:
            self.alive = False
            for asked in self._asked.values():
                if not asked.answer.done():
                    asked.answer.set_exception(GoneError())
            if not self.ready.done():
                self.ready.set_result(False)

    def _take(self, message: object) -> None:
        if isinstance(message, Ready):
            self.ready.set_result(True)
        elif isinstance(message, Done | Told):
            asked = self._asked.get(message.number)
            if asked is None or asked.answer.done():  # whoever asked has gone
                return
            if isinstance(message, Told):
                asked.tell(message.step)
            else:
                asked.answer.set_result(message)


def _count(done: Done) -> None:
    kept = PARTS.get()
    if kept is not None:
        for name, ms in done.parts.items():
            kept[name] = kept.get(name, 0.0) + ms


def _give_way(pid: int) -> None:
    """Let a process have what processors others leave; before it has started threads, which inherit it."""
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(NICENESS + process.nice())
