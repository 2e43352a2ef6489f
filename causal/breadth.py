"""Keeps stories from winning by breadth: readings that move together count as one (evidence.md 4).

Readings of series are weighed down by how much they moved together on comparable days, each by
1 / (1 + sum of its positive correlations with the story's others): m equal readings weigh as one, m independent ones
as m (the row-sum form of m_eff = m / (1 + (m - 1) r), causal.md 3.4). The common factor is kept, once, instead of
being taken out of every reading, because some stories are about nothing else. Facts without a series, which have no
history to correlate, are one cluster where a day like this one alone would move them.

Both that cluster and the weaker tilt of what any such day does are guards against a factor of the day that all share.
Whether there is one is measured on the series at hand (`shared_factor`); where none is there, it is taken for granted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.facts import FactIndex, Place
from causal.panel import Array
from causal.pulling import Pulled
from causal.settings import Method

SHRINK = 0.1  # towards independence, so that two readings of nearly one thing do not take opposite weights
FLAT = 1e-12  # variance of ranks below which there is nothing to correlate


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A step that predicts the observable: `side` up, down or flat, tilt A, and the weight of the link."""

    narrative: int
    step: str
    side: str
    tilt: float
    link: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One answered prediction of a narrative; `generic` where any day like this one would move it that way.

    `measured` where a series answered it.
    """

    place: Place
    parent: Parent
    generic: bool
    measured: bool = False


def temper(entries: Sequence[Entry], index: FactIndex, shared: float) -> list[tuple[Place, Parent]]:
    """The entries of one narrative with their links weakened, so that together they weigh what they are worth.

    A link is weakened so that a hit in the outermost bin multiplies the odds by the power of the share that is left.
    `shared` in [0, 1] says how surely there is a factor of the day at all.
    """
    method = index.method
    entries = [_softened(entry, method, shared) if entry.generic else entry for entry in entries]
    loose = {entry.place for entry in entries if entry.generic and not entry.measured}
    generic = len({entry.place for entry in entries if entry.generic})
    share = 1.0 / (1.0 + (generic - 1) * method.breadth_correlation * shared) if generic > 1 else 1.0
    shares = _shares(entries, index)
    answer = []
    for entry in entries:
        own = entry.parent
        if entry.place in loose:
            own = _weakened(own, share)
        elif shares.get(entry.place, 1.0) < 1.0:
            own = _weakened(own, shares[entry.place])
        answer.append((entry.place, own))
    return answer


def _softened(entry: Entry, method: Method, shared: float) -> Entry:
    """What any day like this one would do tells little of a story, by its series less little than by table alone."""
    factor = method.generic_tilt_measured if entry.measured else method.generic_tilt
    factor = 1.0 - shared * (1.0 - factor)
    return replace(entry, parent=replace(entry.parent, tilt=1.0 + (entry.parent.tilt - 1.0) * factor))


def _weakened(parent: Parent, share: float) -> Parent:
    gain = (1.0 - 0.9**parent.tilt) / 0.1 - 1.0
    return replace(parent, link=((1.0 + parent.link * gain) ** share - 1.0) / gain)


def _shares(entries: Sequence[Entry], index: FactIndex) -> dict[Place, float]:
    """The share that each reading of a series keeps beside the narrative's other ones."""
    held: dict[Place, tuple[Pulled, Parent]] = {}
    for entry in entries:
        for report in index.reports[entry.place]:
            if report.fact in index.pulled:
                known = held.get(entry.place)
                if known is None or known[1].tilt < entry.parent.tilt:
                    held[entry.place] = (index.pulled[report.fact], entry.parent)
    if len(held) < 2:
        return {}
    shares = best_weights(
        co_movement([(pulled, parent.side) for pulled, parent in held.values()]),
        np.log([parent.tilt for _, parent in held.values()]),
    )
    return dict(zip(held, shares.tolist(), strict=True))


