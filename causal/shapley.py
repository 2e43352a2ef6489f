"""Shares the log odds of each narrative among the items of evidence (Shapley 1953; causal.md 3.6).

The worth of a set of items is the log odds of a narrative given the move and these items. An item's share is its mean
contribution over orders in which the items come in: what is said twice is shared, where leaving out either would show
nothing. Orders are sampled, each with its reverse (antithetic), and every sampled order adds up to the whole, so that
the shares do. Items that hardly move anything come in together, as one player whose share is not told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.network import Factor
from causal.posterior import evidence_factors, logits
from causal.scoring import Scored

Array = NDArray[np.float64]
MOST_ROWS = 3000  # of a batch
FEWEST = 6  # orders, where the budget is small: rather fewer items than fewer orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Nats by item, one entry a narrative in the run's order; `rest` is the share of all other items together."""

    permutations: int
    by_item: Mapping[str, Array]
    rest: Array


def shares(scored: Scored) -> Shares:
    """The shares of the items that weigh most in all narratives; fewer orders and items by `shapley_cells`."""
    columns = list(scored.structure.narratives)
    players = _players(scored)
    rows = max(FEWEST, min(MOST_ROWS, scored.method.shapley_cells // scored.structure.plan.cells))
    players = players[: max(1, rows // FEWEST - 1)]
    rest = [item for item in range(len(scored.items)) if item not in players]
    groups = [[item] for item in players] + ([rest] if rest else [])
    if not groups or not columns:
        return Shares(permutations=0, by_item={}, rest=np.zeros(len(columns)))
    pairs = max(1, min(scored.method.shapley_permutations, rows // len(groups)) // 2)
    orders = _orders(scored, groups, pairs)
    found = _mean_contributions(scored, groups, orders)
    return Shares(
        permutations=len(orders),
        by_item={scored.items[item]: found[number] for number, item in enumerate(players)},
        rest=found[-1] if rest else np.zeros(len(columns)),
    )


def _players(scored: Scored) -> list[int]:
    """The items, those first whose leaving out moves a narrative most; at most `shapley_items`."""
    columns = list(scored.structure.narratives)
    table = logits(scored.beliefs.table[:, columns])
    weights = [
        float(np.abs(table[scored.rows.full] - table[scored.rows.without[item]]).max(initial=0.0))
        for item in scored.items
    ]
    order = sorted(range(len(weights)), key=lambda item: (-round(weights[item], 9), scored.items[item]))
    return order[: scored.method.shapley_items]


def _orders(scored: Scored, groups: list[list[int]], pairs: int) -> list[NDArray[np.int64]]:
    """Orders of the groups, each followed by its reverse; by the names of the items, so that nothing else matters."""
    names = ["\n".join(sorted(scored.items[item] for item in group)) for group in groups]
    by_name = np.array(sorted(range(len(groups)), key=lambda number: names[number]))
    digest = hashlib.blake2b("\n\n".join(sorted(names)).encode(), digest_size=8).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest)))
    answer = []
    for _ in range(pairs):
        order = by_name[generator.permutation(len(groups))]
        answer += [order, order[::-1]]
    return answer


def _mean_contributions(scored: Scored, groups: list[list[int]], orders: list[NDArray[np.int64]]) -> Array:
    """(groups, narratives): the mean over the orders of what each group adds where it comes in."""
    masks = []
    for order in orders:
        mask = np.zeros(len(scored.items))
        for number in order[:-1]:
            mask[groups[number]] = 1.0
            masks.append(mask.copy())
    ends = scored.beliefs.table[[scored.rows.move_only, scored.rows.full]][:, list(scored.structure.narratives)]
    inner = _worth(scored, np.array(masks)) if len(groups) > 1 else np.empty((0, ends.shape[1]))
    inner = inner.reshape(len(orders), len(groups) - 1, ends.shape[1])
    first, last = (np.broadcast_to(row, (len(orders), 1, ends.shape[1])) for row in logits(ends)[:, np.newaxis])
    steps = np.diff(np.concatenate([first, inner, last], axis=1), axis=1)
    answer = np.zeros((len(groups), ends.shape[1]))
    for order, step in zip(orders, steps, strict=True):
        answer[order] += step
    return answer / len(orders)


def _worth(scored: Scored, masks: Array) -> Array:
    """The log odds of each narrative under each mask."""
    structure = scored.structure
    factors: list[Factor] = [*structure.factors, *structure.move]
    factors += evidence_factors(structure, scored.evidence, scored.items, masks)
    return logits(structure.plan.marginals(factors, structure.narratives)[0])
