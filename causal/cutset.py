"""Exact inference by conditioning: a few variables are not eliminated but set, in each pattern of a batch.

Variables that tie together what a network holds apart (one source behind many reports) would make its cliques too
large. Given each of their patterns the network falls apart again, and every answer is the mixture of the answers
given the patterns, weighted by their evidence (loop-cutset conditioning: Pearl 1988, ch. 4.4). Cost: 2^cut passes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.network import Factor, Plan, Scope, batch_of

Array = NDArray[np.float64]
_ROWS = 4096  # of the batch and the patterns together, held at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class CutsetPlan(Plan):
    """A plan for the variables below `size`, and `cut` more, numbered from `size` on, that factors may name too.

    Each of them needs a factor with its prior. Answers are as of a plan that eliminates them all.
    """

    cut: int

    @property
    def cells(self) -> int:
        """The entries of all tables of one batch row, in all patterns."""
        return sum(1 << (len(clique.variables) + self.cut) for clique in self.cliques)

    def marginals(self, factors: Sequence[Factor], wanted: Sequence[int] | None = None) -> tuple[Array, Array]:
        """As `Plan.marginals`."""
        asked = range(self.size) if wanted is None else wanted
        found, log_total = self.joints(factors, [(variable,) for variable in asked])
        return np.stack([pair[:, 1] for pair in found], axis=1), log_total

    def joints(self, factors: Sequence[Factor], scopes: Sequence[Scope]) -> tuple[list[Array], Array]:
        """As `Plan.joints`; a scope may name variables of the cut."""
        inner = [tuple(one for one in scope if one < self.size) for scope in scopes]
        parts = []
        for batch, portion in self._set(factors):
            tables, logs = Plan.joints(self, portion, [own or (0,) for own in inner])
            weights, log_total = _mixture(_rows(logs, batch << self.cut).reshape(2**self.cut, batch))
            found = []
            for scope, own, table in zip(scopes, inner, tables, strict=True):
                whole = _rows(table, batch << self.cut)
                whole = whole if own else whole.sum(axis=1)
                whole = whole.reshape(2**self.cut, batch, *whole.shape[1:])
                found.append(self._mixed(scope, whole, weights))
            parts.append((found, log_total))
        answer = [np.concatenate([found[number] for found, _ in parts]) for number in range(len(scopes))]
        return answer, np.concatenate([log_total for _, log_total in parts])

    def log_total(self, factors: Sequence[Factor]) -> Array:
        """As `Plan.log_total`."""
        parts = []
        for batch, portion in self._set(factors):
            logs = _rows(Plan.log_total(self, portion), batch << self.cut)
            parts.append(_mixture(logs.reshape(2**self.cut, batch))[1])
        return np.concatenate(parts)

    def _patterns(self) -> Iterator[tuple[int, ...]]:
        return itertools.product((0, 1), repeat=self.cut)

    def _set(self, factors: Sequence[Factor]) -> Iterator[tuple[int, list[Factor]]]:
        """The factors without the variables of the cut, patterns outermost in the batch, a few rows at a time."""
        batch = batch_of(factors)
        rows = max(1, _ROWS >> self.cut)
        for first in range(0, batch, rows):
            count = min(rows, batch - first)
            yield count, [self._given(factor, first, count) for factor in factors]

    def _given(self, factor: Factor, first: int, count: int) -> Factor:
        given = factor.part(first, count)
        table = given.table
        cut = any(variable >= self.size for variable in factor.scope)
        if not cut and len(table) == 1:
            return given
        table = np.broadcast_to(table, (count, *table.shape[1:]))
        tables = [table[(slice(None), *self._index(factor.scope, pattern))] for pattern in self._patterns()]
        return Factor(scope=tuple(one for one in factor.scope if one < self.size), table=np.concatenate(tables))

    def _index(self, scope: Scope, pattern: tuple[int, ...]) -> tuple[int | slice, ...]:
        return tuple(slice(None) if one < self.size else pattern[one - self.size] for one in scope)

    def _mixed(self, scope: Scope, tables: Array, weights: Array) -> Array:
        """(B, 2, ..., 2) over the scope, of tables given each pattern (patterns, B, ...) and weights (patterns, B)."""
        answer = np.zeros((weights.shape[1], *(2,) * len(scope)))
        for pattern, table, weight in zip(self._patterns(), tables, weights, strict=True):
            part = table * weight.reshape(-1, *(1,) * (table.ndim - 1))
            answer[(slice(None), *self._index(scope, pattern))] += part
        return answer


def _rows(table: Array, count: int) -> Array:
    """The table with all rows of its batch written out."""
    return np.broadcast_to(table, (count, *table.shape[1:]))


def _mixture(logs: Array) -> tuple[Array, Array]:
    """P(pattern | factors) and the log of the sum over the patterns, of log totals (patterns, B)."""
    most = logs.max(axis=0)
    weights = np.exp(logs - most)
    total = weights.sum(axis=0)
    return weights / total, most + np.log(total)
