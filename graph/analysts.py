"""Runs Cypher that nobody vouches for: through the gate, in a transaction that is rolled back, within stated limits.

What keeps the graph whole is not the gate but the user (without rights on the embedded server) and the transaction
(which may only read on Neo4j, and is never committed anywhere). What keeps the service up is a few queries at a time,
a few waiting, a process for each that can be killed, and a watchdog that ends what its server does not end.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from graph.cyphergate import check
from graph.cyphervalues import Rich
from graph.endpoint import Endpoint
from graph.errors import GraphUnavailableError, QueryOverBudgetError, TooManyQueriesError
from graph.queryparts import HEAD, Failure, Order, Part, QueryLimits, framed
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

    `whole` turns true with the last row; `bytes` is about the size of the rows as JSON; `plan` is the fingerprint of
    the server's plan, None where it tells none.
    """

    fields: tuple[str, ...] = ()
    plan: str | None = None
    rows: list[list[Rich]] = field(default_factory=list)
    bytes: int = 0
    truncated: str | None = None
    whole: bool = False

    def add(self, part: Part) -> None:
        """Add what came in."""
        self.fields = self.fields or part.fields
        self.plan = self.plan or part.plan
        self.rows.extend(part.rows)
        self.bytes += part.bytes
        self.truncated = self.truncated or part.cut
        self.whole = self.whole or part.whole


class _Worker:
    """One process that runs queries, one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._gone = False

    @classmethod
    async def start(cls, endpoint: Endpoint) -> _Worker:
        """A new process for a graph; it ends with this one, when its pipe does."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "graph.queryworker",
            stdin=pipe,
            stdout=pipe,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=Path(__file__).parent.parent,  # where `-m` looks first: not in whatever folder somebody stands
        )
        worker = cls(process)
        worker.send(endpoint)
        return worker

    @property
    def alive(self) -> bool:
        """Whether it can be given a query."""
        return not self._gone and self._process.returncode is None

    def send(self, message: object) -> None:
        """Send a message; to a process that has gone it is lost, which `receive` then tells."""
        assert self._process.stdin is not None
        self._process.stdin.write(framed(message))

    async def receive(self) -> Part | Failure | None:
        """The next part of an answer, or why there is none; None when the process has gone."""
        assert self._process.stdout is not None
        try:
            (length,) = HEAD.unpack(await self._process.stdout.readexactly(HEAD.size))
            message = pickle.loads(await self._process.stdout.readexactly(length))
        except asyncio.IncompleteReadError:
            self._gone = True
            return None
        assert isinstance(message, Part | Failure)
        return message

    async def end(self) -> None:
        """Kill the process, whatever it does."""
        if not self._gone:  # a signal to one that has gone would take its end from whoever waits for it
            self._gone = True
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()


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
        self._idle: list[_Worker] = []
        self._running, self._queued = running, queued
        self._turns = asyncio.Semaphore(running)
        self._waiting = 0

    async def ask(self, query: str, params: Mapping[str, object], limits: QueryLimits) -> Answer:
        """The answer to one query, at the latest a second after its deadline, counted from its turn.

        Raises `QueryRefusedError` (by the gate or the server), `QueryOverBudgetError`, `TooManyQueriesError` and
        `GraphUnavailableError`.
        """
        order = Order(text=self._gate(query, params), tag=f"whymove:{uuid4().hex}", params=params, limits=limits)
        async with self._turn():
            if self._watchdog.reviving:
                raise GraphUnavailableError("the graph server is being started again; ask again in a few seconds")
            async with self._worker() as worker:
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
    async def _worker(self) -> AsyncIterator[_Worker]:
        """A process to run a query in; one that did not finish its query is killed."""
        while self._idle and not self._idle[-1].alive:
            await self._idle.pop().end()
        worker = self._idle.pop() if self._idle else await _Worker.start(self._endpoint)
        try:
            yield worker
        except asyncio.CancelledError:
            await asyncio.shield(worker.end())
            raise
        finally:
            if worker.alive:
                self._idle.append(worker)

    async def _bounded(self, worker: _Worker, order: Order) -> Answer:
        answer = Answer()
        running = asyncio.create_task(self._run(worker, order, answer))
        late = False
        try:
            await asyncio.wait({running}, timeout=order.limits.seconds)
            if not running.done():
                late = True
                await self._end(running, order.tag)
        except asyncio.CancelledError:  # the client has gone
            await asyncio.shield(self._end(running, order.tag))
            raise
        finally:
            if not running.done():
                await worker.end()
            await asyncio.wait({running})
        return await self._settled(answer, running.result(), order if late else None)

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

    async def _end(self, running: asyncio.Task[Failure | None], tag: str) -> None:
        """End a query that is late: by its name, again and again for a second, then with its server if it runs there.

        A server that has answered already, with more than can be taken from the wire in time, is left alone.
        """
        loop = asyncio.get_running_loop()
        until, listed = loop.time() + GRACE_SECONDS, 0
        while not running.done() and loop.time() < until:
            telling = asyncio.create_task(self._watchdog.terminate(tag))
            await asyncio.wait({running, telling}, timeout=until - loop.time(), return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                listed = telling.result()
            telling.cancel()
            await asyncio.wait({running}, timeout=min(_AGAIN_SECONDS, max(until - loop.time(), 0.0)))
        if not running.done() and (listed or not await self._watchdog.answers()):
            self._watchdog.give_up()

    async def _run(self, worker: _Worker, order: Order, answer: Answer) -> Failure | None:
        """Fill the answer; what went wrong, None where nothing did. A process that ends has none to tell."""
        worker.send(order)
        while (message := await worker.receive()) is not None:
            if isinstance(message, Failure):
                return message
            answer.add(message)
            if message.over:
                return None
            if message.cut is not None:
                await self._watchdog.terminate(order.tag)  # else a server goes on to the last row first
        await worker.end()
        return Failure(error=QueryOverBudgetError("the answer takes more memory than it is given"), said=None)
