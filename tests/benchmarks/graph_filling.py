"""Fills a graph, or hashes one, in a process of its own so that its peak of memory is that of nothing else.

`python -m tests.benchmarks.graph_filling fill START END` or `hash` takes the server as JSON on its standard input, and
prints a line of JSON for every hundred thousand observations that it stored, or one for the hash.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from graph.endpoint import Endpoint
from graph.hashing import graph_hash
from graph.model import Batch, Node
from graph.store import GraphStore, open_store
from tests.benchmarks.bench_series import own_peak_mb
from tests.benchmarks.processor_wait import Turns, turns, waited
from tests.ingest_kit import observations

BATCH, EVERY = 1_000, 100_000
SUBJECT = "btcusd"
_ROOT = Path(__file__).parent.parent.parent
_MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A graph server, and the process that it is."""

    endpoint: Endpoint
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What so many observations took: seconds of wall time and of CPU, and memory in MiB at the end of it.

    `peak` is the most that the client has had since it began, `server_mib` what the server has now. `waited` is how
    long one of the two, which take turns, waited for a processor.
    """

    count: int
    wall: float
    client: float
    server: float
    peak: float
    server_mib: float
    waited: float
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Clocks of both processes, and the turns of their threads."""

    wall: float
    client: float
    server: float
    turns: tuple[Mapping[str, Turns], Mapping[str, Turns]]

    @classmethod
    def now(cls, pid: int) -> Moment:
        """The clocks now."""
        times = psutil.Process(pid).cpu_times()
        both = turns(os.getpid()), turns(pid)
        return cls(time.perf_counter(), time.process_time(), times.user + times.system, both)

    def step(self, count: int, pid: int, hash_: str | None = None) -> Step:
        """What so many observations have taken since then."""
        now = Moment.now(pid)
        return Step(
            count=count,
            wall=now.wall - self.wall,
            client=now.client - self.client,
            server=now.server - self.server,
            peak=own_peak_mb(),
            server_mib=psutil.Process(pid).memory_info().rss / _MIB,
            waited=sum(map(waited, self.turns, now.turns)),
            hash=hash_,
        )


def filled(server: Server, start: int, end: int) -> Iterator[Step]:
    """Store the observations from `start` to before `end`, and tell of every hundred thousand of them."""
    yield from _steps(server, "fill", str(start), str(end))


def hashed(server: Server) -> Step:
    """Hash the graph, and count the observations in it."""
    (step,) = _steps(server, "hash")
    return step


async def counted(server: Server) -> int:
    """How many observations the graph holds."""
    store = open_store(server.endpoint)
    found = await store.read("MATCH (n:Observation) RETURN count(n)")
    await store.close()
    return int(str(found.rows[0][0]))


def _steps(server: Server, *words: str) -> Iterator[Step]:
    line = [sys.executable, "-m", __name__, *words]
    with subprocess.Popen(line, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(asdict(server)))
        child.stdin.close()
        for told in child.stdout:
            yield Step(**json.loads(told))
    assert child.returncode == 0, f"{words} ended with {child.returncode}"


async def prepare(store: GraphStore) -> None:
    """The schema, and the thing that all observations are about."""
    await store.create_schema()
    instrument = Node(label="Instrument", id=SUBJECT, properties={"name": "bitcoin", "kind": "crypto token"})
    await store.upsert(Batch(nodes=(instrument,)))


async def store_some(store: GraphStore, start: int, end: int) -> None:
    """Store the observations from `start` to before `end`, a thousand a transaction."""
    for n in range(start, end, BATCH):
        await store.upsert(observations(range(n, min(n + BATCH, end)), SUBJECT))


async def _fill(server: Server, start: int, end: int) -> None:
    store = open_store(server.endpoint)
    await prepare(store)
    for n in range(start, end, EVERY):
        until, began = min(n + EVERY, end), Moment.now(server.pid)
        await store_some(store, n, until)
        _tell(began.step(until - n, server.pid))
    await store.close()


async def _hash(server: Server) -> None:
    store, began = open_store(server.endpoint), Moment.now(server.pid)
    found = await graph_hash(store)
    step = began.step(0, server.pid, found)
    await store.close()
    _tell(replace(step, count=await counted(server)))


def _tell(step: Step) -> None:
    sys.stdout.write(json.dumps(asdict(step)) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Fill or hash."""
    given = json.load(sys.stdin)
    server = Server(endpoint=Endpoint(**given["endpoint"]), pid=int(given["pid"]))
    if sys.argv[1] == "fill":
        asyncio.run(_fill(server, int(sys.argv[2]), int(sys.argv[3])))
    else:
        asyncio.run(_hash(server))
    return 0


if __name__ == "__main__":
    sys.exit(main())
