"""A reader beside an ingest: as at the settled instant it sees whole batches, also of a second process that writes.

Run as a program it is that process: it corrects the same few facts again and again, all of them in each batch, until
its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from graph.endpoint import Endpoint
from graph.errors import QueryOverBudgetError
from graph.model import Batch, Node
from graph.store import GraphReader, GraphStore, open_store

HERE = Path(__file__).parent.parent
BESIDE = 200
_THEN = "o.recorded_from <= $as_at AND (o.recorded_to IS NULL OR o.recorded_to > $as_at)"
_SCAN = f"MATCH (o:Observation) WHERE o.key STARTS WITH 'made:' AND {_THEN} RETURN count(o)"
_ROUNDS = f"MATCH (o:Observation) WHERE o.key STARTS WITH 'beside:' AND {_THEN} RETURN o.value, count(o)"


@dataclass(slots=True)
class Watch:
    """What a reader saw beside an ingest of `count` observations, `size` in a batch.

    `torn`: how often it did not see whole batches; `raw`: how often it would not have, had it read by the clock.
    """

    count: int
    size: int
    stored: int = 0
    done: bool = False
    looks: int = 0
    torn: int = 0
    raw: int = 0
    rounds: int = 0

    def of(self, payloads: int) -> int:
        """How many observations so many payloads hold."""
        return min(payloads * self.size, self.count)

    def whole(self, found: int) -> bool:
        """Whether so many observations are whole batches."""
        return found == self.count or found % self.size == 0


async def look(reader: GraphReader, watch: Watch) -> None:
    """Look again and again until the ingest is done; all that was acknowledged before a look has to be seen."""
    while not watch.done:
        before, began = watch.stored, time.monotonic()
        try:
            as_at = await reader.settled()
        except QueryOverBudgetError:  # a busy machine: it is not what is looked at here
            continue
        found, again = [await _count(reader, as_at) for _ in range(2)]
        rounds = (await reader.read(_ROUNDS, {"as_at": as_at})).rows
        mixed = len(rounds) > 1 or any(count != BESIDE for _, count in rounds)
        watch.torn += not watch.whole(found) or found != again or mixed
        watch.raw += not watch.whole(await _count(reader, datetime.now(UTC)))
        watch.rounds = max([watch.rounds, *(round(float(str(value))) + 1 for value, _ in rounds)])
        watch.looks += 1
        assert watch.of(before) <= found <= watch.of(watch.stored + 1)
        await asyncio.sleep(0.05 + 2 * (time.monotonic() - began))  # to look, not to keep the server busy


async def _count(reader: GraphReader, as_at: datetime) -> int:
    found = (await reader.read(_SCAN, {"as_at": as_at})).rows[0][0]
    assert isinstance(found, int)
    return found


@asynccontextmanager
async def writing_beside(endpoint: Endpoint) -> AsyncIterator[None]:
    """A process that writes facts of its own meanwhile."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ingest_watch", json.dumps(asdict(endpoint)), cwd=HERE, stdin=PIPE, stdout=PIPE
    )
    assert child.stdout is not None
    await child.stdout.readline()  # its first batch is there
    try:
        yield
    finally:
        assert child.stdin is not None
        child.stdin.close()
        assert await child.wait() == 0


async def _write(store: GraphStore, ended: asyncio.Task[bytes]) -> None:
    round_ = 0
    known = datetime(2020, 1, 1, tzinfo=UTC)
    while not ended.done():
        given = {"value": float(round_), "unit": "BTC", "known_at": known, "known_at_precision": "instant"}
        nodes = (Node(label="Observation", id=f"beside:{n}", properties=given) for n in range(BESIDE))
        await store.upsert(Batch(nodes=tuple(nodes)))
        if round_ == 0:
            sys.stdout.write("\n")
            sys.stdout.flush()
        round_ += 1
    await store.close()


async def _beside(endpoint: Endpoint) -> None:
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    await _write(open_store(endpoint), asyncio.create_task(asyncio.to_thread(sys.stdin.buffer.read)))


if __name__ == "__main__":
    asyncio.run(_beside(Endpoint(**json.loads(sys.argv[1]))))
