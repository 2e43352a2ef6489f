"""Speed and memory of the series store: writing beside plain Parquet, reading 30 daily series, peak memory of imports.

Prints; decides nothing. CPU time is that of this process, the fastest of several runs; peak memory is that of a process
of its own, which writes one series of so many rows, one a second, as they come.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from graph.series import SCHEMA, Read, SeriesStore
from graph.seriesvalues import microseconds

RUNS = 5
SECOND = 10**6
DAY = 86_400 * SECOND
FIRST = microseconds(datetime(2015, 1, 1, 21, tzinfo=UTC))
BATCH = 100_000
DAILY = tuple(f"bench.daily:{number}" for number in range(30))


def rows(first: int, step: int, count: int, seed: int, *, days: bool = False) -> pa.Table:
    """A random walk, one value each `step` microseconds."""
    at = first + step * np.arange(count)
    return pa.table(
        {
            "at": pa.array(at, SCHEMA.field("at").type),
            "day": pa.array((at // DAY).astype(np.int32), pa.date32()) if days else pa.nulls(count, pa.date32()),
            "value": np.random.default_rng(seed).standard_normal(count).cumsum(),
            "known_at": pa.nulls(count, SCHEMA.field("known_at").type),
        },
        schema=SCHEMA,
    )


def by_second(count: int) -> Iterator[pa.Table]:
    """So many rows, one a second, in batches."""
    for start in range(0, count, BATCH):
        yield rows(FIRST + start * SECOND, SECOND, min(BATCH, count - start), start)


def write(root: Path, series: str, tables: Iterator[pa.Table]) -> None:
    """One import of one series."""
    store = SeriesStore(root)
    with store.staging(series) as staging:
        for table in tables:
            staging.add(table)
        store.publish([staging])


def fastest(work: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds of the fastest of several calls."""
    best = float("inf")
    for _ in range(RUNS):
        before = clock()
        work()
        best = min(best, clock() - before)
    return best


def peak_mb(root: Path, count: int) -> float:
    """Peak memory, in MB, of a process that writes so many rows of one series."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_series", str(root), str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def own_peak_mb() -> float:
    """Peak memory of this process, in MB.

    On Linux from `VmHWM`: what `getrusage` says there begins with the memory of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def say(label: str, value: float, unit: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{label:<62}{value:10,.1f} {unit}\n")
    sys.stdout.flush()


def say_writing(root: Path) -> None:
    """Rows a second of an import, beside the plain writer on the same rows."""
    million = [*by_second(10**6)]
    together = pa.concat_tables(million).combine_chunks()
    plain = fastest(lambda: pq.write_table(together, root / "plain.parquet", compression="zstd"), time.perf_counter)
    ours = fastest(lambda: write(root, "bench.second", iter(million)), time.perf_counter)
    say("pyarrow.parquet.write_table, one million rows", 1e-6 * 10**6 / plain, "million rows/s")
    say("staging and publishing the same rows", 1e-6 * 10**6 / ours, "million rows/s")


def say_reading(root: Path) -> None:
    """CPU of reading 30 daily series of ten years, with nothing kept and with all kept."""
    for number, series in enumerate(DAILY):
        write(root, series, iter([rows(FIRST, DAY, 3_653, number, days=True)]))
    asks = [Read(series=series) for series in DAILY]
    kept = SeriesStore(root)
    cold = fastest(lambda: asyncio.run(SeriesStore(root).read_many(asks)), time.process_time)
    warm = fastest(lambda: asyncio.run(kept.read_many(asks)), time.process_time)
    hour = Read(
        series="bench.second",
        since=datetime(2015, 1, 5, 12, tzinfo=UTC),
        until=datetime(2015, 1, 5, 13, tzinfo=UTC),
    )
    window = fastest(lambda: asyncio.run(SeriesStore(root).read_many([hour])), time.process_time)
    say("reading 30 daily series of 10 years, nothing kept (target 100)", 1000 * cold, "ms CPU")
    say("reading them again from the same store", 1000 * warm, "ms CPU")
    say("one hour out of a million seconds, nothing kept", 1000 * window, "ms CPU")


def main() -> int:
    """Print the figures; with a folder and a number of rows: write them and print the peak memory of this process."""
    if len(sys.argv) == 3:
        if int(sys.argv[2]):
            write(Path(sys.argv[1]), "bench.memory", by_second(int(sys.argv[2])))
        sys.stdout.write(str(own_peak_mb()))
        return 0
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        say_writing(root)
        say_reading(root)
        for millions in (0, 1, 10):
            say(f"peak memory of writing {millions} million rows", peak_mb(root, millions * 10**6), "MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
