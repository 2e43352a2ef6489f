"""`python -m tests.accuracy.root_causes`: ranks and calibration on simulated faults, baselines beside.

Recall at k is the mean share of the true root causes among the first k (of min(k, their number)); calibration pools the
posteriors of all nodes.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from causal.root_causes import rank_root_causes
from tests.accuracy.fault_baselines import BASELINES
from tests.accuracy.fault_bed import DESIGN, REPORT, Bed, bed_incident
from tests.accuracy.fault_worlds import BY_FAULT, HELD_OUT, TUNED, Incident, World, incident

OURS = "whymove"
BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Recall at 1, 3 and 5, and the mean rank of the true root causes."""

    top1: float
    top3: float
    top5: float
    rank: float


def ranks(scores: Mapping[str, float], case: Incident) -> list[int]:
    """The places of the true root causes, ties by name."""
    ordered = sorted(scores, key=lambda node: (-scores[node], node))
    return [ordered.index(root) + 1 if root in scores else len(case.nodes) for root in case.roots]


def figures(places: Sequence[Sequence[int]]) -> Figures:
    """Over incidents."""

    def recall(k: int) -> float:
        return float(np.mean([sum(place <= k for place in one) / min(k, len(one)) for one in places]))

    return Figures(
        top1=recall(1), top3=recall(3), top5=recall(5), rank=float(np.mean([place for one in places for place in one]))
    )


def ours(case: Incident) -> dict[str, float]:
    """Posterior by node."""
    answer = rank_root_causes(case.edges, case.normal, case.anomalous, case.target)
    return {node.node: node.posterior for node in answer.nodes}


Measured = tuple[dict[str, Figures], list[tuple[float, bool]], float]


def measure(world: World, seeds: range) -> Measured:
    """Figures by method, the pairs (posterior, true) of every node, and CPU seconds an incident."""
    return _measured(lambda seed: incident(world, seed), seeds)


def measure_bed(bed: Bed, seeds: range) -> Measured:
    """The same for a bed of `tests/accuracy/fault_bed.py`."""
    return _measured(lambda seed: bed_incident(bed, seed), seeds)


def _measured(draw: Callable[[int], Incident], seeds: range) -> Measured:
    places: dict[str, list[list[int]]] = {name: [] for name in (OURS, *BASELINES)}
    pairs: list[tuple[float, bool]] = []
    spent = 0.0
    for seed in seeds:
        case = draw(seed)
        begun = time.process_time()
        posterior = ours(case)
        spent += time.process_time() - begun
        pairs += [(p, node in case.roots) for node, p in posterior.items()]
        places[OURS].append(ranks(posterior, case))
        for name, baseline in BASELINES.items():
            places[name].append(ranks(baseline(case), case))
    return {name: figures(one) for name, one in places.items()}, pairs, spent / len(seeds)


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error over the bins, weighted by the number of nodes whose posterior is above .02."""
    kept = [pair for pair in pairs if pair[0] > BINS[1]]
    gaps = [abs(said - true) * count for _, said, true, count in calibration(kept)]
    return sum(gaps) / max(1, len(kept))


def calibration(pairs: Sequence[tuple[float, bool]]) -> list[tuple[str, float, float, int]]:
    """By bin of posterior: its bounds, the mean posterior, the share of true root causes, and the number of nodes."""
    said, true = np.array([p for p, _ in pairs]), np.array([t for _, t in pairs], dtype=float)
    rows = []
    for low, high in itertools.pairwise(BINS):
        inside = (said > low if low else said >= low) & (said <= high)
        if inside.any():
            rows.append(
                (f"{low:.2f}-{high:.2f}", float(said[inside].mean()), float(true[inside].mean()), int(inside.sum()))
            )
    return rows


def main() -> int:
    """Print ranks by world and calibration over all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100, help="incidents a world")
    parser.add_argument("--first", type=int, default=10_000, help="first seed")
    parser.add_argument("--tuned", action="store_true", help="the worlds that constants were chosen on, instead")
    parser.add_argument("--by-fault", action="store_true", help="fifty nodes, one sort of fault a world, instead")
    parser.add_argument("--beds", action="store_true", help="the second bed of faults (fault_bed.py), instead")
    asked = parser.parse_args()
    worlds: Mapping[str, World | Bed] = BY_FAULT if asked.by_fault else TUNED if asked.tuned else HELD_OUT
    if asked.beds:
        worlds = DESIGN if asked.tuned else REPORT
    console = Console(width=120)
    table = Table("world", "method", "top 1", "top 3", "top 5", "mean rank", "ECE", "CPU ms", box=None)
    everything: list[tuple[float, bool]] = []
    for name, world in worlds.items():
        seeds = range(asked.first, asked.first + asked.seeds)
        found, pairs, spent = measure_bed(world, seeds) if isinstance(world, Bed) else measure(world, seeds)
        everything += pairs
        for method, f in found.items():
            own = (f"{calibration_error(pairs):.3f}", f"{1000 * spent:.0f}") if method == OURS else ("", "")
            numbers = (f"{f.top1:.2f}", f"{f.top3:.2f}", f"{f.top5:.2f}", f"{f.rank:.1f}")
            table.add_row(name if method == OURS else "", method, *numbers, *own)
    console.print(table)
    calm = Table("posterior", "mean", "true", "nodes", title="calibration", box=None)
    for bounds, said, true, count in calibration(everything):
        calm.add_row(bounds, f"{said:.3f}", f"{true:.3f}", str(count))
    console.print(calm)
    return 0


if __name__ == "__main__":
    sys.exit(main())
