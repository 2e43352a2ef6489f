"""Exact inference on networks of binary variables, with every query of one network in one pass.

A network is a list of factors, each over a few variables. `compile_plan` chooses an elimination order (min-fill)
and lays out a bucket tree once; `Plan.marginals` then passes messages up and down (Shafer and Shenoy 1990) over
tables with a batch axis, so that leaving out each item, clamping each pattern or switching each dispute is one entry
of a batch. Cost: O(B sum over cliques of 2^|clique|). Inside, the batch is the last axis: the innermost loops run over
it, and not over the two values of a variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from causal.elimination import min_fill
from causal.errors import NetworkTooWideError

Array = NDArray[np.float64]
Scope = tuple[int, ...]
Axes = tuple[int, ...]
Rows = NDArray[np.intp] | NDArray[np.uint8]
_PORTION = 2**17  # entries of the largest table, over the rows that are held at a time
_FEWEST_ROWS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A non-negative table over binary variables: shape (B or 1, 2, ..., 2), one axis a variable of `scope`.

    With `rows` (B,) the table holds what differs alone, and entry b of the batch has the table numbered `rows[b]`.
    """

    scope: Scope
    table: Array
    rows: Rows | None = None

    def __post_init__(self) -> None:
        """Raises ValueError when the table does not fit the scope."""
        if len(set(self.scope)) != len(self.scope):
            raise ValueError(f"a variable stands twice in the scope {self.scope}")
        if self.table.shape[1:] != (2,) * len(self.scope):
            raise ValueError(f"a table of shape {self.table.shape} does not fit the scope {self.scope}")

    @property
    def batch(self) -> int:
        """Entries of the batch, one where they are all the same."""
        return len(self.table) if self.rows is None else len(self.rows)

    def part(self, first: int, count: int) -> Factor:
        """The factor with a table for each of so many entries of the batch, and of one where they are all the same."""
        if self.rows is not None:
            return Factor(scope=self.scope, table=self.table[self.rows[first : first + count]])
        return self if len(self.table) == 1 else Factor(scope=self.scope, table=self.table[first : first + count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Clique:
    """A table of the bucket tree: over the variable that is eliminated and those that it is tied to then."""

    variables: Scope  # in elimination order, the eliminated variable first
    parent: int  # position of the clique that takes the message, -1 at a root
    children: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A compiled elimination: `size` variables, their `order`, the cliques, and the home of each scope."""

    size: int
    position: tuple[int, ...]
    cliques: tuple[Clique, ...]
    width: int

    @property
    def cells(self) -> int:
        """The entries of all tables of one batch row: what one pass costs."""
        return sum(2 ** len(clique.variables) for clique in self.cliques)

    def marginals(self, factors: Sequence[Factor], wanted: Sequence[int] | None = None) -> tuple[Array, Array]:
        """P(variable = 1 | factors) of shape (B, wanted), and the log of the factors' total of shape (B,).

        `wanted` names the variables, all in their order where it is None; the fewer, the cheaper. Every factor's scope
        must lie inside one that the plan was compiled for. Tables may have negative entries, as long as the sum over
        every assignment of the rest is a measure (`causal/gates.py`, chances of alternatives).
        """
        asked = range(self.size) if wanted is None else wanted
        parts = [self._beliefs(part, asked) for part in self._portions(factors)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def joints(self, factors: Sequence[Factor], scopes: Sequence[Scope]) -> tuple[list[Array], Array]:
        """The normalised sum over all other variables for each scope, (B, 2, ..., 2), and the log totals (B,).

        Every scope must lie inside one that the plan was compiled for. Where tables have negative entries, so may it.
        """
        parts = [self._pass(part, scopes) for part in self._portions(factors)]
        tables = [np.concatenate([part[0][number] for part in parts]) for number in range(len(scopes))]
        return tables, np.concatenate([log_total for _, log_total in parts])

    def log_total(self, factors: Sequence[Factor]) -> Array:
        """The log of the sum over all assignments of the product of the factors, of shape (B,)."""
        return np.concatenate([_log(self.upward(self.potentials(part))[1]) for part in self._portions(factors)])

    def _portions(self, factors: Sequence[Factor]) -> Iterator[list[Factor]]:
        """The factors for a few rows of the batch at a time, so that a table stays in the cache."""
        batch = batch_of(factors)
        rows = max(_FEWEST_ROWS, _PORTION >> (self.width + 1))
        for first in range(0, batch, rows):
            yield [factor.part(first, rows) for factor in factors]

    def _beliefs(self, factors: Sequence[Factor], asked: Sequence[int]) -> tuple[Array, Array]:
        potentials = self.potentials(factors)
        messages, scales = self.upward(potentials)
        log_total = _log(scales)
        homes = [self.position[variable] for variable in asked]
        found = self.downward(potentials, messages, {home: {(0,)} for home in homes})
        table = np.empty((len(asked), len(log_total)))
        for column, home in enumerate(homes):
            off, on = found[home, (0,)]
            table[column] = on / (off + on)
        return np.ascontiguousarray(table.T), log_total

    def _pass(self, factors: Sequence[Factor], scopes: Sequence[Scope]) -> tuple[list[Array], Array]:
        potentials = self.potentials(factors)
        messages, scales = self.upward(potentials)
        log_total = _log(scales)
        places = [self._place(scope) for scope in scopes]
        asked: dict[int, set[Axes]] = {}
        for home, axes in places:
            asked.setdefault(home, set()).add(tuple(sorted(axes)))
        found = self.downward(potentials, messages, asked)
        answer = []
        for home, axes in places:
            table = found[home, tuple(sorted(axes))]
            table = table / table.reshape(-1, table.shape[-1]).sum(axis=0)
            rank = {axis: place for place, axis in enumerate(sorted(axes))}
            table = table.transpose(len(axes), *(rank[axis] for axis in axes))
            answer.append(np.broadcast_to(table, (len(log_total), *table.shape[1:])))
        return answer, log_total

    def _place(self, scope: Scope) -> tuple[int, Axes]:
        """The clique that a scope is at home in, and its axes there, in the order of the scope."""
        home = min(self.position[variable] for variable in scope)
        return home, tuple(self.cliques[home].variables.index(variable) for variable in scope)

    def potentials(self, factors: Sequence[Factor]) -> list[Array]:
        """The product of the factors at home in each clique, smaller tables first, batch axis last."""
        merged: dict[Scope, Array] = {}
        for factor in factors:
            scope, table = factor.scope, factor.table.T
            if len(scope) > 1:
                axes = sorted(range(len(scope)), key=[self.position[variable] for variable in scope].__getitem__)
                scope = tuple([scope[axis] for axis in axes])
                table = factor.table.transpose(*[axis + 1 for axis in axes], 0)
            table = np.ascontiguousarray(table)
            merged[scope] = merged[scope] * table if scope in merged else table
        potentials: list[Array | None] = [None] * len(self.cliques)
        for scope, table in sorted(merged.items(), key=lambda pair: (pair[1].shape[-1], len(pair[0]), pair[0])):
            home = self.position[scope[0]] if scope else 0
            own, known = _expand(table, scope, self.cliques[home].variables), potentials[home]
            potentials[home] = own if known is None else known * own
        return [
            np.ones((1,) * (len(clique.variables) + 1)) if own is None else own
            for clique, own in zip(self.cliques, potentials, strict=True)
        ]

    def upward(self, potentials: list[Array]) -> tuple[list[Array], list[Array]]:
        """The messages to the roots, one a clique, each divided by its scale; messages and scales."""
        messages: list[Array] = []
        scales: list[Array] = []
        for index, clique in enumerate(self.cliques):
            parts = [_expand(messages[c], self.cliques[c].variables[1:], clique.variables) for c in clique.children]
            table = reduce(np.multiply, (*parts, potentials[index]))
            message, scale = _scaled(_spread(_summed(table, (0,)), len(clique.variables) - 1))
            messages.append(message)
            scales.append(scale)
        return messages, scales

    def downward(
        self, potentials: list[Array], messages: list[Array], asked: Mapping[int, set[Axes]]
    ) -> dict[tuple[int, Axes], Array]:
        """Messages from the roots, without division (Shafer and Shenoy): the sums over all but the axes asked about."""
        needed = [index in asked for index in range(len(self.cliques))]
        for index, clique in enumerate(self.cliques):
            needed[index] = needed[index] or any(needed[child] for child in clique.children)
        down: dict[int, Array] = {}
        answer: dict[tuple[int, Axes], Array] = {}
        for index in range(len(self.cliques) - 1, -1, -1):
            if not needed[index]:
                continue
            clique = self.cliques[index]
            table = potentials[index]
            if index in down:
                table = table * down.pop(index)[np.newaxis]
            parts = [_expand(messages[c], self.cliques[c].variables[1:], clique.variables) for c in clique.children]
            for child, others in zip(clique.children, products_without(parts), strict=True):
                if needed[child]:
                    keep = set(self.cliques[child].variables[1:])
                    drop = tuple(axis for axis, variable in enumerate(clique.variables) if variable not in keep)
                    product = table if others is None else table * others
                    down[child] = _scaled(_spread(_summed(product, drop), len(keep)))[0]
            if index in asked:
                whole = reduce(np.multiply, (*parts, table))
                for axes in asked[index]:
                    drop = tuple(axis for axis in range(len(clique.variables)) if axis not in axes)
                    answer[index, axes] = _spread(_summed(whole, drop), len(axes))
        return answer


def batch_of(factors: Sequence[Factor]) -> int:
    """The entries of the batch of some factors."""
    return max((factor.batch for factor in factors), default=1)


def _log(scales: list[Array]) -> Array:
    return sum((np.log(scale) for scale in scales), np.zeros(1))


def _summed(table: Array, axes: tuple[int, ...]) -> Array:
    """The sum over variables; an axis of length one stands for two equal entries."""
    for axis in reversed(axes):
        first = table[(slice(None),) * axis + (0,)]
        table = 2.0 * first if table.shape[axis] == 1 else first + table[(slice(None),) * axis + (1,)]
    return table


def _spread(message: Array, variables: int) -> Array:
    """The message with every axis of a variable written out."""
    shape = (2,) * variables + message.shape[-1:]
    return message if message.shape == shape else np.ascontiguousarray(np.broadcast_to(message, shape))


def _scaled(message: Array) -> tuple[Array, Array]:
    scale = np.maximum.reduce(np.abs(message.reshape(-1, message.shape[-1])))
    return message / scale, scale


def products_without(parts: list[Array]) -> list[Array | None]:
    """For each part the product of all others, None where there is no other."""
    after: list[Array | None] = [None]
    for part in reversed(parts[1:]):
        last = after[-1]
        after.append(part if last is None else part * last)
    answer: list[Array | None] = []
    before: Array | None = None
    for part, later in zip(parts, reversed(after), strict=False):
        answer.append(later if before is None else before if later is None else before * later)
        before = part if before is None else before * part
    return answer


def _expand(table: Array, scope: Scope, target: Scope) -> Array:
    """The table with an axis of length one for each variable of `target` that it lacks (same relative order)."""
    return table.reshape((*_lengths(scope, target), table.shape[-1]))


@lru_cache(maxsize=2**16)
def _lengths(scope: Scope, target: Scope) -> tuple[int, ...]:
    return tuple(2 if variable in scope else 1 for variable in target)


def compile_plan(size: int, scopes: Sequence[Scope], *, width_limit: int = 16) -> Plan:
    """Order the elimination of `size` variables (min-fill, ties by number) and lay out the bucket tree.

    Raises NetworkTooWideError when a clique would have more than `width_limit` + 1 variables.
    """
    neighbours: list[set[int]] = [set() for _ in range(size)]
    for scope in set(scopes):
        for variable in scope:
            neighbours[variable].update(scope)
    for variable in range(size):
        neighbours[variable].discard(variable)
    order, around = min_fill(neighbours)
    width = max((len(rest) for rest in around), default=0)
    if width > width_limit:
        raise NetworkTooWideError(width, width_limit)
    position = [0] * size
    for index, variable in enumerate(order):
        position[variable] = index
    members = [(order[i], *sorted(around[i], key=lambda v: position[v])) for i in range(size)]
    parents = [position[clique[1]] if len(clique) > 1 else -1 for clique in members]
    children: list[list[int]] = [[] for _ in range(size)]
    for index, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(index)
    for below in children:
        below.sort(key=lambda child: len(members[child]))  # so that small messages are multiplied while they are small
    cliques = tuple(Clique(variables=members[i], parent=parents[i], children=tuple(children[i])) for i in range(size))
    return Plan(size=size, position=tuple(position), cliques=cliques, width=width)
