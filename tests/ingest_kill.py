"""An ingest that is killed with SIGKILL again and again and carried on each time, compared with an undisturbed one.

Run as a program it is the process that is killed: it does the run of a folder from where it stands and says each step.
Which step is the last is drawn by chance from a seed; where in what follows the signal comes is up to the system.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from graph.endpoint import Endpoint
from graph.store import GraphStore, open_store
from ingest.errors import RunLedgerError
from ingest.ledger import Run
from ingest.running import Means, Progress, run_source
from tests.ingest_kit import Observations, a_run, hashes, made_source, means_in

HERE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """How much is ingested, in payloads of how many, and how often it is killed."""

    count: int
    size: int
    kills: int
    seed: int = 20260205


async def undisturbed(ingest: Ingest, store: GraphStore, folder: Path) -> tuple[str, str]:
    """The hashes of graph and series after an ingest that nobody kills."""
    means = means_in(folder, store)
    source = made_source()
    connector = Observations(means.payloads, count=ingest.count, size=ingest.size)
    await run_source(a_run(means, source), source, connector, means)
    return await hashes(means)


async def killed(ingest: Ingest, endpoint: Endpoint, store: GraphStore, folder: Path) -> tuple[tuple[str, str], int]:
    """The hashes after an ingest that was killed so often, and how many kills met a run that was not done."""
    means = means_in(folder, store)
    run = a_run(means, made_source())
    chance = random.Random(ingest.seed)
    steps = 3 * (-(-ingest.count // ingest.size))  # each payload is fetched, checked, stored
    met = 0
    for n in range(ingest.kills):
        left = steps - _done(means.ledger.get(run.id))
        met += await _kill_after(
            chance.randint(0, max(0, 2 * left // (ingest.kills - n))), ingest, endpoint, folder, run
        )
        await _nothing_acknowledged_is_lost(ingest, means, run)
    await _kill_after(None, ingest, endpoint, folder, run)
    assert means.ledger.get(run.id).state == "succeeded"
    return await hashes(means), met


def _done(run: Run) -> int:
    """Steps that are behind a run."""
    checked = run.fetched if run.phase in {"storing", "done"} else 0
    return run.fetched + checked + run.stored


async def _kill_after(steps: int | None, ingest: Ingest, endpoint: Endpoint, folder: Path, run: Run) -> bool:
    """Start the process and kill it after so many steps; without a number let it end. Gives whether it was killed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ingest_kill",
        cwd=HERE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    told = {"endpoint": asdict(endpoint), "folder": str(folder), "run": run.id, "ingest": asdict(ingest)}
    child.stdin.write(json.dumps(told).encode() + b"\n")
    await child.stdin.drain()
    seen = 0
    while steps is None or seen <= steps:
        if not await child.stdout.readline():
            break
        seen += 1
    else:
        child.kill()
    code = await child.wait()
    assert code in {0, -9}, f"the ingest ended with {code}"
    return code != 0


async def _nothing_acknowledged_is_lost(ingest: Ingest, means: Means, run: Run) -> None:
    """All that the ledger calls stored is in the graph, and what is there are whole batches."""
    stored = min(means.ledger.get(run.id).stored * ingest.size, ingest.count)
    found = (await means.graph.read("MATCH (o:Observation) RETURN count(o)")).rows[0][0]
    assert isinstance(found, int)
    assert found >= stored
    assert found == ingest.count or found % ingest.size == 0
    for payload in means.ledger.payloads(run.id):
        try:
            means.payloads.load(payload)
        except RunLedgerError as error:
            raise AssertionError(f"a payload that was acknowledged is gone: {error}") from error


async def _child() -> None:
    told = json.loads(sys.stdin.readline())
    ingest = Ingest(**told["ingest"])
    store = open_store(Endpoint(**told["endpoint"]))
    means = replace(means_in(Path(told["folder"]), store), tell=_say)
    connector = Observations(means.payloads, count=ingest.count, size=ingest.size)
    _write("ready")
    await run_source(means.ledger.get(told["run"]), made_source(), connector, means)
    await store.close()


def _say(progress: Progress) -> None:
    _write(f"{progress.phase} {progress.done}")


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_child())
