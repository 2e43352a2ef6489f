"""What systems are like: graphs, what their edges pass on and when, and services with several metrics each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tests.accuracy.fault_kinds import WHOLE, Fault, injected

Array = NDArray[np.float64]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What an edge passes on: `weight`, `link` (one of `LINKS`), after `lag` rows."""

    weight: float
    link: str
    lag: int


LINKS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "tanh": lambda x: 3.0 * np.tanh(x / 3.0),
    "bent": lambda x: x + 0.1 * x * np.abs(x).clip(0.0, 30.0),
    "gate": lambda x: 1.5 * np.sign(x) * np.maximum(np.abs(x) - 2.5, 0.0),
    "above": lambda x: np.maximum(x - 1.5, 0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Nodes in causal order with their ways in; `scale` of each node's own noise; what may break, and how."""

    parents: list[dict[int, Way]]
    scale: Array
    target: int
    breakable: frozenset[int]
    faults: dict[int, tuple[str, ...]] = field(default_factory=dict)
    upward: bool = False

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.parents)

    def run(self, noise: Array, faults: dict[int, Fault], start: int) -> Array:
        """All series, (rows, nodes), with faults from row `start` on."""
        values = np.zeros_like(noise)
        for node, ways in enumerate(self.parents):
            own, fault = noise[:, node], faults.get(node)
            if fault is not None and fault.kind not in WHOLE:
                own = injected(fault, own, start)
            total = self.scale[node] * own
            for parent, way in ways.items():
                sent = values[:, parent] if way.lag == 0 else np.r_[np.zeros(way.lag), values[: -way.lag, parent]]
                total = total + way.weight * LINKS[way.link](sent)
            if fault is not None and fault.kind in WHOLE:
                spread = total[:start].std()
                total = spread * injected(fault, total / spread, start)
            values[:, node] = total
        return values


def above(parents: Sequence[Iterable[int]], target: int) -> set[int]:
    """The target and all from which a path leads to it."""
    found, waiting = {target}, [target]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def _way(rng: Rng, link: str, lags: tuple[int, ...]) -> Way:
    weight = float(rng.uniform(0.4, 1.2)) * (1.0 if rng.random() < 0.75 else -1.0)
    return Way(weight=weight, link=link, lag=int(rng.choice(lags)))


def _system(rng: Rng, causes: list[list[int]], target: int, link: str, lags: tuple[int, ...]) -> System:
    count = len(causes)
    return System(
        parents=[{parent: _way(rng, link, lags) for parent in sorted(set(own))} for own in causes],
        scale=np.exp(rng.uniform(-1.0, 1.0, count)),
        target=target,
        breakable=frozenset(range(count)),
    )


def chain(rng: Rng, nodes: tuple[int, int], link: str, lags: tuple[int, ...]) -> System:
    """One after the other; the last is the target."""
    count = int(rng.integers(*nodes))
    return _system(rng, [[node - 1] if node else [] for node in range(count)], count - 1, link, lags)


def tree(rng: Rng, nodes: tuple[int, int], link: str, lags: tuple[int, ...]) -> System:
    """Branches that run together in the target, as calls do; each node has up to three causes and one effect."""
    count = int(rng.integers(*nodes))
    causes: list[list[int]] = [[] for _ in range(count)]
    for node in range(count - 1):
        open_ = [later for later in range(node + 1, min(count, node + 9)) if len(causes[later]) < 3]
        causes[int(rng.choice(open_ or [count - 1]))].append(node)
    return _system(rng, causes, count - 1, link, lags)


def layers(rng: Rng, nodes: tuple[int, int], link: str, lags: tuple[int, ...]) -> System:
    """Four or five layers, each node with one to three causes in the one before; the target is the last."""
    count, depth = int(rng.integers(*nodes)), int(rng.integers(4, 6))
    layer = np.sort(rng.integers(0, depth, count))
    layer[0], layer[-1] = 0, depth
    causes: list[list[int]] = []
    for node in range(count):
        before = np.flatnonzero(layer[:node] == layer[:node].max(where=layer[:node] < layer[node], initial=-1))
        size = min(before.size, int(rng.integers(1, 4)) if node < count - 1 else 4)
        causes.append([int(p) for p in rng.choice(before, size=size, replace=False)] if size else [])
    return _system(rng, causes, count - 1, link, lags)


def random(rng: Rng, nodes: tuple[int, int], link: str, lags: tuple[int, ...]) -> System:
    """Up to three causes among those not far before; the target is one of the last, mostly a leaf."""
    count = int(rng.integers(*nodes))
    reach = max(6, count // 3)
    causes = []
    for node in range(count):
        size = min(node, int(rng.choice([0, 1, 1, 2, 3])) if node < count - 1 else 4)
        causes.append([int(p) for p in rng.integers(max(0, node - reach), node, size)] if size else [])
    target = count - 1 if rng.random() < 0.8 else int(rng.integers(2 * count // 3, count))
    return _system(rng, causes, target, link, lags)


METRICS = ("load", "cpu", "memory", "latency", "errors")


def stack(rng: Rng, nodes: tuple[int, int], _link: str, _lags: tuple[int, ...]) -> System:
    """Services that call others, each with five metrics; load flows down the calls, waiting and failures flow up.

    Causal order: loads from the first service on, then the rest from the last one called. The target is the latency
    (or the errors) of the first service.
    """
    services = int(rng.integers(*nodes))
    caller = [
        [int(p) for p in set(rng.integers(max(0, s - 5), s, int(rng.choice([1, 1, 2]))))] if s else []
        for s in range(services)
    ]
    number = {("load", s): s for s in range(services)}
    for s in reversed(range(services)):
        for metric in METRICS[1:]:
            number[metric, s] = len(number)
    parents: list[dict[int, Way]] = [{} for _ in number]

    def way(cause: tuple[str, int], effect: tuple[str, int], low: float, high: float, link: str = "linear") -> None:
        lag = int(rng.choice([0, 0, 0, 1]))
        parents[number[effect]][number[cause]] = Way(weight=float(rng.uniform(low, high)), link=link, lag=lag)

    for s in range(services):
        way(("load", s), ("cpu", s), 0.4, 1.0)
        way(("load", s), ("memory", s), 0.0, 0.3)
        way(("cpu", s), ("latency", s), 0.2, 0.7, str(rng.choice(["linear", "above"])))
        way(("memory", s), ("latency", s), 0.2, 0.7, "above")
        way(("latency", s), ("errors", s), 0.1, 0.6, "above")
        for c in caller[s]:
            way(("load", c), ("load", s), 0.5, 1.0)
            way(("latency", s), ("latency", c), 0.2, 0.9)
            way(("errors", s), ("errors", c), 0.3, 1.0)
    wanted = str(rng.choice(["latency", "latency", "errors"]))
    faults = {
        "cpu": ("shift", "saturation"),
        "memory": ("drift", "shift"),
        "latency": ("shift", "variance"),
        "errors": ("shift", "spikes"),
        "load": ("shift", "drift"),
    }
    return System(
        parents=parents,
        scale=np.exp(rng.uniform(-0.7, 0.7, len(number))),
        target=number[wanted, 0],
        breakable=frozenset(number.values()),
        faults={place: faults[metric] for (metric, _), place in number.items()},
        upward=True,
    )


SHAPES: dict[str, Callable[[Rng, tuple[int, int], str, tuple[int, ...]], System]] = {
    "chain": chain,
    "tree": tree,
    "layers": layers,
    "random": random,
    "stack": stack,
}
