"""An import of ten million invented rows from CSV, beside pyarrow's own CSV reader and Parquet writer on the same file.

Prints; decides nothing. Ours is the path of `whymove ingest table` up to the published series. Each runs in a process
of its own: rows a second and CPU time from the first to the last row, peak memory of the whole process. `streamed` is
pyarrow reading block by block on one thread; `whole` is its plain use, `read_csv` and `write_table`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pv
import pyarrow.parquet as pq

from tests.benchmarks.bench_series import own_peak_mb

MILLION = 10**6
PIECE = 250_000
MINUTE = 60
FIRST = 946_857_600  # 2000-01-03T00:00:00Z in seconds since 1970; ten million minutes are nineteen years
MAP = """
instruments:
  - {id: example_coin, name: Example coin (invented), type: crypto spot, identifiers: {symbol: EXMPL}}
files:
  - file: "*.csv"
    source: invented
    licence: may_redistribute
    datetime: time
    clock: {instant: UTC}
    series:
      - {column: close, id: example_coin.price_level.minute, indicator: price level, subject: example_coin, unit: USD}
"""


def write_invented(path: Path, count: int) -> None:
    """A random walk of prices, one a minute, written piece by piece."""
    schema = pa.schema([("time", pa.timestamp("s")), ("close", pa.float64())])
    numbers = np.random.default_rng(count)
    level = np.log(100.0)
    with pv.CSVWriter(str(path), schema) as writer:
        for start in range(0, count, PIECE):
            rows = min(PIECE, count - start)
            logs = level + np.cumsum(0.0005 * numbers.standard_normal(rows))
            level = logs[-1]
            at = FIRST + MINUTE * np.arange(start, start + rows)
            columns = [pa.array(at.astype("datetime64[s]")), pa.array(np.round(np.exp(logs), 4))]
            writer.write_table(pa.table(columns, schema=schema))


def whymove(path: Path, folder: Path) -> Callable[[], int]:
    """Ours: the mapping read, what is imported is imported; then the rows from the file to the published series."""
    from graph.series import SeriesStore
    from ingest.tablemap import load_map
    from ingest.tables import read_tables

    (folder / "map.yaml").write_text(MAP)
    tables, store = load_map(folder / "map.yaml"), SeriesStore(folder / "series")

    def work() -> int:
        with read_tables(tables, [path], store, lambda _: None) as load:
            store.publish(load.staged)
            return sum(report.rows for report in load.reports)

    return work


def whole(path: Path, folder: Path) -> Callable[[], int]:
    """pyarrow: the file as one table, written at once."""

    def work() -> int:
        table = pv.read_csv(path)
        pq.write_table(table, folder / "whole.parquet", compression="zstd")
        return int(table.num_rows)

    return work


def streamed(path: Path, folder: Path) -> Callable[[], int]:
    """pyarrow: block by block, on one thread, as an import that has to hold little must read."""

    def work() -> int:
        rows = 0
        with (
            pv.open_csv(path, read_options=pv.ReadOptions(use_threads=False)) as reader,
            pq.ParquetWriter(folder / "streamed.parquet", reader.schema, compression="zstd") as writer,
        ):
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
        return rows

    return work


WAYS: Mapping[str, Callable[[Path, Path], Callable[[], int]]] = {
    "whymove": whymove,
    "streamed": streamed,
    "whole": whole,
}


def measure(way: str, path: Path, folder: Path) -> dict[str, float]:
    """Rows, wall and CPU seconds, and peak memory in MB before (`base`) and after, of this process."""
    work = WAYS[way](path, folder)
    base = own_peak_mb()
    cpu, wall = time.process_time(), time.perf_counter()
    rows = work()
    return {
        "rows": rows,
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "base": base,
        "peak": own_peak_mb(),
    }


def in_a_process(way: str, path: Path) -> dict[str, float]:
    """The same in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.benchmarks.bench_tables", way, str(path), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def compare(folder: Path, millions: int) -> None:
    """All ways on one file of so many million rows, ours beside the others."""
    path = folder / f"invented_{millions}.csv"
    write_invented(path, millions * MILLION)
    found = {way: in_a_process(way, path) for way in WAYS}
    say(f"import of {millions} million rows, {path.stat().st_size / 2**20:.0f} MB of CSV")
    names = {"whymove": "whymove", "streamed": "pyarrow, block by block", "whole": "pyarrow, read_csv + write_table"}
    for way, one in found.items():
        assert one["rows"] == millions * MILLION, f"{way} read {one['rows']:.0f} rows"
        rate = one["rows"] / one["wall"] / MILLION
        memory = f"peak {one['peak']:6.0f} MB, {one['peak'] - one['base']:+6.0f} over the start"
        say(f"  {names[way]:<34}{rate:7.2f} million rows/s{one['cpu']:8.2f} s CPU   {memory}")
    ours = found["whymove"]["cpu"]
    others = ", ".join(f"{ours / found[way]['cpu']:.1f} x {names[way]}" for way in ("streamed", "whole"))
    say(f"  CPU of ours: {others}")


def main() -> int:
    """Print the figures; with a way, a file and a folder: those of one import in this process, as JSON."""
    if len(sys.argv) == 4:
        sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
        return 0
    with tempfile.TemporaryDirectory() as name:
        for millions in (1, 10):
            compare(Path(name), millions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
