"""Pieces of work that a test can follow: what the processes that compute are given in place of explanations."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import structlog

from api.computations import Means, Tell
from api.timing import part


async def there(path: Path) -> None:
    """Return when a file is there, which another process makes."""
    while not path.exists():  # noqa: ASYNC110, ASYNC240 - there is no event between processes
        await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    reads: ClassVar[bool] = False
    long: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(_Plain):
    """Tells two steps, and answers with its process, the templates it has and what its log lines bear."""

    async def run(self, means: Means, tell: Tell) -> dict[str, object]:
        """What can be seen from within."""
        tell("first")
        with part("looking"):
            ids = sorted(template.id for template in means.knowledge.library)
        tell("second")
        bound = structlog.contextvars.get_contextvars()
        return {"pid": os.getpid(), "templates": ids, "bound": bound}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(_Plain):
    """Raises what it was given."""

    error: Exception

    def __reduce__(self) -> object:
        """Pickled by way of its class and words, as ours cannot be pickled by themselves."""
        from api.computeparts import Failure

        return _failing, (Failure.of(self.error),)

    async def run(self, means: Means, tell: Tell) -> None:
        """Raise it."""
        raise self.error


def _failing(failure: object) -> Fail:
    from api.computeparts import Failure

    assert isinstance(failure, Failure)
    return Fail(error=failure.error())


@dataclass(frozen=True, slots=True, kw_only=True)
class Die(_Plain):
    """Kills its process, so many times in all, counted in a file; then answers with the count."""

    counter: Path
    times: int

    async def run(self, means: Means, tell: Tell) -> int:
        """Die, or answer."""
        done = len(self.counter.read_text(encoding="ascii")) if self.counter.exists() else 0
        if done < self.times:
            self.counter.write_text("x" * (done + 1), encoding="ascii")
            os.kill(os.getpid(), signal.SIGKILL)
        return done


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(_Plain):
    """Tells that it runs, then waits until a file is there; leaves another one where it is cancelled."""

    until: Path
    cancelled: Path

    async def run(self, means: Means, tell: Tell) -> str:
        """Wait."""
        tell("running")
        try:
            await there(self.until)
        except asyncio.CancelledError:
            self.cancelled.touch()
            raise
        return "done"
