"""Moves explained in a minute of CPU: large days of bitcoin from the market data, one after another in one process.

Prints; decides nothing. CPU time is that of this process: the graph server's is its own, and so is reading the tables.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from api.detecting import Detected, all_moves
from api.explaining_all import Means, Plan, explain_all
from api.knowledge import load_knowledge
from graph.reading import find_instrument
from graph.series import SeriesStore
from graph.server import ensure_running, stop
from graph.store import GraphStore, open_store
from ingest.tablemap import load_map
from ingest.tables import read_tables

ROOT = Path(__file__).parents[2]
MARKET = ROOT.parent / "shared" / "data" / "market"
MAP = ROOT / "tests" / "data" / "market.map.yaml"
LEAST = 0.08
MOVES = 24  # spread over all days of that size


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def loaded(folder: Path) -> tuple[GraphStore, SeriesStore]:
    """The market data in the series store and in the graph of a data folder."""
    store = open_store(ensure_running(folder / "graph", keep=True).service)
    await store.create_schema()
    series = SeriesStore(folder / "series")
    with read_tables(load_map(MAP), [MARKET], series, lambda _: None) as load:
        series.publish(load.staged)
        await store.upsert(load.batch)
    return store, series


async def run(folder: Path) -> None:
    """Explain some of the large days, and print what a minute of CPU is good for."""
    store, series = await loaded(folder)
    listing = await all_moves(await find_instrument(store, "btcusd"), store, series)
    large = [found for found, move in listing.moves if abs(move.change) >= LEAST]
    chosen = large[:: max(1, len(large) // MOVES)][:MOVES]
    means = Means(store=store, series=series, knowledge=load_knowledge())
    first = await seconds(chosen[:1], folder, means)
    rest = await seconds(chosen[1:], folder, means)
    await store.close()
    say(f"{len(large)} moves of {LEAST:.0%} or more in {listing.series}, {len(chosen)} of them explained")
    say(f"{'the first, which reads the series':<58}{1000 * first[0]:8.0f} ms CPU{1000 * first[1]:8.0f} ms wall")
    cpu, wall = (part / (len(chosen) - 1) for part in rest)
    say(f"{'each of the others':<58}{1000 * cpu:8.0f} ms CPU{1000 * wall:8.0f} ms wall")
    say(f"{'moves per CPU minute':<58}{60.0 / cpu:8.0f}")


async def seconds(moves: list[Detected], folder: Path, means: Means) -> tuple[float, float]:
    """(CPU, wall) seconds that these moves take; nothing of them is kept in the graph."""
    plan = Plan(folder=folder / "out", record=False)
    before = time.process_time(), time.perf_counter()
    async for done in explain_all(moves, plan, means):
        if done.row is None:
            say(f"{done.day} refused: {done.refused}")
    return time.process_time() - before[0], time.perf_counter() - before[1]


def main() -> int:
    """Print the figures, or why there are none."""
    if not MARKET.is_dir():
        say(f"explaining all large moves: skipped, as there is no {MARKET.relative_to(ROOT.parent)} beside the project")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            asyncio.run(run(folder))
        finally:
            stop(folder / "graph")
    return 0


if __name__ == "__main__":
    sys.exit(main())
