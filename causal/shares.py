"""How much of the target's move comes from which node, and along which path: signed, exact, with an interval.

For a linear model the share of node v is a_v n_v: its noise on the day times what a unit of it does to the target
(causal.md 2.1). That is the Shapley value of E[Y | noises in S set to the day's], it needs no sampling, and it splits
over directed paths as a_v does. Shares add up to the move less its mean. Bands are Bayesian bootstraps (Rubin 1981).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from causal.faultgraph import FaultGraph, fault_graph
from causal.frames import Frame, Tabular, read_frame
from causal.mechanisms import NUS
from causal.structural import NotIdentifiable, StructuralModel, design, fit_structural, transmission_of

Array = NDArray[np.float64]
DRAWS = 500
MOST_PATHS = 2_000
BAND = (5.0, 95.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A node's part of the move, in the target's units, with the 5 % to 95 % band of the bootstrap.

    `noise` is what the node did beyond its causes, in its own units; `effect` what one unit of that does to the target.
    """

    node: str
    share: float
    low: float
    high: float
    noise: float
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PathShare:
    """The part of the move that the first node's noise brought along one directed path to the target."""

    path: tuple[str, ...]
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShare:
    """What several nodes brought together: the band of their sum is not the sum of their bands."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAttribution:
    """move - mean = sum of `nodes` = sum of `paths`; largest share first. `rows` is the least that a mechanism had.

    With more than 2,000 paths `paths` is empty and `path_count` says how many there are. `groups` are the sums of
    nodes that were asked for, by name.
    """

    target: str
    move: float
    mean: float
    nodes: tuple[Share, ...]
    paths: tuple[PathShare, ...]
    path_count: int
    rows: int
    groups: Mapping[str, GroupShare] = field(default_factory=dict)


def attribute_move(  # noqa: PLR0917 - the draws come last and are rarely given
    graph: Iterable[tuple[str, str]],
    history: Tabular,
    day: Mapping[str, float],
    target: str,
    rng: np.random.Generator,
    draws: int = DRAWS,
    groups: Mapping[str, Collection[str]] | None = None,
    nus: Sequence[float] = NUS,
) -> MoveAttribution | NotIdentifiable:
    """Attribute the target's value on a `day` (node -> value) under a linear model fitted on `history`.

    `history` must not hold the day itself; its rows are times, its columns nodes (as in `rank_root_causes`). `groups`
    name sets of nodes whose sum is wanted with its own band; nodes that are no ancestor of the target add nothing.
    `nus` are the degrees of freedom that the noises may have.
    NotIdentifiable when the target or an ancestor of it has no series or no value on the day, or fewer than 60 rows
    can be used. Raises InvalidGraphError and InvalidTableError on input that is none.
    """
    checked = fault_graph(graph, target)
    frame = read_frame(history, checked.order, name="history")
    model = fit_structural(checked, frame, target, nus=nus)
    if isinstance(model, NotIdentifiable):
        return model
    values = np.array([day.get(node, np.nan) for node in model.order], dtype=np.float64)
    unknown = [node for node, value in zip(model.order, values, strict=True) if not np.isfinite(value)]
    if unknown:
        return NotIdentifiable(node=unknown[-1], reason=f"{unknown[-1]!r} has no value on the day; give one")
    weights, intercepts = drawn_mechanisms(model, frame, rng, draws)
    found, shares = _attributed(checked, model, values, weights, intercepts)
    return replace(found, groups={name: _sum(model, shares, nodes) for name, nodes in (groups or {}).items()})


def _sum(model: StructuralModel, shares: Array, nodes: Collection[str]) -> GroupShare:
    together = shares[:, [place for place, node in enumerate(model.order) if node in nodes]].sum(axis=1)
    low, high = np.percentile(together[1:], BAND)
    return GroupShare(share=float(together[0]), low=float(low), high=float(high))


def _attributed(
    graph: FaultGraph, model: StructuralModel, values: Array, weights: Array, intercepts: Array
) -> tuple[MoveAttribution, Array]:
    """The shares, and all draws of them (1 + draws, n): entry 0 is the fit itself."""
    noise = values - intercepts - np.einsum("bvp,p->bv", weights, values)
    effect = transmission_of(weights)
    shares = effect * noise
    low, high = np.percentile(shares[1:], BAND, axis=0)
    order = np.argsort(-np.abs(shares[0]), kind="stable")
    count, paths = _paths(graph, model)
    found = MoveAttribution(
        target=model.target,
        move=float(values[-1]),
        mean=float(effect[0] @ intercepts[0]),
        nodes=tuple(
            Share(
                node=model.order[v],
                share=float(shares[0, v]),
                low=float(low[v]),
                high=float(high[v]),
                noise=float(noise[0, v]),
                effect=float(effect[0, v]),
            )
            for v in order
        ),
        paths=_path_shares(model, paths, weights, noise),
        path_count=count,
        rows=min(int(mechanism.rows.sum()) for mechanism in model.mechanisms.values()),
    )
    return found, shares


def drawn_mechanisms(model: StructuralModel, frame: Frame, rng: np.random.Generator, draws: int) -> tuple[Array, Array]:
    """W and intercepts of the fit and of each draw, (1 + draws, n, n) and (1 + draws, n).

    A draw gives every row of the history a weight ~ Exp(1), the same in all mechanisms, on top of the t-fit's weights;
    what that moves is stretched to what it would be, were those found anew (`StudentFit.stretch`).
    """
    nodes = len(model.order)
    weights, intercepts = np.zeros((1 + draws, nodes, nodes)), np.zeros((1 + draws, nodes))
    luck = rng.exponential(size=(draws, frame.rows))
    columns = [frame.columns.index(node) for node in model.order]
    for place, node in enumerate(model.order):
        mechanism, parents = model.mechanisms[node], model.positions(node)
        full = frame.values[mechanism.rows][:, columns]
        x, y = design("linear", full[:, parents]), full[:, place]
        drawn, weight = luck[:, mechanism.rows], (mechanism.fit.trust * mechanism.fit.weights)[:, np.newaxis]
        width = x.shape[1]
        gram = (drawn @ ((x[:, :, np.newaxis] * x[:, np.newaxis, :]).reshape(-1, width * width) * weight)).reshape(
            -1, width, width
        )
        right = drawn @ (x * y[:, np.newaxis] * weight)
        step = np.linalg.solve(gram, right[..., np.newaxis])[..., 0] - mechanism.beta
        beta = np.vstack([mechanism.beta, mechanism.beta + mechanism.fit.stretch * step])
        intercepts[:, place] = beta[:, 0]
        weights[:, place, parents] = beta[:, 1:]
    return weights, intercepts


def _paths(graph: FaultGraph, model: StructuralModel) -> tuple[int, list[tuple[str, ...]]]:
    """How many directed paths lead to the target, from itself on, and all of them unless they are too many."""
    count = dict.fromkeys(model.order, 0) | {model.target: 1}
    children: dict[str, list[str]] = {node: [] for node in model.order}
    for node in reversed(model.order):
        for parent in graph.parents[node]:
            children[parent].append(node)
            count[parent] += count[node]
    total = sum(count.values())
    if total > MOST_PATHS:
        return total, []
    found: dict[str, list[tuple[str, ...]]] = {model.target: [(model.target,)]}
    for node in reversed(model.order[:-1]):
        found[node] = [(node, *rest) for child in sorted(children[node]) for rest in found[child]]
    return total, [path for paths in found.values() for path in paths]


def _path_shares(
    model: StructuralModel, paths: list[tuple[str, ...]], weights: Array, noise: Array
) -> tuple[PathShare, ...]:
    place = {node: position for position, node in enumerate(model.order)}
    answer = []
    for path in paths:
        share = noise[:, place[path[0]]].copy()
        for cause, effect in itertools.pairwise(path):
            share *= weights[:, place[effect], place[cause]]
        low, high = np.percentile(share[1:], BAND)
        answer.append(PathShare(path=path, share=float(share[0]), low=float(low), high=float(high)))
    return tuple(sorted(answer, key=lambda one: (-abs(one.share), one.path)))
