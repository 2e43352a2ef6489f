"""The readings that are derived from stored series, one pure function each; `DERIVED` names them for the data files.

A function is asked for the same window on every day of the past at once: it answers with one reading a session, nan
where the series cannot say. Windows are open at the left: the sessions t+lo+1 to t+hi of each session t. A new reading
is one function, its row here, and one file in `ingest/derived/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.panel import Array, Column, How, Panel
from causal.rolling import (
    LEAST,
    mean_of,
    over_known,
    pooled,
    quietly,
    root_mean_square,
    row_correlation,
    safe_log,
    sessions,
    shifted,
    shifted_rows,
    standing,
    usual,
    valid_or_nan,
    window_correlation,
)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One series (and its peers, where a reading compares) in one window; `usual` is the length of its past."""

    panel: Panel
    column: Column
    lo: int
    hi: int
    usual: int = 20
    peers: Sequence[Column] = ()

    def first(self, column: Column | None = None) -> Array:
        """The level at the start of the window, (T,)."""
        return shifted((column or self.column).at["last"], self.lo)

    def last(self, column: Column | None = None) -> Array:
        """The level at its end, (T,), nan where the series had no new value in the window.

        Of a slow series it is the first figure from then on, so that its period holds the window; of a window that is
        over before the move only what had come by then.
        """
        one = column or self.column
        if one.slow:
            return shifted(one.at["last" if self.hi <= -self.panel.span else "next"], self.hi)
        return valid_or_nan(self.renewed(one), shifted(one.at["last"], self.hi))

    def renewed(self, column: Column | None = None) -> Mask:
        """Whether the series had a new value in the window, (T,)."""
        stamps = (column or self.column).at["stamp"]
        with np.errstate(invalid="ignore"):
            return shifted(stamps, self.hi) > shifted(stamps, self.lo)

    def inside(self, how: How, column: Column | None = None) -> Array:
        """The sessions of the window, (T, hi - lo)."""
        return sessions((column or self.column).at[how], self.lo + 1, self.hi)

    def earlier(self, how: How, column: Column | None = None) -> Array:
        """The `usual` sessions before the window, (T, usual)."""
        return sessions((column or self.column).at[how], self.lo - self.usual + 1, self.lo)


Function = Callable[[Look], Array]


def log_return(it: Look) -> Array:
    """100 ln(x_end / x_start), in percent."""
    return 100.0 * (safe_log(it.last()) - safe_log(it.first()))


def change(it: Look) -> Array:
    """x_end - x_start, in the unit of the series."""
    return it.last() - it.first()


def total(it: Look) -> Array:
    """The sum over the window, in the unit of the series."""
    return over_known(it.inside("sum"), np.sum)


def log_ratio_to_usual(it: Look) -> Array:
    """100 ln(mean of the window / median of the sessions before it): turnover against the usual one, in percent."""
    return 100.0 * (safe_log(over_known(it.inside("mean"), np.mean)) - safe_log(usual(it.earlier("mean"))))


