"""Runs a source: fetch, check, store, each phase resumable, and nothing stored before all of it was checked.

Payloads are the staging: they are kept as they come, parsed once to be checked and once more to be stored, so that
memory stays flat and a killed run has nothing half-made to clean up. Nothing stored means no node, no link and no value
of a series; the payloads and the run in the ledger stay.

What blocks is done in one thread a run: allocators keep what was freed for the thread that had it, and of six threads
each would come to hold the most that one needs.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import ParamSpec, TypeVar

from graph.series import SeriesStore
from graph.seriesadding import Row, Rows, add_rows
from graph.seriesvalues import NO_DAY, NO_INSTANT, microseconds
from graph.store import GraphStore
from ingest.connecting import Connector, Payload, Point
from ingest.errors import RunCancelledError, RunLedgerError
from ingest.fetching import Fetcher, Reach
from ingest.ledger import Run, RunLedger, State
from ingest.merging import merged
from ingest.payloads import PayloadStore
from ingest.runcheck import Tally
from ingest.rungraph import lineage_batch, run_batch, series_batch, things_batch
from ingest.sourceformat import SourceFile

MOST_WAITING = 50_000  # values held before their series are published
_EPOCH_DAY = date(1970, 1, 1)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run is: `done` of `total` payloads of a phase (None: nobody knows how many will come)."""

    run: str
    phase: str
    done: int
    total: int | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a run needs: where it is written down, where bytes, facts and values go, how sources are reached."""

    ledger: RunLedger
    payloads: PayloadStore
    graph: GraphStore
    series: SeriesStore
    reach: Reach = field(default_factory=Reach)
    tell: Callable[[Progress], None] = lambda _: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


async def run_source(run: Run, source: SourceFile, connector: Connector, means: Means) -> Run:
    """Do a run from where it stands, and give it back as the ledger holds it at the end.

    Raises RunInUseError, RunCancelledError, ShortRunError, what fetching and the stores raise; the ledger then says
    what happened, and the same call carries on. Cancelled from outside it is kept as interrupted.
    """
    if run.state == "succeeded":
        return run
    with means.ledger.holding(run):
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=run.id)
        try:
            await _Work(run=run, source=source, connector=connector, means=means, thread=thread).do()
        except BaseException as error:
            with suppress(RunLedgerError):  # what went wrong first is what is told
                means.ledger.end(run.id, *_ending(error))
            raise
        finally:
            thread.shutdown(wait=False)  # what it is at may take long; nobody waits for it
        means.ledger.end(run.id, "succeeded")
    return means.ledger.get(run.id)


@dataclass(slots=True, kw_only=True)
class _Work:
    run: Run
    source: SourceFile
    connector: Connector
    means: Means
    thread: ThreadPoolExecutor
    counters: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, Rows] = field(default_factory=dict)

    async def do(self) -> None:
        """The phases that are still to come."""
        ledger = self.means.ledger
        if self.run.fell_short:
            await self._aside(ledger.restart, self.run.id)
        run = ledger.get(self.run.id)
        if run.phase == "fetching":
            await self._fetch(run)
        if ledger.get(run.id).phase == "checking":
            await self._check()
        if ledger.get(run.id).phase == "storing":
            await self._store()

    async def _fetch(self, run: Run) -> None:
        ledger, count = self.means.ledger, run.fetched
        since = await self._aside(self._held_since)
        async with Fetcher(self.source, self.means.payloads, self.means.reach, held_since=since) as client:
            async for one in self.connector.fetch(client, self.source, run.window, run.cursor):
                count = await self._aside(ledger.fetched, run.id, one.payload.id, one.cursor)
                self._tell("fetching", count, None, one.payload.url)
                await self._heed_cancel()
        await self._aside(ledger.phase, run.id, "checking")

    def _held_since(self) -> datetime | None:
        """Since when answers were kept for this run, so that it does not ask again for one that it has not named yet.

        None where it has named none, and where it failed: it may have failed over such an answer.
        """
        ids = self.means.ledger.payloads(self.run.id)
        failed = self.run.finished_at is not None and self.run.state not in {"interrupted", "cancelled"}
        return self.means.payloads.load(ids[0]).fetched_at if ids and not failed else None

    async def _check(self) -> None:
        ids = self.means.ledger.payloads(self.run.id)
        tally = Tally(self.source)
        for n, payload_id in enumerate(ids):
            payload = await self._aside(self.means.payloads.load, payload_id)
            tally.add(payload, await self._aside(self.connector.parse, payload, self.source))
            self._tell("checking", n + 1, len(ids), payload.url)
            await self._heed_cancel()
        tally.check(self.run.window if self.run.kind == "fetch" else None)
        await self._aside(self.means.ledger.phase, self.run.id, "storing", tally.counters())

    async def _store(self) -> None:
        ledger = self.means.ledger
        run = ledger.get(self.run.id)
        self.counters.update(run.counters)
        ids = ledger.payloads(run.id)
        await self.means.graph.upsert(things_batch(self.source))
        for n in range(run.stored, len(ids)):
            payload = await self._aside(self.means.payloads.load, ids[n])
            await self._store_one(payload)
            if not self.waiting or sum(map(len, self.waiting.values())) >= MOST_WAITING or n + 1 == len(ids):
                await self._publish()
                await self._aside(ledger.stored, run.id, n + 1, self.counters)
            self._tell("storing", n + 1, len(ids), payload.url)
            await self._heed_cancel()
        await self.means.graph.upsert(run_batch(ledger.get(run.id), ids, self.means.now()))
        await self._aside(ledger.phase, run.id, "done", self.counters)

    async def _store_one(self, payload: Payload) -> None:
        """The facts of a payload, whole or not at all; its values wait for the others of their series."""
        parsed = await self._aside(self.connector.parse, payload, self.source)
        batch = await merged(self.means.graph, parsed.batch, payload.id)
        written = await self.means.graph.upsert(lineage_batch(payload, batch))
        self.counters.update(
            {"created": written.created, "unchanged": written.unchanged, "corrected": written.corrected}
        )
        had_at = microseconds(payload.known_at)
        for point in parsed.points:
            self.waiting.setdefault(point.series, Rows()).append(_row(point, had_at))

    async def _publish(self) -> None:
        if not self.waiting:
            return
        for series, rows in self.waiting.items():
            try:
                added = await self._aside(add_rows, self.means.series, series, rows)
            except OSError as error:
                raise RunLedgerError(
                    f"the series {series} cannot be written ({error.strerror or error}); make room or let its folder "
                    "be written to, then resume the run"
                ) from error
            self.counters.update({"values new": added.new, "values revised": added.revised})
        await self.means.graph.upsert(series_batch(self.source, self.means.series, self.waiting))
        self.waiting.clear()

    async def _aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What blocks, in the thread of this run."""
        call = partial(copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)

    async def _heed_cancel(self) -> None:
        if (await self._aside(self.means.ledger.get, self.run.id)).cancel:
            raise RunCancelledError(f"the run {self.run.id} was cancelled; what it has stored stays, resume carries on")

    def _tell(self, phase: str, done: int, total: int | None, said: str) -> None:
        self.means.tell(Progress(run=self.run.id, phase=phase, done=done, total=total, said=said))


def _ending(error: BaseException) -> tuple[State, str | None]:
    """How the ledger says that a run ended by an error."""
    if isinstance(error, RunCancelledError):
        return "cancelled", None
    if isinstance(error, Exception):
        return "failed", f"{type(error).__name__.strip('_')}: {error}"
    return "interrupted", f"ended by {type(error).__name__}; resume it"


def _row(point: Point, had_at: int) -> Row:
    return Row(
        at=microseconds(point.at),
        known_at=NO_INSTANT if point.known_at is None else microseconds(point.known_at),
        had_at=had_at,
        value=float(point.value),
        day=NO_DAY if point.day is None else (point.day - _EPOCH_DAY).days,
    )
