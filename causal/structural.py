"""A small structural causal model over series: additive noise on a given graph, robust mechanisms, exact noises.

X_v = f_v(parents) + N_v with f_v linear or quadratic, fitted with a Student-t likelihood (causal.md 2.1 and 2.2).
Rows in which a node or one of its parents is missing are left out for that mechanism; nothing is filled. What cannot
be said is an answer of its own, `NotIdentifiable`, never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.faultgraph import FaultGraph
from causal.frames import Frame
from causal.mechanisms import NUS, StudentFit, fit_student, trust_of

Array = NDArray[np.float64]
Shape = Literal["linear", "quadratic"]
LEAST_ROWS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIdentifiable:
    """The question has no answer from these data: the node it fails at, and why, in a sentence that says what to do."""

    node: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """f_v of a node: `beta` over a one and the features of its `parents`; its noise is `scale` times t with `nu`.

    `rows` of shape (T,) tells which rows of the history it was fitted on, `fit` is all of the regression.
    """

    node: str
    parents: tuple[str, ...]
    shape: Shape
    fit: StudentFit
    rows: NDArray[np.bool_]

    @property
    def beta(self) -> Array:
        """Intercept first, then one coefficient a feature."""
        return self.fit.beta

    def predict(self, parents: Array) -> Array:
        """f_v of parents (..., k): shape (...).

        Term by term, so that a row's value does not depend on how many rows are asked for: ties stay ties.
        """
        count, rest = len(self.parents), iter(self.beta[len(self.parents) + 1 :])
        answer: Array = np.full(parents.shape[:-1], self.beta[0])
        factor, term = np.empty_like(answer), np.empty_like(answer)
        for i in range(count):
            if self.shape == "quadratic":
                np.multiply(parents[..., i], next(rest), out=factor)
                factor += self.beta[i + 1]
                for j in range(i + 1, count):
                    factor += np.multiply(parents[..., j], next(rest), out=term)
                factor *= parents[..., i]
                answer += factor
            else:
                answer += np.multiply(parents[..., i], self.beta[i + 1], out=term)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuralModel:
    """Fitted mechanisms of the target and its ancestors, in causal `order`; the target is the last of them."""

    target: str
    order: tuple[str, ...]
    mechanisms: Mapping[str, Mechanism]

    @property
    def linear(self) -> bool:
        """Whether every mechanism is linear."""
        return all(mechanism.shape == "linear" for mechanism in self.mechanisms.values())

    def positions(self, node: str) -> list[int]:
        """Places of a node's parents in `order`."""
        return [self.order.index(parent) for parent in self.mechanisms[node].parents]

    def noise_of(self, values: Array) -> Array:
        """N of rows of values, both (..., nodes) in `order`; nan where a node or a parent is missing."""
        noise = np.empty_like(values)
        for place, node in enumerate(self.order):
            noise[..., place] = values[..., place] - self.mechanisms[node].predict(values[..., self.positions(node)])
        return noise

    def values_of(self, noise: Array, held: Mapping[str, float] | None = None) -> Array:
        """The values that rows of noise (..., nodes) bring about, with the nodes of `held` set from outside."""
        values = np.empty_like(noise)
        for place, node in enumerate(self.order):
            if held and node in held:
                values[..., place] = held[node]
            else:
                values[..., place] = (
                    self.mechanisms[node].predict(values[..., self.positions(node)]) + noise[..., place]
                )
        return values

    def counterfactual(self, values: Array, held: Mapping[str, float]) -> Array:
        """What rows of values would have been with the nodes of `held` set to a value: same noise, the rest follows."""
        return self.values_of(self.noise_of(values), held)

    def weights(self) -> Array:
        """W[v, p] of a linear model, (nodes, nodes) in `order`. Raises ValueError when a mechanism is not linear."""
        if not self.linear:
            raise ValueError(
                "a quadratic mechanism has no single weight an edge; use the attribution of nonlinear models"
            )
        weights = np.zeros((len(self.order), len(self.order)))
        for place, node in enumerate(self.order):
            weights[place, self.positions(node)] = self.mechanisms[node].beta[1:]
        return weights

    def transmission(self) -> Array:
        """a_v, what one unit of each node's noise does to the target, (nodes,): the target's row of (I - W)^-1."""
        answer: Array = transmission_of(self.weights()[np.newaxis])[0]
        return answer


def transmission_of(weights: Array) -> Array:
    """a of batches of weights (B, n, n) in causal order, target last: (B, n); a sum over paths, backwards."""
    nodes = weights.shape[1]
    effect = np.zeros(weights.shape[:2])
    effect[:, -1] = 1.0
    for place in range(nodes - 2, -1, -1):
        effect[:, place] = np.einsum("bv,bv->b", effect[:, place + 1 :], weights[:, place + 1 :, place])
    return effect


def design(shape: Shape, parents: Array) -> Array:
    """A one, the parents (..., k), and for `quadratic` all their products of two: (..., features + 1)."""
    count = parents.shape[-1]
    columns = [np.ones(parents.shape[:-1]), *(parents[..., i] for i in range(count))]
    if shape == "quadratic":
        columns += [parents[..., i] * parents[..., j] for i in range(count) for j in range(i, count)]
    return np.stack(columns, axis=-1)


def fit_structural(
    graph: FaultGraph,
    history: Frame,
    target: str,
    shapes: Mapping[str, Shape] | None = None,
    nus: Sequence[float] = NUS,
) -> StructuralModel | NotIdentifiable:
    """Fit the mechanisms of the target and its ancestors on the rows of `history`.

    `shapes` names the nodes whose mechanism is quadratic; the others are linear. The degrees of freedom of each noise
    are the best of `nus`. NotIdentifiable when the target or one
    of its ancestors has no series, or one of their mechanisms fewer than 60 rows without a gap.
    """
    above = graph.ancestors(target)
    order = tuple(node for node in graph.order if node in above)
    order = (*(node for node in order if node != target), target)
    missing = [node for node in (target, *order) if history.column(node) is None]
    if missing:
        what = "the target" if missing[0] == target else "an ancestor of the target"
        return NotIdentifiable(node=missing[0], reason=f"{missing[0]!r}, {what}, has no series; add it to the data")
    mechanisms: dict[str, Mechanism] = {}
    for node in order:
        fitted = _fit(node, graph.parents[node], history, (shapes or {}).get(node, "linear"), nus)
        if isinstance(fitted, NotIdentifiable):
            return fitted
        mechanisms[node] = fitted
    return StructuralModel(target=target, order=order, mechanisms=mechanisms)


def _fit(
    node: str, parents: tuple[str, ...], history: Frame, shape: Shape, nus: Sequence[float]
) -> Mechanism | NotIdentifiable:
    own = history.values[:, history.columns.index(node)]
    causes = history.values[:, [history.columns.index(parent) for parent in parents]]
    rows = ~np.isnan(own) & ~np.isnan(causes).any(axis=1)
    found = int(rows.sum())
    if found < LEAST_ROWS:
        reason = f"{node!r} and its causes have {found} rows in common, {LEAST_ROWS} are needed; give a longer history"
        return NotIdentifiable(node=node, reason=reason)
    full = design(shape, causes[rows])
    if np.linalg.matrix_rank(full) < full.shape[1]:
        reason = f"the causes of {node!r} determine each other or do not move; leave one of them out of the graph"
        return NotIdentifiable(node=node, reason=reason)
    fit = fit_student(full, own[rows], nus=nus, trust=trust_of(causes[rows]))
    return Mechanism(node=node, parents=parents, shape=shape, fit=fit, rows=rows)
