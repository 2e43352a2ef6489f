"""Fetches sources by their schedules while the service runs (`serve --jobs`).

Once a minute the ledger of runs is asked what is due; what is due becomes a job like one that was asked for over REST.
Several processes may do so: a source is run by one of them, and the others find its run in the ledger.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing, suppress
from datetime import UTC, datetime

from api.errors import ApiError
from api.ingesting import known_sources, new_run, open_ledger
from api.jobs.ingests import INGEST
from api.jobs.runner import JobRunner
from api.settings import Settings
from ingest.errors import IngestError
from ingest.schedules import due
from ingest.sourceformat import SchedulePart

EVERY_SECONDS = 60.0
LOOKED_BACK = 50
_log = logging.getLogger(__name__)


class Scheduler:
    """Looks once a minute until it is stopped."""

    def __init__(self, settings: Settings, jobs: JobRunner) -> None:
        self._settings = settings
        self._jobs = jobs
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look, at once for what was missed."""
        self._task = asyncio.create_task(self._run(), name="schedules")

    async def stop(self) -> None:
        """Look no more; what was begun goes on as a job."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def look(self, now: datetime) -> list[str]:
        """Begin or carry on what is due; gives the ids of the runs. One source at fault does not stop the others."""
        begun = []
        for source in known_sources(self._settings):
            if source.schedule is None:
                continue
            try:
                run = await asyncio.to_thread(self._due, source.name, source.schedule, now)
                if run is not None:
                    await self._jobs.submit(INGEST, {"run": run}, "schedule")
                    begun.append(run)
            except (IngestError, ApiError, OSError) as error:
                _log.warning("%s is due and cannot be fetched: %s", source.name, error)
        return begun

    def _due(self, name: str, schedule: SchedulePart, now: datetime) -> str | None:
        """The id of the run that a source is due for."""
        with closing(open_ledger(self._settings)) as ledger:
            wanted = due(schedule, ledger.page(source=name, limit=LOOKED_BACK), now)
            if wanted is None:
                return None
            return wanted.run or new_run(name, self._settings, ledger).id

    async def _run(self) -> None:
        while True:
            begun = await self.look(datetime.now(UTC))
            if begun:
                _log.info("fetching by schedule: %s", ", ".join(begun))
            await asyncio.sleep(EVERY_SECONDS)
