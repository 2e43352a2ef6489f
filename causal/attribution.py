"""Why is this value an outlier? Anomaly attribution with the definition of `dowhy.gcm.attribute_anomalies`.

Players are the noises of the target and its ancestors. With M draws of all of them, Y_S the targets that they bring
about when those of the coalition S are replaced by the anomalous row's, and g the outlier score of y among the draws,

    v(S) = ln [ (#{ g(Y_S) >= g(y) } + 1/2) / (M + 1/2) ],

the attribution is the Shapley value of v; it adds up to the information-theoretic score -v(empty) (Budhathoki et al.
2022). g is DoWhy's default, 1 - 2 min(share below, share above). Draws and orders are arguments, so that another
program's own can be fed. The score saturates at ln((M + 1/2) / (1/2)); causal/tailscore.py does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.coalitions import MOST_EXACT, Orders, check_orders, shapley_exact, shapley_of_orders
from causal.structural import StructuralModel

Array = NDArray[np.float64]
Values = Literal["score", "mean deviation"]
CHUNK = 100_000  # values at a time, which a core keeps near


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Shapley values by node, in nats for the outlier score, in the target's units for the mean deviation.

    `total` is what they add up to; `exact` tells that every coalition was looked at, else `orders` orders were.
    """

    nodes: tuple[str, ...]
    values: Array
    total: float
    exact: bool
    orders: int

    def of(self, node: str) -> float:
        """The value of one node."""
        return float(self.values[self.nodes.index(node)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The rule g(Y) >= g(y) as an interval: Y < `low` or Y > `high` (causal.md 2.3 i)."""

    low: float
    high: float

    def share_of(self, targets: Array) -> Array:
        """How many of the last axis fulfil it."""
        answer: Array = np.count_nonzero((targets < self.low) | (targets > self.high), axis=-1).astype(np.float64)
        return answer


def outside(sample: Array, y: float) -> Outside:
    """The interval rule of a target sample (M,) and an anomalous value y, ties counted by half as the score does.

    With k(x) = #{< x} + #{<= x}, g(x) >= g(y) says k(x) <= c or k(x) >= 2M - c, c = min(k(y), 2M - k(y)). Between two
    sample values k is constant, so each half is a bound at one of them, that value in or out.
    """
    ordered = np.sort(sample)
    count = 2 * ordered.size
    at_y = int(np.searchsorted(ordered, y, "left") + np.searchsorted(ordered, y, "right"))
    most = min(at_y, count - at_y)
    return Outside(low=_bound(ordered, most), high=-_bound(-ordered[::-1], most))


def _bound(ordered: Array, most: int) -> float:
    """The b with k(x) <= most just where x < b."""
    known = np.unique(ordered)
    below, upto = np.searchsorted(ordered, known, "left"), np.searchsorted(ordered, known, "right")
    broken_at = np.flatnonzero(below + upto > most)  # k at the value itself
    broken_after = np.flatnonzero(2 * upto > most)  # k between it and the next
    after = int(broken_after[0])
    if broken_at.size and int(broken_at[0]) <= after:
        return float(known[int(broken_at[0])])
    return float(np.nextafter(known[after], np.inf))


def attribute_anomaly(
    model: StructuralModel, noise: Array, row: Array, orders: Orders | None = None, values: Values = "score"
) -> Attribution:
    """Attribute the target's value in `row` (n,), values of the model's nodes in `order`, to the noises.

    `noise` (M, n) are the draws of all noises. With `orders` (P, n) None every coalition is looked at, for at most 15
    players; else players join in those orders. `values` "mean deviation" takes v(S) = mean Y_S in place of the score:
    the values then add up to y less the mean of the draws. Raises ValueError on shapes that do not fit, on missing
    values, and on too many players for every coalition.
    """
    players = len(model.order)
    if noise.ndim != 2 or noise.shape[1] != players or row.shape != (players,):
        raise ValueError(f"noise has to be (draws, {players}) and row ({players},), by the model's order")
    if not (np.isfinite(noise).all() and np.isfinite(row).all()):
        raise ValueError("a draw or the row holds a missing value; attribution needs all of them")
    if orders is None and players > MOST_EXACT:
        raise ValueError(f"{players} players have too many coalitions; give orders of joining")
    own, rule = model.noise_of(row), outside(model.values_of(noise)[:, -1], float(row[-1]))
    game = _Game(model=model, noise=noise, own=own, rule=rule, values=values, y=float(row[-1]))
    if orders is None:
        every = game.exact()
        return Attribution(
            nodes=model.order, values=shapley_exact(every), total=float(every[-1] - every[0]), exact=True, orders=0
        )
    check_orders(orders, players)
    prefixes = game.along(orders)
    return Attribution(
        nodes=model.order,
        values=shapley_of_orders(np.diff(prefixes, axis=1), orders),
        total=float(prefixes[0, -1] - prefixes[0, 0]),
        exact=False,
        orders=orders.shape[0],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    model: StructuralModel
    noise: Array
    own: Array
    rule: Outside
    values: Values
    y: float

    def exact(self) -> Array:
        """v of every coalition, (2^n,)."""
        players = self.own.size
        if self.model.linear:
            return self._finished(self._halves(), 2**players - 1)
        return self._finished(self._nonlinear(np.arange(2**players)), 2**players - 1)

    def along(self, orders: Orders) -> Array:
        """v of the empty coalition and as players join, (P, n + 1)."""
        joined = np.concatenate(
            [np.zeros((orders.shape[0], 1), dtype=np.int64), np.cumsum(1 << orders, axis=1)], axis=1
        )
        if self.model.linear:
            start, steps = self.model.values_of(self.noise)[:, -1], self._steps()
            sums = np.stack([self._cumulated(start, steps, order) for order in orders])
        else:
            distinct, where = np.unique(joined, return_inverse=True)
            sums = self._nonlinear(distinct)[where.reshape(joined.shape)]
        answer = self._value(sums)
        answer[:, -1] = self._whole()
        return answer

    def _measure(self, targets: Array) -> Array:
        """What is summed over draws, the last axis: those that are at least as odd, or the values themselves."""
        if self.values == "score":
            return self.rule.share_of(targets)
        answer: Array = targets.sum(axis=-1)
        return answer

    def _value(self, sums: Array) -> Array:
        count = self.noise.shape[0]
        answer: Array = np.log((sums + 0.5) / (count + 0.5)) if self.values == "score" else sums / count
        return answer

    def _whole(self) -> float:
        """v of all players: their noises bring about y itself, whatever was rounded on the way."""
        return 0.0 if self.values == "score" else self.y

    def _finished(self, sums: Array, whole: int) -> Array:
        answer = self._value(sums)
        answer[whole] = self._whole()
        return answer

    def _steps(self) -> Array:
        """What a player who joins adds to every draw of a linear model, a_j (n_j - N_j): (n, M)."""
        answer: Array = np.ascontiguousarray(((self.own - self.noise) * self.model.transmission()).T)
        return answer

    def _cumulated(self, start: Array, steps: Array, order: Orders) -> Array:
        """One order of joining in a linear model: sums over Y_0 and the running sum of steps, (n + 1,)."""
        targets = np.empty((order.size + 1, start.size))
        targets[0] = start
        for place, player in enumerate(order):
            np.add(targets[place], steps[player], out=targets[place + 1])
        return self._measure(targets)

    def _halves(self) -> Array:
        """All coalitions of a linear model, by sums over the first and the second half of the players."""
        steps = self._steps()
        split = self.own.size // 2
        first, second = _subset_sums(steps[:split]), _subset_sums(steps[split:])
        first += self.model.values_of(self.noise)[:, -1]
        answer = np.zeros((len(second), len(first)))
        step = max(1, CHUNK // len(first))
        for start in range(0, self.noise.shape[0], step):
            part = slice(start, start + step)
            for high, added in enumerate(second):
                answer[high] += self._measure(first[:, part] + added[part])
        return answer.ravel()

    def _nonlinear(self, coalitions: NDArray[np.int64]) -> Array:
        """Sums over draws for each coalition; a node is evaluated once per restriction of it to its ancestors."""
        answer = np.zeros(coalitions.size)
        step = max(1, CHUNK // coalitions.size)
        evaluations, last = _evaluations(self.model, coalitions)
        for start in range(0, self.noise.shape[0], step):
            answer += self._measure(self._targets(evaluations, self.noise[start : start + step])[last])
        return answer

    def _targets(self, evaluations: list[_Evaluation], noise: Array) -> Array:
        """The target under every coalition that differs for it, and every draw of a chunk, (coalitions, draws)."""
        values: list[Array] = []
        for place, (node, one) in enumerate(zip(self.model.order, evaluations, strict=True)):
            # stacked in front, so that each cause lies in one piece
            causes = np.empty((len(one.seen), one.replaced.size, noise.shape[0]))
            for slot, (parent, rows) in enumerate(one.seen):
                np.take(values[parent], rows, axis=0, out=causes[slot], mode="clip")
            value = self.model.mechanisms[node].predict(np.moveaxis(causes, 0, -1))
            value += np.where(one.replaced[:, np.newaxis], self.own[place], noise[:, place])
            values.append(value)
        return values[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evaluation:
    """A node under each restriction of the coalitions to its ancestors: is its own noise replaced there?

    `seen` holds the place of each parent and which of that parent's restrictions goes with each.
    """

    replaced: NDArray[np.bool_]
    seen: list[tuple[int, NDArray[np.int64]]]


def _evaluations(model: StructuralModel, coalitions: NDArray[np.int64]) -> tuple[list[_Evaluation], NDArray[np.int64]]:
    """One for each node, and which restriction of the last node belongs to each coalition."""
    above = ancestor_masks(model)
    keys = [np.unique(coalitions & mask) for mask in above]
    answer = []
    for place, node in enumerate(model.order):
        own = keys[place]
        seen = [(parent, np.searchsorted(keys[parent], own & above[parent])) for parent in model.positions(node)]
        answer.append(_Evaluation(replaced=(own >> place) & 1 == 1, seen=seen))
    return answer, np.searchsorted(keys[-1], coalitions & above[-1])


def ancestor_masks(model: StructuralModel) -> NDArray[np.int64]:
    """For each node the bits of itself and its ancestors, by place in the model's order: (n,)."""
    masks: list[int] = []
    for place, node in enumerate(model.order):
        mask = 1 << place
        for parent in model.positions(node):
            mask |= masks[parent]
        masks.append(mask)
    return np.array(masks, dtype=np.int64)


def _subset_sums(rows: Array) -> Array:
    """Sums over every subset of rows (k, M), subset S at the index with its bits: (2^k, M)."""
    sums = np.zeros((1, rows.shape[1]))
    for row in rows:
        sums = np.concatenate([sums, sums + row])
    return sums
