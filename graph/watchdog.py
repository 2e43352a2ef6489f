"""Ends a query that its server does not end: by name at its deadline, with the whole server a second later.

Neither server keeps a deadline by itself. Both list what runs and can be told to end one of them; a query that is not
to be reached so (it is still being planned, or sits in a loop that never looks up) goes on, holding a core and memory.
The embedded server is ours, and nothing that it acknowledged is lost when it is killed; a Neo4j we can only leave.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

from graph.driver import driver_errors, neo4j, opened_driver
from graph.endpoint import Endpoint
from graph.opening import opened

ANSWER_SECONDS = 1.0
_CONNECT_SECONDS = 0.8  # within the time that an answer has, so that the driver itself gives up first
_FAILURES = (driver_errors.DriverError, driver_errors.Neo4jError, OSError, TimeoutError)
_ID = re.compile(r"[A-Za-z0-9_.@-]{1,100}")


class Watchdog:
    """Watches over the queries of one graph, as a user who may end those of others. Use it in one event loop.

    `revive` kills the server and starts it again at the same address (blocking, seconds); None where it is not ours.
    """

    def __init__(self, service: Endpoint, revive: Callable[[], object] | None = None) -> None:
        self._service = service
        self._revive = revive
        self._driver: neo4j.AsyncDriver | None = None
        self._reviving: asyncio.Task[object] | None = None
        self._asking: set[asyncio.Task[Any]] = set()
        self.revivals = 0

    @property
    def reviving(self) -> bool:
        """Whether the server is being started again just now."""
        return self._reviving is not None and not self._reviving.done()

    async def terminate(self, tag: str) -> int:
        """End what runs with `tag` in its text or metadata; the number of queries that were told to end."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                rows = await self._run("SHOW TRANSACTIONS YIELD *")
                found = [str(row["transactionId"]) for row in rows if tag in str(row)]
                for one in filter(_ID.fullmatch, found):
                    await self._run(f"TERMINATE TRANSACTIONS '{one}'")
                return len(found)
        except _FAILURES:
            return 0

    async def answers(self) -> bool:
        """Whether the server still answers the service's user, soon."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return bool(await self._run("RETURN 1 AS one"))
        except _FAILURES:
            return False

    def give_up(self) -> bool:
        """Begin to kill the server and start it again; False where the server is not ours to kill."""
        if self._revive is None:
            return False
        if not self.reviving:
            self.revivals += 1
            self._reviving = asyncio.create_task(asyncio.to_thread(self._revive))
            self._reviving.add_done_callback(
                lambda task: task.cancelled() or task.exception()
            )  # seen, if by nobody else
        return True

    async def revived(self) -> None:
        """Return when no server is being started. Raises `GraphUnavailableError` when the last start failed."""
        if self._reviving is not None:
            await asyncio.shield(self._reviving)

    async def close(self) -> None:
        """Wait for what is under way and give the connections back."""
        under_way = self._asking | ({self._reviving} if self._reviving is not None else set())
        if under_way:
            await asyncio.wait(under_way)
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    async def _run(self, statement: str) -> list[dict[str, object]]:
        if self._driver is None:
            self._driver = opened_driver(self._service, "whymove-watchdog", pool=2, seconds=_CONNECT_SECONDS, alive=0.0)
        asking = asyncio.create_task(self._ask(self._driver, statement))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        return await asking

    async def _ask(self, driver: neo4j.AsyncDriver, statement: str) -> list[dict[str, object]]:
        async with driver.session(database=self._service.database) as session:
            result = await opened(session.run(statement), seconds=_CONNECT_SECONDS)
            return [record.data() async for record in result]
