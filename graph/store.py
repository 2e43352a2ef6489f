"""The seam between the product and its graph: one reader and one writer over Bolt, the same for both servers.

Reads run in a transaction that may only read and is always rolled back; a write is one transaction for its whole
batch, announced to readers before and after. Nothing above this module knows a driver, its errors or its types.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from graph.announcing import Announcement
from graph.driver import LOST, driver_errors, neo4j, opened_driver, translated
from graph.endpoint import Endpoint
from graph.errors import GraphError, LostEndError
from graph.graphversion import MOMENT, Moment, moment_of
from graph.model import Batch, Limits, Table, Written
from graph.opening import opened
from graph.schema import constraint_statements, validate
from graph.values import decode
from graph.writing import Writing

SERVICE_POOL = 20
READER_POOL = 10
DEFAULT_LIMITS = Limits()
_GRACE_SECONDS = 2.0
_CONNECT_SECONDS = 2.0
_LIVENESS_SECONDS = 30.0
_OPEN_SECONDS = _CONNECT_SECONDS + 0.5  # what a cancelled caller waits for a connection at most
_SETTLE_SECONDS = 1.0  # what a write waits for one that began before it, so that readers see both
_PAUSES = (0.01, 0.05, 0.25)  # before a small write is tried again that another one had to give way to


def open_store(endpoint: Endpoint, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> GraphStore:
    """A store that connects at its first call; `clock` gives the instant that a batch is recorded at."""
    return GraphStore(endpoint, pool=SERVICE_POOL, clock=clock)


def open_reader(endpoint: Endpoint) -> GraphReader:
    """A reader that connects at its first call."""
    return GraphReader(endpoint, pool=READER_POOL)


class GraphReader:
    """Reads of one graph by one user. Use it in one event loop and close it there.

    At most `pool` sessions have a connection at a time; `sessions` are open or wait for one.
    """

    def __init__(self, endpoint: Endpoint, *, pool: int) -> None:
        self.pool = pool
        self.sessions = 0
        self._endpoint = endpoint
        self._driver: neo4j.AsyncDriver | None = None

    async def read(
        self, cypher: str, params: Mapping[str, object] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Table:
        """The rows of one statement, at most `limits.rows` of them, after at most `limits.seconds`.

        Raises `QueryRefusedError` (not a read, or not understood), `QueryOverBudgetError` (too slow or too large) and
        `GraphUnavailableError`.
        """
        async with translated(self._endpoint):
            try:
                return await self._read_once(cypher, params or {}, limits)
            except LOST:  # a connection of the pool may have died with a server that is back
                return await self._read_once(cypher, params or {}, limits)

    async def _read_once(self, cypher: str, params: Mapping[str, object], limits: Limits) -> Table:
        async with (
            asyncio.timeout(limits.seconds + _GRACE_SECONDS),
            self._session(neo4j.READ_ACCESS) as session,
            await _begun(session, limits.seconds) as transaction,
        ):
            result = await transaction.run(cypher, dict(params))
            records = await result.fetch(limits.rows + 1)
            fields = tuple(result.keys())
            await transaction.rollback()
        rows = tuple(tuple(decode(value) for value in record.values()) for record in records[: limits.rows])
        return Table(fields=fields, rows=rows, truncated=len(records) > limits.rows)

    async def stream(
        self, cypher: str, params: Mapping[str, object] | None = None, *, seconds: float
    ) -> AsyncGenerator[tuple[object, ...]]:
        """All rows of one statement, a thousand at a time as they are asked for, within `seconds`: for whole graphs.

        Raises what `read` raises; close what this gives if you leave it early.
        """
        async with (
            translated(self._endpoint),
            self._session(neo4j.READ_ACCESS) as session,
            await _begun(session, seconds) as transaction,
        ):
            async for record in await transaction.run(cypher, dict(params or {})):
                yield tuple(decode(value) for value in record.values())
            await transaction.rollback()

    async def ping(self) -> None:
        """Return when the database answers this user. Raises `GraphUnavailableError`."""
        await self.read("RETURN 1 AS ready", limits=Limits(rows=1, seconds=5.0))

    async def moment(self, *, seconds: float = 2.0) -> Moment:
        """The version of the graph, and the latest instant before every write under way. Raises what `read` raises."""
        before = datetime.now(UTC)
        return moment_of((await self.read(MOMENT, limits=Limits(rows=1, seconds=seconds))).rows, before)

    async def version(self) -> int | None:
        """The version of the graph, which every write changes; None before the first. Raises what `read` raises."""
        return (await self.moment()).version

    async def settled(self) -> datetime:
        """The latest instant before every write that is under way, now where there is none. Raises what `read` raises.

        What is read as at this instant, in any number of statements, is one state of whole batches: what was recorded
        by then is there, and nothing will be added to it. Links between things that were there already, and what is
        told anew of a thing, have no instant and are seen when they come.
        """
        return (await self.moment(seconds=DEFAULT_LIMITS.seconds)).settled

    async def present(self) -> datetime:
        """The instant to read the graph as at where none is asked for. Raises what `read` raises."""
        return self.present_of(await self.moment(seconds=DEFAULT_LIMITS.seconds))

    def present_of(self, moment: Moment) -> datetime:
        """The same by a look that was taken."""
        return moment.settled

    async def close(self) -> None:
        """Give the connections back; a closed reader opens them again when it is used."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    @asynccontextmanager
    async def _session(self, access: str) -> AsyncIterator[neo4j.AsyncSession]:
        if self._driver is None:
            self._driver = opened_driver(
                self._endpoint, "whymove", pool=self.pool, seconds=_CONNECT_SECONDS, alive=_LIVENESS_SECONDS
            )
        self.sessions += 1
        try:
            async with self._driver.session(database=self._endpoint.database, default_access_mode=access) as session:
                yield session
        finally:
            self.sessions -= 1


