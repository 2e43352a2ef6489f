"""More than the service takes, all at once: what is refused has to say so and when to come back; health stays green."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import orjson

from tests.benchmarks.http_driver import Connection, Reply, get, post
from tests.bundled_graph import CASE
from tests.load.traffic import AS_OF

REFUSALS = (429, 503)
SLOW = {
    "query": "UNWIND range(1, 3000) AS a UNWIND range(1, 300) AS b WITH a + b AS c RETURN count(DISTINCT c) AS n",
    "limits": {"seconds": 5},
}


@dataclass(slots=True, kw_only=True)
class Flood:
    """What came back: statuses, refusals that did not say when to come back, statuses of health meanwhile.

    `late` ones got no answer in the time that the client waits.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    speechless: int = 0
    late: int = 0
    health: Counter[int] = field(default_factory=Counter)

    def take(self, reply: Reply) -> None:
        """Count an answer."""
        self.statuses[reply.status] += 1
        if reply.status in REFUSALS and not (reply.header("retry-after") or "").isdigit():
            self.speechless += 1


async def flood(port: int, requests: int, request: bytes) -> Flood:
    """So many of one request at once, each over a connection of its own, with health asked all the while."""
    found = Flood()
    asking = asyncio.create_task(_watch_health(port, found))

    async def one() -> None:
        connection = Connection(port=port)
        try:
            found.take(await connection.ask(request))
        except TimeoutError:
            found.late += 1
        connection.close()

    try:
        await asyncio.gather(*(one() for _ in range(requests)))
    finally:
        asking.cancel()
        await asyncio.wait({asking})
    return found


async def flood_of_queries(port: int, requests: int) -> Flood:
    """Slow queries of analysts, more than run and wait at once."""
    return await flood(port, requests, post("/v1/cypher", orjson.dumps(SLOW)))


async def flood_of_explanations(port: int, requests: int) -> Flood:
    """Questions that take long to compute, more than run and wait at once."""
    question = {"case": CASE, "as_of": AS_OF, "store": False}
    return await flood(port, requests, post("/v1/explanations", orjson.dumps(question)))


async def flood_of_reads(port: int, requests: int) -> Flood:
    """Reads of the graph, more than are served at once."""
    return await flood(port, requests, get("/v1/observations?limit=20"))


async def _watch_health(port: int, found: Flood) -> None:
    connection = Connection(port=port)
    try:
        while True:
            found.health[(await connection.ask(get("/healthz"))).status] += 1
            await asyncio.sleep(0.05)
    finally:
        connection.close()
