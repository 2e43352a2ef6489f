"""The peak of memory of one ingest, in a process of its own so that nothing else is in it.

`python -m tests.benchmarks.ingest_memory KIND COUNT FOLDER` does it and prints the peak: a `run` of a source with so
many observations, from payloads to the graph of the folder; a run that is `counted`, into a graph that only counts, so
that the rest of the run is seen alone; or a `series` to which so many values are added in pieces.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from graph.model import Batch, Written
from graph.series import SeriesStore
from graph.seriesadding import Row, Rows, add_rows
from graph.seriesvalues import NO_DAY, NO_INSTANT
from graph.server import ensure_running
from graph.store import GraphStore, open_store
from ingest.running import run_source
from tests.benchmarks.bench_series import own_peak_mb
from tests.ingest_kit import Observations, a_run, made_source, means_in

PIECE = 100_000
MINUTE = 60_000_000
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most memory that was resident, in MiB, and CPU seconds."""

    mib: float
    cpu: float


def peak_of(kind: str, count: int, folder: Path) -> Peak:
    """The peak of one ingest."""
    told = subprocess.run(
        [sys.executable, "-m", __name__, kind, str(count), str(folder)], cwd=_ROOT, check=True, capture_output=True
    )
    return Peak(**json.loads(told.stdout))


def add_values(store: SeriesStore, count: int) -> None:
    """Add minutes to a series, a piece at a time."""
    for start in range(0, count, PIECE):
        add_rows(store, "made", Rows.of(_row(n) for n in range(start, min(start + PIECE, count))))


def _row(n: int) -> Row:
    return Row(at=n * MINUTE, known_at=NO_INSTANT, had_at=n * MINUTE, value=float(n), day=NO_DAY)


class Counting:
    """Takes the place of a graph, and counts what is written into it."""

    def __init__(self) -> None:
        self.nodes = 0

    async def upsert(self, batch: Batch) -> Written:
        """As `GraphStore` has it, with nothing kept."""
        self.nodes += len(batch.nodes)
        return Written(created=len(batch.nodes), links=len(batch.links))


async def run_counted(folder: Path, count: int) -> None:
    """A run of a source with so many observations, into a graph that only counts them."""
    graph = Counting()
    await _run(folder, count, cast(GraphStore, graph))
    assert graph.nodes > count, graph.nodes


async def run_whole(folder: Path, count: int) -> None:
    """A run of a source with so many observations, into the graph of the folder."""
    store = open_store(ensure_running(folder / "graph", keep=True).service)
    await store.create_schema()
    await _run(folder, count, store)
    await store.close()


async def _run(folder: Path, count: int, graph: GraphStore) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        means, source = means_in(Path(name), graph), made_source()
        done = await run_source(a_run(means, source), source, Observations(means.payloads, count=count), means)
    assert done.state == "succeeded", done


RUNS = {"run": run_whole, "counted": run_counted}


def main() -> int:
    """Do one ingest and print its peak as JSON."""
    kind, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if kind in RUNS:
        asyncio.run(RUNS[kind](folder, count))
    else:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            add_values(SeriesStore(name), count)
    peak = Peak(mib=own_peak_mb(), cpu=time.process_time())
    sys.stdout.write(json.dumps(asdict(peak)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
