"""What would have to be different for another story to come first: one judgement, or a few items of evidence.

P(N, E) is linear in any single entry t of the network's tables, so that its values at two t give the one at which two
stories stand level, exactly (causal.md 3.6; Chan and Darwiche 2002): of every prior, transmission, reliability, link,
base rate and theta. One pass answers for all of them: with each story clamped in turn it gives the joint of every
factor's variables, and another table of a factor changes the total by the mean of new over old entries under it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.entries import Entry, base_factors, entries
from causal.network import Factor
from causal.scoring import Scored

Array = NDArray[np.float64]
FEWEST = 4  # causes that are compared


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
    """The flips of all entries; in a wide network those in favour of the most probable causes (`flip_cells`)."""
    if not scored.narratives:
        return Flips(entries=0, flips=())
    found = list(entries(scored))
    names, variables = _rivals(scored)
    here, elsewhere = _weights(scored, found, variables)
    leader = int(leading(names, here[np.newaxis])[0])
    answer = list(_nearest(found, here, elsewhere, names, leader))
    answer.sort(key=lambda flip: (round(flip.nats, 9), flip.name, flip.item or ""))
    return Flips(entries=len(found), flips=tuple(answer))


def _rivals(scored: Scored) -> tuple[list[str], list[int]]:
    """Names and variables of the causes that are compared, the most probable first."""
    structure = scored.structure
    names = [*(narrative.id for narrative in scored.narratives), "unknown"]
    variables = [*structure.narratives, structure.unknown]
    p = scored.beliefs.table[scored.rows.full, variables]
    order = sorted(range(len(names)), key=lambda column: (-round(float(p[column]), 9), names[column]))
    order = order[: max(FEWEST, scored.method.flip_cells // structure.plan.cells)]
    return [names[column] for column in order], [variables[column] for column in order]


def leading(names: Sequence[str], table: Array) -> NDArray[np.int64]:
    """The column that comes first in each row, ties by name."""
    order = np.array(sorted(range(len(names)), key=lambda column: names[column]))
    answer: NDArray[np.int64] = order[table[:, order].argmax(axis=1)]
    return answer


def _weights(scored: Scored, found: Sequence[Entry], causes: Sequence[int]) -> tuple[Array, Array]:
    """P(cause, E) up to one constant: as it is (causes,), and with each entry elsewhere (entries, causes).

    Where a table has a zero the other one has it too: single entries of judgement are neither 0 nor 1.
    """
    structure = scored.structure
    base = base_factors(scored)
    clamps = []
    for row, variable in enumerate(causes):
        table = np.ones((len(causes), 2))
        table[row, 0] = 0.0
        clamps.append(Factor(scope=(variable,), table=table))
    slots = sorted({entry.slot for entry in found})
    joints, log_total = structure.plan.joints([*base, *clamps], [base[slot].scope for slot in slots])
    here = np.exp(log_total - log_total.max())
    per_cell = {}
    for slot, joint in zip(slots, joints, strict=True):
        old = base[slot].table
        per_cell[slot] = (joint / np.where(old == 0.0, np.inf, old)).reshape(len(joint), -1)
    ratios = [per_cell[one.slot] @ one.table.ravel() for one in found]
    return here, here * np.array(ratios)


def _nearest(
    found: Sequence[Entry], here: Array, elsewhere: Array, names: Sequence[str], leader: int
) -> Iterator[EntryFlip]:
    """For each entry that can bring a rival level the nearest such value, of equally near ones the first rival's."""
    values, others, most = (
        np.array([getattr(entry, part) for entry in found])[:, np.newaxis] for part in ("value", "elsewhere", "most")
    )
    now, then = here[leader] - here, elsewhere[:, [leader]] - elsewhere
    now, then = np.broadcast_to(now, then.shape), np.where(now == then, np.nan, then)
    then[:, leader] = np.nan
    with np.errstate(over="ignore"):  # of what hardly changes anything
        to = values + (others - values) * now / (now - then)
    within = (to > 0.0) & (to < most)  # not where it is no number
    nats = np.full(to.shape, np.inf)
    inside = to[within]
    nats[within] = np.abs(_logits(inside) - np.broadcast_to(_logits(values), to.shape)[within])
    rivals = nats.argmin(axis=1)
    for number in np.flatnonzero(within.any(axis=1)).tolist():
        entry, rival = found[number], int(rivals[number])
        yield EntryFlip(
            name=entry.name, item=entry.item, from_=entry.value, to=float(to[number, rival]), then=names[rival]
        )


def _logits(p: Array) -> Array:
    answer: Array = np.log(p / (1.0 - p))
    return answer


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))
