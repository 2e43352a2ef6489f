"""How anomalies travel: the exact posterior of who began, given the densities of what is seen at each node.

Each node v has an anomaly A_v, on when its own mechanism changed (R_v, a root cause) or when the anomaly of a parent
came along an edge (T_pv), each edge by itself: the leaky noisy-or of `causal/gates.py`, with R_v for the leak. What is
seen at a node weighs by `causal/travelterms.py`; where several parents sent, by the mean of their densities.

Posteriors are exact by `causal/network.py`: sum of the product with a factor limited to R_v or T_pv, over that without.
Where the graph is too dense for that the nodes whose own series are most decisive are taken as certain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import NetworkTooWideError
from causal.faultgraph import Edge, FaultGraph
from causal.network import Factor, Plan, compile_plan
from causal.travelsettings import TravelMethod

Array = NDArray[np.float64]
MOST_ENTRIES = 4_000_000  # of the largest table, over the batch
ROWS = 64  # of the batch that are held at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Log densities of what is seen at a node, all 0 where nothing is.

    `calm`: neither it nor a parent is anomalous; `spared`: a parent is, and did not send; `own`: its mechanism changed;
    `sent`: the anomaly came from that parent.
    """

    calm: float = 0.0
    spared: float = 0.0
    own: float = 0.0
    sent: dict[str, float] | None = None

    @property
    def lean(self) -> float:
        """Log ratio of anomalous, by whichever way is likeliest, to calm."""
        return max(self.own, *(self.sent or {}).values(), -math.inf) - self.calm


@dataclass(frozen=True, slots=True, kw_only=True)
class Travelled:
    """Posteriors: of each node's own change, of the same without that node's own series, of each edge.

    `certain` are the nodes that were taken as certain to keep inference exact for the rest; `width` is the tree width.
    """

    own: dict[str, float]
    own_blind: dict[str, float]
    travelled: dict[Edge, float]
    certain: tuple[str, ...]
    width: int