def best_weights(together: Array, effects: Array) -> Array:
    """The weight of each of m correlated readings in their best sum, between 0 and 1: R^-1 d / d.

    `together` (m, m) is their correlation R where nothing happened, `effects` (m,) how far each moves where it did
    (Fisher's linear discriminant; generalised least squares, O'Brien 1984). Readings that would get less than nothing
    get nothing.
    """
    left = np.ones(len(effects), dtype=bool)
    while True:
        answer = np.zeros(len(effects))
        answer[left] = np.linalg.solve(together[np.ix_(left, left)], effects[left]) / effects[left]
        if (answer >= 0.0).all():
            return np.minimum(answer, 1.0)
        left &= answer >= 0.0


def shared_factor(series: Sequence[Pulled], least: float) -> float:
    """How surely the series that such days move do share a factor of the day, in [0, 1]; 1 where that is not known.

    Each is signed by the side to which such days move it (its calm median, at least `least` in z, lies on the other).
    With r the mean of their pairwise rank correlations on comparable days, n days and m series, t = r sqrt(n m(m-1)/2)
    is its ratio to its standard error where there is no such factor, and the answer is the positive part of
    1 - 1/t^2 (James and Stein 1961). Of a single series there is no correlation, and the answer is 1.
    """
    moved = [pulled for pulled in series if abs(pulled.calm) > least]
    if len(moved) < 2:
        return 1.0
    scores = np.array([-np.sign(pulled.calm) * pulled.ranks for pulled in moved])
    found = correlations(scores, np.array([pulled.weights for pulled in moved]))
    pairs = len(moved) * (len(moved) - 1) / 2.0
    mean = float(np.triu(found, 1).sum()) / pairs
    days = float(np.mean([pulled.found.effective for pulled in moved]))
    return max(0.0, 1.0 - 1.0 / (mean * mean * days * pairs)) if mean > 0.0 else 0.0


def co_movement(readings: Sequence[tuple[Pulled, str]]) -> Array:
    """Positive part of the weighted rank correlations of readings, signed by what is predicted of them, (m, m)."""
    scores = np.array([_score(pulled, side) for pulled, side in readings])
    found = correlations(scores, np.array([pulled.weights for pulled, _ in readings]))
    answer: Array = (1.0 - SHRINK) * np.maximum(0.0, found)
    np.fill_diagonal(answer, 1.0)
    return answer


def _score(pulled: Pulled, side: str) -> Array:
    """What speaks for the prediction on each comparable day, (T,): the rank, its mirror, or nearness to the calm."""
    if side == "flat":
        calm = float(np.nanmedian(pulled.ranks))
        return -np.abs(pulled.ranks - calm)
    return pulled.ranks if side == "up" else -pulled.ranks


def correlations(scores: Array, weights: Array) -> Array:
    """Weighted correlations of every two of m rows of days, both (m, T), over the days that both have; (m, m).

    A day weighs the geometric mean of its two weights. Zero where fewer than three days are common, or one is constant.
    """
    have = np.isfinite(scores) & (weights > 0.0)
    root = np.where(have, np.sqrt(weights), 0.0)
    values = np.where(have, scores - 0.5, 0.0)
    first, second = root * values, root * values * values
    days = have.astype(np.float64) @ have.T
    with np.errstate(divide="ignore", invalid="ignore"):
        mass = root @ root.T
        means = first @ root.T / mass
        spread = second @ root.T / mass - means * means
        found = (first @ first.T / mass - means * means.T) / np.sqrt(spread * spread.T)
    known = (days >= 3) & (spread > FLAT) & (spread.T > FLAT)
    return np.where(known, found, 0.0)


def crowd(parents: list[Parent], listed: set[int]) -> list[Parent]:
    """Templates that nobody listed, beside a listed story that predicts the same, are one alternative and not many.

    Each has a chance of its own to be on without reason; together they would explain away any reading.
    """
    size = len({parent.narrative for parent in parents if parent.narrative not in listed})
    if size == 0 or all(parent.narrative not in listed for parent in parents):
        return parents
    return [
        parent if parent.narrative in listed else replace(parent, link=1.0 - (1.0 - parent.link) ** (1.0 / size))
        for parent in parents
    ]
