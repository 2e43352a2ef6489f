"""Runs Cypher that nobody vouches for: through the gate, in a transaction that is rolled back, within stated limits.

What keeps the graph whole is not the gate but the user (without rights on the embedded server) and the transaction
(which may only read on Neo4j, and is never committed anywhere). What keeps the service up is a few queries at a time,
a few waiting, and a watchdog that ends what does not end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

from graph.cyphergate import check
from graph.cyphervalues import Rich, rich, size_of
from graph.driver import driver_errors, neo4j
from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, QueryOverBudgetError, TooManyQueriesError
from graph.store import translated
from graph.watchdog import Watchdog

RUNNING = 2
QUEUED = 10
GRACE_SECONDS = 1.0
_AGAIN_SECONDS = 0.25
_FETCH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """Bounds of one query: rows, bytes of the answer as JSON (about), and seconds until it is ended."""

    rows: int = 10_000
    bytes: int = 10_000_000
    seconds: float = 30.0


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a query gave: `truncated` names the limit that cut it (rows, bytes, time), None when all of it is here.

    `whole` turns true with the last row; `bytes` is about the size of the rows as JSON.
    """

    fields: tuple[str, ...] = ()
    rows: list[list[Rich]] = field(default_factory=list)
    bytes: int = 0
    truncated: str | None = None
    whole: bool = False

    def take(self, row: list[Rich], limits: QueryLimits) -> bool:
        """Take one more row; False when a limit is reached, which is then named."""
        size = size_of(row)
        if len(self.rows) >= limits.rows:
            self.truncated = "rows"
        elif self.bytes + size > limits.bytes:
            self.truncated = "bytes"
        else:
            self.rows.append(row)
            self.bytes += size
            return True
        return False


Gate = Callable[[str, Mapping[str, object]], str]


class Analysts:
    """The queries of analysts to one graph. Use it in one event loop and close it there.

    `gate` gives the text that is sent, or refuses; what is behind it has to hold without it.
    """

    def __init__(self, endpoint: Endpoint, watchdog: Watchdog, *, gate: Gate = check) -> None:
        self._endpoint = endpoint
        self._watchdog = watchdog
        self._gate = gate
        self._driver: neo4j.AsyncDriver | None = None
        self._turns = asyncio.Semaphore(RUNNING)
        self._waiting = 0

    async def ask(self, query: str, params: Mapping[str, object], limits: QueryLimits) -> Answer:
        """The answer to one query, at the latest a second after its deadline.

        Raises `QueryRefusedError` (by the gate or the server), `QueryOverBudgetError`, `TooManyQueriesError` and
        `GraphUnavailableError`.
        """
        text = self._gate(query, params)
        async with self._turn():
            if self._watchdog.reviving:
                raise GraphUnavailableError("the graph server is being started again; ask again in a few seconds")
            return await self._bounded(text, params, limits)

    async def close(self) -> None:
        """Give the connections back; wait for a server that is being started again."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()
        await self._watchdog.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._turns.locked() and self._waiting >= QUEUED:
            raise TooManyQueriesError(f"{RUNNING} queries run and {QUEUED} wait already; ask again in a few seconds")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def _bounded(self, text: str, params: Mapping[str, object], limits: QueryLimits) -> Answer:
        tag = f"whymove:{uuid4().hex}"
        answer = Answer()
        running = asyncio.create_task(self._run(text, tag, params, limits, answer))
        try:
            await asyncio.wait({running}, timeout=limits.seconds)
            if running.done():
                return await self._settled(running, answer)
            await self._end(running, tag)
        except asyncio.CancelledError:  # the client has gone
            await asyncio.shield(self._end(running, tag))
            raise
        finally:
            running.cancel()
            await asyncio.wait({running})
        if not answer.rows and not answer.whole:
            raise QueryOverBudgetError(f"the query was ended after {limits.seconds:g} s")
        if not answer.whole:
            answer.truncated = answer.truncated or "time"
        return answer

    async def _settled(self, running: asyncio.Task[None], answer: Answer) -> Answer:
        """The answer of a query that ended by itself; where it took the connection along, the server is looked at."""
        try:
            running.result()
        except GraphUnavailableError as error:
            if await self._watchdog.answers():
                words = getattr(error.__cause__, "message", None) or "it dropped the connection, most likely for memory"
                raise QueryOverBudgetError(f"the server gave this query up: {words}") from error
            self._watchdog.give_up()
            raise
        return answer

    async def _end(self, running: asyncio.Task[None], tag: str) -> None:
        """End a query that is late: by its name, again and again for a second, then with its server."""
        loop = asyncio.get_running_loop()
        until = loop.time() + GRACE_SECONDS
        while not running.done() and loop.time() < until:
            await asyncio.wait(
                {running, asyncio.create_task(self._watchdog.terminate(tag))}, timeout=until - loop.time()
            )
            await asyncio.wait({running}, timeout=min(_AGAIN_SECONDS, max(until - loop.time(), 0.0)))
        if not running.done():
            self._watchdog.give_up()

    async def _run(
        self, text: str, tag: str, params: Mapping[str, object], limits: QueryLimits, answer: Answer
    ) -> None:
        async with (
            translated(self._endpoint),
            self._session() as session,
            await session.begin_transaction(metadata={"query": tag}, timeout=limits.seconds) as transaction,
        ):
            # The tag stands in the text as well, because one server lists no metadata and the other no text at first.
            result = await transaction.run(f"{text}\n//{tag}", dict(params))
            answer.fields = tuple(result.keys())
            async for record in result:
                if not answer.take([rich(value) for value in record.values()], limits):
                    await self._watchdog.terminate(tag)  # else a server goes on to the last row before it rolls back
                    break
            else:
                answer.whole = True
            with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError):
                await transaction.rollback()

    def _session(self) -> neo4j.AsyncSession:
        if self._driver is None:
            self._driver = neo4j.AsyncGraphDatabase.driver(
                self._endpoint.url,
                auth=(self._endpoint.user, self._endpoint.password),
                max_connection_pool_size=RUNNING + 1,
                connection_acquisition_timeout=2.0,
                connection_timeout=2.0,
                liveness_check_timeout=0,  # a server that was started again leaves dead connections in the pool
                notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
                warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
                telemetry_disabled=True,
                user_agent="whymove-analysts",
            )
        return self._driver.session(
            database=self._endpoint.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=_FETCH
        )