def infer(graph: FaultGraph, terms: dict[str, Terms], target: str, prior: float, method: TravelMethod) -> Travelled:
    """The posteriors, given that the target is anomalous; `prior` is that of a change at a node."""
    certain: dict[str, int] = {target: 1}
    waiting = sorted((n for n in graph.order if n != target), key=lambda n: (-abs(terms[n].lean), n))
    batch = 1 + 3 * len(graph.order) + len(graph.edges)
    limit = max(2, min(method.width_limit, int(math.log2(MOST_ENTRIES / batch)) - 1))
    while True:
        free = [node for node in graph.order if node not in certain]
        number = {node: position for position, node in enumerate(free)}
        scopes = [tuple(number[n] for n in (*graph.parents[v], v) if n in number) for v in graph.order]
        try:
            plan = compile_plan(len(free), [scope for scope in scopes if scope], width_limit=limit)
            break
        except NetworkTooWideError:
            most, waiting = waiting[: max(1, len(waiting) // 12)], waiting[max(1, len(waiting) // 12) :]
            certain |= {node: int(terms[node].lean + math.log(prior) > 0.0) for node in most}
    run = _Run(graph=graph, terms=terms, certain=certain, number=number, prior=prior, method=method)
    return run.posteriors(plan, tuple(sorted(set(certain) - {target})))


def _parts(batch: int) -> list[slice]:
    return [slice(start, start + ROWS) for start in range(0, batch, ROWS)]


def _log_total(plan: Plan, stacked: list[tuple[tuple[int, ...], Array, NDArray[np.int64]]], part: slice) -> Array:
    """Log totals of a part of the batch; each entry of `stacked` is a scope, its kinds of table, and rows of kinds."""
    factors = [Factor(scope=scope, table=kinds[rows[part]]) for scope, kinds, rows in stacked if scope]
    with np.errstate(divide="ignore", invalid="ignore"):
        total = plan.log_total(factors) if factors else np.zeros(1)
        for scope, kinds, rows in stacked:
            if not scope:
                total = total + np.log(kinds[rows[part]])
    # a row that is impossible, such as an edge from a node that is calm for certain, sums to nothing
    answer: Array = np.where(np.isnan(total), -np.inf, total)
    return answer


def _ratio(total: Array, part: int, whole: int) -> float:
    return min(1.0, float(np.exp(total[part] - total[whole])))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    graph: FaultGraph
    terms: dict[str, Terms]
    certain: dict[str, int]
    number: dict[str, int]
    prior: float
    method: TravelMethod

    def posteriors(self, plan: Plan, certain: tuple[str, ...]) -> Travelled:
        """One batch: everything; then each node's own change; each edge; each node unseen; each own change unseen."""
        nodes, edges = self.graph.order, self.graph.edges
        first = {node: 1 + i for i, node in enumerate(nodes)}
        along = {edge: 1 + len(nodes) + i for i, edge in enumerate(edges)}
        unseen = {node: 1 + len(nodes) + len(edges) + i for i, node in enumerate(nodes)}
        both = {node: 1 + 2 * len(nodes) + len(edges) + i for i, node in enumerate(nodes)}
        batch = 1 + 3 * len(nodes) + len(edges)
        stacked: list[tuple[tuple[int, ...], Array, NDArray[np.int64]]] = []
        for node in nodes:
            seen, blind = self._tables(node, self.terms[node]), self._tables(node, Terms(sent={}))
            kinds = [seen[0], seen[1], blind[0], blind[1], *seen[2:]]
            rows = np.zeros(batch, dtype=int)
            rows[[first[node], unseen[node], both[node]]] = 1, 2, 3
            rows[[along[parent, node] for parent in self.graph.parents[node]]] = np.arange(4, len(kinds))
            scope = tuple(self.number[n] for n in (*self.graph.parents[node], node) if n in self.number)
            stacked.append((scope, np.stack(kinds), rows))
        total = np.concatenate([_log_total(plan, stacked, part) for part in _parts(batch)])
        return Travelled(
            own={node: _ratio(total, first[node], 0) for node in nodes},
            own_blind={node: _ratio(total, both[node], unseen[node]) for node in nodes},
            travelled={edge: _ratio(total, row, 0) for edge, row in along.items()},
            certain=certain,
            width=plan.width,
        )

    def _tables(self, node: str, terms: Terms) -> list[Array]:
        """Over (free parents, node if free): all, with its own change, and with each parent's edge travelled."""
        parents = self.graph.parents[node]
        shape = tuple(2 if parent in self.number else 1 for parent in parents)
        on = [
            np.indices(shape)[axis] if parent in self.number else np.full(shape, self.certain[parent])
            for axis, parent in enumerate(parents)
        ]
        top = max(terms.calm, terms.spared, terms.own, *(terms.sent or {}).values())
        sent = [math.exp((terms.sent or {}).get(parent, terms.own) - top) for parent in parents]
        weight = self.method.edge
        count = sum(on, np.zeros(shape))
        quiet = (1.0 - weight) ** count
        mixed = sum((a * f for a, f in zip(on, sent, strict=True)), np.zeros(shape)) / np.maximum(count, 1.0)
        own = np.full(shape, self.prior * math.exp(terms.own - top))
        calm = np.where(count > 0, math.exp(terms.spared - top), math.exp(terms.calm - top))
        off = (1.0 - self.prior) * quiet * calm
        came = (1.0 - self.prior) * (1.0 - quiet) * mixed
        none = np.zeros(shape)
        along = [weight * a * ((1.0 - self.prior) * mixed + own) for a in on]
        tables = [(off, came + own), (none, own), *((none, each) for each in along)]
        return [self._shaped(node, *pair) for pair in tables]

    def _shaped(self, node: str, off: Array, on: Array) -> Array:
        table = np.stack([off, on], axis=-1)
        keep = tuple(2 for parent in self.graph.parents[node] if parent in self.number)
        if node in self.number:
            return table.reshape(*keep, 2)
        return table[..., self.certain[node]].reshape(keep)
