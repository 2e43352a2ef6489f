"""Anomaly attribution beside DoWhy's in one process: CPU seconds of both, their ratio, the largest difference.

`python -m tests.benchmarks.bench_dowhy [--runs 5] [--nodes 8 15 30]`. Both sides get the same mechanisms, rows, draws
and orders of joining (DoWhy's defaults: 3,000 draws, 25 orders), on one thread. Prints; decides nothing. The whole
takes a quarter of an hour, nearly all of it DoWhy's; `--quick` looks at 8 nodes once. Without DoWhy it says how to
install it.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

from causal.attribution import attribute_anomaly
from tests.benchmarks.bench_core import say
from tests.dowhy_kit import Shape, a_pair, attributed_by_dowhy, luck_of

NODES, ROWS, SEED = (8, 15, 30), 1000, 7
WANTED: dict[tuple[int, Shape], int] = {(8, "linear"): 500, (15, "linear"): 800, (30, "linear"): 800}
WANTED_QUADRATIC = 125


def seconds(work: Callable[[], object], runs: int) -> float:
    """CPU seconds, the median of so many calls."""
    times = []
    for _ in range(runs):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return float(np.median(times))


def report(nodes: int, shape: Shape, runs: int) -> None:
    """One line: both sides, how much faster, how far apart."""
    pair = a_pair(nodes, ROWS, nodes, shape)
    luck = luck_of(pair, SEED)
    theirs = attributed_by_dowhy(pair, SEED)
    ours = attribute_anomaly(pair.ours, luck.noise, pair.row, luck.orders)
    apart = max(abs(ours.of(node) - value) for node, value in theirs.items())
    slow = seconds(lambda: attributed_by_dowhy(pair, SEED), runs)
    fast = seconds(lambda: attribute_anomaly(pair.ours, luck.noise, pair.row, luck.orders), max(runs, 5))
    wanted = WANTED.get((nodes, shape), WANTED_QUADRATIC)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(
        f"  {nodes:>2} nodes, {shape:<10}{slow:9.2f} s{1000 * fast:10.1f} ms{slow / fast:9.0f}x "
        f"(wanted {wanted}){apart:12.1e}{peak:8.0f} MB"
    )


def main() -> int:
    """Print a line for each size and shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nodes", type=int, nargs="*", default=list(NODES))
    parser.add_argument("--quick", action="store_true", help="8 nodes, once")
    asked = parser.parse_args()
    if importlib.util.find_spec("dowhy") is None:
        say("attribution beside DoWhy: not run, it is not installed; pip install 'whymove[causal]'")
        return 0
    warnings.simplefilter("ignore")  # the oracle's own
    say("attribution beside DoWhy, same draws and orders, CPU, medians")
    say(f"  {'':<20}{'DoWhy':>11}{'ours':>13}{'ratio':>10}{'':<13}{'difference':>12}{'peak':>11}")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        for nodes in [8] if asked.quick else asked.nodes:
            for shape in ("linear", "quadratic"):
                report(nodes, shape, 1 if asked.quick else asked.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
