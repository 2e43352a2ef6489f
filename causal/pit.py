"""How unusual is a reading, given that a move of this sign and size happened? (causal.md 3.3)

u = (1/2 + sum_t w_t 1{n_t < n*}) / (1 + sum_t w_t), equal values counting half, over the days of the past on which the
same thing moved the same way; w_t = exp(-1/2 ((ln|r_t| - ln|r*|) / h)^2), h widened until the effective sample is
large enough, and the weights scaled to add up to it. Without such days there is no answer, only the number found.

n is the reading less what a move of that size does to it: x_t - b (ln|r_t| - ln|r*|), b by weighted least squares over
the comparable days (local linear, Fan and Gijbels 1996). Comparable days are smaller than the largest moves, so that
without it all that grows with the size of a move would look surprising on them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
_WIDEST = 64.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFew:
    """There is no answer: `found` comparable days where `needed` were needed."""

    found: float
    needed: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surprise:
    """u in (0, 1), the effective number of comparable days, and the bandwidth h that found them.

    `ranks` (T,) is the mid-rank of each comparable day among them, nan elsewhere; `weights` (T,) sum to one over the
    comparable days; `calm` is u of the median of all days; `spread` are the readings below which 5, 25, 50, 75 and 95
    percent of the comparable days lie, brought to the size of the move. `usable` days of any size have a reading.
    """

    u: float
    effective: float
    bandwidth: float
    ranks: Array
    weights: Array
    calm: float
    usable: int
    spread: tuple[float, float, float, float, float]


def effective_size(weights: Array) -> float:
    """(sum w)^2 / sum w^2, zero for none (Kish 1965)."""
    most = float(weights.max(initial=0.0))
    if most == 0.0:
        return 0.0
    scaled = weights / most  # squares of tiny weights would vanish
    return float(scaled.sum()) ** 2 / float((scaled * scaled).sum())


def kernel(returns: Array, size: float, usable: Mask, *, bandwidth: float, needed: float) -> tuple[Array, float] | None:
    """Weights (T,) of the usable days of the same sign as `size`, and the bandwidth; None where there are too few.

    The bandwidth grows by a quarter at a time from `bandwidth`, to where all days weigh the same.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.log(np.abs(returns)) - np.log(abs(size))
    same = usable & np.isfinite(distance) & (np.sign(returns) == np.sign(size))
    if size == 0.0 or np.count_nonzero(same) < needed:
        return None
    squared = np.where(same, distance * distance, np.inf)
    squared -= squared.min()  # the nearest day weighs one, however far all of them are
    while True:
        weights = np.exp(-0.5 * squared / (bandwidth * bandwidth))
        if effective_size(weights) >= needed:
            return weights, bandwidth
        if bandwidth > _WIDEST:
            return same.astype(np.float64), float("inf")
        bandwidth *= 1.25


def conditional_pit(
    value: float, readings: Array, returns: Array, size: float, *, bandwidth: float, needed: float, overlap: int = 1
) -> Surprise | TooFew:
    """The surprise of `value` among `readings` (T,) on the days whose `returns` (T,) are like `size`.

    `overlap` is the number of sessions that a window covers: neighbouring windows share them, so that this many times
    more days are needed.
    """
    usable = np.isfinite(readings) & np.isfinite(returns)
    found = kernel(returns, size, usable, bandwidth=bandwidth, needed=needed * overlap)
    if found is None:
        same = usable & (np.sign(returns) == np.sign(size)) & (size != 0.0)
        return TooFew(found=float(np.count_nonzero(same)) / overlap, needed=needed)
    weights, used = found
    chosen = np.flatnonzero(weights > 1e-9)
    alike = _at_this_size(readings, returns, size, weights, chosen)
    ordered = chosen[np.argsort(alike[chosen], kind="stable")]
    scaled = weights[ordered] * (effective_size(weights) / float(weights[ordered].sum()))
    ranks = np.full(readings.shape, np.nan)
    ranks[ordered] = _mid_ranks(alike[ordered], scaled)
    return Surprise(
        u=_rank(value, alike[ordered], scaled),
        effective=effective_size(weights) / overlap,
        bandwidth=used,
        ranks=ranks,
        weights=np.where(weights > 1e-9, weights, 0.0) / float(weights[ordered].sum()),
        calm=_rank(float(np.median(readings[np.isfinite(readings)])), alike[ordered], scaled),
        usable=int(np.count_nonzero(usable)),
        spread=_quantiles(alike[ordered], scaled),
    )


def _at_this_size(readings: Array, returns: Array, size: float, weights: Array, chosen: NDArray[np.intp]) -> Array:
    """The readings (T,) as they would be for a move of this size, by a line in ln |r| through the comparable days.

    The slope is shrunk by the positive-part rule 1 - 1/t^2 (James and Stein 1961), t its ratio to its standard error,
    and the line is not followed beyond the largest comparable move.
    """
    logs = np.log(np.abs(returns[chosen]))
    w = weights[chosen] / float(weights[chosen].sum())
    x, y = logs - float(w @ logs), readings[chosen] - float(w @ readings[chosen])
    spread = float(w @ (x * x))
    if spread < 1e-12:
        return readings
    slope = float(w @ (x * y)) / spread
    error = float(np.sqrt((w * w) @ ((y - slope * x) * x) ** 2)) / spread  # White (1980)
    slope *= max(0.0, 1.0 - (error / slope) ** 2) if slope != 0.0 else 0.0
    answer = readings.copy()
    answer[chosen] -= slope * (logs - min(np.log(abs(size)), float(logs.max())))
    return answer


def bin_masses(u: float, effective: float) -> tuple[float, float, float, float, float]:
    """How likely each of the five bins (cut at .1 .3 .7 .9) is, as u itself is only known from so many days.

    u is a share of n comparable days, so 2 arcsin(sqrt(u)) has standard deviation 1 / sqrt(n) (Anscombe 1948).
    """
    centre, scale = 2.0 * math.asin(math.sqrt(u)), math.sqrt(2.0 / effective)
    below = [0.5 * math.erfc((centre - 2.0 * math.asin(math.sqrt(cut))) / scale) for cut in (0.1, 0.3, 0.7, 0.9)]
    return below[0], below[1] - below[0], below[2] - below[1], below[3] - below[2], 1.0 - below[3]


def _quantiles(ordered: Array, weights: Array) -> tuple[float, float, float, float, float]:
    middle = np.cumsum(weights) - 0.5 * weights
    a, b, c, d, e = np.interp(np.array([0.05, 0.25, 0.5, 0.75, 0.95]) * weights.sum(), middle, ordered).tolist()
    return a, b, c, d, e


def _rank(value: float, ordered: Array, weights: Array) -> float:
    below = float(weights[ordered < value].sum()) + 0.5 * float(weights[ordered == value].sum())
    return (0.5 + below) / (1.0 + float(weights.sum()))


def _mid_ranks(ordered: Array, weights: Array) -> Array:
    """u of each of the sorted readings among them all, ties sharing the middle."""
    cumulative = np.concatenate(([0.0], np.cumsum(weights)))
    first = np.searchsorted(ordered, ordered, side="left")
    last = np.searchsorted(ordered, ordered, side="right")
    middle = 0.5 * (cumulative[first] + cumulative[last])
    answer: Array = (0.5 + middle) / (1.0 + cumulative[-1])
    return answer
