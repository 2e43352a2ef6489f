"""Unusual moves: the scale against a slow oracle, moves that were planted, holes, holidays, weekends, levels."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from causal.moves import CONSISTENT, SessionMove, change_of, robust_scale, session_moves
from causal.panel import Array

FIRST = date(2020, 1, 1)
EVERY_DAY = tuple(FIRST + timedelta(days=n) for n in range(400))
WEEKDAYS = tuple(day for day in EVERY_DAY if day.weekday() < 5)


def walk(length: int, seed: int = 0, size: float = 0.01) -> Array:
    """A price whose log changes are normal."""
    changes = np.random.default_rng(seed).normal(0.0, size, length - 1)
    prices: Array = 100.0 * np.exp(np.concatenate(([0.0], np.cumsum(changes))))
    return prices


def slow_scale(sizes: Sequence[float], idle: Sequence[int]) -> list[float]:
    """The filter of `robust_scale` as its docstring says it, one plain number after another."""
    found = [math.nan] * len(sizes)
    seen: list[float] = []
    variance = 0.0
    counted: list[float] = []
    for t, x in enumerate(sizes):
        if len(seen) >= 20:
            past = 1.2533 * statistics.fmean(counted)
            share = 1.0 - 0.94 ** idle[t]
            variance = (1.0 - share) * variance + share * past**2
            variance = max(variance, (0.2 * past) ** 2)
            found[t] = math.sqrt(variance)
        if math.isnan(x):
            continue
        seen.append(abs(x))
        if len(seen) < 20:
            continue
        if len(seen) == 20:
            start = 1.4826 * statistics.median(seen) or 1.2533 * statistics.fmean(seen)
            variance = start**2
            counted = [min(one, 2.0 * start) for one in seen]
            continue
        sigma = math.sqrt(variance)
        counted.append(min(abs(x), 2.0 * sigma) if sigma else abs(x))
        if sigma:
            z = abs(x) / sigma
            rho = CONSISTENT * (1.0 - (1.0 - (z / 2.0) ** 2) ** 3) if z < 2.0 else CONSISTENT
            variance *= 0.94 + 0.06 * rho
        else:
            variance = x**2
    return found


CHANGES = st.one_of(st.just(math.nan), st.just(0.0), st.floats(-0.5, 0.5).filter(lambda x: x == 0 or abs(x) > 1e-6))


@given(arrays(np.float64, st.integers(0, 90), elements=CHANGES), st.integers(0, 2**32 - 1))
def test_the_scale_is_that_of_the_slow_oracle(sizes: Array, seed: int) -> None:
    chance = np.random.default_rng(seed)
    idle = np.where(chance.random(sizes.size) < 0.1, chance.integers(1, 60, sizes.size), 0)
    expected = slow_scale(sizes.tolist(), idle.tolist())
    np.testing.assert_allclose(robust_scale(sizes, idle), expected, rtol=1e-9, atol=1e-300)


def test_the_bounded_square_has_mean_one_for_normal_changes() -> None:
    z = np.linspace(0.0, 12.0, 240_001)
    rho = np.where(z < 2.0, CONSISTENT * (1.0 - (1.0 - (z / 2.0) ** 2) ** 3), CONSISTENT)
    mean = 2.0 * np.trapezoid(rho * np.exp(-(z**2) / 2.0), z) / math.sqrt(2.0 * math.pi)
    assert mean == pytest.approx(1.0, abs=1e-4)


def test_the_scale_of_normal_changes_is_their_standard_deviation() -> None:
    sizes = np.random.default_rng(5).normal(0.0, 0.02, 20_000)
    scale = robust_scale(sizes)[1_000:]
    assert float(np.median(scale)) == pytest.approx(0.02, rel=0.05)


def test_no_later_day_changes_a_score() -> None:
    prices = walk(200)
    other = prices.copy()
    other[150:] *= np.exp(np.linspace(0.1, 3.0, 50))
    short, long = session_moves(WEEKDAYS[:200], prices, level=False), session_moves(WEEKDAYS[:200], other, level=False)
    assert [move.score for move in short[:149]] == [move.score for move in long[:149]]
    assert short[149].score != long[149].score


def test_planted_moves_are_the_most_unusual_in_calm_and_in_wild_times() -> None:
    prices = walk(260, size=0.004)
    prices[130:] = prices[129] * walk(131, seed=1, size=0.03)[1:] / 100.0  # from here on days are much wilder
    for place, size in ((80, -0.04), (220, 0.30)):
        prices[place:] *= np.exp(size - math.log(prices[place] / prices[place - 1]))
    found = session_moves(WEEKDAYS[:260], prices, level=False)
    settled = [move for move in found if move.at < 130 or move.at > 200]
    first, second = sorted(settled, key=lambda move: -(move.score or 0.0))[:2]
    assert {first.at, second.at} == {80, 220}
    planted = {move.at: move for move in found}
    assert planted[80].change == pytest.approx(math.expm1(-0.04))
    assert planted[80].score == pytest.approx(0.04 / (planted[80].scale or 0.0))
    assert planted[80].share > planted[220].share == 1 / len(found)


def test_one_wild_day_hardly_moves_the_scale() -> None:
    sizes = np.random.default_rng(2).normal(0.0, 0.01, 60)
    sizes[40] = -0.9
    scale = robust_scale(sizes)
    assert scale[41] == pytest.approx(scale[40] * math.sqrt(0.94 + 0.06 * CONSISTENT))


def moves_by_end(days: Sequence[date], values: Array, *, level: bool = False) -> dict[date, SessionMove]:
    return {move.end: move for move in session_moves(days, values, level=level)}


def test_no_move_runs_across_a_hole_of_more_than_four_days() -> None:
    days = [*WEEKDAYS[:60], *(day + timedelta(days=30) for day in WEEKDAYS[60:100])]
    found = moves_by_end(days, walk(100))
    assert days[60] not in found
    assert found[days[61]].start == days[60]
    assert found[days[61]].score is not None


def test_a_long_weekend_is_one_session_and_its_move_counts_from_the_last_close() -> None:
    days = [day for day in WEEKDAYS[:60] if day not in {date(2020, 3, 6), date(2020, 3, 9)}]  # a Friday and a Monday
    prices = walk(len(days))
    move = moves_by_end(days, prices)[date(2020, 3, 10)]
    assert move.start == date(2020, 3, 5)
    scale = robust_scale(np.diff(np.log(prices)))
    assert move.scale == pytest.approx(scale[days.index(date(2020, 3, 5))])


def test_a_missing_day_of_a_market_that_never_closes_widens_the_scale() -> None:
    days = [day for day in EVERY_DAY[:60] if day != EVERY_DAY[40]]
    prices = walk(59)
    found = moves_by_end(days, prices)
    change = np.diff(np.log(prices))
    change[39] /= math.sqrt(2.0)
    scale = robust_scale(change)
    assert found[EVERY_DAY[41]].start == EVERY_DAY[39]
    assert found[EVERY_DAY[41]].scale == pytest.approx(math.sqrt(2.0) * scale[39])
    assert found[EVERY_DAY[42]].scale == pytest.approx(scale[40])


def test_a_level_moves_by_differences_of_percent() -> None:
    levels = 2.0 + np.cumsum(np.random.default_rng(3).normal(0.0, 0.05, 60))
    levels[40:] -= levels[40] + 0.1  # through zero, where a ratio says nothing
    found = moves_by_end(WEEKDAYS[:60], levels, level=True)
    assert found[WEEKDAYS[40]].change == pytest.approx((levels[40] - levels[39]) / 100.0)
    assert found[WEEKDAYS[40]].score == pytest.approx(
        abs(found[WEEKDAYS[40]].change) / (found[WEEKDAYS[40]].scale or 0)
    )


def test_a_price_that_is_not_positive_has_no_move() -> None:
    prices = walk(60)
    prices[40] = -37.0
    found = moves_by_end(WEEKDAYS[:60], prices)
    assert not {WEEKDAYS[40], WEEKDAYS[41]} & set(found)
    assert math.isnan(change_of(-37.0, 10.0, level=False))


def test_after_a_peg_the_first_change_has_no_score_and_later_ones_are_compared_with_it() -> None:
    prices = np.full(120, 1.2)
    prices[100:] = 1.2 * walk(20, seed=4) / 100.0 * 0.8
    found = moves_by_end(WEEKDAYS[:120], prices)
    assert found[WEEKDAYS[99]].score is None
    assert found[WEEKDAYS[100]].score is None
    assert 0.0 < (found[WEEKDAYS[101]].score or 0.0) < 1.0


def test_the_share_counts_the_days_that_were_at_least_as_large_either_way() -> None:
    prices = np.array([100.0, 110.0, 99.0, 99.0, 108.9])
    shares = [move.share for move in session_moves(WEEKDAYS[:5], prices, level=False)]
    assert shares[2] == 1.0
    assert shares[1] == 0.25
    assert shares[0] in {0.5, 0.75}  # 110/100 and 108.9/99 are one change but for rounding


@pytest.mark.parametrize("days", [WEEKDAYS[:3], WEEKDAYS[:4][::-1], (*WEEKDAYS[:3], WEEKDAYS[2])])
def test_days_that_do_not_ascend_one_a_value_are_refused(days: Sequence[date]) -> None:
    with pytest.raises(ValueError, match="ascend"):
        session_moves(days, walk(4), level=False)


def test_a_series_of_one_value_has_no_move() -> None:
    assert session_moves(WEEKDAYS[:1], walk(1), level=False) == ()
