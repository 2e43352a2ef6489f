"""Runs analysts' queries in a process of its own: `python -m graph.queryworker`, asked over its standard input.

One row may hold millions of values. Whoever takes it from the wire is busy for seconds and fills its memory, which must
not be the process that serves everybody else: this one has a limit of memory, and is killed when it is late. It does
one thing after the other, so that the driver that blocks will do, at two thirds of what the other costs.
"""

from __future__ import annotations

import contextlib
import gc
import sys
import time
from collections import OrderedDict
from typing import BinaryIO

import orjson

from graph.childprocess import live_as_child, next_message
from graph.cyphervalues import plain_line, typed_line
from graph.driver import OURS, driver_errors, neo4j, translating
from graph.endpoint import Endpoint
from graph.errors import GraphError, QueryOverBudgetError
from graph.queryparts import END_OF_ROW, Failure, Order, Part, framed_failure, framed_part, read_message
from graph.queryplan import judged

MEMORY_BYTES = 2 * 2**30  # of address space, of which the interpreter and the driver take a quarter
PLAN_SECONDS = 2.0
FRESH_SECONDS, MOST_PLANS = 60.0, 200
_EMBEDDED = "ArcadeDB"
_FETCH = 200  # each is a round trip; what is fetched beyond a limit is lost
_BATCH_BYTES = 64_000
_NO_ROOM = "the answer takes more memory than it is given"
_TOO_DEEP = "the answer holds lists and maps that lie too deep in each other"


def _read(pipe: BinaryIO) -> Endpoint | Order | None:
    content = next_message(pipe)
    return None if content is None else read_message(content)


def _send(message: bytes) -> None:
    sys.stdout.buffer.write(message)
    sys.stdout.buffer.flush()


class _Graph:
    """One server, asked through one driver."""

    def __init__(self, driver: neo4j.Driver, endpoint: Endpoint) -> None:
        self._driver = driver
        self._endpoint = endpoint
        self._tells: bool | None = None
        self._plans: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._kept: neo4j.Session | None = None

    def answer(self, order: Order) -> None:
        """Send the answer to an order, or why there is none."""
        try:
            with translating(self._endpoint):
                self._run(order)
            return
        except GraphError as error:
            said = getattr(error.__cause__, "message", None)
            failure = Failure(error=error, said=said if isinstance(said, str) else None)
        except MemoryError:
            failure = Failure(error=QueryOverBudgetError(_NO_ROOM), said=None)
        except (orjson.JSONEncodeError, RecursionError):
            failure = Failure(error=QueryOverBudgetError(_TOO_DEEP), said=None)
        self._leave()
        _send(framed_failure(failure))

    def _run(self, order: Order) -> None:
        plan, plan_ms = self._planned(order)
        transaction = self._session().begin_transaction(metadata={"query": order.tag}, timeout=order.limits.seconds)
        with transaction:
            result = transaction.run(_tagged(order), dict(order.params))
            told = _Told(result, order, plan, plan_ms)
            told.send_rows()
            try:
                transaction.rollback()
            except (driver_errors.Neo4jError, driver_errors.DriverError):
                self._leave()
        told.end()

    def _session(self) -> neo4j.Session:
        """The session that is kept from one query to the next, as long as nothing goes wrong in it.

        Only transactions that are rolled back run in it, so that it waits for no bookmark.
        """
        if self._kept is None:
            self._kept = self._opened()
        return self._kept

    def _opened(self) -> neo4j.Session:
        access = neo4j.READ_ACCESS
        return self._driver.session(database=self._endpoint.database, default_access_mode=access, fetch_size=_FETCH)

    def _leave(self) -> None:
        """Give up the session, and with it whatever it still had to do."""
        session, self._kept = self._kept, None
        if session is not None:
            with contextlib.suppress(driver_errors.Neo4jError, driver_errors.DriverError, OSError):
                session.close()

    def _planned(self, order: Order) -> tuple[str | None, float | None]:
        """The fingerprint of the plan and the milliseconds that it took, None where the server tells none.

        A text is asked about once a minute. Raises QueryRefusedError, QueryOverBudgetError.
        """
        if not self._explains():
            return None, None
        asked, plan = self._plans.get(order.text, (float("-inf"), ""))
        now = time.monotonic()
        if now - asked >= FRESH_SECONDS:
            with self._opened() as session:
                plan = _plan(session, order)
            self._plans[order.text] = (now, plan)
            self._plans.move_to_end(order.text)
            if len(self._plans) > MOST_PLANS:
                self._plans.popitem(last=False)
        return plan, (time.monotonic() - now) * 1000.0

    def _explains(self) -> bool:
        """Whether the server tells what it would do: a Neo4j does, the embedded one calls every query a write."""
        if self._tells is None:
            with self._opened() as session:
                found = session.run("RETURN 1").consume()
            self._tells = _EMBEDDED not in found.server.agent
        return self._tells


