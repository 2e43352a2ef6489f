"""Our graph and mechanisms as objects of DoWhy: quiet, in one process, with its global luck set by a seed.

Only `causal/oracle*.py` know DoWhy, and only a process of its own loads them (api/checkworker.py): it takes seconds and
300 MB, and its luck is the global state of NumPy, which two requests in one process would share.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.checkresults import CheckAsk, CheckResult, not_run
from causal.faultgraph import fault_graph
from causal.frames import Frame
from causal.structural import Mechanism, NotIdentifiable, StructuralModel, fit_structural

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it stands on
    import networkx as nx
    from dowhy import gcm
    from dowhy.gcm.util.general import set_random_seed

Array = NDArray[np.float64]
gcm.config.disable_progress_bars()
gcm.config.set_default_n_jobs(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One question made ready: DoWhy's graph and data (whole rows of the target's ancestors alone), our model.

    `rows` (n,) are the rows of the question's history that `data` holds.
    """

    ask: CheckAsk
    graph: Any
    data: Any
    rows: NDArray[np.int64]
    model: StructuralModel

    @property
    def n(self) -> int:
        """Rows that every check uses."""
        return len(self.data)

    def seeded(self) -> None:
        """Set the global luck; each check begins so, whichever were run before it."""
        set_random_seed(self.ask.seed)

    def found(self, name: str, subject: str, outcome: Any, words: str, **numbers: Any) -> CheckResult:
        """A result on all rows with the seed noted."""
        result = CheckResult(name=name, subject=subject, outcome=outcome, words=words, n=self.n, seed=self.ask.seed)
        return replace(result, **numbers)


def bench(ask: CheckAsk) -> Bench | NotIdentifiable:
    """Fit our model on the whole rows, and put DoWhy's graph and data beside it."""
    graph = fault_graph(ask.edges, ask.target)
    above = graph.ancestors(ask.target)
    edges = tuple((cause, effect) for cause, effect in graph.edges if effect in above and cause in above)
    kept = tuple(column for column in ask.columns if column in above)
    values = np.array(ask.history, dtype=np.float64)[:, [ask.columns.index(column) for column in kept]]
    whole = np.isfinite(values).all(axis=1)
    model = fit_structural(fault_graph(edges, ask.target), Frame(columns=kept, values=values[whole]), ask.target)
    if isinstance(model, NotIdentifiable):
        return model
    data = pd.DataFrame(values[whole], columns=list(kept))
    return Bench(ask=ask, graph=nx.DiGraph(edges), data=data, rows=np.flatnonzero(whole), model=model)


class _Ours(gcm.ml.PredictionModel):  # type: ignore[misc]
    """A mechanism that was fitted by us; DoWhy's fit leaves it as it is."""

    def __init__(self, mechanism: Mechanism, order: list[int]) -> None:
        self._mechanism, self._order = mechanism, order

    def fit(self, X: Array, Y: Array) -> None:
        """Nothing: the mechanism is fitted."""

    def predict(self, X: Array) -> Array:
        """f of rows of parents, (n, 1)."""
        return self._mechanism.predict(np.asarray(X, dtype=np.float64)[:, self._order]).reshape(-1, 1)

    def clone(self) -> _Ours:
        """The same mechanism."""
        return _Ours(self._mechanism, self._order)


def structural(made: Bench) -> Any:
    """A model of DoWhy with our mechanisms; noises are drawn from the residuals, roots from their values."""
    model = gcm.InvertibleStructuralCausalModel(made.graph)
    for node in made.graph.nodes:
        mechanism = made.model.mechanisms[node]
        if not mechanism.parents:
            model.set_causal_mechanism(node, gcm.EmpiricalDistribution())
            continue
        theirs = sorted(mechanism.parents)  # DoWhy orders parents by name
        order = [theirs.index(parent) for parent in mechanism.parents]
        model.set_causal_mechanism(node, gcm.AdditiveNoiseModel(_Ours(mechanism, order), gcm.EmpiricalDistribution()))
    gcm.fit(model, made.data)
    return model


def cannot(name: str, subject: str, why: NotIdentifiable) -> CheckResult:
    """A check that the data do not allow."""
    return not_run(name, subject, why.reason)
