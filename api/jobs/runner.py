"""Runs jobs inside the service, a few at a time, and hands back what is not done when the service stops.

Several processes may share a ledger: each claims under a lease that it renews, and sees within a second what another
one was asked to cancel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from uuid import uuid4

import structlog

from api.errors import LedgerUnavailableError, TooManyJobsError
from api.jobs.model import Content, Job, JobContext, JobKind
from api.jobs.store import JobStore
from api.problems import PLAIN, body_of, faults_of, problem_of

AT_ONCE = 2
MOST_WAITING = 100
LEASE_SECONDS = 30.0
PAUSE_SECONDS = 1.0
_log = structlog.get_logger("jobs")


class JobRunner:
    """What takes jobs in and works them off, `at_once` at a time, in order of age."""

    def __init__(
        self, jobs: JobStore, kinds: Iterable[JobKind], *, at_once: int = AT_ONCE, pause: float = PAUSE_SECONDS
    ) -> None:
        self.jobs = jobs
        self.kinds = {kind.name: kind for kind in kinds}
        self.at_once = at_once
        self.pause = pause
        self.owner = uuid4().hex
        self.stopping = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cancelled: set[str] = set()
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work jobs off, those of an earlier process first."""
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop working; what ran is queued again where it stood."""
        self.stopping.set()
        tasks = [*self._tasks.values(), *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        if self.jobs.ledger.exists():
            with suppress(LedgerUnavailableError):
                back = await self.jobs.hand_back(self.owner)
                if back:
                    _log.info("jobs.hand_back", jobs=back)
        await self.jobs.ledger.close()

    async def submit(self, kind: str, request: Content, request_id: str, place: Content | None = None) -> Job:
        """Take a job in, to begin at a place where one is given. Raises TooManyJobsError, LedgerUnavailableError."""
        if await self.jobs.waiting() >= MOST_WAITING:
            raise TooManyJobsError(f"{MOST_WAITING} jobs wait or run; ask again when some are done")
        job = await self.jobs.add(kind, request, request_id, place)
        self._wake.set()
        return job

    async def cancel(self, job_id: str) -> Job:
        """Cancel a job, and wait a moment for it to end. Raises UnknownResourceError, LedgerUnavailableError."""
        job = await self.jobs.cancel(job_id)
        self._wake.set()
        return job if job.finished else await self.finished(job_id, 2.0)

    async def finished(self, job_id: str, seconds: float) -> Job:
        """The job when it has ended, or as it stands after so many seconds. Raises UnknownResourceError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (await self.jobs.get(job_id)).finished and not self.stopping.is_set():
                    await self.jobs.change()
        return await self.jobs.get(job_id)

    async def _run(self) -> None:
        while not self.stopping.is_set():
            self._wake.clear()
            if self.jobs.ledger.exists():
                try:
                    await self._look()
                except LedgerUnavailableError as fault:
                    _log.warning("jobs.wait", reason=str(fault))
            with suppress(TimeoutError):
                async with asyncio.timeout(self.pause):
                    await self._wake.wait()

    async def _look(self) -> None:
        mine = await self.jobs.renew(self.owner, LEASE_SECONDS) if self._tasks else {}
        for job_id, task in tuple(self._tasks.items()):
            # asked to be cancelled, or claimed by another after a long pause of ours
            if mine.get(job_id, True) and job_id not in self._cancelled:
                if job_id in mine:
                    self._cancelled.add(job_id)
                task.cancel()
        while len(self._tasks) < self.at_once:
            job = await self.jobs.claim(self.owner, self.kinds, LEASE_SECONDS)
            if job is None:
                return
            self._tasks[job.id] = asyncio.create_task(self._work(job))

    async def _work(self, job: Job) -> None:
        finish = partial(self.jobs.finish, self.owner, job.id)
        try:
            with structlog.contextvars.bound_contextvars(job=job.id, request_id=job.request_id):
                result = await self.kinds[job.kind].run(self._context(job))
            await finish("succeeded", result=result)
        except asyncio.CancelledError:
            if job.id in self._cancelled:
                await finish("cancelled")
        except LedgerUnavailableError as fault:
            _log.warning("jobs.drop", job=job.id, reason=str(fault))  # its lease runs out, then it is claimed again
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the job has to say so
            await self._fail(job, error)
        finally:
            self._tasks.pop(job.id, None)
            self._cancelled.discard(job.id)
            self._wake.set()

    def _context(self, job: Job) -> JobContext:
        step, log = partial(self.jobs.step, self.owner, job.id), partial(self.jobs.log, job.id)
        return JobContext(job=job, step=step, log=log)

    async def _fail(self, job: Job, error: Exception) -> None:
        problem = problem_of(error)
        ours = problem.slug == "internal-error"
        if ours:
            _log.error("jobs.fail", job=job.id, exc_info=error)
        detail = PLAIN["internal-error"].text if ours else str(error)
        body = body_of(problem, detail, instance=job.path, request_id=job.request_id, faults=faults_of(error))
        with suppress(LedgerUnavailableError):  # its lease runs out, then it is claimed and fails again
            await self.jobs.finish(self.owner, job.id, "failed", error=body)