class GraphStore(GraphReader):
    """Reads and writes of one graph; one write at a time. `writes` counts those that were tried."""

    def __init__(self, endpoint: Endpoint, *, pool: int, clock: Callable[[], datetime]) -> None:
        super().__init__(endpoint, pool=pool)
        self._clock = clock
        self._one_writer = asyncio.Lock()
        self._written = datetime.min.replace(tzinfo=UTC)
        self.writes = 0

    async def create_schema(self) -> None:
        """Make the constraints and indexes that are missing. Raises `GraphUnavailableError`."""
        async with self._one_writer, translated(self._endpoint), self._session(neo4j.WRITE_ACCESS) as session:
            for statement in constraint_statements():
                await (await session.run(statement)).consume()

    def present_of(self, moment: Moment) -> datetime:
        """The instant to read as at, by a look that was taken: `settled`, and all that this store has written."""
        return max(moment.settled, self._written)

    async def upsert(self, batch: Batch) -> Written:
        """Write a batch, whole or not at all; what the graph already says is left as it is.

        When it returns, readers of `settled` see the batch, unless a write that began before it goes on for longer than
        a second. Raises `OntologyError` and `NotInGraphError` for what may not be written, `GraphUnavailableError`.
        """
        validate(batch)
        try:
            async with self._one_writer, translated(self._endpoint):
                written, wrote_at, moment = await self._upsert(batch)
            self._written = max(self._written, wrote_at)
            await self._until_settled(wrote_at, moment)
        finally:
            self.writes += 1
        return written

    async def _upsert(self, batch: Batch) -> tuple[Written, datetime, Moment]:
        """Write a batch that is announced; gives when it was written, and the moment after it."""
        for patient in (True, False):  # a machine that stands still again and again still gets its batch written
            said = Announcement(self._send)
            await said.begin()
            now, wrote_at = self._clock(), datetime.now(UTC)
            try:
                written, changed = await self._write(batch, now, said, patient=patient)
            except BaseException as error:
                with contextlib.suppress(GraphError):
                    await self._given_up(said, error)
                if patient and isinstance(error, _OverdueError):
                    continue
                raise
            try:
                return written, min(now, wrote_at), await said.end(changed=changed)
            except GraphError:  # the batch is there; readers pass the announcement over when it is overdue
                return written, min(now, wrote_at), Moment(version=None, settled=wrote_at)
        raise AssertionError("the second time nothing is overdue")

    async def _given_up(self, said: Announcement, error: BaseException) -> None:
        if isinstance(error, LOST) or (said.committing and not isinstance(error, driver_errors.Neo4jError)):
            await said.leave()  # nobody is there to be told, or the batch may still be about to come
        else:
            await said.end(changed=False)

    async def _write(self, batch: Batch, now: datetime, said: Announcement, *, patient: bool) -> tuple[Written, bool]:
        """The transaction of a batch; gives what was written, and whether the graph may say something else."""
        taken, wrote = asyncio.Event(), False

        async def work(transaction: neo4j.AsyncManagedTransaction) -> Written:
            nonlocal wrote
            taken.set()
            said.committing = False

            async def run(cypher: str, params: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
                result = await transaction.run(cypher, dict(params))
                return [dict(zip(record.keys(), map(decode, record.values()), strict=True)) async for record in result]

            writing = Writing(run, batch, now)
            written = await writing.run()
            wrote = writing.wrote
            if patient and said.overdue:
                raise _OverdueError
            said.committing = True
            return written

        async with self._session(neo4j.WRITE_ACCESS) as session:
            try:
                written = await opened(session.execute_write(work), seconds=_OPEN_SECONDS, taken=taken)
            except (driver_errors.ConstraintError, LostEndError):  # another process wrote just then: it is there now
                written = await session.execute_write(work)
        return written, wrote

    async def _until_settled(self, wrote_at: datetime, moment: Moment) -> None:
        """Wait until whoever asks for `settled` sees what was written then."""
        ends = time.monotonic() + _SETTLE_SECONDS
        with contextlib.suppress(GraphError):
            while moment.settled < wrote_at and time.monotonic() < ends:
                await asyncio.sleep(_PAUSES[0])
                moment = await self.moment()

    async def _send(self, cypher: str, params: Mapping[str, object]) -> Sequence[tuple[object, ...]]:
        """One small statement in a transaction of its own, tried again where another one came first."""
        for pause in (*_PAUSES, None):
            async with translated(self._endpoint), self._session(neo4j.WRITE_ACCESS) as session:
                try:
                    result = await opened(session.run(cypher, dict(params)), seconds=_OPEN_SECONDS)
                    return [tuple(record.values()) async for record in result]
                except (driver_errors.TransientError, driver_errors.ConstraintError, *LOST):
                    if pause is None:
                        raise
                    await asyncio.sleep(pause)
        raise AssertionError("the last try gives or raises")


class _OverdueError(Exception):
    """A write took so long without a word that readers may pass over its announcement."""


async def _begun(session: neo4j.AsyncSession, seconds: float) -> neo4j.AsyncTransaction:
    return await opened(session.begin_transaction(timeout=seconds), seconds=_OPEN_SECONDS)
