"""`make load`: ten minutes of mixed traffic at 80 % of what the service takes, then more than it takes.

Everything is on loopback, bounded in count and time, and stops by itself. The verdict (exit code) is of what may never
be: an answer of 5xx under the load, a refusal that does not say when to come back, a health that is not green. Times
and memory are printed beside their targets, as a busy machine decides about them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from itertools import repeat
from pathlib import Path

import psutil

from graph.server import Running, ensure_running, stop
from graph.store import open_store
from tests.benchmarks.served import Served, serving
from tests.bundled_graph import fill
from tests.load.overload import Flood, flood_of_explanations, flood_of_queries, flood_of_reads
from tests.load.queueing import in_line
from tests.load.steady import Seen, as_fast_as_taken, at_a_rate
from tests.load.traffic import EXPLANATIONS, Kind, drawn, mixed

SHARE, SECONDS = 0.8, 600.0
CONNECTIONS, WARM, TRIAL, TRIALS, ALONE = 8, 300, 1500, 3, 60
QUERIES, READS, QUESTIONS = 60, 600, 60  # 12 queries run and wait, 256 requests are served at once, 22 are computed


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def capacity(served: Served, kinds: tuple[Kind, ...]) -> float:
    """Requests a second that are answered when as many are sent as are taken: the least of several trials."""
    await as_fast_as_taken(served.port, drawn(kinds, 1), count=WARM, connections=CONNECTIONS)
    found = []
    for _ in range(TRIALS):
        trial = await as_fast_as_taken(served.port, drawn(kinds, 2), count=TRIAL, connections=CONNECTIONS)
        found.append(trial.count / trial.seconds)
    say(f"capacity: {', '.join(f'{one:.0f}' for one in found)} requests a second; {SHARE:.0%} of the least is sent")
    return min(found)


async def queue(served: Served, kinds: tuple[Kind, ...]) -> dict[str, float]:
    """How far the p99 lies above the p50 by waiting in line alone, from the times that each kind takes alone.

    Explanations are computed beside the service and stand in no line with the others.
    """
    alone, inside = {}, [kind for kind in kinds if kind.name != EXPLANATIONS]
    for kind in inside:
        found = await as_fast_as_taken(served.port, repeat(kind), count=ALONE, connections=1)
        alone[kind.name] = found.ms[kind.name]
    return in_line(alone, {kind.name: kind.weight for kind in inside}, SHARE)


def say_steady(seen: Seen, rate: float, queued: Mapping[str, float]) -> bool:
    """Print what the load came to; whether every answer was one."""
    failed = sum(count for status, count in seen.statuses.items() if status >= 500)
    sizes = [size / 2**20 for _, size in seen.memory]
    say(
        f"{seen.count:,} requests in {seen.seconds:.0f} s at {rate:.0f} a second, {seen.dropped} not sent,"
        f" {seen.broken} not answered;"
        f" statuses {dict(sorted(seen.statuses.items()))}"
    )
    for kind in seen.ms:
        middle, most, late = (seen.share_of(kind, share) for share in (0.5, 0.95, 0.99))
        times = f"p50{middle:9.1f} ms, p95{most:9.1f} ms, p99{late:9.1f} ms, {late / middle:6.1f} x (target 5)"
        line = f"; by one line at {SHARE:.0%} alone{queued[kind]:6.1f} x" if kind in queued else ""
        say(f"  {kind:<24}{len(seen.ms[kind]):>8,}  {times}{line}")
    slopes = [seen.slope(half) / 2**20 for half in (0, 1)]
    said = f"{slopes[0]:+.2f} MiB a minute in the first half, {slopes[1]:+.2f} in the second (target flat)"
    say(f"memory {sizes[0]:.0f} to {sizes[-1]:.0f} MiB, {said}")
    say(f"{failed} answers of 5xx (target 0) {dict(seen.refused)}")
    return failed + seen.broken == 0


def say_flood(label: str, found: Flood, refusal: int) -> bool:
    """Print what came of a flood; whether it was refused as it should be, with health green all the while."""
    whole = set(found.statuses) <= {200, 422, refusal} and found.statuses[refusal] > 0  # 422: past its time
    green = set(found.health) == {200}
    say(
        f"{label}: statuses {dict(sorted(found.statuses.items()))}, {found.speechless} refusals without Retry-After,"
        f" {found.late} without an answer;"
        f" health {dict(found.health)}"
    )
    return whole and green and found.speechless + found.late == 0


async def under_load(served: Served, graph: Running, seconds: float) -> bool:
    """The load, the floods and the peace after them."""
    kinds = await mixed(served.port)
    queued = await queue(served, kinds)
    rate = SHARE * await capacity(served, kinds)
    before = served.usage().cpu, psutil.Process(graph.pid).cpu_times()
    seen = await at_a_rate(
        served.port, drawn(kinds, 3), rate=rate, seconds=seconds, memory=lambda: served.usage().bytes
    )
    after = served.usage().cpu, psutil.Process(graph.pid).cpu_times()
    used = after[0] - before[0], sum(after[1][:2]) - sum(before[1][:2])
    good = say_steady(seen, rate, queued)
    say(f"CPU a request: service {1e6 * used[0] / seen.count:.0f} us, graph {1e6 * used[1] / seen.count:.0f} us")
    good &= say_flood(f"{QUERIES} slow queries at once", await flood_of_queries(served.port, QUERIES), 429)
    good &= say_flood(f"{READS} reads at once", await flood_of_reads(served.port, READS), 503)
    found = await flood_of_explanations(served.port, QUESTIONS)
    good &= say_flood(f"{QUESTIONS} explanations at once", found, 503)
    again = await as_fast_as_taken(served.port, drawn(kinds, 4), count=WARM, connections=CONNECTIONS)
    say(f"afterwards: statuses {dict(again.statuses)}")
    return good and set(again.statuses) == {200}


async def run(folder: Path, graph: Running, seconds: float) -> bool:
    """A service of its own over a graph of its own, under load."""
    store = open_store(graph.service)
    await store.create_schema()
    await fill(store)
    await store.close()
    async with serving({"WHYMOVE_DATA": str(folder)}) as served:
        return await under_load(served, graph, seconds)


def main() -> int:
    """Run it and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the load lasts")
    seconds: float = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            good = asyncio.run(run(folder, ensure_running(folder / "graph", keep=True), seconds))
        finally:
            stop(folder / "graph")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
