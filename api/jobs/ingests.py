"""Runs of sources as jobs of the service; the ledger of runs, not the job, says how far each is."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from api.jobs.model import Content, JobContext, Step
from api.settings import Settings
from graph.store import GraphStore
from ingest.errors import RunCancelledError
from ingest.ledger import RunLedger

if TYPE_CHECKING:
    from ingest.running import Progress

INGEST = "ingest"
TELL_SECONDS = 1.0


class Means(Protocol):
    """What fetching needs of the service; the graph may come up after it."""

    @property
    def settings(self) -> Settings:
        """The settings of the service."""

    async def graph(self) -> GraphStore:
        """The store, with its schema made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRun:
    """The job behind `POST /v1/ingest-jobs`: does the run that its request names, from where it stands."""

    means: Means
    name: str = INGEST

    async def run(self, context: JobContext) -> Content:
        """Do the run; where the service stops meanwhile it is interrupted, and the same job carries it on later."""
        from api.ingesting import do_run

        run_id = str(context.job.request["run"])
        ledger = RunLedger(self.means.settings.runs)
        if (await asyncio.to_thread(ledger.get, run_id)).state == "cancelled":
            raise RunCancelledError(f"the run {run_id} was cancelled before it began; resume it")
        latest: list[Progress] = []
        telling = asyncio.create_task(_tell(context, latest))
        try:
            store = await self.means.graph()
            done = await do_run(run_id, self.means.settings, ledger, store, tell=lambda one: _keep(latest, one))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            ledger.close()
        await context.step(Step(done=done.stored, total=done.fetched, counters=done.counters))
        return {"location": f"/v1/ingest-jobs/{run_id}"}


def _keep(latest: list[Progress], one: Progress) -> None:
    latest[:] = [one]


async def _tell(context: JobContext, latest: list[Progress]) -> None:
    """Once a second say how far the run is, where it has got any further."""
    told: Progress | None = None
    while True:
        await asyncio.sleep(TELL_SECONDS)
        if latest and latest[0] is not told:
            told = latest[0]
            await context.step(Step(done=told.done, total=told.total))
