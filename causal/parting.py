"""Exact inference where one variable holds a network together: each part answers for what differs within it alone.

Stories of different families meet in the switch of the move and nowhere else. Given its two values they are
independent (cutset conditioning: Pearl 1988, ch. 4.4), so that of a batch a part need be asked only about those
entries that differ in it: of leaving out each item, about its own items. The switch stays as one more axis in every
table of a part, which gives what the part says of it, and of its own variables given either value; all parts are then
multiplied for each entry. Where that is not cheaper, the whole is passed as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from causal.network import Clique, Factor, Plan, batch_of, products_without

Array = NDArray[np.float64]
Index = NDArray[np.intp]
_WORTH = 0.5  # of what a pass of the whole costs
_LARGEST = 2**21  # entries of a table of a part


@dataclass(frozen=True, slots=True, kw_only=True)
class _Local:
    """What of a batch differs in a part: an entry of the batch for each (`first`), and which of them each is (`rows`).

    Entry 0 of the batch is the first; `rows` is None where all are as it is.
    """

    first: Index
    rows: Index | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartedPlan(Plan):
    """A plan that conditions on its `pivot` where each entry of a batch differs in few parts (`parted`).

    `forest` is the plan without the pivot's clique, the pivot last in every other; `parts` numbers the part of each of
    its cliques.
    """

    pivot: int
    forest: Plan
    parts: tuple[int, ...]

    def marginals(self, factors: Sequence[Factor], wanted: Sequence[int] | None = None) -> tuple[Array, Array]:
        """As `Plan.marginals`."""
        local = self._local(factors)
        if local is None:
            return Plan.marginals(self, factors, wanted)
        return self._by_parts(factors, local, range(self.size) if wanted is None else wanted)

    def log_total(self, factors: Sequence[Factor]) -> Array:
        """As `Plan.log_total`."""
        local = self._local(factors)
        return Plan.log_total(self, factors) if local is None else self._by_parts(factors, local, ())[1]

    def _local(self, factors: Sequence[Factor]) -> list[_Local] | None:
        """What differs in each part; None where to ask the parts costs as much as the whole."""
        batch = batch_of(factors)
        if batch == 1 or any(factor.rows is None and len(factor.table) > 1 for factor in factors):
            return None
        codes: list[list[NDArray[np.integer]]] = [[] for _ in set(self.parts)]
        for factor in factors:
            if factor.rows is not None and self._tied(factor):
                codes[self._part(factor)].append(factor.rows)
        local = [_differing(own) for own in codes]
        entries = [
            len(local[part].first) << len(clique.variables)
            for part, clique in zip(self.parts, self.forest.cliques, strict=True)
        ]
        cheap = sum(entries) <= _WORTH * batch * self.cells and max(entries, default=0) <= _LARGEST
        return local if cheap else None

    def _tied(self, factor: Factor) -> bool:
        """Whether the factor is one of a part, and not of the pivot alone."""
        return any(variable != self.pivot for variable in factor.scope)

    def _part(self, factor: Factor) -> int:
        return self.parts[min(self.forest.position[variable] for variable in factor.scope)]

    def _by_parts(
        self, factors: Sequence[Factor], local: Sequence[_Local], wanted: Sequence[int]
    ) -> tuple[Array, Array]:
        batch = batch_of(factors)
        inner, pivot = [], np.ones((2, 1))
        for factor in factors:
            if self._tied(factor):
                inner.append(_chosen(factor, local[self._part(factor)]))
            else:
                pivot = pivot * (factor.table if factor.rows is None else factor.table[factor.rows]).T
        potentials = self.forest.potentials(inner)
        messages, scales = self.forest.upward(potentials)
        said, log_total = self._said(messages, scales, local)
        whole = reduce(np.multiply, said, pivot)
        others = [pivot if one is None else pivot * one for one in products_without(said)]
        table = np.empty((len(wanted), batch))
        for part, columns, pairs in self._pairs(potentials, messages, wanted):
            table[columns] = _mixed(pairs, local[part].rows, others[part], batch)
        if self.pivot in wanted:
            table[list(wanted).index(self.pivot)] = whole[1] / whole.sum(axis=0)
        log_total = np.broadcast_to(log_total + np.log(whole.sum(axis=0)), batch)
        return np.ascontiguousarray(table.T), log_total

    def _said(
        self, messages: Sequence[Array], scales: Sequence[Array], local: Sequence[_Local]
    ) -> tuple[list[Array], Array]:
        """What each part says of the pivot, (2, B or 1), over scales whose logs are added up for each entry."""
        logs = [np.zeros(1) for _ in local]
        said = [np.ones((2, 1)) for _ in local]
        for part, clique, message, scale in zip(self.parts, self.forest.cliques, messages, scales, strict=True):
            logs[part] = logs[part] + np.log(scale)
            if clique.parent < 0:
                said[part] = message
        log_total = np.zeros(1)
        for part, own in enumerate(local):
            if own.rows is not None:
                said[part] = said[part][:, own.rows]
                logs[part] = logs[part][own.rows]
            log_total = log_total + logs[part]
        return said, log_total

    def _pairs(
        self, potentials: list[Array], messages: list[Array], wanted: Sequence[int]
    ) -> list[tuple[int, list[int], Array]]:
        """For each part the columns of its variables, and their joint tables with the pivot, (columns, 2, 2, rows)."""
        homes = {column: self.forest.position[one] for column, one in enumerate(wanted) if one != self.pivot}
        axes = {home: (0, len(self.forest.cliques[home].variables) - 1) for home in homes.values()}
        found = self.forest.downward(potentials, messages, {home: {own} for home, own in axes.items()})
        columns: dict[int, list[int]] = {}
        for column, home in homes.items():
            columns.setdefault(self.parts[home], []).append(column)
        return [
            (part, own, np.stack([found[homes[column], axes[homes[column]]] for column in own]))
            for part, own in columns.items()
        ]


def parted(plan: Plan, pivot: int) -> PartedPlan:
    """The plan with what is left of it given one of its variables, the `pivot`."""
    kept = [clique.variables for clique in plan.cliques if clique.variables[0] != pivot]
    members = [(*(variable for variable in own if variable != pivot), pivot) for own in kept]
    position = [0] * plan.size
    for index, own in enumerate(members):
        position[own[0]] = index
    position[pivot] = len(members)
    parents = [position[own[1]] if len(own) > 2 else -1 for own in members]
    children: list[list[int]] = [[] for _ in members]
    parts, count = [0] * len(members), 0
    for index in range(len(members) - 1, -1, -1):  # a parent comes after its children
        if parents[index] >= 0:
            children[parents[index]].append(index)
            parts[index] = parts[parents[index]]
        else:
            parts[index], count = count, count + 1
    for below in children:
        below.sort(key=lambda child: len(members[child]))
    cliques = tuple(
        Clique(variables=own, parent=parents[index], children=tuple(children[index]))
        for index, own in enumerate(members)
    )
    width = max((len(own) - 1 for own in members), default=0)
    return PartedPlan(
        size=plan.size,
        position=plan.position,
        cliques=plan.cliques,
        width=plan.width,
        pivot=pivot,
        forest=Plan(size=plan.size, position=tuple(position), cliques=cliques, width=width),
        parts=tuple(parts),
    )


def _differing(codes: Sequence[NDArray[np.integer]]) -> _Local:
    """The different entries of a batch, by the codes (B,) that each of some factors has for it."""
    if not codes:
        return _Local(first=np.zeros(1, dtype=np.intp), rows=None)
    stacked = np.stack(codes)
    changed = np.flatnonzero((stacked != stacked[:, :1]).any(axis=0))
    if not changed.size:
        return _Local(first=np.zeros(1, dtype=np.intp), rows=None)
    columns = np.ascontiguousarray(stacked[:, changed].T)
    known: dict[bytes, int] = {}
    first = [0]
    rows = np.zeros(stacked.shape[1], dtype=np.intp)
    for entry, code in zip(changed.tolist(), columns.view(f"V{columns.strides[0]}").ravel().tolist(), strict=True):
        rows[entry] = known.setdefault(code, len(first))
        if rows[entry] == len(first):
            first.append(entry)
    return _Local(first=np.array(first, dtype=np.intp), rows=rows)


def _chosen(factor: Factor, local: _Local) -> Factor:
    """The factor for what differs in its part."""
    if factor.rows is None:
        return factor
    return Factor(scope=factor.scope, table=factor.table[factor.rows[local.first]])


def _mixed(pairs: Array, rows: Index | None, others: Array, batch: int) -> Array:
    """P(variable on) for each entry, (columns, B), of joints with the pivot and what all other parts say of it."""
    on, both = pairs[:, 1], pairs.sum(axis=1)
    answer = np.empty((len(pairs), batch))
    answer[:] = (on[..., 0] @ others) / (both[..., 0] @ others)
    if rows is not None:
        changed = np.flatnonzero(rows)
        beside = others[:, changed] if others.shape[1] > 1 else others
        own = rows[changed]
        answer[:, changed] = (on[..., own] * beside).sum(axis=1) / (both[..., own] * beside).sum(axis=1)
    return answer