def percentile_of_usual(it: Look) -> Array:
    """The share of the sessions before that had less, in percent (0 to 100)."""
    now = over_known(it.inside("mean"), np.mean)[:, np.newaxis]
    past = it.earlier("mean")
    known = np.isfinite(past)
    below = np.where(known, (past < now) + 0.5 * (past == now), 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return valid_or_nan((count >= LEAST) & np.isfinite(now[:, 0]), 100.0 * below / np.maximum(count, 1))


def mean_less_usual(it: Look) -> Array:
    """Mean of the window less the median of the sessions before it, in the unit of the series (funding)."""
    return over_known(it.inside("mean"), np.mean) - usual(it.earlier("mean"))


def level_against_usual(it: Look) -> Array:
    """(x at the end of the window - mean of the year before) / standard deviation of that year."""
    level = it.column.at["last"]
    return standing(shifted(level, it.hi), level, it.hi - it.usual, it.hi - 1)


def mean_level_against_usual(it: Look) -> Array:
    """(mean of the window - mean of the time before it) / standard deviation of that time."""
    return standing(over_known(it.inside("last"), np.mean), it.column.at["last"], it.lo - it.usual + 1, it.lo)


def realised_volatility(it: Look) -> Array:
    """100 ln(root mean square return of the window / that of the sessions before), in percent.

    Over hours where the series has them, else over sessions.
    """
    squared, count = _squares(it.column)
    inside = pooled(squared, count, it.lo + 1, it.hi)
    before = pooled(squared, count, it.lo - it.usual + 1, it.lo)
    return 50.0 * (safe_log(inside) - safe_log(before))


def realised_correlation(it: Look) -> Array:
    """Mean over peers of the correlation of session returns in the `usual` sessions to the end of the window.

    Less that of the sessions before those, from -2 to 2.
    """
    own = _returns(it.column)
    changes = []
    for peer in it.peers:
        other = _returns(peer)
        near = window_correlation(own, other, it.hi - max(5, it.usual // 3) + 1, it.hi)
        far = window_correlation(own, other, it.lo - 2 * it.usual + 1, it.lo)
        changes.append(near - far)
    return mean_of(changes, len(own))


def co_movement(it: Look) -> Array:
    """Mean over peers of z_own z_peer, the returns of the window in units of their usual size: above 0 is together."""
    own = _scaled(it, it.column)
    return mean_of([own * _scaled(it, peer) for peer in it.peers], len(own))


def spread_to_peers(it: Look) -> Array:
    """Return of the window less the mean of the peers', in percent."""
    own = log_return(it)
    others = [100.0 * (safe_log(it.last(peer)) - safe_log(it.first(peer))) for peer in it.peers]
    return own - mean_of(others, len(own))


def drawdown(it: Look) -> Array:
    """100 ln(x_end / highest of the `usual` sessions up to it), in percent, never above 0."""
    past = sessions(it.column.at["last"], it.hi - it.usual, it.hi)
    return 100.0 * (safe_log(shifted(it.column.at["last"], it.hi)) - safe_log(quietly(past, np.nanmax)))


def momentum(it: Look) -> Array:
    """100 ln(x_end / mean of the `usual` sessions up to it), in percent: where a trend follower stands."""
    past = sessions(it.column.at["last"], it.hi - it.usual, it.hi)
    return 100.0 * (safe_log(shifted(it.column.at["last"], it.hi)) - safe_log(quietly(past, np.nanmean)))


def reversal(it: Look) -> Array:
    """Return of the window against the direction of the move, as a share of the move: 1 is all of it back."""
    moved = move_returns(it.panel)
    with np.errstate(divide="ignore", invalid="ignore"):
        return valid_or_nan(moved != 0.0, -log_return(it) / np.where(moved != 0.0, moved, 1.0))


def premium_change(it: Look) -> Array:
    """100 ln(F / S) at the end of the window less at its start, in percentage points; S at the time of F."""
    spot = it.column.at.get("spot")
    if spot is None:
        return np.full(len(it.panel.days), np.nan)
    premium = 100.0 * (safe_log(it.column.at["last"]) - safe_log(spot))
    return shifted(premium, it.hi) - shifted(premium, it.lo)


def lowest_from_par(it: Look) -> Array:
    """100 (lowest price of the window - 1), in percent."""
    return 100.0 * (quietly(it.inside("min"), np.nanmin) - 1.0)


def difference_to_peers(it: Look) -> Array:
    """The level at the end of the window less the mean of the peers', in the unit of the series."""
    return it.last() - mean_of([it.last(peer) for peer in it.peers], len(it.panel.days))


def slope_change(it: Look) -> Array:
    """100 ln(mean of the peers / this one), end less start of the window, in percent."""
    ends = mean_of([it.last(peer) for peer in it.peers], len(it.panel.days))
    starts = mean_of([it.first(peer) for peer in it.peers], len(it.panel.days))
    return 100.0 * (safe_log(ends) - safe_log(it.last()) - safe_log(starts) + safe_log(it.first()))


def flow_surprise(it: Look) -> Array:
    """Sum of the window less what the return of the move lets expect (a line through all days, least squares)."""
    flow, moved = total(it), move_returns(it.panel)
    both = np.isfinite(flow) & np.isfinite(moved)
    if np.count_nonzero(both) < LEAST:
        return np.full(len(flow), np.nan)
    slope, level = np.polyfit(moved[both], flow[both], 1)
    answer: Array = flow - level - slope * moved
    return answer


def price_lead(it: Look) -> Array:
    """corr(series one hour before, what moved) - corr(what moved one hour before, series), from hourly returns.

    Above 0 the series moved first (-2 to 2); of a window of several sessions the last counts.
    """
    moved = it.panel.column(it.panel.moved)
    if it.column.hours is None or moved.hours is None:
        return np.full(len(it.panel.days), np.nan)
    own, other = shifted_rows(_hourly(it.column.hours), it.hi), shifted_rows(_hourly(moved.hours), it.hi)
    return row_correlation(own[:, :-1], other[:, 1:]) - row_correlation(other[:, :-1], own[:, 1:])


def move_returns(panel: Panel) -> Array:
    """The return (percent; of a yield the change) over a move of this length that ends at each session, (T,)."""
    level = panel.column(panel.moved).at["last"]
    past = shifted(level, -panel.span)
    return level - past if panel.level else 100.0 * (safe_log(level) - safe_log(past))


def _returns(column: Column) -> Array:
    level = safe_log(column.at["last"])
    return level - shifted(level, -1)


def _scaled(it: Look, column: Column) -> Array:
    window = safe_log(it.last(column)) - safe_log(it.first(column))
    size = root_mean_square(_returns(column), it.lo - it.usual + 1, it.lo) * np.sqrt(it.hi - it.lo)
    return valid_or_nan(size > 0.0, window / np.where(size > 0.0, size, 1.0))


def _hourly(hours: Array) -> Array:
    """Returns of the hours of each session, (T, 23)."""
    answer: Array = np.diff(safe_log(hours), axis=1)
    return answer


def _squares(column: Column) -> tuple[Array, Array]:
    """Squared returns of each session and how many made them, (T,) each."""
    if column.hours is not None:
        squared = _hourly(column.hours) ** 2
        known = np.isfinite(squared)
        return np.where(known, squared, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64)
    squared = _returns(column) ** 2
    return np.nan_to_num(squared), np.isfinite(squared).astype(np.float64)


DERIVED: Mapping[str, tuple[Function, tuple[How, ...]]] = {
    "log_return": (log_return, ("last", "next")),
    "change": (change, ("last", "next")),
    "total": (total, ("sum",)),
    "log_ratio_to_usual": (log_ratio_to_usual, ("mean",)),
    "percentile_of_usual": (percentile_of_usual, ("mean",)),
    "mean_less_usual": (mean_less_usual, ("mean",)),
    "level_against_usual": (level_against_usual, ("last",)),
    "mean_level_against_usual": (mean_level_against_usual, ("last",)),
    "realised_volatility": (realised_volatility, ("last",)),
    "realised_correlation": (realised_correlation, ("last",)),
    "co_movement": (co_movement, ("last", "next")),
    "spread_to_peers": (spread_to_peers, ("last", "next")),
    "drawdown": (drawdown, ("last",)),
    "momentum": (momentum, ("last",)),
    "reversal": (reversal, ("last", "next")),
    "premium_change": (premium_change, ("last", "spot")),
    "lowest_from_par": (lowest_from_par, ("min",)),
    "difference_to_peers": (difference_to_peers, ("last", "next")),
    "slope_change": (slope_change, ("last", "next")),
    "flow_surprise": (flow_surprise, ("sum",)),
    "price_lead": (price_lead, ("last",)),
}
