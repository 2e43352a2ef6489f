"""An ingest that is killed with SIGKILL again and again and carried on each time, compared with an undisturbed one.

Run as a program it is the process that is killed: it does the run of a folder from where it stands and says each step.
Which step is the last is drawn by chance from a seed; where in what follows the signal comes is up to the system. The
same is done to the graph server under an ingest that nobody kills.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from graph.endpoint import Endpoint
from graph.store import GraphStore, open_store
from ingest.errors import RunLedgerError
from ingest.ledger import Run
from ingest.running import Means, Progress, run_source
from tests.ingest_kit import Observations, a_run, hashes, made_source, means_in
from tests.ingest_watch import Watch, look
from tests.killable import Killable

HERE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """How much is ingested, in payloads of how many, and how often it is killed."""

    count: int
    size: int
    kills: int
    seed: int = 20260205

    def of(self, payloads: int) -> int:
        """How many observations so many payloads hold."""
        return min(payloads * self.size, self.count)


async def undisturbed(ingest: Ingest, store: GraphStore, folder: Path) -> tuple[tuple[str, str], Watch]:
    """The hashes of graph and series after an ingest that nobody kills, and what a reader saw meanwhile.

    The reader sees all that is acknowledged when it looks, and nothing of what is not begun.
    """
    watch = Watch(count=ingest.count, size=ingest.size)

    def tell(progress: Progress) -> None:
        if progress.phase == "storing":
            watch.stored = progress.done

    means = means_in(folder, store, tell=tell)
    source = made_source()
    connector = Observations(means.payloads, count=ingest.count, size=ingest.size)
    reader = asyncio.create_task(look(store, watch))
    try:
        await run_source(a_run(means, source), source, connector, means)
    finally:
        watch.done = True
        await reader
    return await hashes(means), watch


async def _observations(store: GraphStore, cypher: str) -> int:
    found = (await store.read(cypher)).rows[0][0]
    assert isinstance(found, int)
    return found


async def killed(ingest: Ingest, endpoint: Endpoint, store: GraphStore, folder: Path) -> tuple[tuple[str, str], int]:
    """The hashes after an ingest that was killed so often, and how many kills met a run that was not done."""
    means = means_in(folder, store)
    run = a_run(means, made_source())
    chance = random.Random(ingest.seed)
    steps = 3 * (-(-ingest.count // ingest.size))  # each payload is fetched, checked, stored
    met, began = 0, time.monotonic()
    for n in range(ingest.kills):
        left = steps - _done(means.ledger.get(run.id))
        met += await _kill_after(
            chance.randint(0, max(0, 2 * left // (ingest.kills - n))), ingest, endpoint, folder, run
        )
        await _nothing_acknowledged_is_lost(ingest, means, run, 0)
        _say_how_far("the ingest", n, ingest, began)
    await _kill_after(None, ingest, endpoint, folder, run)
    assert means.ledger.get(run.id).state == "succeeded"
    return await hashes(means), met


async def server_killed(ingest: Ingest, server: Killable, folder: Path) -> tuple[str, str]:
    """The hashes after an ingest under which the graph server was killed so often while facts were stored.

    The server comes back where it was; an ingest that gave up meanwhile is carried on.
    """
    endpoint = await asyncio.to_thread(server.start)
    store = open_store(endpoint)
    await store.create_schema()
    means = means_in(folder, store)
    run = a_run(means, made_source())
    payloads = -(-ingest.count // ingest.size)
    points = sorted(random.Random(ingest.seed).sample(range(1, payloads), ingest.kills))
    child, stored, began = await _started(ingest, endpoint, folder, run), 0, time.monotonic()
    for n, point in enumerate(points):
        while stored < point:
            line = await _line(child)
            if line is None:  # it gave up while the server was away
                assert await child.wait() in {0, 1}
                child = await _started(ingest, endpoint, folder, run)
            elif line.startswith("storing"):
                stored = max(stored, int(line.split()[1]))
        await asyncio.to_thread(server.kill)
        with suppress(ProcessLookupError):
            child.send_signal(signal.SIGSTOP)  # it must not write while we look
        await asyncio.to_thread(server.again)
        await _nothing_acknowledged_is_lost(ingest, means, run, stored)
        with suppress(ProcessLookupError):
            child.send_signal(signal.SIGCONT)
        _say_how_far("the graph server", n, ingest, began)
    while means.ledger.get(run.id).state != "succeeded":
        while await _line(child) is not None:
            pass
        if await child.wait() != 0:
            child = await _started(ingest, endpoint, folder, run)
    await child.wait()
    found = await hashes(means)
    await store.close()
    return found


def _say_how_far(what: str, n: int, ingest: Ingest, began: float) -> None:
    if (n + 1) % 5 == 0 or n + 1 == ingest.kills:
        say(f"killed {what} {n + 1} times of {ingest.kills}, {time.monotonic() - began:.0f} s")


def _done(run: Run) -> int:
    """Steps that are behind a run."""
    checked = run.fetched if run.phase in {"storing", "done"} else 0
    return run.fetched + checked + run.stored


async def _kill_after(steps: int | None, ingest: Ingest, endpoint: Endpoint, folder: Path, run: Run) -> bool:
    """Start the process and kill it after so many steps; without a number let it end. Gives whether it was killed."""
    child = await _started(ingest, endpoint, folder, run)
    seen = 0
    while steps is None or seen <= steps:
        if await _line(child) is None:
            break
        seen += 1
    else:
        child.kill()
    code = await child.wait()
    assert code in {0, -9}, f"the ingest ended with {code}"
    return code != 0


async def _started(ingest: Ingest, endpoint: Endpoint, folder: Path, run: Run) -> Process:
    """The process that is killed, with its orders."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ingest_kill", cwd=HERE, stdin=PIPE, stdout=PIPE
    )
    assert child.stdin is not None
    told = {"endpoint": asdict(endpoint), "folder": str(folder), "run": run.id, "ingest": asdict(ingest)}
    child.stdin.write(json.dumps(told).encode() + b"\n")
    await child.stdin.drain()
    return child


async def _line(child: Process) -> str | None:
    """What it says next, None at its end."""
    assert child.stdout is not None
    return (await child.stdout.readline()).decode() or None


async def _nothing_acknowledged_is_lost(ingest: Ingest, means: Means, run: Run, stored: int) -> None:
    """All that the ledger, or the process, calls stored is in the graph, and what is there are whole batches."""
    found = await _observations(means.graph, "MATCH (o:Observation) RETURN count(o)")
    assert found >= ingest.of(max(stored, means.ledger.get(run.id).stored))
    assert found == ingest.count or found % ingest.size == 0
    for payload in means.ledger.payloads(run.id):
        try:
            means.payloads.load(payload)
        except RunLedgerError as error:
            raise AssertionError(f"a payload that was acknowledged is gone: {error}") from error


async def _child() -> None:
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # it tells of each server that went away under it
    told = json.loads(sys.stdin.readline())
    ingest = Ingest(**told["ingest"])
    store = open_store(Endpoint(**told["endpoint"]))
    means = replace(means_in(Path(told["folder"]), store), tell=_say)
    connector = Observations(means.payloads, count=ingest.count, size=ingest.size)
    say("ready")
    await run_source(means.ledger.get(told["run"]), made_source(), connector, means)
    await store.close()


def _say(progress: Progress) -> None:
    say(f"{progress.phase} {progress.done}")


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_child())
