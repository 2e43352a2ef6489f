"""Logistic regression with a ridge, on few rows: one answer, found by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fit_logistic(table: Array, truth: Array, *, ridge: Array, offset: Array | None = None) -> Array:
    """Weights (F,) of a logistic regression of `truth` (N,) on `table` (N, F) by Newton's method.

    Minimises the log loss in nats + 1/2 sum of ridge x weight^2, so that it has one answer; a step that does not help
    is halved.
    """
    base = np.zeros(len(truth)) if offset is None else offset
    weights = np.zeros(table.shape[1])
    loss = _penalised(table, truth, ridge, base, weights)
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-(base + table @ weights)))
        slope = table.T @ (p - truth) + ridge * weights
        bend = (table * (p * (1.0 - p))[:, np.newaxis]).T @ table + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (lower := _penalised(table, truth, ridge, base, weights - size * step)) > loss and size > 1e-9:
            size /= 2.0
        weights, gain, loss = weights - size * step, loss - lower, lower
        if gain < 1e-10:
            break
    return weights


def _penalised(table: Array, truth: Array, ridge: Array, base: Array, weights: Array) -> float:
    logits = base + table @ weights
    return float(np.logaddexp(0.0, logits).sum() - truth @ logits + 0.5 * (ridge * weights**2).sum())
