"""The same reads without the service: the driver alone, asked as its documentation says, in a process of its own.

`python -m tests.benchmarks.raw_reads` takes a job as JSON on standard input (where the graph is, a statement with its
parameters, how often, how many at a time) and prints what it took: CPU microseconds of this process and wall
microseconds for one read, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graph.driver import neo4j
from graph.endpoint import Endpoint

Statement = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one request or read takes, in microseconds: CPU of whoever does it, and wall time of a round."""

    cpu: float
    wall: float


async def read_once(driver: neo4j.AsyncDriver, database: str, statement: Statement) -> list[list[object]]:
    """The rows of a statement, read in a transaction that is rolled back, as the service reads."""
    async with (
        driver.session(database=database, default_access_mode=neo4j.READ_ACCESS) as session,
        await session.begin_transaction() as transaction,
    ):
        result = await transaction.run(statement[0], dict(statement[1]))
        rows = [record.values() async for record in result]
        await transaction.rollback()
    return rows


async def read_many(endpoint: Endpoint, statements: Sequence[Statement], count: int, at_once: int) -> Cost:
    """The cost of one pass over the statements, which go one after another, `at_once` passes at a time."""
    driver = neo4j.AsyncGraphDatabase.driver(
        endpoint.url, auth=(endpoint.user, endpoint.password), telemetry_disabled=True
    )
    async with driver:
        numbers = iter(range(count))

        async def passes() -> None:
            for _ in numbers:
                for statement in statements:
                    await read_once(driver, endpoint.database, statement)

        await asyncio.gather(*(read_once(driver, endpoint.database, one) for one in statements[:1] * at_once))
        cpu, wall = time.process_time(), time.perf_counter()
        await asyncio.gather(*(passes() for _ in range(at_once)))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(cpu=1e6 * cpu / count, wall=1e6 * wall / count)


async def raw_cost(endpoint: Endpoint, statement: str, count: int, at_once: int) -> Cost:
    """The cost of a read, measured in a process of its own so that nothing else of ours is in it."""
    job = {"endpoint": asdict(endpoint), "statement": statement, "count": count, "at_once": at_once}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate(json.dumps(job).encode())
    assert process.returncode == 0, "the raw reads failed"
    return Cost(**json.loads(told))


def main() -> int:
    """Do the job that stands on standard input."""
    job = json.load(sys.stdin)
    endpoint = Endpoint(**job["endpoint"])
    cost = asyncio.run(read_many(endpoint, [(job["statement"], {})], job["count"], job["at_once"]))
    sys.stdout.write(json.dumps(asdict(cost)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
