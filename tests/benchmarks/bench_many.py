"""What a graph of many observations costs, on both servers: filling it, hashing it, a backup of it while it is used.

200,000 observations, each with a relationship; `--million` goes on to 1,000,000, which takes some ten minutes more, and
`--ten-million` to 10,000,000, which takes half an hour a server or more and some 10 GB of disk.
Told for every hundred thousand: the rate, and how much of the time one of the two processes waited for a processor (a
rate beside other work says little); CPU of both; the most memory that the client has had since it began (flat is
wanted) and what the server has. Then the hash over all of it. On the embedded server a backup is taken while a writer
goes on, and restored into another folder; what the writer stored meanwhile is stored there again, and the two graphs
must have one hash. Ten million values of series are in `bench_ingest --large`. Prints; decides nothing.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from api.backing_up import make_backup, restore_backup
from api.graphs import graph_folder
from api.settings import Settings
from graph.endpoint import Endpoint
from graph.server import ensure_running, stop
from graph.store import open_store
from tests.benchmarks.bench_ingest import say
from tests.benchmarks.graph_filling import BATCH, Server, counted, filled, hashed, store_some
from tests.neo4j.server import CannotStartError, Neo4jServer

COUNT, MILLION, TEN_MILLION = 200_000, 1_000_000, 10_000_000
HEAP = "1g"


def say_filling(server: Server, start: int, end: int) -> None:
    """Fill the graph, and tell of each hundred thousand."""
    done = start
    for step in filled(server, start, end):
        done += step.count
        each = 1e6 / step.count
        say(
            f"  {done:>9,} observations: {step.count / step.wall:6,.0f} a second ({step.waited / step.wall:4.0%} of it"
            f" waiting for a processor), CPU {each * step.client:4.0f} us of the client, {each * step.server:4.0f} us"
            f" of the server; client at most {step.peak:4.0f} MiB, server {step.server_mib:5.0f} MiB"
        )


def say_hash(server: Server) -> None:
    """Hash the graph, and tell what it took."""
    step = hashed(server)
    each = 1e6 / step.count
    say(
        f"  hash over {step.count:,}: {step.wall:.1f} s, CPU {each * step.client:.0f} us of the client and"
        f" {each * step.server:.0f} us of the server an observation; client at most {step.peak:.0f} MiB"
    )


async def say_backup(settings: Settings, server: Server, folder: Path) -> int:
    """Back up and restore the embedded graph while it is written to; gives how many observations it holds then."""
    file, other = folder / "backup.zip", Settings(data=folder / "restored", heap=HEAP)
    began, cpu = time.perf_counter(), time.process_time()
    backup = asyncio.create_task(make_backup(settings, file))
    until = await _write_meanwhile(server, backup)
    await backup
    wall, client = time.perf_counter() - began, time.process_time() - cpu
    say(
        f"  backup while {until - COUNT:,} more are written: {wall:.1f} s, CPU {client:.1f} s of the client,"
        f" {file.stat().st_size / 2**20:.0f} MiB"
    )
    began = time.perf_counter()
    await restore_backup(other, file, force=False)
    say(f"  restored elsewhere, and hashed there by a second server: {time.perf_counter() - began:.1f} s")
    try:
        held, found = await _carried_on(other, until)
    finally:
        stop(graph_folder(other))
    whole, same = held >= COUNT and held % BATCH == 0, found == hashed(server).hash
    say(f"  it held {held:,}, whole batches: {whole}; with the rest stored again it is the same graph: {same}")
    return until


async def _carried_on(restored: Settings, until: int) -> tuple[int, str | None]:
    """How many observations a restored graph holds, and its hash when what came later was stored in it too."""
    running = ensure_running(graph_folder(restored), keep=True, heap=HEAP)
    server = Server(endpoint=running.service, pid=running.pid)
    held = await counted(server)
    store = open_store(server.endpoint)
    await store_some(store, COUNT, until)
    await store.close()
    return held, hashed(server).hash


async def _write_meanwhile(server: Server, backup: asyncio.Task[object]) -> int:
    """Store more and more until the backup is there; gives how many there are."""
    store, end = open_store(server.endpoint), COUNT
    while not backup.done():
        await store_some(store, end, end + BATCH)
        end += BATCH
    await store.close()
    return end


def say_embedded(folder: Path, most: int) -> None:
    """Everything on the embedded server, up to `most` observations."""
    settings = Settings(data=folder / "data", heap=HEAP)
    try:
        running = ensure_running(graph_folder(settings), keep=True, heap=HEAP)
        server = Server(endpoint=running.service, pid=running.pid)
        say(f"embedded, a heap of {HEAP}:")
        say_filling(server, 0, COUNT)
        say_hash(server)
        start = asyncio.run(say_backup(settings, server, folder))
        for end in (one for one in (MILLION, TEN_MILLION) if one <= most):
            say_filling(server, start, end)
            say_hash(server)
            start = end
    finally:
        stop(graph_folder(settings))


def say_neo4j(most: int) -> None:
    """Filling and hashing on a Neo4j, up to `most` observations."""
    neo4j = Neo4jServer()
    try:
        reach = neo4j.start()
        endpoint = Endpoint(url=reach.url, user=reach.user, password=reach.password, database="neo4j")
        server = Server(endpoint=endpoint, pid=neo4j.pid)
        say("Neo4j, a heap of 512 MiB:")
        for start, end in ((0, COUNT), (COUNT, MILLION), (MILLION, TEN_MILLION)):
            if end <= most:
                say_filling(server, start, end)
                say_hash(server)
    except CannotStartError as fault:
        say(f"no Neo4j: {fault}")
    finally:
        neo4j.stop()


def main() -> int:
    """Print the figures; `--embedded` or `--neo4j` asks for one server alone."""
    most = TEN_MILLION if "--ten-million" in sys.argv else MILLION if "--million" in sys.argv else COUNT
    if "--neo4j" not in sys.argv:
        with tempfile.TemporaryDirectory() as name:
            say_embedded(Path(name), most)
    if "--embedded" not in sys.argv:
        say_neo4j(most)
    return 0


if __name__ == "__main__":
    sys.exit(main())
