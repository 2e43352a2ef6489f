"""How good probabilities are against what was true: the figures of a calibration table."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from tests.simulator.days import Bools
from tests.simulator.worlds import Array

BINS = 15
_EDGE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Of probabilities (N, K) against truths (N, K): mean squared error, log loss in nats, expected calibration error
    over 15 equal bins, AUC over all pairs, and the share of moves whose most probable narrative was a cause.
    """

    brier: float
    log_loss: float
    ece: float
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
    which = np.minimum((values * BINS).astype(np.int64), BINS - 1)
    return [
        (float(values[which == b].mean()), float(labels[which == b].mean()), int((which == b).sum()))
        for b in range(BINS)
        if (which == b).any()
    ]


def calibration_error(p: Array, truth: Bools) -> float:
    """Mean distance between what was said and what was so, over the bins, weighted by how much is in them."""
    return sum(abs(said - so) * count for said, so, count in reliability(p, truth)) / p.size
