"""Conditional tables of the narrative network: steps, the move, chains of alternatives (causal.md 3.2).

All have shape (1, 2, ..., 2), the variable that is caused on the last axis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from causal.settings import Method

Array = NDArray[np.float64]


def prior_table(probability: float) -> Array:
    """P(variable) of a root."""
    return np.array([[1.0 - probability, probability]])


def activation(method: Method, theta: float, *, first: bool) -> Array:
    """alpha(narrative, previous step), of shape (2, 2), or (2,) for the first step of a narrative."""
    if first:
        return np.array([0.0, theta])
    return np.array([[0.0, method.spill], [method.broken_chain, theta]])


def step_table(base_rate: float, activations: Sequence[Array]) -> Array:
    """P(step | its causes): a leaky noisy-or over the narratives that use it (hybrid gate).

    `activations` each take their own axes in order: (narrative, previous step), or (narrative,).
    """
    quiet = np.array(1.0 - base_rate)
    for alpha in activations:
        quiet = np.multiply.outer(quiet, 1.0 - alpha)
    return np.stack([quiet, 1.0 - quiet], axis=-1)[np.newaxis]


def either_table(weight: float) -> Array:
    """P(so far | before, next): true when it was before, or through the next cause with probability `weight`."""
    table = np.zeros((1, 2, 2, 2))
    for before in (0, 1):
        for cause in (0, 1):
            on = 1.0 if before else weight * cause
            table[0, before, cause] = (1.0 - on, on)
    return table


def first_table(weight: float, leak: float = 0.0) -> Array:
    """P(so far | first cause): leak, or through the first cause with probability `weight`."""
    table = np.zeros((1, 2, 2))
    for cause in (0, 1):
        on = 1.0 - (1.0 - leak) * (1.0 - weight * cause)
        table[0, cause] = (1.0 - on, on)
    return table
