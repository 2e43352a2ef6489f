"""The seam between the product and its graph: one reader and one writer over Bolt, the same for both servers.

Reads run in a transaction that may only read and is always rolled back; a write is one transaction for its whole
batch. Nothing above this module knows a driver, its errors or its types.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from graph.driver import driver_errors, neo4j
from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, QueryOverBudgetError, QueryRefusedError
from graph.graphversion import MOVE, VERSION, a_move
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
_LOST = (driver_errors.ServiceUnavailable, driver_errors.SessionExpired)
_NO_DATABASE = ("Neo.ClientError.Database.DatabaseNotFound", "Neo.TransientError.Database.DatabaseUnavailable")


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
            except _LOST:  # a connection of the pool may have died with a server that is back
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

    async def version(self) -> int | None:
        """The version of the graph, which every write changes; None before the first. Raises what `read` raises."""
        rows = (await self.read(VERSION, limits=Limits(rows=1, seconds=2.0))).rows
        return int(str(rows[0][0])) if rows and rows[0][0] else None

    async def close(self) -> None:
        """Give the connections back; a closed reader opens them again when it is used."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    @asynccontextmanager
    async def _session(self, access: str) -> AsyncIterator[neo4j.AsyncSession]:
        if self._driver is None:
            self._driver = neo4j.AsyncGraphDatabase.driver(
                self._endpoint.url,
                auth=(self._endpoint.user, self._endpoint.password),
                max_connection_pool_size=self.pool,
                connection_acquisition_timeout=_CONNECT_SECONDS,
                connection_timeout=_CONNECT_SECONDS,
                liveness_check_timeout=_LIVENESS_SECONDS,
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
                telemetry_disabled=True,
                user_agent="whymove",
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
        self.writes = 0

    async def create_schema(self) -> None:
        """Make the constraints and indexes that are missing. Raises `GraphUnavailableError`."""
        async with self._one_writer, translated(self._endpoint), self._session(neo4j.WRITE_ACCESS) as session:
            for statement in constraint_statements():
                await (await session.run(statement)).consume()

    async def upsert(self, batch: Batch) -> Written:
        """Write a batch, whole or not at all; what the graph already says is left as it is.

        Raises `OntologyError` and `NotInGraphError` for what may not be written, `GraphUnavailableError`.
        """
        validate(batch)
        now, taken = self._clock(), asyncio.Event()

        async def work(transaction: neo4j.AsyncManagedTransaction) -> Written:
            taken.set()

            async def run(cypher: str, params: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
                result = await transaction.run(cypher, dict(params))
                return [dict(zip(record.keys(), map(decode, record.values()), strict=True)) async for record in result]

            writing = Writing(run, batch, now)
            written = await writing.run()
            if writing.wrote:  # what is unchanged leaves the version alone
                await run(MOVE, a_move())
            return written

        async with self._one_writer, translated(self._endpoint), self._session(neo4j.WRITE_ACCESS) as session:
            try:
                return await opened(session.execute_write(work), seconds=_OPEN_SECONDS, taken=taken)
            except driver_errors.ConstraintError:  # another process wrote the same new key first: it is there now
                return await session.execute_write(work)
            finally:
                self.writes += 1


async def _begun(session: neo4j.AsyncSession, seconds: float) -> neo4j.AsyncTransaction:
    return await opened(session.begin_transaction(timeout=seconds), seconds=_OPEN_SECONDS)


@asynccontextmanager
async def translated(endpoint: Endpoint) -> AsyncIterator[None]:
    """The driver's errors as the graph's own."""
    with translating(endpoint):
        yield


@contextmanager
def translating(endpoint: Endpoint) -> Iterator[None]:
    """The same, where nothing is awaited."""
    try:
        yield
    except TimeoutError as error:
        raise QueryOverBudgetError("the read took too long and was given up") from error
    except (*_LOST, driver_errors.AuthError, OSError) as error:
        raise GraphUnavailableError(f"no graph at {endpoint.url} for {endpoint.user}: {error}") from error
    except driver_errors.Neo4jError as error:
        code = error.code or ""
        if code.startswith("Neo.ClientError.Security.Authentication"):  # too many wrong passwords just now
            raise GraphUnavailableError(f"{endpoint.url} refuses {endpoint.user}: {error.message}") from error
        if code in _NO_DATABASE:
            raise GraphUnavailableError(f"{endpoint.url} has no database {endpoint.database}") from error
        if "TransactionTimedOut" in code or "Terminated" in code or "MemoryPool" in code or "OutOfMemory" in code:
            raise QueryOverBudgetError(f"the server ended the statement: {error.message}") from error
        if code.startswith("Neo.ClientError"):
            raise QueryRefusedError(str(error.message)) from error
        raise GraphUnavailableError(f"{endpoint.url} failed: {error.message}") from error
    except driver_errors.DriverError as error:
        raise GraphUnavailableError(f"no answer from {endpoint.url}: {error}") from error
