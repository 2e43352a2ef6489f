"""What breaks: each kind of fault changes what a node does from a row on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of some size, in standard deviations of the node's own noise; `seed` draws where its spikes are."""

    kind: str
    size: float
    seed: int


def _shift(own: Array, _before: Array, fault: Fault) -> Array:
    return own + fault.size


def _drift(own: Array, _before: Array, fault: Fault) -> Array:
    return own + fault.size * np.linspace(0.0, 1.0, own.size + 1)[1:]


def _spikes(own: Array, _before: Array, fault: Fault) -> Array:
    rng = np.random.default_rng(fault.seed)
    hit = rng.random(own.size) < 0.25
    hit[rng.integers(own.size)] = True
    return own + fault.size * hit


def _variance(own: Array, _before: Array, fault: Fault) -> Array:
    return own * abs(fault.size)


def _saturation(own: Array, before: Array, fault: Fault) -> Array:
    """Pinned next to a ceiling beyond all that was."""
    reach = np.abs(before).max() + 0.3 * abs(fault.size)
    return np.sign(fault.size) * reach + 0.02 * own


def _freeze(own: Array, before: Array, fault: Fault) -> Array:
    """Stands still, some way from its middle."""
    return np.full(own.size, before.mean() + np.sign(fault.size) * max(3.0, 0.5 * abs(fault.size)))


INJECTED: dict[str, Callable[[Array, Array, Fault], Array]] = {
    "shift": _shift,
    "silence": _shift,
    "drift": _drift,
    "spikes": _spikes,
    "variance": _variance,
    "saturation": _saturation,
    "freeze": _freeze,
}
WHOLE = {"saturation", "freeze"}  # of the node's value; the others act on its own part of it


def injected(fault: Fault, series: Array, start: int) -> Array:
    """The series with the fault from row `start` on."""
    return np.concatenate([series[:start], INJECTED[fault.kind](series[start:], series[:start], fault)])
