"""How good probabilities are against what was true: the figures of a calibration table."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from tests.simulator.days import Bools
from tests.simulator.worlds import Array

BINS = 15
DRAWS = 200
_EDGE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Of probabilities (N, K) against truths (N, K): mean squared error, log loss in nats, expected calibration error
    over 15 equal bins, AUC over all pairs, and the share of moves whose most probable narrative was a cause.

    Beside the calibration error what it would be if the probabilities were right (`chance`), because it is above zero
    even then, and what is left without that bias (`debiased`).
    """

    brier: float
    log_loss: float
    ece: float
    chance: float
    debiased: float
    auc: float
    top: float

    def row(self) -> tuple[float, ...]:
        """The figures in order."""
        return astuple(self)


def score_of(p: Array, truth: Bools) -> Scores:
    """All figures of one method in one world."""
    return Scores(
        brier=brier(p, truth),
        log_loss=log_loss(p, truth),
        ece=calibration_error(p, truth),
        chance=chance_error(p),
        debiased=debiased_error(p, truth),
        auc=auc(p, truth),
        top=float(truth[np.arange(len(p)), p.argmax(axis=1)].mean()) if p.ndim == 2 else float("nan"),
    )


def brier(p: Array, truth: Bools) -> float:
    """Mean squared error."""
    return float(((p - truth) ** 2).mean())


def log_loss(p: Array, truth: Bools) -> float:
    """Mean negative log probability of what was so, in nats."""
    kept = np.clip(p, _EDGE, 1.0 - _EDGE)
    return float(-np.log(np.where(truth, kept, 1.0 - kept)).mean())


def auc(p: Array, truth: Bools) -> float:
    """Chance that something true is above something false, ties half (by ranks); nan where one sort is missing."""
    values, labels = p.ravel(), truth.ravel()
    right = int(labels.sum())
    wrong = labels.size - right
    if right == 0 or wrong == 0:
        return float("nan")
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    upper = np.cumsum(counts)
    ranks = (upper - 0.5 * (counts - 1))[place]
    return float((ranks[labels].sum() - right * (right + 1) / 2.0) / (right * wrong))


def reliability(p: Array, truth: Bools) -> list[tuple[float, float, int]]:
    """(mean probability, share true, count) of each of the 15 bins that is not empty."""
    values, labels = p.ravel(), truth.ravel()
    which = _bin(values)
    return [
        (float(values[which == b].mean()), float(labels[which == b].mean()), int((which == b).sum()))
        for b in range(BINS)
        if (which == b).any()
    ]


def _bin(values: Array) -> NDArray[np.int64]:
    return np.minimum((values * BINS).astype(np.int64), BINS - 1)


def calibration_error(p: Array, truth: Bools) -> float:
    """Mean distance between what was said and what was so, over the bins, weighted by how much is in them."""
    return sum(abs(said - so) * count for said, so, count in reliability(p, truth)) / p.size


def chance_error(p: Array, draws: int = DRAWS) -> float:
    """The mean calibration error of as many truths that are drawn with the chances `p`: what a perfect forecaster has.

    Truths are drawn independently of one another, the same ones at every call.
    """
    rng, values = np.random.default_rng(0), p.ravel()
    which = _bin(values)
    gaps = [np.bincount(which, (rng.random(values.size) < values) - values, BINS) for _ in range(draws)]
    return float(np.abs(gaps).sum(axis=1).mean() / values.size)


def debiased_error(p: Array, truth: Bools) -> float:
    """The calibration error without its bias, which few truths in a bin make; at least zero.

    The bias is what drawing the truths of each bin anew, with the share that was so, would add (Kumar, Liang and Ma
    2019, Verified uncertainty calibration, NeurIPS 32, for the l1 error); the mean of a share is taken as normal, so
    that the expected distance is that of a folded normal.
    """
    answer = 0.0
    for said, so, count in reliability(p, truth):
        gap, spread = abs(said - so), math.sqrt(so * (1.0 - so) / count)
        expected = gap
        if spread > 0.0:
            ratio = gap / (math.sqrt(2.0) * spread)
            expected = spread * math.sqrt(2.0 / math.pi) * math.exp(-ratio * ratio) + gap * math.erf(ratio)
        answer += (2.0 * gap - expected) * count
    return max(0.0, answer / p.size)
