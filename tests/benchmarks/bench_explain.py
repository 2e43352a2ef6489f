"""CPU of posterior and leave-one-out on the case of 5 February 2026, and the time of a whole `whymove explain`.

Prints; decides nothing. CPU time is that of this process, the fastest of several runs; the command's wall time is
from process start to printed answer with a warm server.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from api.ask import make_ask
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.explain import explain
from causal.model import Dossier
from causal.scoring import score
from graph.server import ensure_running, stop
from graph.store import open_store
from ingest.casefile import bundled_cases, load_case

CASE = "2026-02-05-bitcoin-flash-crash"
RUNS = 15


async def a_dossier(folder: Path, knowledge: Knowledge) -> Dossier:
    """The case through the graph of a data folder."""
    store = open_store(ensure_running(folder / "graph", keep=True).service)
    await store.create_schema()
    await store.upsert(load_case(next(file for file in bundled_cases() if file.stem == CASE)).batch)
    dossier = await gather(make_ask(case=CASE), store, knowledge)
    await store.close()
    return dossier


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of the fastest of several calls."""
    best = float("inf")
    for _ in range(RUNS):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return 1000 * best


def wall_of_command(folder: Path) -> float:
    """Seconds from process start to printed answer, the fastest of five, with a warm server."""
    command = [str(Path(sys.executable).parent / "whymove"), "explain", "--case", CASE]
    times = []
    for _ in range(5):
        before = time.perf_counter()
        subprocess.run(command, env={**os.environ, "WHYMOVE_DATA": str(folder)}, check=True, capture_output=True)
        times.append(time.perf_counter() - before)
    return min(times)


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Print the figures beside their targets."""
    knowledge = load_knowledge()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            dossier = asyncio.run(a_dossier(folder, knowledge))
            groups = bind(knowledge.library, dossier)
            own = tuple((narrative,) for narrative in dossier.narratives)
            method = knowledge.method
            scored = score(dossier, groups, method)
            plan = scored.structure.plan
            figures = {
                "posterior + leave-one-out, with the library (target 50)": cpu_ms(
                    lambda: score(dossier, groups, method)
                ),
                "posterior + leave-one-out, the case's own narratives": cpu_ms(lambda: score(dossier, own, method)),
                "binding of the library": cpu_ms(lambda: bind(knowledge.library, dossier)),
                "the whole explanation": cpu_ms(lambda: explain(dossier, groups, method)),
            }
            say(f"{len(scored.narratives)} narratives, {len(scored.items)} items, tree width {plan.width}")
            for label, value in figures.items():
                say(f"{label:<58}{value:8.1f} ms CPU")
            say(f"{'process start to printed answer, warm server (target 2)':<58}{wall_of_command(folder):8.2f} s wall")
        finally:
            stop(folder / "graph")
    return 0


if __name__ == "__main__":
    sys.exit(main())
