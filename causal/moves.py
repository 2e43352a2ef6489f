"""Finds the unusual moves of a price series, so that a move can be asked about that nobody wrote down.

A move runs from one session to the next one of the series. Its score is its size in units of what was usual until the
day before, so that a calm year and a wild one can be searched together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from causal.panel import Array
from causal.volatility import DAILY_DECAY, WARM_ROWS

HOLE = 5  # days from one session to the next: a long weekend has at most four days without one
NORMAL_MAD = 1.4826  # a normal standard deviation in median absolute deviations
NORMAL_MEAN = 1.2533  # and in mean absolute deviations
CLIP = 2.0  # standard deviations from which on a size counts no more
CONSISTENT = 2.5153  # makes E bounded(z) = 1 for a standard normal z and CLIP = 2
FLOOR = 0.2  # of the scale of the whole past
WEEKENDS = 0.1  # share of sessions on Saturdays and Sundays from which on a market never closes


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMove:
    """The move from the session `before` to the session `at` (places in the series) and how unusual it was.

    `change` is a fraction: x1 / x0 - 1, of a level in percent (a yield, a spread) (x1 - x0) / 100. `scale` is the
    usual size of such a change in the same unit (of a price as a log change), from earlier days alone, and `score` is
    |size| / scale; both are None until enough days are known. `share` is the share of all moves of the series, earlier
    or later, that were at least as large.
    """

    before: int
    at: int
    start: date
    end: date
    change: float
    scale: float | None
    score: float | None
    share: float


def change_of(first: float, last: float, *, level: bool) -> float:
    """The change from one value to another as a fraction: last / first - 1, of a level in percent (last - first) / 100.

    nan where a value is missing, or where a price starts at zero or below.
    """
    if level:
        return (last - first) / 100.0
    return last / first - 1.0 if first > 0.0 else float("nan")


def session_moves(days: Sequence[date], values: Array, *, level: bool) -> tuple[SessionMove, ...]:
    """Every move of a series with T sessions (`days` ascending, `values` of shape (T,)), in order of time.

    Sizes are log changes of prices and of volatility indices, differences of yields and spreads (`level`). No move is
    told across a hole of more than four days without a session, nor to or from a price that is not positive. Over a
    weekend or a holiday of a market that closes a move is that of one session (French and Roll, Journal of Financial
    Economics 17, 1986: closed days add little variance); in a market that never closes a missing day is missing data,
    and the move over k days is compared with sqrt(k) times the scale. Without trades at weekends a session that is
    missing for want of data cannot be told from a holiday. The scale is that of `robust_scale`.

    Raises ValueError where days and values differ in number or the days do not ascend.
    """
    ordinal = np.array([day.toordinal() for day in days], dtype=np.int64)
    if values.shape != ordinal.shape or bool((np.diff(ordinal) <= 0).any()):
        raise ValueError("days have to ascend, one for each value; sort them and leave out what is twice")
    if len(ordinal) < 2:
        return ()
    step = np.diff(ordinal)
    size = np.where(step <= HOLE, _sizes(values, level=level), np.nan)
    always_open = float(np.mean((ordinal + 6) % 7 >= 5)) > WEEKENDS
    width = np.sqrt(np.where(always_open, step, 1).astype(np.float64))
    scale = width * robust_scale(size / width, np.maximum(step - HOLE, 0))
    return tuple(_told(days, values, size, scale, level=level))


def _sizes(values: Array, *, level: bool) -> Array:
    if level:
        differences: Array = np.diff(values) / 100.0
        return differences
    logs = np.log(np.where(values > 0.0, values, np.nan))
    changes: Array = np.diff(logs)
    return changes


def _told(days: Sequence[date], values: Array, size: Array, scale: Array, *, level: bool) -> Iterator[SessionMove]:
    known = np.flatnonzero(np.isfinite(size))
    ordered = np.sort(np.abs(size[known]))
    larger = len(ordered) - np.searchsorted(ordered, np.abs(size[known]), "left")
    for place, count in zip(known.tolist(), larger.tolist(), strict=True):
        usual = float(scale[place])
        scored = usual > 0.0
        yield SessionMove(
            before=place,
            at=place + 1,
            start=days[place],
            end=days[place + 1],
            change=change_of(float(values[place]), float(values[place + 1]), level=level),
            scale=usual if scored else None,
            score=abs(float(size[place])) / usual if scored else None,
            share=count / len(ordered),
        )


def robust_scale(size: Array, idle: Sequence[int] | Array | None = None) -> Array:
    """The usual size sigma_t of changes x (T,), from those before t alone; nan until twenty of them are known.

    The scale filter of robust exponential smoothing (Gelper, Fried and Croux, Journal of Forecasting 29, 2010):

        sigma_{t+1}^2 = (1 - l) sigma_t^2 + l rho(x_t / sigma_t) sigma_t^2,
        rho(z) = c (1 - (1 - (z / 2)^2)^3) up to |z| = 2, and c beyond; c = 2.515 makes E rho = 1 for normal x,

    with l = .06 (RiskMetrics 1996 for daily data), so that one day, however wild, raises sigma by at most 4.5%. It
    starts from the median absolute change of the first twenty (times 1.4826, a normal's standard deviation; the mean
    times 1.2533 where more than half of them are zero). Two rules are ours. The scale of the whole past is 1.2533 times
    the mean of all earlier changes, each counted up to 2 sigma; sigma never falls below a fifth of it, as after a long
    peg every change would be beyond compare, and a hole of `idle` days (T,) before x_t moves sigma^2 to its square by
    the share 1 - .94^idle. A missing change leaves sigma as it was.
    """
    answer = np.full(size.size, np.nan)
    quiet = np.zeros(size.size) if idle is None else np.asarray(idle, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(size))
    if known.size < WARM_ROWS:
        return answer
    first = np.abs(size[known[:WARM_ROWS]])
    sigma = NORMAL_MAD * float(np.median(first)) or NORMAL_MEAN * float(first.mean())
    total, count = float(np.minimum(first, CLIP * sigma).sum()), WARM_ROWS
    for t in range(int(known[WARM_ROWS - 1]) + 1, size.size):
        past = NORMAL_MEAN * total / count
        keep = DAILY_DECAY ** float(quiet[t])
        sigma = max(np.sqrt(keep * sigma**2 + (1.0 - keep) * past**2), FLOOR * past)
        answer[t] = sigma
        x = abs(float(size[t]))
        if np.isnan(x):
            continue
        if sigma == 0.0:  # nothing has moved yet
            sigma = x
        else:
            sigma *= np.sqrt(DAILY_DECAY + (1.0 - DAILY_DECAY) * _bounded(x / sigma))
        total, count = total + min(x, CLIP * float(answer[t]) or x), count + 1
    return answer


def _bounded(z: float) -> float:
    return CONSISTENT * (1.0 - (1.0 - (z / CLIP) ** 2) ** 3) if z < CLIP else CONSISTENT
