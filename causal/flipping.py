"""What would have to be different for another story to come first: one judgement, or a few items of evidence.

P(N, E) is linear in any single entry t of the network's tables, so that two runs give the value of t at which two
stories stand level, exactly (causal.md 3.6; Chan and Darwiche 2002): of every prior, transmission, reliability, link,
base rate and theta. One pass answers for all of them, a row of the batch each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from causal.entries import Entry, base_factors, entries
from causal.scoring import Scored

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFlip:
    """The value of an entry at which `then` (a narrative's id, or `unknown`) draws level with what comes first."""

    name: str
    item: str | None
    from_: float
    to: float
    then: str

    @property
    def nats(self) -> float:
        """How far the log odds of the entry have to go."""
        return abs(_logit(self.to) - _logit(self.from_))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How many entries were moved, and the flips among them, nearest first."""

    entries: int
    flips: tuple[EntryFlip, ...]


def flips(scored: Scored) -> Flips:
    """The flips of all entries; of a wide network those of its first entries (`flip_cells`)."""
    most = max(1, scored.method.flip_cells // scored.structure.plan.cells)
    found = list(entries(scored))[:most]
    if not scored.narratives or not found:
        return Flips(entries=0, flips=())
    table, log_total = _run(scored, found)
    names = [*(narrative.id for narrative in scored.narratives), "unknown"]
    leader = leading(names, table[:1])[0]
    weights = table * np.exp(log_total - log_total[0])[:, np.newaxis]
    ahead = weights[:, [leader]] - weights
    answer = [
        flip
        for row, entry in enumerate(found, start=1)
        if (flip := _nearest(entry, ahead[0], ahead[row], names, leader)) is not None
    ]
    answer.sort(key=lambda flip: (round(flip.nats, 9), flip.name, flip.item or ""))
    return Flips(entries=len(found), flips=tuple(answer))


def leading(names: Sequence[str], table: Array) -> NDArray[np.int64]:
    """The column that comes first in each row, ties by name."""
    order = np.array(sorted(range(len(names)), key=lambda column: names[column]))
    answer: NDArray[np.int64] = order[table[:, order].argmax(axis=1)]
    return answer


def _run(scored: Scored, found: Sequence[Entry]) -> tuple[Array, Array]:
    """Row 0 as it is, then one row an entry: posteriors of narratives and something else, and log totals."""
    structure = scored.structure
    base = base_factors(scored)
    tables = {entry.slot: np.repeat(base[entry.slot].table, len(found) + 1, axis=0) for entry in found}
    for row, entry in enumerate(found, start=1):
        tables[entry.slot][row] = entry.table
    factors = [replace(factor, table=tables.get(slot, factor.table)) for slot, factor in enumerate(base)]
    return structure.plan.marginals(factors, wanted=(*structure.narratives, structure.unknown))


def _nearest(entry: Entry, now: Array, then: Array, names: Sequence[str], leader: int) -> EntryFlip | None:
    best: EntryFlip | None = None
    for rival, (here, there) in enumerate(zip(now.tolist(), then.tolist(), strict=True)):
        if rival == leader or here == there:
            continue
        to = entry.value + (entry.elsewhere - entry.value) * here / (here - there)
        if not 0.0 < to < 1.0:
            continue
        flip = EntryFlip(name=entry.name, item=entry.item, from_=entry.value, to=to, then=names[rival])
        if best is None or flip.nats < best.nats:
            best = flip
    return best


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))
