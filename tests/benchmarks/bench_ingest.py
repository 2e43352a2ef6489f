"""What storing observations costs, on both servers, beside the paths that a server offers itself.

First load and the same again by the product's own writing; the same rows by the best path that both servers take and
that can be repeated (a transaction of `UNWIND ... MERGE`, nodes and then relationships), by the quickest one
(`UNWIND ... CREATE`, which cannot be repeated), and one row at a time. Then the memory of whole runs and of series,
each in a process of its own. Prints; decides nothing. `--large` adds runs of more observations and ten million values.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.driver import neo4j
from graph.endpoint import Endpoint
from graph.model import Batch, Node
from graph.server import ensure_running, stop
from graph.store import GraphStore, open_store
from graph.values import encode
from tests.benchmarks.ingest_memory import peak_of
from tests.ingest_kit import observations
from tests.neo4j.server import CannotStartError, Neo4jServer

COUNT, BATCH, SINGLE = 10_000, 1_000, 200
NODES = (
    "UNWIND $rows AS row {word} (n:Observation {{id: row.id}}) SET n += row.properties, n.{clock} = datetime(row.at)"
)
LINKS = (
    "UNWIND $rows AS row MATCH (n:Observation {{id: row.id}}) MATCH (t:Instrument {{id: 'btcusd'}})"
    " {word} (n)-[:ABOUT]->(t)"
)
CLOCK = "known_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Microseconds an observation with its relationship takes: wall time, CPU of this process, CPU of the server."""

    wall: float
    client: float
    server: float


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _server_cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def cost_of(work: Callable[[], Awaitable[object]], pid: int, count: int) -> Cost:
    """What storing `count` observations takes."""
    wall, client, server = time.perf_counter(), time.process_time(), _server_cpu(pid)
    await work()
    spent = time.perf_counter() - wall, time.process_time() - client, _server_cpu(pid) - server
    return Cost(**dict(zip(("wall", "client", "server"), (1e6 * one / count for one in spent), strict=True)))


def row_of(node: Node, prefix: str) -> dict[str, object]:
    """A node as the paths of the server take it, under an id of its own."""
    sent = encode(node.properties)
    return {"id": f"{prefix}{node.id}", "properties": sent.plain, "at": sent.instants[CLOCK]}


async def raw_load(endpoint: Endpoint, batches: Sequence[Batch], prefix: str, word: str) -> None:
    """Nodes and relationships by `UNWIND`, one transaction a batch."""
    async with (
        neo4j.AsyncGraphDatabase.driver(
            endpoint.url, auth=(endpoint.user, endpoint.password), telemetry_disabled=True
        ) as driver,
        driver.session(database=endpoint.database) as session,
    ):
        for batch in batches:
            await session.execute_write(_unwound, [row_of(one, prefix) for one in batch.nodes], word)


async def _unwound(transaction: neo4j.AsyncManagedTransaction, rows: Sequence[Mapping[str, object]], word: str) -> None:
    await (await transaction.run(NODES.format(word=word, clock=CLOCK), rows=rows)).consume()  # type: ignore[arg-type]
    await (await transaction.run(LINKS.format(word=word), rows=rows)).consume()  # type: ignore[arg-type]


async def own_load(store: GraphStore, batches: Sequence[Batch]) -> None:
    """The product's own writing, one transaction a batch."""
    for batch in batches:
        await store.upsert(batch)


async def say_server(name: str, endpoint: Endpoint, pid: int, count: int) -> None:
    """All paths on one server."""
    store = open_store(endpoint)
    await store.create_schema()
    await store.upsert(
        Batch(nodes=(Node(label="Instrument", id="btcusd", properties={"name": "bitcoin", "kind": "crypto token"}),))
    )
    starts = range(0, count, BATCH)
    batches = [observations(range(start, min(start + BATCH, count)), "btcusd") for start in starts]
    single = [observations([count + n], "btcusd") for n in range(SINGLE)]
    await raw_load(endpoint, batches[:2], "warm:", "MERGE")
    first = await cost_of(lambda: own_load(store, batches), pid, count)
    again = await cost_of(lambda: own_load(store, batches), pid, count)
    merged = await cost_of(lambda: raw_load(endpoint, batches, "merged:", "MERGE"), pid, count)
    created = await cost_of(lambda: raw_load(endpoint, batches, "created:", "CREATE"), pid, count)
    alone = await cost_of(lambda: raw_load(endpoint, single, "single:", "MERGE"), pid, SINGLE)
    await store.close()
    say(f"{name}: {count:,} observations, each with a relationship, {BATCH:,} a transaction")
    for label, one in (
        ("the first load", first),
        ("the same again", again),
        ("UNWIND MERGE, the best path that can be repeated", merged),
        ("UNWIND CREATE, which cannot", created),
        (f"one row a transaction ({SINGLE})", alone),
    ):
        rate = f"{1e6 / one.wall:8.0f} a second"
        say(f"  {label:<52}{rate}, CPU {one.client:6.0f} us of the client, {one.server:6.0f} us of the server")
    say(
        f"  first load: {100 * merged.wall / first.wall:.0f} % of the best path (target 50),"
        f" {alone.wall / first.wall:.1f} x single rows (target 20); again: {first.wall / again.wall:.2f} x the first"
        " (target 1)"
    )


def say_memory(folder: Path, large: bool) -> None:
    """The peak of memory of whole runs over a graph, and of adding to a series, for more and more of them."""
    for kind, counts in (
        ("run", (2_000, 10_000, *((50_000,) if large else ()))),
        ("series", (200_000, 1_000_000, *((10_000_000,) if large else ()))),
    ):
        for count in counts:
            peak = peak_of(kind, count, folder)
            say(f"peak of memory, {kind} of {count:>10,}: {peak.mib:7.0f} MiB, {peak.cpu:7.1f} s CPU (target flat)")


def main() -> int:
    """Print the figures beside their targets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            running = ensure_running(folder / "graph", keep=True)
            asyncio.run(say_server("embedded", running.service, running.pid, COUNT))
            say_memory(folder, "--large" in sys.argv)
        finally:
            stop(folder / "graph")
    server = Neo4jServer()
    try:
        reach = server.start()
    except CannotStartError as fault:
        say(f"no Neo4j: {fault}")
        return 0
    try:
        endpoint = Endpoint(url=reach.url, user=reach.user, password=reach.password, database="neo4j")
        asyncio.run(say_server("Neo4j", endpoint, server.pid, COUNT))
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
