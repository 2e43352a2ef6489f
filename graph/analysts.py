"""Runs Cypher that nobody vouches for: through the gate, in a transaction that is rolled back, within stated limits.

What keeps the graph whole is not the gate but the user (without rights on the embedded server) and the transaction
(which may only read on Neo4j, and is never committed anywhere). What keeps the service up is a few queries at a time,
a few waiting, a process for each that can be killed, and a watchdog that ends what its server does not end.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from graph.cyphergate import check
from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, QueryOverBudgetError, TooManyQueriesError
from graph.queryparts import END_OF_ROW, Failure, Order, Part, QueryLimits
from graph.queryprocess import QueryProcess
from graph.watchdog import Watchdog

__all__ = ["Analysts", "Answer", "QueryLimits"]

RUNNING = 2
QUEUED = 10
GRACE_SECONDS = 1.0
_AGAIN_SECONDS = 0.25
Gate = Callable[[str, Mapping[str, object]], str]


@dataclass(slots=True, kw_only=True)
class Answer:
    """What a query gave: `truncated` names the limit that cut it (rows, bytes, time), None when all of it is here.

    `pieces` hold `count` rows as JSON lists, a line break between each two; `bytes` is their size. `whole` turns true
    with the last row. `plan` is the fingerprint of the server's plan and `plan_ms` what the look at it took, None where
    the server tells none.
    """

    fields: tuple[str, ...] = ()
    plan: str | None = None
    plan_ms: float | None = None
    pieces: list[builtins.bytes] = field(default_factory=list)
    count: int = 0
    bytes: int = 0
    truncated: str | None = None
    whole: bool = False

    def add(self, part: Part) -> None:
        """Add what came in."""
        self.fields = self.fields or part.fields
        self.plan = self.plan or part.plan
        self.plan_ms = part.plan_ms if self.plan_ms is None else self.plan_ms
        if part.count:
            self.pieces.append(part.rows)
            self.count += part.count
            self.bytes += len(part.rows) + 1
        self.truncated = self.truncated or part.cut
        self.whole = self.whole or part.whole

    @property
    def json(self) -> builtins.bytes:
        """The rows as one JSON list of lists."""
        return b"".join((b"[", END_OF_ROW.join(self.pieces).replace(END_OF_ROW, b","), b"]"))

    @property
    def rows(self) -> list[list[Any]]:
        """The rows as JSON has them, read anew each time."""
        found: list[list[Any]] = orjson.loads(self.json)
        return found


class Analysts:
    """The queries of analysts to one graph. Use it in one event loop and close it there.

    `gate` gives the text that is sent, or refuses; what is behind it has to hold without it. `running` queries run at
    a time, and `queued` wait.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        watchdog: Watchdog,
        *,
        gate: Gate = check,
        running: int = RUNNING,
        queued: int = QUEUED,
    ) -> None:
        self._endpoint = endpoint
        self._watchdog = watchdog
        self._gate = gate
        self._idle: list[QueryProcess] = []
        self._running, self._queued = running, queued
        self._turns = asyncio.Semaphore(running)
        self._waiting = 0

    async def ask(
        self, query: str, params: Mapping[str, object], limits: QueryLimits, *, typed: bool = False
    ) -> Answer:
        """The answer to one query, at the latest a second after its deadline, counted from its turn.

        With `typed` its rows are typed JSON. Raises `QueryRefusedError` (by the gate or the server),
        `QueryOverBudgetError`, `TooManyQueriesError` and `GraphUnavailableError`.
        """
        text = self._gate(query, params)
        async with self._turn():
            if self._watchdog.reviving:
                raise GraphUnavailableError("the graph server is being started again; ask again in a few seconds")
            async with self._worker() as worker:
                order = Order(text=text, tag=worker.tag, params=params, limits=limits, typed=typed)
                return await self._bounded(worker, order)

    async def close(self) -> None:
        """End the processes; wait for a server that is being started again."""
        idle, self._idle = self._idle, []
        for worker in idle:
            await worker.end()
        await self._watchdog.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._turns.locked() and self._waiting >= self._queued:
            raise TooManyQueriesError(
                f"{self._running} queries run and {self._queued} wait already; ask again in a few seconds"
            )
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[QueryProcess]:
        """A process to run a query in; one that did not finish its query is killed."""
        while self._idle and not self._idle[-1].alive:
            await self._idle.pop().end()
        worker = self._idle.pop() if self._idle else await QueryProcess.start(self._endpoint)
        try:
            yield worker
        except asyncio.CancelledError:
            await asyncio.shield(worker.end())
            raise
        finally:
            if worker.alive:
                self._idle.append(worker)

    async def _bounded(self, worker: QueryProcess, order: Order) -> Answer:
        answer, ending = Answer(), list[asyncio.Task[int]]()
        running = worker.begin(order, partial(self._take, worker, order.tag, answer, ending))
        late = False
        try:
            await asyncio.wait({running}, timeout=order.limits.seconds)
            if not running.done():
                late = True
                await self._end(worker, order.tag, running)
        except asyncio.CancelledError:  # the client has gone
            await asyncio.shield(self._end(worker, order.tag, running))
            raise
        finally:
            if not running.done():
                await worker.end()
            if ending:
                await asyncio.wait(ending)
        return await self._settled(answer, running.result(), order if late else None)

    def _take(
        self, worker: QueryProcess, tag: str, answer: Answer, ending: list[asyncio.Task[int]], part: Part
    ) -> None:
        """Add a part to an answer; where a limit cuts it, the server is told, which else goes on to the last row."""
        answer.add(part)
        if part.cut is not None:
            ending.append(asyncio.create_task(self._watchdog.terminate(tag)))
            worker.rename()

    async def _settled(self, answer: Answer, failure: Failure | None, late: Order | None) -> Answer:
        """What a query comes to; where it took its connection along, the server is looked at."""
        if answer.whole or answer.truncated:
            return answer
        if late is not None and answer.rows:
            answer.truncated = "time"
            return answer
        if late is not None:
            raise QueryOverBudgetError(f"the query was ended after {late.limits.seconds:g} s")
        if failure is None:
            return answer
        if isinstance(failure.error, GraphUnavailableError):
            if await self._watchdog.answers():
                words = failure.said or "it dropped the connection, most likely for memory"
                raise QueryOverBudgetError(f"the server gave this query up: {words}") from failure.error
            self._watchdog.give_up()
        raise failure.error

    async def _end(self, worker: QueryProcess, tag: str, running: asyncio.Future[Failure | None]) -> None:
        """End a query that is late: by its name, again and again for a second, then with its server if it runs there.

        A server that has answered already, with more than can be taken from the wire in time, is left alone.
        """
        loop = asyncio.get_running_loop()
        until, listed = loop.time() + GRACE_SECONDS, 0
        worker.rename()
        while not running.done() and loop.time() < until:
            telling = asyncio.create_task(self._watchdog.terminate(tag))
            either: set[asyncio.Future[Any]] = {running, telling}
            await asyncio.wait(either, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                listed = telling.result()
            telling.cancel()
            await asyncio.wait({running}, timeout=min(_AGAIN_SECONDS, max(until - loop.time(), 0.0)))
        if not running.done() and (listed or not await self._watchdog.answers()):
            self._watchdog.give_up()
