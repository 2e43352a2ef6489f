"""Runs analysts' queries in a process of its own: `python -m graph.queryworker`, asked over its standard input.

One row may hold millions of values. Whoever takes it from the wire is busy for seconds and fills its memory, which must
not be the process that serves everybody else: this one has a limit of memory, and is killed when it is late.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
import time
from collections import OrderedDict
from typing import BinaryIO

from graph.cyphervalues import Rich, rich, size_of
from graph.driver import driver_errors, neo4j
from graph.endpoint import Endpoint
from graph.errors import GraphError, QueryOverBudgetError
from graph.queryparts import HEAD, Failure, Order, Part, QueryLimits, framed
from graph.queryplan import judged
from graph.store import translated

MEMORY_BYTES = 2 * 2**30  # of address space, of which the interpreter and the driver take a quarter
PLAN_SECONDS = 2.0
FRESH_SECONDS, MOST_PLANS = 60.0, 200
_EMBEDDED = "ArcadeDB"
_FETCH = 200  # each is a round trip; what is fetched beyond a limit is lost
_BATCH_BYTES = 64_000


def _read(pipe: BinaryIO) -> object:
    """The next message, None at the end of the pipe."""
    head = pipe.read(HEAD.size)
    return pickle.loads(pipe.read(HEAD.unpack(head)[0])) if len(head) == HEAD.size else None


def _send(message: object) -> None:
    sys.stdout.buffer.write(framed(message))
    sys.stdout.buffer.flush()


class _Rows:
    """Rows on their way out, in batches, up to the limits."""

    def __init__(self, limits: QueryLimits) -> None:
        self._limits = limits
        self._waiting: list[list[Rich]] = []
        self._rows = self._bytes = self._sent = 0

    def take(self, row: list[Rich]) -> str | None:
        """Take one more row; the limit that it passes, if it does."""
        size = size_of(row)
        if self._rows >= self._limits.rows:
            return "rows"
        if self._bytes + size > self._limits.bytes:
            return "bytes"
        self._waiting.append(row)
        self._rows, self._bytes = self._rows + 1, self._bytes + size
        if self._bytes - self._sent > _BATCH_BYTES:
            self.send()
        return None

    def send(self, *, cut: str | None = None, whole: bool = False) -> None:
        """Send what waits."""
        _send(Part(rows=tuple(self._waiting), bytes=self._bytes - self._sent, cut=cut, whole=whole))
        self._waiting, self._sent = [], self._bytes


async def _plan(session: neo4j.AsyncSession, order: Order) -> str:
    """The fingerprint of the server's plan. Raises QueryRefusedError, QueryOverBudgetError."""
    seconds = min(PLAN_SECONDS, order.limits.seconds)
    asked = neo4j.Query(f"EXPLAIN {_tagged(order)}", {"query": order.tag}, seconds)
    summary = await (await session.run(asked, dict(order.params))).consume()
    return judged(summary.plan or {"operatorType": "no plan"}, summary.query_type)


def _tagged(order: Order) -> str:
    # The tag stands in the text as well, because one server lists no metadata and the other no text at first.
    return f"{order.text}\n//{order.tag}"


async def _run(session: neo4j.AsyncSession, order: Order, plan: str | None) -> None:
    limits = order.limits
    transaction = await session.begin_transaction(metadata={"query": order.tag}, timeout=limits.seconds)
    async with transaction:
        result = await transaction.run(_tagged(order), dict(order.params))
        _send(Part(fields=tuple(result.keys()), plan=plan))
        rows, cut = _Rows(limits), None
        async for record in result:
            cut = rows.take([rich(value) for value in record.values()])
            if cut is not None:
                break
        rows.send(cut=cut, whole=cut is None)
        with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError):
            await transaction.rollback()


async def _serve(endpoint: Endpoint) -> None:
    driver = neo4j.AsyncGraphDatabase.driver(
        endpoint.url,
        auth=(endpoint.user, endpoint.password),
        max_connection_pool_size=1,
        connection_acquisition_timeout=2.0,
        connection_timeout=2.0,
        liveness_check_timeout=2.0,  # a server that was started again leaves dead connections; it takes longer
        notifications_min_severity=neo4j.NotificationMinimumSeverity.OFF,
        warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
        telemetry_disabled=True,
        user_agent="whymove-analysts",
    )
    async with driver:
        graph = _Graph(driver, endpoint)
        while isinstance(order := _read(sys.stdin.buffer), Order):  # between queries there is nothing else to do
            await graph.answer(order)


class _Graph:
    """One server, asked through one driver."""

    def __init__(self, driver: neo4j.AsyncDriver, endpoint: Endpoint) -> None:
        self._driver = driver
        self._endpoint = endpoint
        self._tells: bool | None = None
        self._plans: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def answer(self, order: Order) -> None:
        """Send the answer to an order, or why there is none."""
        try:
            async with translated(self._endpoint), self._session() as session:
                await _run(session, order, await self._planned(session, order))
            _send(Part(over=True))
        except GraphError as error:
            said = getattr(error.__cause__, "message", None)
            _send(Failure(error=error, said=said if isinstance(said, str) else None))
        except MemoryError:
            _send(Failure(error=QueryOverBudgetError("the answer takes more memory than it is given"), said=None))

    def _session(self) -> neo4j.AsyncSession:
        access = neo4j.READ_ACCESS
        return self._driver.session(database=self._endpoint.database, default_access_mode=access, fetch_size=_FETCH)

    async def _planned(self, session: neo4j.AsyncSession, order: Order) -> str | None:
        """The fingerprint of the plan, None where the server tells none; a text is asked about once a minute."""
        if not await self._explains(session):
            return None
        asked, plan = self._plans.get(order.text, (float("-inf"), ""))
        now = time.monotonic()
        if now - asked >= FRESH_SECONDS:
            plan = await _plan(session, order)
            self._plans[order.text] = (now, plan)
            self._plans.move_to_end(order.text)
            if len(self._plans) > MOST_PLANS:
                self._plans.popitem(last=False)
        return plan

    async def _explains(self, session: neo4j.AsyncSession) -> bool:
        """Whether the server tells what it would do: a Neo4j does, the embedded one calls every query a write."""
        if self._tells is None:
            found = await (await session.run("RETURN 1")).consume()
            self._tells = _EMBEDDED not in found.server.agent
        return self._tells


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> int:
    """Read where the graph is, then one query after the other until the pipe ends."""
    _limit_memory()
    endpoint = _read(sys.stdin.buffer)
    if isinstance(endpoint, Endpoint):
        asyncio.run(_serve(endpoint))
    return 0


if __name__ == "__main__":
    sys.exit(main())
