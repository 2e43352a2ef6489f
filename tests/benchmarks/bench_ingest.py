"""What storing observations costs, on both servers, beside the paths that a server offers itself.

First load and the same again by the product's own writing; the same rows by the best path that both servers take and
that can be repeated (a transaction of `UNWIND ... MERGE`, nodes and then relationships), by the quickest one
(`UNWIND ... CREATE`, which cannot be repeated), by the server's own bulk path, and one row at a time. Every path takes
each piece in turn, after a piece that only warms the server up, so that what else the machine does meets all alike.
The product stores more than the others do: a key with its index, a hash of the content, when it was recorded.

Then the memory of whole runs and of series, each in a process of its own. Prints; decides nothing. `--large` adds runs
of more observations and ten million values; `--no-memory` leaves that part out.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.driver import neo4j
from graph.endpoint import Endpoint
from graph.model import Batch, Node
from graph.server import ensure_running, stop
from graph.store import GraphStore, open_store
from tests.benchmarks.bulk_paths import CLOCK, EmbeddedBulk, import_offline, row_of
from tests.benchmarks.ingest_memory import peak_of
from tests.ingest_kit import observations
from tests.neo4j.server import CannotStartError, Neo4jServer

COUNT, BATCH, SINGLE, WARMING = 20_000, 1_000, 10, 3
IMPORTED, IMPORTS = 100_000, 3
SUBJECT = "btcusd"
NODES = (
    "UNWIND $rows AS row {word} (n:Observation {{id: row.id}}) SET n += row.properties, n.{clock} = datetime(row.at)"
)
LINKS = (
    "UNWIND $rows AS row MATCH (n:Observation {{id: row.id}}) MATCH (t:Instrument {{id: 'btcusd'}})"
    " {word} (n)-[:ABOUT]->(t)"
)
FIRST, AGAIN = "the first load", "the same again"
MERGED, CREATED = "UNWIND MERGE, the best path that can be repeated", "UNWIND CREATE, which cannot"
SINGLY, BULK = "one row a transaction", "HTTP batch, its own bulk path, which cannot either"
Path_ = Callable[[Batch], Awaitable[object]]


@dataclass(slots=True)
class Cost:
    """Seconds that so many observations took: wall time, CPU of this process, CPU of the server."""

    count: int = 0
    wall: float = 0.0
    client: float = 0.0
    server: float = 0.0

    def each(self, seconds: float) -> float:
        """Microseconds an observation."""
        return 1e6 * seconds / self.count

    @property
    def rate(self) -> float:
        """Observations a second of wall time."""
        return self.count / self.wall

    @property
    def cpu(self) -> float:
        """Microseconds of CPU an observation, of this process and the server together."""
        return self.each(self.client + self.server)


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _server_cpu(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def take(cost: Cost, path: Path_, batch: Batch, pid: int) -> None:
    """Store a batch by a path, and add what it took."""
    wall, client, server = time.perf_counter(), time.process_time(), _server_cpu(pid)
    await path(batch)
    cost.wall += time.perf_counter() - wall
    cost.client += time.process_time() - client
    cost.server += _server_cpu(pid) - server
    cost.count += len(batch.nodes)


def raw_path(session: neo4j.AsyncSession, prefix: str, word: str) -> Path_:
    """Nodes and relationships by `UNWIND`, one transaction a batch, under ids of their own."""

    async def path(batch: Batch) -> None:
        await session.execute_write(_unwound, [row_of(one, prefix) for one in batch.nodes], word)

    return path


def single_path(session: neo4j.AsyncSession) -> Path_:
    """A transaction a row."""
    one = raw_path(session, "single:", "MERGE")

    async def path(batch: Batch) -> None:
        for node in batch.nodes:
            await one(Batch(nodes=(node,)))

    return path


async def _unwound(transaction: neo4j.AsyncManagedTransaction, rows: Sequence[Mapping[str, object]], word: str) -> None:
    await (await transaction.run(NODES.format(word=word, clock=CLOCK), rows=rows)).consume()  # type: ignore[arg-type]
    await (await transaction.run(LINKS.format(word=word), rows=rows)).consume()  # type: ignore[arg-type]


async def costs_of(
    store: GraphStore, endpoint: Endpoint, pid: int, count: int, bulk: EmbeddedBulk | None
) -> dict[str, Cost]:
    """What every path takes, piece by piece in turn."""
    costs: dict[str, Cost] = defaultdict(Cost)
    async with (
        neo4j.AsyncGraphDatabase.driver(
            endpoint.url, auth=(endpoint.user, endpoint.password), telemetry_disabled=True
        ) as driver,
        driver.session(database=endpoint.database) as session,
    ):
        paths: dict[str, Path_] = {
            FIRST: store.upsert,
            AGAIN: store.upsert,
            MERGED: raw_path(session, "merged:", "MERGE"),
            CREATED: raw_path(session, "created:", "CREATE"),
        }
        if bulk is not None:
            paths[BULK] = lambda batch: bulk.load(batch, "bulk:")
        paths[SINGLY] = single_path(session)
        for start in range(-WARMING * BATCH, count, BATCH):
            batch = observations(range(start, start + BATCH), SUBJECT)
            for name, path in paths.items():
                some = Batch(nodes=batch.nodes[:SINGLE]) if name == SINGLY else batch
                await take(costs[name] if start >= 0 else Cost(), path, some, pid)
    return costs


async def say_server(name: str, endpoint: Endpoint, pid: int, count: int, data: Path | None = None) -> Cost:
    """All paths on one server; gives the cost of the first load."""
    store = open_store(endpoint)
    await store.create_schema()
    instrument = Node(label="Instrument", id=SUBJECT, properties={"name": "bitcoin", "kind": "crypto token"})
    await store.upsert(Batch(nodes=(instrument,)))
    costs = await costs_of(store, endpoint, pid, count, None if data is None else EmbeddedBulk(data, SUBJECT))
    await store.close()
    say(f"{name}: {count:,} observations, each with a relationship, {BATCH:,} a transaction")
    for label, one in costs.items():
        client, server = one.each(one.client), one.each(one.server)
        rate = f"{one.rate:8,.0f} a second"
        say(f"  {label:<52}{rate}, CPU {client:6.0f} us of the client, {server:6.0f} us of the server")
    first = costs[FIRST]
    for label, wanted in ((MERGED, 0.5), (CREATED, 0.5), *(((BULK, 0.5),) if data else ()), (SINGLY, 20.0)):
        say(
            f"  first load, of {label}: {first.rate / costs[label].rate:.2f} x the rate, CPU {first.cpu:.0f} us to"
            f" {costs[label].cpu:.0f} us (target {wanted:g} x)"
        )
    again = costs[AGAIN]
    say(f"  again, of the first load: {again.rate / first.rate:.2f} x the rate, CPU {again.cpu:.0f} us (target 1 x)")
    return first


async def loaded(endpoint: Endpoint, pid: int, first: int, count: int) -> Cost:
    """What so many more observations take by the product's own writing alone, from the row `first` on."""
    store, cost = open_store(endpoint), Cost()
    for start in range(first, first + count, BATCH):
        await take(cost, store.upsert, observations(range(start, start + BATCH), SUBJECT), pid)
    await store.close()
    return cost


