"""DoWhy beside us on the same mechanisms and the same luck: its own fit, its own draws, its own orders of joining.

DoWhy takes its luck from NumPy's global state. `luck_of` goes through the same calls as its attribution does, with the
same seed, and keeps what comes out.
"""

from __future__ import annotations

import itertools
import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from causal.faultgraph import fault_graph
from causal.mechanisms import StudentFit
from causal.structural import Mechanism, StructuralModel

Array = NDArray[np.float64]
Shape = Literal["linear", "quadratic"]
DRAWS, ORDERS, MOST_EXACT = 3000, 25, 5  # DoWhy's defaults


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A model of DoWhy, ours with the same mechanisms, the history they were fitted on and an anomalous row."""

    theirs: Any
    ours: StructuralModel
    history: Any
    anomaly: Any

    @property
    def row(self) -> Array:
        """The anomaly in our order."""
        return self.anomaly[list(self.ours.order)].to_numpy()[0].copy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
    """DoWhy's draws of our model's noises (M, n), and its orders of joining (P, n); None where it looks at all."""

    noise: Array
    orders: NDArray[np.int64] | None


def gcm() -> Any:
    """DoWhy's module, quiet and in one process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from dowhy import gcm as module
    module.config.disable_progress_bars()
    module.config.set_default_n_jobs(1)
    return module


def a_pair(nodes: int, rows: int, seed: int, shape: Shape = "linear") -> Pair:
    """A made-up graph with mechanisms fitted by DoWhy; every node is an ancestor of the last."""
    import networkx as nx
    import pandas as pd
    from dowhy.gcm.ml import create_linear_regressor, create_polynom_regressor

    module, rng = gcm(), np.random.default_rng(seed)
    names = [f"v{i:02d}" for i in range(nodes)]
    edges = _edges(names, rng)
    table = _series(names, edges, rows, rng, bent=shape == "quadratic")
    graph = nx.DiGraph(edges)
    theirs = module.InvertibleStructuralCausalModel(graph)
    for name in names:
        make = create_linear_regressor if shape == "linear" else create_polynom_regressor
        root = not list(graph.predecessors(name))
        theirs.set_causal_mechanism(name, module.EmpiricalDistribution() if root else module.AdditiveNoiseModel(make()))
    history = pd.DataFrame(table)
    module.fit(theirs, history)
    anomaly = history.iloc[[0]] * 0.0 + {name: float(rng.normal(0, 2)) for name in names}
    anomaly[names[-1]] += 6.0
    return Pair(theirs=theirs, ours=_ours(theirs, edges, names[-1], shape), history=history, anomaly=anomaly)


def luck_of(pair: Pair, seed: int) -> Luck:
    """What `dowhy.gcm.attribute_anomalies` draws when the global state is seeded so."""
    from dowhy.gcm._noise import noise_samples_of_ancestors
    from dowhy.gcm.stats import permute_features
    from dowhy.gcm.util.general import set_random_seed
    from scipy.stats import qmc

    model, players = pair.ours, len(pair.ours.order)
    set_random_seed(seed)
    _, drawn = noise_samples_of_ancestors(pair.theirs, model.target, DRAWS)
    noise = drawn[list(model.order)].to_numpy().copy()
    roots = [place for place, node in enumerate(model.order) if not model.mechanisms[node].parents]
    noise[:, roots] -= [model.mechanisms[model.order[place]].beta[0] for place in roots]
    if players <= MOST_EXACT:
        return Luck(noise=noise, orders=None)
    for permuted in (np.array([], dtype=np.int64), np.arange(players)):  # all players, then none
        permute_features(noise, permuted, True)
    halton = qmc.Halton(players, seed=int(np.random.randint(np.iinfo(np.int32).max)))
    count = min(math.factorial(players), ORDERS)
    theirs_to_ours = [model.order.index(node) for node in _players(pair)]
    orders = np.array([np.argsort(halton.random(1))[0] for _ in range(count)])
    return Luck(noise=noise, orders=np.asarray(theirs_to_ours)[orders])


def attributed_by_dowhy(pair: Pair, seed: int, **options: Any) -> dict[str, float]:
    """`dowhy.gcm.attribute_anomalies` with that seed."""
    from dowhy.gcm.util.general import set_random_seed

    module = gcm()
    set_random_seed(seed)
    found = module.attribute_anomalies(pair.theirs, pair.ours.target, pair.anomaly, **options)
    return {node: float(values[0]) for node, values in found.items()}


def _players(pair: Pair) -> list[str]:
    from dowhy.gcm._noise import get_noise_dependent_function

    return list(get_noise_dependent_function(pair.theirs, pair.ours.target)[1])


def _edges(names: list[str], rng: np.random.Generator) -> list[tuple[str, str]]:
    count = len(names)
    pairs = list(itertools.combinations(range(count), 2))
    kept = [(a, b) for a, b in pairs if rng.random() < min(0.4, 2.2 / max(1, b))]
    kept += [
        (a, min(a + 1 + int(rng.integers(3)), count - 1)) for a in range(count - 1) if not any(a == c for c, _ in kept)
    ]
    return [(names[a], names[b]) for a, b in sorted(set(kept))]


def _series(
    names: list[str], edges: list[tuple[str, str]], rows: int, rng: np.random.Generator, *, bent: bool
) -> dict[str, Array]:
    table: dict[str, Array] = {}
    for name in names:
        value = rng.standard_t(5, rows)
        for cause, effect in edges:
            if effect == name:
                value = value + rng.uniform(0.3, 0.8) * table[cause]
                if bent:
                    value = value + 0.05 * np.minimum(table[cause] ** 2, 9.0)
        table[name] = value
    return table


def _ours(theirs: Any, edges: list[tuple[str, str]], target: str, shape: Shape) -> StructuralModel:
    """The same mechanisms in our form; a root's is its mean."""
    graph = fault_graph(edges, target)
    order = (*(node for node in graph.order if node != target), target)
    mechanisms = {}
    for node in order:
        parents = tuple(theirs.graph.predecessors(node))
        parents = tuple(sorted(parents))
        if parents:
            fitted = theirs.causal_mechanism(node).prediction_model.sklearn_model
            last = fitted if shape == "linear" else fitted[-1]
            beta = np.concatenate([[float(np.ravel(last.intercept_)[0])], np.ravel(last.coef_)])
        else:
            beta = np.array([float(theirs.causal_mechanism(node).data.mean())])
        fit = StudentFit(
            beta=beta,
            scale=1.0,
            nu=30.0,
            weights=np.ones(1),
            trust=np.ones(1),
            information=np.eye(beta.size),
            log_likelihood=0.0,
        )
        kind: Shape = shape if parents else "linear"
        mechanisms[node] = Mechanism(node=node, parents=parents, shape=kind, fit=fit, rows=np.ones(1, dtype=bool))
    return StructuralModel(target=target, order=order, mechanisms=mechanisms)
