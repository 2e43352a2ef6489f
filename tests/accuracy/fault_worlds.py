"""Simulated faults in systems of series with a known causal graph, for measuring the search for root causes.

Each world breaks another assumption of the method. `TUNED` worlds may be looked at when a constant is chosen; the
`HELD_OUT` ones are for reporting alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tests.accuracy.fault_shapes import above
from tests.accuracy.fault_systems import World, bent, calls, failures, gated, linear, sums

Array = NDArray[np.float64]
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One simulated fault: what `rank_root_causes` is given, and the nodes in which it was put."""

    edges: list[Edge]
    normal: dict[str, Array]
    anomalous: dict[str, Array]
    target: str
    roots: frozenset[str]
    nodes: tuple[str, ...] = field(default=())


TUNED: dict[str, World] = {
    "linear": World(carry=linear),
    "threshold": World(carry=gated, upward=True),
    "heavy tails": World(carry=linear, tail=2.5, holes=0.02),
    "shop": World(
        carry=linear, services=True, traffic=0.5, diluted=True, season=0.5, steps=(2, 3, 6), holes=0.3, lagged=0.0
    ),
    "availability": World(carry=linear, failures=True, upward=True, steps=(2, 3, 6), holes=0.1, lagged=0.0, drift=0.0),
}
HELD_OUT: dict[str, World] = {
    "nonlinear": World(carry=bent, holes=0.05),
    "confounded": World(carry=linear, confounders=3, unseen=0.1),
    "seasonal": World(carry=bent, season=2.0, steps=(1, 3, 6, 12), lagged=0.0),
    "messy": World(carry=linear, tail=4.0, holes=0.15, counters=0.2, constants=3, unseen=0.05),
    "services": World(carry=linear, services=True, season=0.3, steps=(3, 6, 12), holes=0.1, lagged=0.0, upward=True),
    "wrong edges": World(carry=linear, extra_edges=0.25),
}
_DAYS = World(  # fifty nodes, two or seven days at five minutes before one to four hours
    carry=linear, holes=0.03, constants=3, tail=6.0, nodes=(50, 51), history=(576, 2016), steps=(12, 24, 48)
)
BY_FAULT: dict[str, World] = {kind: replace(_DAYS, faults=(kind,)) for kind in ("shift", "spikes", "variance", "ramp")}
BY_FAULT["latency"] = replace(
    _DAYS, services=True, season=0.3, lagged=0.0, upward=True, tail=3.0, diluted=True, traffic=0.3, faults=("shift",)
)


def incident(world: World, seed: int) -> Incident:
    """One incident in which the target is anomalous; faults are drawn again until it is."""
    rng = np.random.default_rng(seed)
    while True:
        found = _attempt(world, rng)
        if found is not None:
            return found


