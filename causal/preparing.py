"""Takes what is no anomaly out of a series before anybody looks for one: the growth of counters, a steady trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
COUNTER_ROWS = 20
TREND_BLOCKS = 8
STEADY = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A series in normal time and in the window, and `how` it was prepared: as it is, differenced, or detrended."""

    normal: Array
    window: Array
    how: str


def prepared(normal: Array, window: Array) -> Prepared:
    """Counters by their increments, steady trends less the trend (carried on into the window), all else as it is."""
    if _is_counter(normal):
        # a single row has no increment of its own; only there the last normal row is taken for its neighbour
        before = normal[-1] if window.size == 1 else np.nan
        return Prepared(normal=_steps(np.nan, normal), window=_steps(before, window), how="differenced")
    slope, start = _trend(normal)
    if slope == 0.0:
        return Prepared(normal=normal, window=window, how="as it is")
    rows = np.arange(normal.size + window.size)
    line = start + slope * rows
    return Prepared(normal=normal - line[: normal.size], window=window - line[normal.size :], how="detrended")


def _is_counter(series: Array) -> bool:
    """It hardly ever falls, mostly rises, and rises far beyond one step."""
    known = series[~np.isnan(series)]
    if known.size < COUNTER_ROWS:
        return False
    steps = np.diff(known)
    rises = steps[steps > 0]
    return bool(
        (steps >= 0).mean() >= 0.98 and rises.size >= 0.5 * steps.size and rises.sum() >= 8.0 * np.quantile(rises, 0.9)
    )


def _steps(before: float, counter: Array) -> Array:
    """Increments from the row `before` on, one a row; one that is negative is a reset and not known."""
    steps = np.diff(counter, prepend=before)
    return np.where(steps < 0, np.nan, steps)


def _trend(series: Array) -> tuple[float, float]:
    """Slope a row and start of a trend that block medians follow almost exactly; slope 0 where there is none."""
    known = np.flatnonzero(~np.isnan(series))
    if known.size < 8 * TREND_BLOCKS:
        return 0.0, 0.0
    blocks = np.array_split(known, TREND_BLOCKS)
    middle = np.array([block.mean() for block in blocks])
    level = np.array([np.median(series[block]) for block in blocks])
    if level.std() == 0.0:
        return 0.0, 0.0
    slope, start = np.polyfit(middle, level, 1)
    straight = abs(float(np.corrcoef(middle, level)[0, 1])) >= STEADY
    noise = float(np.median(np.abs(series[known] - start - slope * known)))
    return (float(slope), float(start)) if straight and abs(slope) * known.size > 3.0 * noise else (0.0, 0.0)
