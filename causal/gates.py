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


def acting_table(activations: Sequence[Array], which: int) -> Array:
    """P(one use activates the step, and the step) on the axes of `step_table`: its alpha where the step is on."""
    acting = np.array(1.0)
    for number, alpha in enumerate(activations):
        acting = np.multiply.outer(acting, alpha if number == which else np.ones_like(alpha))
    return np.stack([np.zeros_like(acting), acting], axis=-1)[np.newaxis]


def silence_table(weight: float) -> Array:
    """(switch, cause): one where the switch is off, else the chance that the cause stays silent, 1 - weight."""
    return np.array([[[1.0, 1.0], [1.0, 1.0 - weight]]])


def pair_table(weight: float) -> Array:
    """(switch, one, other): as `silence_table`, of a cause that is there where both are on."""
    table = np.ones((1, 2, 2, 2))
    table[0, 1, 1, 1] = 1.0 - weight
    return table


def linked(table: Array, weight: float) -> Array:
    """The last axis turned from "acts or not" to the one cause of it, which acts with `weight` where it is on."""
    off, acting = table[..., 0], table[..., 1]
    return np.stack([off, off + weight * (acting - off)], axis=-1)


def switched(table: Array, groups: int) -> Array:
    """The last `groups` axes of a table turned from "acts or not" to the switch of its silence.

    A group of alternatives acts with 1 - s, s the product of its causes' silences. For one axis
    f(on) (1 - s) + f(off) s = f(on) + (f(off) - f(on)) s, so that off is f(on) and on is f(off) - f(on): a
    noisy-or of any size becomes pairwise factors (Diez and Galan 2003), with entries that may be negative.
    """
    for axis in range(table.ndim - groups, table.ndim):
        off, on = np.take(table, 0, axis=axis), np.take(table, 1, axis=axis)
        table = np.stack([on, off - on], axis=axis)
    return table