def _attempt(world: World, rng: np.random.Generator) -> Incident | None:
    count = int(rng.integers(*world.nodes))
    parents = _graph(count, rng)
    target = count - 1 if rng.random() < 0.7 else int(rng.integers(count // 2, count))
    upstream = above(parents, target)
    if len(upstream) < 4:
        return None
    number = int(rng.choice([1, 2, 3], p=[0.75, 0.2, 0.05]))
    roots = [int(v) for v in rng.choice(sorted(upstream), size=min(number, len(upstream)), replace=False)]
    before, during = int(rng.choice(world.history)), int(rng.choice(world.steps))
    noise = _noise(world, count, before + during, rng)
    for node in np.flatnonzero(rng.random(count) < world.drift):
        noise[before:, node] += rng.uniform(0.5, 3.0) * rng.choice([-1.0, 1.0])  # other things change too, a little
    clean = noise.copy()
    for root in roots:
        _inject(noise[before:, root], world, rng)
    run = failures if world.failures else calls if world.services else sums
    state = rng.bit_generator.state
    values = run(world, parents, noise, rng)
    rng.bit_generator.state = state
    calm = run(world, parents, clean, rng)
    felt = np.abs(values[before:, target] - calm[before:, target]).max()
    if felt < 3.0 * values[:before, target].std() or not np.isfinite(values).all():
        return None
    return _reported(world, parents, values, before, target, roots, rng)


def _graph(count: int, rng: np.random.Generator) -> list[list[int]]:
    parents: list[list[int]] = []
    for node in range(count):
        most = (
            min(node, int(rng.choice([0, 1, 1, 2, 2, 3]))) if node < count - 1 else min(node, int(rng.integers(2, 6)))
        )
        low = max(0, node - max(6, count // 3))
        parents.append(sorted({int(p) for p in rng.integers(low, node, size=most)}) if most else [])
    return parents


def _noise(world: World, count: int, rows: int, rng: np.random.Generator) -> Array:
    noise = rng.standard_t(world.tail, size=(rows, count)) / np.sqrt(world.tail / (world.tail - 2.0))
    for node in range(count):
        memory = float(rng.choice([0.0, 0.5, 0.9]))
        for row in range(1, rows):
            noise[row, node] = memory * noise[row - 1, node] + np.sqrt(1 - memory**2) * noise[row, node]
    if world.season:
        day = np.sin(2 * np.pi * (np.arange(rows) / 144.0 + rng.random()))
        noise[:, : max(2, count // 8)] += world.season * day[:, np.newaxis]
    for _ in range(world.confounders):
        touched = rng.choice(count, size=max(3, count // 6), replace=False)
        noise[:, touched] += rng.uniform(0.5, 1.5, touched.size) * rng.standard_t(5, size=(rows, 1))
    return noise


def _inject(window: Array, world: World, rng: np.random.Generator) -> None:
    """Put a fault into the noise of one node, in place."""
    kind = "shift" if world.services or world.failures else str(rng.choice(world.faults))
    size = float(np.exp(rng.uniform(*np.log(world.size)))) * (1.0 if world.upward or rng.random() < 0.5 else -1.0)
    late = int(rng.integers(0, max(1, window.size // 3)))
    part = window[late:]
    if kind == "variance":
        part *= abs(size)
    elif kind == "spikes":
        part[rng.random(part.size) < 0.3] += size
        part[int(rng.integers(part.size))] += size
    elif kind == "ramp":
        part += size * np.linspace(0.3, 1.0, part.size)
    else:
        part += size


def _reported(
    world: World,
    parents: list[list[int]],
    values: Array,
    before: int,
    target: int,
    roots: list[int],
    rng: np.random.Generator,
) -> Incident:
    rows, count = values.shape
    plain = world.services or world.failures
    shown = values * np.exp(rng.uniform(-3, 3, count)) + (0.0 if plain else rng.uniform(-50, 50, count))
    names = [f"n{node:02d}" for node in range(count)]
    for node in np.flatnonzero(rng.random(count) < world.counters):
        if node != target:
            rise = shown[:, node] - shown[:before, node].min()
            shown[:, node] = np.cumsum(np.maximum(rise, 0.0)) + 1000.0
    for node in rng.choice(count, size=world.constants, replace=False):
        if node != target and node not in roots:
            shown[:, node] = round(float(shown[0, node]))
    shown[rng.random((rows, count)) < world.holes * rng.uniform(0.0, 2.0, count)] = np.nan
    edges = [(names[p], names[node]) for node in range(count) for p in parents[node]]
    hidden = {names[n] for n in np.flatnonzero(rng.random(count) < world.unseen) if n != target and n not in roots}
    if world.extra_edges:
        edges = [edge for edge in edges if rng.random() > 0.1]
        wrong = rng.integers(0, count, size=(int(world.extra_edges * len(edges)), 2))
        edges += [(names[min(a, b)], names[max(a, b)]) for a, b in wrong if a != b]
    listed = {node for edge in edges for node in edge}
    kept = [name for name in names if name not in hidden]
    columns = {name: shown[:, names.index(name)] for name in kept}
    return Incident(
        edges=sorted(set(edges) | ({(names[0], names[target])} if names[target] not in listed else set())),
        normal={name: series[:before] for name, series in columns.items()} | {"clock": np.arange(before, dtype=float)},
        anomalous={name: series[before:] for name, series in columns.items()},
        target=names[target],
        roots=frozenset(names[root] for root in roots),
        nodes=tuple(names),
    )
