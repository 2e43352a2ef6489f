"""A second bed of simulated faults, by what a system is like and by what breaks: chains, trees, stacks of services.

`DESIGN` beds may be looked at when the method is changed; the `REPORT` ones differ from them in graph, links, noise or
fault and are for reporting alone. The simulation shares no code with `tests/accuracy/fault_worlds.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.accuracy.fault_kinds import INJECTED, Fault
from tests.accuracy.fault_shapes import SHAPES, System, above
from tests.accuracy.fault_worlds import Incident

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """How an incident is drawn. `late` is the share of the window before the fault; the rest is wrong with the data.

    `tail` are degrees of freedom of the noise, `positive` makes it multiplicative, `lags` are rows an edge may take,
    `other` the share of nodes that move a little for another reason, `turned` that of edges told wrongly.
    """

    shape: str = "random"
    nodes: tuple[int, int] = (12, 40)
    link: str = "linear"
    lags: tuple[int, ...] = (0,)
    tail: float = 8.0
    memory: tuple[float, ...] = (0.0, 0.5, 0.9)
    positive: bool = False
    faults: tuple[str, ...] = ("shift", "drift", "spikes", "variance")
    size: tuple[float, float] = (5.0, 30.0)
    number: tuple[int, ...] = (1,)
    history: tuple[int, ...] = (200, 700)
    window: tuple[int, ...] = (10, 30, 60)
    late: float = 0.0
    other: float = 0.1
    season: float = 0.0
    hidden_causes: int = 0
    turned: float = 0.0
    holes: float = 0.0
    constants: int = 0
    unseen: float = 0.0


DESIGN: dict[str, Bed] = {
    "chain": Bed(shape="chain", nodes=(8, 20)),
    "drift": Bed(nodes=(30, 60), faults=("drift",), history=(700,), window=(20, 60)),
    "lags in a tree": Bed(shape="tree", lags=(0, 1, 2, 3), faults=("shift", "drift")),
    "saturation": Bed(link="tanh", faults=("saturation", "freeze"), window=(20, 60)),
    "stack": Bed(shape="stack", nodes=(5, 14), window=(30, 60), positive=True, tail=6.0),
    "few rows": Bed(nodes=(10, 30), history=(30, 60), window=(5, 8)),
    "silence": Bed(faults=("silence", "shift"), holes=0.05),
    "gated": Bed(link="gate", faults=("shift", "drift", "spikes")),
    "late": Bed(late=0.6, window=(30, 60), tail=4.0),
    "wrong edges": Bed(turned=0.2, faults=("shift", "drift")),
    "hidden causes": Bed(hidden_causes=3, faults=("shift", "variance"), unseen=0.1),
    "three faults": Bed(nodes=(25, 50), number=(2, 3)),
    "positive": Bed(positive=True, tail=4.0, faults=("shift", "drift", "spikes"), constants=2),
}
REPORT: dict[str, Bed] = {
    "deep tree": Bed(shape="tree", nodes=(40, 100), link="bent"),
    "drift, daily cycle": Bed(
        nodes=(30, 60), faults=("drift",), history=(576,), window=(12, 48), season=0.8, holes=0.03
    ),
    "lags in layers": Bed(shape="layers", lags=(0, 1, 2), link="tanh", faults=("shift", "spikes"), other=0.15),
    "stack, few rows": Bed(shape="stack", nodes=(4, 12), history=(60, 120), window=(8, 15), positive=True, holes=0.05),
    "stack, late": Bed(shape="stack", nodes=(8, 20), history=(300,), window=(60,), late=0.5, positive=True, tail=4.0),
    "heavy tails": Bed(tail=2.5, holes=0.1, constants=3),
    "silence in layers": Bed(shape="layers", faults=("silence", "drift"), holes=0.1),
    "messy": Bed(hidden_causes=2, turned=0.15, holes=0.1, link="bent", unseen=0.05),
    "hundred nodes": Bed(nodes=(80, 100), history=(300,), window=(20,), faults=("shift", "drift", "variance")),
    "saturated chain": Bed(shape="chain", nodes=(8, 16), faults=("saturation", "freeze"), window=(12, 30)),
    "several drifts": Bed(shape="layers", number=(2, 3), faults=("drift", "shift"), window=(30,)),
    "gated layers": Bed(shape="layers", link="gate", tail=4.0, lags=(0, 1)),
    "one hour of thirty": Bed(history=(30,), window=(6,), faults=("shift", "drift"), holes=0.05, positive=True),
}
LEAST_FELT = 3.0


def bed_incident(bed: Bed, seed: int) -> Incident:
    """One incident in which the target is anomalous; faults are drawn again until it is."""
    rng = np.random.default_rng(seed)
    while True:
        found = _attempt(bed, rng)
        if found is not None:
            return found


def _attempt(bed: Bed, rng: np.random.Generator) -> Incident | None:
    system = SHAPES[bed.shape](rng, bed.nodes, bed.link, bed.lags)
    ways = above(system.parents, system.target)
    able = [node for node in sorted(ways) if node in system.breakable]
    if len(ways) < 4 or not able:
        return None
    before, during = int(rng.choice(bed.history)), int(rng.choice(bed.window))
    noise = _noise(bed, system, before + during, rng)
    for node in np.flatnonzero(rng.random(system.count) < bed.other):
        noise[before:, node] += rng.uniform(0.5, 2.5) * rng.choice([-1.0, 1.0])
    number = min(int(rng.choice(bed.number)), len(able))
    roots = [int(node) for node in rng.choice(able, size=number, replace=False)]
    faults = {root: _fault(bed, system, root, rng) for root in roots}
    start = before + int(bed.late * during) + int(rng.integers(0, max(1, during // 5)))
    calm = system.run(noise, {}, start)
    values = system.run(noise, faults, start)
    if bed.positive:
        calm, values = np.exp(0.25 * calm), np.exp(0.25 * values.clip(-40.0, 40.0))
    target = system.target
    felt = np.abs(values[before:, target] - calm[before:, target]).max()
    if felt < LEAST_FELT * calm[:before, target].std() or not np.isfinite(values).all():
        return None
    for root, fault in faults.items():
        if fault.kind == "silence":
            values[start:, root] = np.nan
    return _reported(bed, system, values, before, roots, rng)


def _fault(bed: Bed, system: System, root: int, rng: np.random.Generator) -> Fault:
    kind = str(rng.choice(system.faults.get(root, bed.faults)))
    size = float(np.exp(rng.uniform(*np.log(bed.size))))
    sign = 1.0 if bed.positive or system.upward else float(rng.choice([-1.0, 1.0]))
    assert kind in INJECTED
    return Fault(kind=kind, size=sign * size, seed=int(rng.integers(2**31)))


def _noise(bed: Bed, system: System, rows: int, rng: np.random.Generator) -> Array:
    count = system.count
    draws = rng.standard_t(bed.tail, size=(rows, count)) / np.sqrt(bed.tail / (bed.tail - 2.0))
    memory = rng.choice(bed.memory, size=count)
    for row in range(1, rows):
        draws[row] = memory * draws[row - 1] + np.sqrt(1.0 - memory**2) * draws[row]
    if bed.season:
        day = np.sin(2.0 * np.pi * (np.arange(rows) / 288.0 + rng.random()))
        draws[:, : max(2, count // 6)] += bed.season * day[:, np.newaxis]
    for _ in range(bed.hidden_causes):
        touched = rng.choice(count, size=max(3, count // 6), replace=False)
        draws[:, touched] += rng.uniform(0.5, 1.5, touched.size) * rng.standard_normal((rows, 1))
    return draws


def _reported(
    bed: Bed, system: System, values: Array, before: int, roots: list[int], rng: np.random.Generator
) -> Incident:
    count, target = system.count, system.target
    shown = values * np.exp(rng.uniform(-3.0, 3.0, count)) + (0.0 if bed.positive else rng.uniform(-50.0, 50.0, count))
    for node in rng.choice(count, size=bed.constants, replace=False):
        if node != target and node not in roots:
            shown[:, node] = round(float(shown[0, node]), 2)
    shown[rng.random(shown.shape) < bed.holes * rng.uniform(0.0, 2.0, count)] = np.nan
    names = [f"n{node:03d}" for node in rng.permutation(count)]  # so that names tell nothing
    edges = {(names[parent], names[node]) for node in range(count) for parent in system.parents[node]}
    if bed.turned:
        edges = _mistold(edges, bed.turned, names, rng) | {(names[sorted(system.parents[target])[0]], names[target])}
    hidden = {node for node in np.flatnonzero(rng.random(count) < bed.unseen) if node not in {target, *roots}}
    columns = {names[node]: shown[:, node] for node in range(count) if node not in hidden}
    return Incident(
        edges=sorted(edges),
        normal={name: series[:before] for name, series in columns.items()},
        anomalous={name: series[before:] for name, series in columns.items()},
        target=names[target],
        roots=frozenset(names[root] for root in roots),
        nodes=tuple(names),
    )


def _mistold(
    edges: set[tuple[str, str]], share: float, names: list[str], rng: np.random.Generator
) -> set[tuple[str, str]]:
    """Some edges left out, and about as many that are none, in causal order."""
    kept = {edge for edge in sorted(edges) if rng.random() > share / 2.0}
    for one, other in rng.integers(0, len(names), size=(int(share * len(edges)), 2)):
        if one != other:
            kept.add((names[min(one, other)], names[max(one, other)]))
    return kept


def smaller(bed: Bed) -> Bed:
    """The same with fewer nodes and rows, for tests of the bed itself."""
    return replace(bed, nodes=(bed.nodes[0], bed.nodes[0] + 3), history=(60,), window=(12,))