def say_import(first: Cost, as_many: Cost) -> None:
    """Neo4j's importer of files, for a database that is empty and not running, with the start of its Java.

    It writes on all processors at once, so that CPU is told beside the rate. Beside it stand the first load from above,
    in which a Java that was just started warms up, and one of as many rows as it takes itself.
    """
    costs: list[Cost] = []
    for _ in range(IMPORTS):
        with tempfile.TemporaryDirectory() as name:
            try:
                costs.append(imported(Path(name)))
            except subprocess.CalledProcessError as fault:
                say(f"  no import of files: {fault.stdout.decode(errors='replace')[-500:]}")
                return
    best = min(costs, key=lambda one: one.wall)
    say(
        f"  its importer of files, {IMPORTED:,} observations into an empty database that does not run, the best of"
        f" {IMPORTS}: {best.rate:,.0f} a second, CPU {best.cpu:.0f} us"
    )
    for cost in (first, as_many):
        say(
            f"  first load of {cost.count:,}, of that: {cost.rate / best.rate:.2f} x the rate ({cost.rate:,.0f} a s),"
            f" CPU {cost.cpu:.0f} us to {best.cpu:.0f} us (target 0.5 x)"
        )


def imported(folder: Path) -> Cost:
    """What one import of files into an empty folder takes."""
    batches = (observations(range(n, n + BATCH), SUBJECT) for n in range(0, IMPORTED, BATCH))
    wall, client, children = time.perf_counter(), time.process_time(), psutil.Process().cpu_times()
    import_offline(batches, SUBJECT, folder)
    after = psutil.Process().cpu_times()
    return Cost(
        count=IMPORTED,
        wall=time.perf_counter() - wall,
        client=time.process_time() - client,
        server=after.children_user - children.children_user + after.children_system - children.children_system,
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
            asyncio.run(say_server("embedded", running.service, running.pid, COUNT, folder / "graph"))
            if "--no-memory" not in sys.argv:
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
        first = asyncio.run(say_server("Neo4j", endpoint, server.pid, COUNT))
        as_many = asyncio.run(loaded(endpoint, server.pid, COUNT, IMPORTED))
    finally:
        server.stop()
    say_import(first, as_many)
    return 0


if __name__ == "__main__":
    sys.exit(main())
