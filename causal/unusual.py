"""How unusual is a window of a series, beside windows of the same length in its normal time?

Three statistics are read off each block of the window: its level (median), its peak (largest excursion) and its spread.
Each is measured against the same statistic over blocks of the normal series, so that autocorrelation, a daily cycle
and heavy tails widen what counts as usual by themselves. The answer is a surprise: about 1 where nothing happened.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["level", "peak", "spread", "silence"]
NULL_BLOCKS = 150
LONGEST_BLOCK = 30
CONSTANT_JUMP = 20.0
MOST_SCALES = 1e12
FEW, FEW_SCALE = 20, 0.2
SPREAD_ROWS = 6
# what the statistics of a calm block may vary by at least, in scales of the series: smaller shifts are not material
LEVEL_FLOOR, PEAK_FLOOR, SPREAD_FLOOR = 0.4, 0.6, 0.3
LARGEST = 1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """The most unusual statistic of a window: which, its size (>= 0, about 1 when usual), and its sign (-1, 0, 1)."""

    size: float
    sign: int
    kind: Kind

    @property
    def log(self) -> float:
        """ln size, from ln 0.5 on: below that nothing is said."""
        return float(np.log(max(self.size, 0.5)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """A series in its own units of normal time: (x - centre) / scale; `constant` when it did not move then."""

    normal: Array
    window: Array
    centre: float
    scale: float
    constant: bool


def scaled(normal: Array, window: Array) -> Scaled:
    """Both stretches by the median and a robust scale of the normal one, which has to hold a number; both may hold nan.

    A scale from fewer than 20 values is taken to be a share of the level at least. A series that never moved has no
    scale: there a jump of 2 % of the level counts as 20 scales, a larger one as a few more, one below a millionth of
    the level as none.
    """
    known = normal[~np.isnan(normal)]
    centre = float(np.median(known))
    deviation = np.abs(known - centre)
    scale = max(1.4826 * float(np.median(deviation)), 0.5 * float(np.quantile(deviation, 0.9)))
    scale = scale if scale > 0.0 else float(known.std())
    scale = max(scale, FEW_SCALE * abs(centre) * (1.0 - known.size / FEW)) if scale > 0.0 else scale
    least = 1e-6 * abs(centre) + 1e-300
    constant = scale <= least
    if constant:
        jump = float(np.max(np.abs(window[~np.isnan(window)] - centre), initial=0.0))
        # jumps of 20 scales and more are told apart by their size, as far as a level says what is large
        more = 1.0 + np.log(max(jump / max(0.02 * abs(centre), 1e-300), 1.0)) if centre else 1.0
        scale = max(jump / (CONSTANT_JUMP * float(more)), 1e-3 * abs(centre), least)
    return Scaled(
        normal=_in_scales(normal, centre, scale),
        window=_in_scales(window, centre, scale),
        centre=centre,
        scale=scale,
        constant=constant,
    )


def _in_scales(series: Array, centre: float, scale: float) -> Array:
    """The series less its centre in scales, nan kept; beyond `MOST_SCALES` sizes are alike, and sums of them finite."""
    with np.errstate(over="ignore"):
        return np.clip((series - centre) / scale, -MOST_SCALES, MOST_SCALES)


def surprise_of(normal: Array, window: Array, *, collapse: bool = True) -> Surprise:
    """How unusual `window` (m,) is beside `normal` (n,), both in scales of the series (`scaled`); nan is left out.

    With `collapse` false a narrower spread says nothing, as in residuals whose scale was widened by doubt.
    """
    return surprises_of(normal, [window], collapse=collapse)[0]


def surprises_of(normal: Array, windows: Sequence[Array], *, collapse: bool = True) -> list[Surprise]:
    """`surprise_of` for several windows of equal length beside the same normal time."""
    length = int(min(windows[0].size, max(1, normal.size // 8), LONGEST_BLOCK))
    calm = _statistics(_blocks(normal, length, most=NULL_BLOCKS))
    answer = []
    for window in windows:
        seen = _statistics(_blocks(window, length, most=NULL_BLOCKS))
        found = [
            _excess(calm["level"], seen["level"], LEVEL_FLOOR, "level"),
            _excess(calm["peak"], seen["peak"], PEAK_FLOOR, "peak"),
        ]
        if length >= SPREAD_ROWS:
            spread = _excess(calm["spread"], seen["spread"], SPREAD_FLOOR, "spread")
            found += [spread] if collapse or spread.sign > 0 else []
        answer.append(max(found, key=lambda one: one.size))
    return answer


def _blocks(series: Array, length: int, *, most: int) -> Array:
    """Blocks of the series, overlapping by half or more, its last rows among them, at most `most`: (blocks, length)."""
    last = series.size - length
    count = int(min(most, 2 * math.ceil(last / length) + 1 if length > 1 else last + 1))
    starts = np.unique(np.linspace(0, max(last, 0), count).round().astype(int))
    return series[starts[:, np.newaxis] + np.arange(min(length, series.size))]


def _statistics(blocks: Array) -> dict[str, Array]:
    kept = blocks[np.isnan(blocks).mean(axis=1) <= 0.5]
    if not kept.size:
        kept = blocks[~np.isnan(blocks).all(axis=1)]
    if not kept.size:
        empty: Array = np.empty(0)
        return {"level": empty, "peak": empty, "spread": empty}
    level = _medians(kept)
    highest, lowest = np.fmax.reduce(kept, axis=1), np.fmin.reduce(kept, axis=1)
    spread = np.nanmean(np.abs(kept - level[:, np.newaxis]), axis=1)
    return {
        "level": level,
        "peak": np.where(highest >= -lowest, highest, lowest),
        "spread": np.log((spread + 0.15) / 0.95),
    }


def _medians(blocks: Array) -> Array:
    """The median of each row, nan left out; every row has to hold a number."""
    ordered = np.sort(blocks, axis=1)  # nan last
    known = blocks.shape[1] - np.isnan(blocks).sum(axis=1)
    rows = np.arange(blocks.shape[0])
    answer: Array = 0.5 * (ordered[rows, (known - 1) // 2] + ordered[rows, known // 2])
    return answer


def _excess(calm: Array, seen: Array, floor: float, kind: Kind) -> Surprise:
    """Mean excess of the most unusual quarter of the blocks, in units of what calm blocks vary by."""
    if not seen.size:
        return Surprise(size=0.0, sign=0, kind=kind)
    if kind == "peak":
        calm, sign = np.abs(calm), np.sign(seen)
        seen = np.abs(seen)
    centre = float(np.median(calm)) if calm.size else 0.0
    spread = max(_reach(np.abs(calm - centre)) if calm.size else 0.0, floor)
    excess = (seen - centre) / spread
    if kind == "peak":
        excess = np.maximum(excess, 0.0) * sign
    order = np.argsort(-np.abs(excess), kind="stable")[: max(1, (seen.size + 3) // 4)]
    size = float(np.abs(excess[order]).mean())
    return Surprise(size=min(size, LARGEST), sign=int(np.sign(excess[order].sum())), kind=kind)


def _reach(deviation: Array) -> float:
    """One standard deviation by the quantiles that a normal would have there, the widest of three."""
    half, nine, most = np.quantile(deviation, [0.5, 0.9, 0.98])
    return float(max(half / 0.674, nine / 1.645, most / 2.4))


def silence_of(normal: Array, window: Array) -> Surprise:
    """A series that used to speak and fell silent, or the other way round: z of the two shares of missing rows.

    A few more gaps than usual say nothing: the share has to change by a half or more.
    """
    usual, now = float(np.isnan(normal).mean()), float(np.isnan(window).mean())
    if abs(now - usual) < 0.5:
        return Surprise(size=0.0, sign=0, kind="silence")
    spread = np.sqrt((usual * (1.0 - usual) + 0.05) / window.size) + 0.05
    return Surprise(size=float(abs(now - usual) / spread), sign=1 if usual > now else -1, kind="silence")