class _Told:
    """What is told of one query: rows on their way out, in batches, up to the limits."""

    def __init__(self, result: neo4j.Result, order: Order, plan: str | None, plan_ms: float | None) -> None:
        self._result = result
        self._limits = order.limits
        self._line = typed_line if order.typed else plain_line
        self._first = {"fields": tuple(result.keys()), "plan": plan, "plan_ms": plan_ms}
        self._over = False

    def send_rows(self) -> None:
        """Send all rows, or as many as the limits let through; with the last of them the query is over."""
        rows, size, sent = 0, 0, 0
        waiting: list[bytes] = []
        for record in self._result:
            if rows == self._limits.rows:
                self._send(waiting, cut="rows")
                return
            line = self._line(record.values())
            rows, size = rows + 1, size + len(line) + 1
            if size > self._limits.bytes:
                self._send(waiting, cut="bytes")
                return
            waiting.append(line)
            if size - sent > _BATCH_BYTES:
                self._send(waiting)
                waiting, sent = [], size
        self._over = True
        self._send(waiting, whole=True)

    def end(self) -> None:
        """Say that the query is over, where the last row did not."""
        if not self._over:
            _send(framed_part(Part(over=True)))

    def _send(self, lines: list[bytes], *, cut: str | None = None, whole: bool = False) -> None:
        rows = END_OF_ROW.join(lines)
        part = Part(**self._first, rows=rows, count=len(lines), cut=cut, whole=whole, over=whole)  # type: ignore[arg-type]
        self._first = {}
        _send(framed_part(part))


def _plan(session: neo4j.Session, order: Order) -> str:
    seconds = min(PLAN_SECONDS, order.limits.seconds)
    asked = neo4j.Query(f"EXPLAIN {_tagged(order)}", {"query": order.tag}, seconds)
    summary = session.run(asked, dict(order.params)).consume()
    return judged(summary.plan or {"operatorType": "no plan"}, summary.query_type)


def _tagged(order: Order) -> str:
    # The tag stands in the text as well, because one server lists no metadata and the other no text at first.
    return f"{order.text}\n//{order.tag}"


def _serve(endpoint: Endpoint) -> None:
    driver = neo4j.GraphDatabase.driver(
        endpoint.url,
        auth=(endpoint.user, endpoint.password),
        max_connection_pool_size=1,
        connection_acquisition_timeout=2.0,
        connection_timeout=2.0,
        liveness_check_timeout=2.0,  # a server that was started again leaves dead connections; it takes longer
        user_agent="whymove-analysts",
        **OURS,
    )
    with driver:
        graph = _Graph(driver, endpoint)
        gc.freeze()  # what is loaded by now stays
        while isinstance(order := _read(sys.stdin.buffer), Order):
            graph.answer(order)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on every platform
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def main() -> int:
    """Read where the graph is, then one query after the other until the pipe ends."""
    live_as_child()
    _limit_memory()
    endpoint = _read(sys.stdin.buffer)
    if isinstance(endpoint, Endpoint):
        _serve(endpoint)
    return 0


if __name__ == "__main__":
    sys.exit(main())
