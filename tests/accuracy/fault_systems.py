"""How simulated systems of series behave: sums of what causes pass on, or services that wait for those they call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How a system behaves: `carry(x, w, bend)` is what an edge passes on, the rest what is wrong with its data."""

    carry: Callable[[Array, float, float], Array]
    tail: float = 8.0
    season: float = 0.0
    confounders: int = 0
    unseen: float = 0.0
    holes: float = 0.0
    counters: float = 0.0
    constants: int = 0
    services: bool = False
    failures: bool = False
    traffic: float = 0.0
    diluted: bool = False
    steps: tuple[int, ...] = (1, 3, 6, 20, 60, 200)
    upward: bool = False
    lagged: float = 0.2
    size: tuple[float, float] = (4.0, 30.0)
    drift: float = 0.1
    extra_edges: float = 0.0
    nodes: tuple[int, int] = (10, 45)
    history: tuple[int, ...] = (150, 300, 1000)
    faults: tuple[str, ...] = ("shift", "shift", "shift", "variance", "spikes", "ramp")


def linear(x: Array, w: float, _bend: float) -> Array:
    """In proportion."""
    return w * x


def bent(x: Array, w: float, bend: float) -> Array:
    """Saturating, one-sided or convex."""
    if bend < 0.4:
        return 3.0 * w * np.tanh(x / 3.0)
    return w * np.logaddexp(0.0, 1.5 * x) if bend < 0.7 else w * (x + 0.15 * x * np.abs(x))


def gated(x: Array, w: float, bend: float) -> Array:
    """Nothing in normal time, everything beyond."""
    return 1.3 * abs(w) * np.maximum(x - 2.0 - bend, 0.0)


def sums(world: World, parents: list[list[int]], noise: Array, rng: np.random.Generator) -> Array:
    """Each node its noise and what its causes pass on, some of it a row or two later: (rows, nodes)."""
    rows, count = noise.shape
    values = np.zeros((rows, count))
    for node in range(count):
        total = noise[:, node] * np.exp(rng.uniform(-1.2, 1.2))
        for parent in parents[node]:
            weight = float(rng.uniform(0.4, 1.2)) * (1.0 if rng.random() < 0.7 else -1.0)
            lag = int(rng.integers(1, 3)) if rng.random() < world.lagged else 0
            sent = values[:, parent] if lag == 0 else np.r_[np.zeros(lag), values[:-lag, parent]]
            total += world.carry(sent, weight, float(rng.random()))
        values[:, node] = total
    return values


def calls(world: World, parents: list[list[int]], noise: Array, rng: np.random.Generator) -> Array:
    """Mean waiting times of services: their own work and a share of that of those they call; (rows, services).

    Excursions beyond four are a fault: a delay. `traffic` slows all of them to different extents, for a while.
    """
    rows, count = noise.shape
    values = np.zeros((rows, count))
    busy = world.traffic * np.repeat(rng.standard_normal(rows // 40 + 2), 40)[:rows]
    for node in range(count):
        base, wobble = np.exp(rng.uniform(0, 4)), rng.uniform(0.05, 0.5) if world.diluted else 0.2
        work = base * np.exp(wobble * noise[:, node].clip(-3, 3) + rng.uniform(0.0, 0.6) * busy)
        delay = rng.uniform(0.2, 3.0) * base * np.maximum(np.abs(noise[:, node]) - 4.0, 0.0)
        share = [rng.uniform(0.02, 1.0) if world.diluted else rng.uniform(0.2, 1.0) for _ in parents[node]]
        waited = sum((w * values[:, p] for w, p in zip(share, parents[node], strict=True)), np.zeros(rows))
        values[:, node] = work + delay + waited
    return values


def failures(_world: World, parents: list[list[int]], noise: Array, rng: np.random.Generator) -> Array:
    """Availability of services in percent: their own failures and a share of those of the services they call.

    Most never fail in normal time, so that their series are constant. Excursions beyond four are a fault.
    """
    rows, count = noise.shape
    failing, shown = np.zeros((rows, count)), np.zeros((rows, count))
    for node in range(count):
        base = 0.0 if rng.random() < 0.6 else float(np.exp(rng.uniform(-9.0, -5.0)))
        own = base * np.exp(0.5 * noise[:, node].clip(-3, 3)) + 0.03 * np.maximum(np.abs(noise[:, node]) - 5.0, 0.0)
        fine = 1.0 - own.clip(0.0, 0.95)
        for parent in parents[node]:
            fine *= 1.0 - rng.uniform(0.05, 1.0) * failing[:, parent]
        failing[:, node] = 1.0 - fine
        asked = np.exp(rng.uniform(3.0, 9.0) + 0.2 * rng.standard_normal(rows)).astype(int) + 5
        shown[:, node] = 100.0 * (1.0 - rng.binomial(asked, failing[:, node]) / asked)
    return shown
