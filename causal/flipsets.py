"""The fewest items of evidence without which another story would come first.

One item is found by looking at all, two among those that weigh most for what leads, more by leaving out the heaviest
against each rival in turn and then taking back whatever is not needed, so that no item of the answer can be spared.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.flipping import leading
from causal.network import Factor
from causal.posterior import evidence_factors, logits
from causal.scoring import Scored

Array = NDArray[np.float64]
PAIRED = 16  # items of which every two are tried together
RIVALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Items that would have to be left out for `then` (a narrative's id, or `unknown`) to come first."""

    items: tuple[str, ...]
    then: str


def smallest_removal(scored: Scored) -> Removal | None:
    """The smallest set found, of several the one that puts its story furthest ahead; None where none is found."""
    if not scored.narratives or not scored.items:
        return None
    asked = _Asked(scored)
    return _single(asked) or _pair(asked) or _several(asked)


class _Asked:
    """Posteriors of the narratives and of something else under masks, and how far the leader is ahead."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self.names = [*(narrative.id for narrative in scored.narratives), "unknown"]
        self.wanted = (*scored.structure.narratives, scored.structure.unknown)
        self.rows = max(8, scored.method.flip_cells // scored.structure.plan.cells)
        full = scored.beliefs.table[[scored.rows.full]][:, self.wanted]
        self.leader = int(leading(self.names, full)[0])
        without = scored.beliefs.table[[scored.rows.without[item] for item in scored.items]][:, self.wanted]
        self.alone = without
        ahead, ahead_without = self.ahead(full)[0], self.ahead(without)
        self.rivals = np.argsort(ahead, kind="stable")
        self.rivals = self.rivals[self.rivals != self.leader][:RIVALS]
        self.weights = ahead - ahead_without  # (items, columns): nats of the lead over each rival

    def ahead(self, table: Array) -> Array:
        """Nats by which the leader is ahead of each column."""
        found = logits(table)
        return found[:, [self.leader]] - found

    def posteriors(self, sets: Sequence[Sequence[int]]) -> Array:
        """Posteriors with each set of items left out."""
        masks = np.ones((len(sets), len(self.scored.items)))
        for row, left in enumerate(sets):
            masks[row, list(left)] = 0.0
        structure = self.scored.structure
        factors: list[Factor] = [*structure.factors, *structure.move]
        factors += evidence_factors(structure, self.scored.evidence, self.scored.items, masks)
        table = structure.plan.marginals(factors, self.wanted)[0]
        return np.broadcast_to(table, (len(sets), table.shape[1]))

    def best(self, sets: Sequence[Sequence[int]], table: Array) -> Removal | None:
        """Of the sets that change the first place the one that puts another furthest ahead."""
        first = leading(self.names, table)
        flipped = [row for row in range(len(sets)) if first[row] != self.leader]
        if not flipped:
            return None
        lead = self.ahead(table)
        row = min(flipped, key=lambda row: (round(float(lead[row, first[row]]), 9), sorted(self.named(sets[row]))))
        return Removal(items=self.named(sets[row]), then=self.names[first[row]])

    def named(self, left: Sequence[int]) -> tuple[str, ...]:
        """The items of a set by name."""
        return tuple(sorted(self.scored.items[item] for item in left))


def _single(asked: _Asked) -> Removal | None:
    return asked.best([[item] for item in range(len(asked.alone))], asked.alone)


def _pair(asked: _Asked) -> Removal | None:
    weights = asked.weights[:, asked.rivals].max(axis=1)
    chosen = sorted(range(len(weights)), key=lambda item: (-round(weights[item], 9), asked.scored.items[item]))[:PAIRED]
    pairs = list(itertools.combinations(chosen, 2))[: asked.rows]
    return asked.best(pairs, asked.posteriors(pairs)) if pairs else None


def _several(asked: _Asked) -> Removal | None:
    sets: list[list[int]] = []
    for rival in asked.rivals:
        weights = asked.weights[:, rival]
        order = sorted(range(len(weights)), key=lambda item: (-round(weights[item], 9), asked.scored.items[item]))
        heavy = [item for item in order if weights[item] > 0.0]
        sets += [heavy[:size] for size in range(3, len(heavy) + 1)][: asked.rows // RIVALS]
    if not sets:
        return None
    first = leading(asked.names, asked.posteriors(sets))
    flipped = [left for left, leader in zip(sets, first, strict=True) if leader != asked.leader]
    if not flipped:
        return None
    least = min(flipped, key=lambda left: (len(left), asked.named(left)))
    while True:
        fewer = [[other for other in least if other != item] for item in least]
        table = asked.posteriors(fewer)
        spared = asked.best(fewer, table)
        if spared is None:
            return asked.best([least], asked.posteriors([least]))
        least = [asked.scored.items.index(item) for item in spared.items]
