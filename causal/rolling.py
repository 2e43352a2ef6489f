"""Windows over the sessions of a panel, for all sessions at once: nan where nothing is known, never an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from causal.panel import Array

LEAST = 3  # values without which nothing is called usual


def shifted(values: Array, by: int) -> Array:
    """y[t] = x[t + by], nan past either end."""
    answer = np.full(values.shape, np.nan)
    if by >= 0:
        answer[: max(0, len(values) - by)] = values[by:]
    else:
        answer[-by:] = values[:by]
    return answer


def sessions(values: Array, first: int, last: int) -> Array:
    """x[t + first] to x[t + last] of every t, (T, last - first + 1)."""
    padded = np.concatenate((np.full(max(0, -first), np.nan), values, np.full(max(0, last), np.nan)))
    window = np.lib.stride_tricks.sliding_window_view(padded, last - first + 1)
    start = max(0, -first) + first
    answer: Array = window[start : start + len(values)]
    return answer


def safe_log(values: Array) -> Array:
    """Natural logarithm, nan where there is none."""
    return np.log(np.where(values > 0.0, values, np.nan))


def valid_or_nan(valid: NDArray[np.bool_], values: Array) -> Array:
    """The values where valid, else nan."""
    answer: Array = np.where(valid, values, np.nan)
    return answer


def over_known(values: Array, reduce: Callable[..., Array]) -> Array:
    """Sum or mean over the values that are known in each row, nan where none is."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    summed: Array = np.where(known, values, 0.0).sum(axis=1)
    return valid_or_nan(count > 0, summed if reduce is np.sum else summed / np.maximum(count, 1))


def standing(values: Array, past: Array, first: int, last: int) -> Array:
    """(values - mean) / standard deviation of the sessions t + first to t + last of `past` (T,), from running sums.

    nan where those do not vary, or are not known.
    """
    centre = float(np.nanmean(past)) if np.isfinite(past).any() else 0.0
    known = np.isfinite(past)
    own = np.where(known, past - centre, 0.0)
    count = _window_sum(known.astype(np.float64), first, last)
    some = np.maximum(count, 1.0)
    middle = _window_sum(own, first, last) / some
    spread = np.sqrt(np.maximum(_window_sum(own * own, first, last) / some - middle * middle, 0.0))
    enough = (count > 0.0) & (spread > 1e-7 * max(1.0, float(np.abs(own).max(initial=0.0))))
    return valid_or_nan(enough, (values - centre - middle) / np.where(enough, spread, 1.0))


def root_mean_square(values: Array, first: int, last: int) -> Array:
    """Over the sessions t + first to t + last of those that are known, (T,), nan where none is."""
    known = np.isfinite(values)
    count = _window_sum(known.astype(np.float64), first, last)
    total = _window_sum(np.where(known, values * values, 0.0), first, last)
    return valid_or_nan(count > 0.0, np.sqrt(np.maximum(total, 0.0) / np.maximum(count, 1.0)))


def _window_sum(values: Array, first: int, last: int) -> Array:
    """Sum of x[t + first] to x[t + last], what lies outside counting nothing."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    place = np.arange(len(values))
    low = np.clip(place + first, 0, len(values))
    high = np.clip(place + last + 1, 0, len(values))
    answer: Array = total[np.maximum(high, low)] - total[low]
    return answer


def quietly(values: Array, reduce: Callable[..., Array]) -> Array:
    """A nan-aware reduction over each row; rows without a value give nan."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # rows without a value give nan, which is meant
        answer: Array = reduce(values, axis=1)
    return answer


def usual(values: Array) -> Array:
    """Median of each row, nan with fewer than three values (or than the row is long)."""
    ordered = np.sort(values, axis=1)  # what is not known stands last
    count = np.isfinite(values).sum(axis=1)
    last = np.maximum(count - 1, 0)
    ends = np.stack([last // 2, (last + 1) // 2], axis=1)
    middle: Array = np.take_along_axis(ordered, ends, axis=1).mean(axis=1)
    return valid_or_nan(count >= min(LEAST, values.shape[1]), middle)


def mean_of(rows: Sequence[Array], length: int) -> Array:
    """Mean of arrays at each session over those that are known; nan without any."""
    return quietly(np.stack(rows, axis=1), np.nanmean) if rows else np.full(length, np.nan)


def shifted_rows(values: Array, by: int) -> Array:
    """As `shifted`, for each column of (T, n)."""
    return np.stack([shifted(values[:, i], by) for i in range(values.shape[1])], axis=1)


def pooled(squared: Array, count: Array, first: int, last: int) -> Array:
    """Mean over a window of what `squared` adds up and `count` counts, (T,)."""
    number = np.nansum(sessions(count, first, last), axis=1)
    added = np.nansum(sessions(squared, first, last), axis=1)
    return valid_or_nan(number > 0, added / np.maximum(number, 1.0))


def window_correlation(one: Array, other: Array, first: int, last: int) -> Array:
    """Correlation of two arrays (T,) in the same window of each session."""
    return row_correlation(sessions(one, first, last), sessions(other, first, last))


def row_correlation(one: Array, other: Array) -> Array:
    """Correlation of each row of two arrays (T, n), nan with fewer than three pairs or without variance."""
    both = np.isfinite(one) & np.isfinite(other)
    count = np.maximum(both.sum(axis=1), 1)[:, np.newaxis]
    x, y = np.where(both, one, 0.0), np.where(both, other, 0.0)
    x = np.where(both, x - x.sum(axis=1, keepdims=True) / count, 0.0)
    y = np.where(both, y - y.sum(axis=1, keepdims=True) / count, 0.0)
    scale = np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
    enough = (both.sum(axis=1) >= LEAST) & (scale > 0.0)
    return valid_or_nan(enough, (x * y).sum(axis=1) / np.where(enough, scale, 1.0))
