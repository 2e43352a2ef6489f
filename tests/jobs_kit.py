"""A kind of job that counts, and a runner of it over a ledger in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from api.errors import InvalidAskError
from api.jobs.model import Content, Job, JobContext, Step
from api.jobs.runner import JobRunner
from api.jobs.store import JobStore
from api.ledger import Ledger


class Counting:
    """Counts to `to`, and waits at `stop_at` until it is let go."""

    name = "counting"

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun: list[int] = []

    async def run(self, context: JobContext) -> Content:
        asked = context.job.request
        start = int(str((context.job.place or {"at": 0})["at"]))
        self.begun.append(start)
        for n in range(start + 1, int(str(asked["to"])) + 1):
            if n == asked.get("stop_at") and not self.go.is_set():
                await context.log(f"waiting at {n}")
                await self.go.wait()
            if n == asked.get("fail_at"):
                raise InvalidAskError("to", f"{n} is too far")
            await context.step(Step(done=n, total=int(str(asked["to"])), counters={"counted": n}, place={"at": n}))
        return {"counted": asked["to"]}


@asynccontextmanager
async def running(
    path: Path, kind: Counting, now: Callable[[], float] | None = None, at_once: int = 2
) -> AsyncIterator[JobRunner]:
    ledger = Ledger(path / "ledger.sqlite3", now) if now else Ledger(path / "ledger.sqlite3")
    runner = JobRunner(JobStore(ledger), [kind], at_once=at_once, pause=0.02)
    runner.start()
    try:
        yield runner
    finally:
        await runner.stop()


async def until(runner: JobRunner, job_id: str, holds: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(20):
        while not holds(job := await runner.jobs.get(job_id)):
            await runner.jobs.change()
    return job
