"""The surprise of a reading: from days of the same sign and like size, brought to the size of the move, or none."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from causal.panel import Array
from causal.pit import Surprise, TooFew, conditional_pit, effective_size, kernel

COUNTS = 1e-9  # a day of less weight is none


def surprise(value: float, readings: Array, returns: Array, size: float, **fields: float) -> Surprise:
    found = conditional_pit(value, readings, returns, size, bandwidth=0.25, **{"needed": 20, **fields})  # type: ignore[arg-type]  # overlap is an int
    assert isinstance(found, Surprise)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A comparable day: its weight, ln of the size of its move, its reading."""

    weight: float
    log: float
    reading: float


def comparable(readings: Array, returns: Array, size: float, h: float) -> list[Day]:
    """The days that moved the same way, their weights scaled to add up to the effective sample."""
    alike = [
        (math.log(abs(moved)), reading)
        for reading, moved in zip(readings.tolist(), returns.tolist(), strict=True)
        if moved * size > 0.0 and not math.isnan(reading)
    ]
    nearest = min((log - math.log(abs(size))) ** 2 for log, _ in alike)
    days = []
    for log, reading in alike:
        weight = math.exp(-0.5 * ((log - math.log(abs(size))) ** 2 - nearest) / h**2)
        if weight > COUNTS:
            days.append(Day(weight=weight, log=log, reading=reading))
    total, squares = sum(day.weight for day in days), sum(day.weight**2 for day in days)
    scale = total / squares  # (sum w)^2 / sum w^2 over sum w
    return [Day(weight=scale * day.weight, log=day.log, reading=day.reading) for day in days]


def shrunk_slope(days: list[Day]) -> float:
    """Weighted least squares of readings on logs, times 1 - 1/t^2 or nothing; its error after White."""
    total = sum(day.weight for day in days)
    x_mean = sum(day.weight * day.log for day in days) / total
    y_mean = sum(day.weight * day.reading for day in days) / total
    xx = sum(day.weight * (day.log - x_mean) ** 2 for day in days) / total
    xy = sum(day.weight * (day.log - x_mean) * (day.reading - y_mean) for day in days) / total
    slope = xy / xx
    meat = 0.0
    for day in days:
        left = day.reading - y_mean - slope * (day.log - x_mean)
        meat += (day.weight / total * left * (day.log - x_mean)) ** 2
    return slope * max(0.0, 1.0 - meat / xx**2 / slope**2)


def at_this_size(readings: Array, returns: Array, size: float, h: float) -> list[Day]:
    """The comparable days with the readings that a move of this size, or the largest of them, would have had."""
    days = comparable(readings, returns, size, h)
    slope = shrunk_slope(days)
    reach = min(math.log(abs(size)), max(day.log for day in days))
    return [Day(weight=d.weight, log=d.log, reading=d.reading + slope * (reach - d.log)) for d in days]


def rank(value: float, days: list[Day]) -> float:
    """(1/2 + what is below, ties half) over (1 + all)."""
    below = sum(day.weight * (1.0 if day.reading < value else 0.5 if day.reading == value else 0.0) for day in days)
    return (0.5 + below) / (1.0 + sum(day.weight for day in days))


def a_history(seed: int, slope: float) -> tuple[Array, Array]:
    """Readings with holes that grow by `slope` with ln |r|, and the returns."""
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(4, 400)
    readings = rng.standard_normal(400) + slope * np.log(np.abs(returns))
    readings[rng.random(400) < 0.1] = np.nan
    return readings, returns


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("slope", [0.0, 0.5, -2.0])
@pytest.mark.parametrize("size", [-0.4, -2.0, -40.0], ids=["small", "usual", "beyond all"])
def test_u_is_what_the_formula_says(seed: int, slope: float, size: float) -> None:
    readings, returns = a_history(seed, slope)
    found = surprise(0.4, readings, returns, size)
    days = at_this_size(readings, returns, size, found.bandwidth)
    assert found.u == pytest.approx(rank(0.4, days), abs=1e-9)
    assert found.effective == pytest.approx(sum(day.weight for day in days), rel=1e-6)
    assert np.isfinite(found.ranks).sum() == len(days)
    at = np.flatnonzero(np.isfinite(found.ranks))
    for place, day in list(zip(at.tolist(), days, strict=True))[:40]:
        assert found.ranks[place] == pytest.approx(rank(day.reading, days), abs=1e-9)
        assert found.weights[place] == pytest.approx(day.weight / found.effective, rel=1e-6)


@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_the_spread_is_that_of_the_days_once_they_are_brought_to_the_size(slope: float) -> None:
    readings, returns = a_history(5, slope)
    found = surprise(0.4, readings, returns, -2.0)
    days = at_this_size(readings, returns, -2.0, found.bandwidth)
    for share, told in zip((0.05, 0.25, 0.5, 0.75, 0.95), found.spread, strict=True):
        below = sum(day.weight for day in days if day.reading <= told) / found.effective
        assert below == pytest.approx(share, abs=0.06)
    assert list(found.spread) == sorted(found.spread)
    assert found.calm == pytest.approx(rank(float(np.nanmedian(readings)), days), abs=1e-9)


def test_what_grows_with_the_move_is_no_surprise_of_a_larger_one() -> None:
    """Of a reading that is 3 ln |r| and a little noise, what such a move does is in the middle and nothing else is."""
    rng = np.random.default_rng(9)
    returns = rng.standard_t(4, 700)
    readings = 3.0 * np.log(np.abs(returns)) + 0.2 * rng.standard_normal(700)
    size = float(np.quantile(returns, 0.01))
    expected = 3.0 * math.log(abs(size))
    assert surprise(expected, readings, returns, size).u == pytest.approx(0.5, abs=0.15)
    assert surprise(expected + 0.6, readings, returns, size).u > 0.9
    assert surprise(expected - 0.6, readings, returns, size).u < 0.1
    assert surprise(expected - 0.6, rng.permutation(readings), returns, size).u > 0.7


def test_the_line_is_not_followed_beyond_the_largest_comparable_move() -> None:
    readings, returns = a_history(3, 2.0)
    largest = float(returns.min())
    wide = {"needed": 150}  # the kernel is as good as flat, so that both moves have nearly the same days
    at, beyond = (surprise(0.4, readings, returns, times * largest, **wide) for times in (1.0, 50.0))
    assert beyond.spread[2] == pytest.approx(at.spread[2], abs=0.5)
    followed = 2.0 * math.log(50.0)
    assert beyond.spread[2] < at.spread[2] + followed / 10.0


def test_equal_values_count_half() -> None:
    found = surprise(1.0, np.ones(60), np.full(60, -2.0), -2.0)
    assert found.u == pytest.approx(0.5)
    assert found.ranks.tolist() == pytest.approx([0.5] * 60)


def test_only_days_that_went_the_same_way_count() -> None:
    rng = np.random.default_rng(4)
    returns = rng.choice([-2.0, 2.0], 200)
    readings = np.where(returns < 0.0, rng.standard_normal(200), 100.0)
    found = surprise(50.0, readings, returns, -2.0)
    assert found.u > 0.99
    assert (np.isfinite(found.ranks) == (returns < 0.0)).all()
    assert (found.weights[returns > 0.0] == 0.0).all()
    assert surprise(50.0, readings, returns, 2.0).u < 0.01


def test_the_weights_of_the_days_add_up_to_one() -> None:
    rng = np.random.default_rng(5)
    found = surprise(0.0, rng.standard_normal(300), rng.standard_t(4, 300), -2.0)
    assert found.weights.sum() == pytest.approx(1.0)


def test_usable_days_are_those_with_a_reading_and_a_move_of_any_sign_and_size() -> None:
    rng = np.random.default_rng(12)
    returns, readings = rng.standard_t(4, 300), rng.standard_normal(300)
    readings[:30], returns[20:50] = np.nan, np.nan
    for size in (-0.5, -4.0, 2.0):
        found = surprise(0.0, readings, returns, size)
        assert found.usable == 250
        assert np.count_nonzero(np.isfinite(found.ranks)) < 200


def test_the_kernel_widens_by_quarters_until_enough_days_count() -> None:
    returns = -np.exp(np.linspace(-3.0, 3.0, 241))
    usable = np.ones(241, dtype=bool)
    narrow = kernel(returns, -1.0, usable, bandwidth=0.25, needed=20)
    wide = kernel(returns, -1.0, usable, bandwidth=0.25, needed=60)
    assert narrow is not None
    assert wide is not None
    assert narrow[1] == 0.25
    assert wide[1] > 0.25
    assert effective_size(wide[0]) >= 60
    tighter = np.exp(-0.5 * (np.log(-returns) / (wide[1] / 1.25)) ** 2)
    assert effective_size(tighter) < 60


def test_where_all_days_are_needed_all_weigh_the_same() -> None:
    returns = -np.exp(np.linspace(-3.0, 3.0, 20))
    found = kernel(returns, -1.0, np.ones(20, dtype=bool), bandwidth=0.25, needed=20)
    assert found is not None
    assert found[0] == pytest.approx(np.ones(20))


@pytest.mark.parametrize(("days", "overlap", "told"), [(19, 1, 19.0), (59, 3, 59 / 3), (0, 1, 0.0)])
def test_too_few_days_are_an_answer_with_their_number(days: int, overlap: int, told: float) -> None:
    returns = np.concatenate((np.full(days, -2.0), np.full(100, 2.0)))
    found = conditional_pit(0.0, np.zeros(days + 100), returns, -2.0, bandwidth=0.25, needed=20, overlap=overlap)
    assert found == TooFew(found=pytest.approx(told), needed=20)  # type: ignore[arg-type]  # compared, not used
    one_more = np.append(returns, [-2.0] * (20 * overlap - days))
    enough = conditional_pit(0.0, np.zeros(len(one_more)), one_more, -2.0, bandwidth=0.25, needed=20, overlap=overlap)
    assert isinstance(enough, Surprise)


def test_days_without_a_reading_or_a_move_do_not_count() -> None:
    returns = np.full(40, -2.0)
    readings = np.zeros(40)
    readings[:21] = np.nan
    found = conditional_pit(0.0, readings, returns, -2.0, bandwidth=0.25, needed=20)
    assert found == TooFew(found=19.0, needed=20)
    assert conditional_pit(0.0, np.zeros(40), np.zeros(40), -2.0, bandwidth=0.25, needed=20) == TooFew(
        found=0.0, needed=20
    )


def test_a_move_of_no_size_is_like_no_day() -> None:
    found = conditional_pit(0.0, np.zeros(40), np.full(40, -2.0), 0.0, bandwidth=0.25, needed=20)
    assert found == TooFew(found=0.0, needed=20)


@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_a_line_through_the_readings_changes_nothing_and_a_mirror_turns_u_round(slope: float) -> None:
    readings, returns = a_history(6, slope)
    plain = surprise(0.7, readings, returns, -1.5)
    other = surprise(5.0 * 0.7 - 3.0, 5.0 * readings - 3.0, returns, -1.5)
    assert other.u == pytest.approx(plain.u, abs=1e-12)
    assert other.calm == pytest.approx(plain.calm, abs=1e-12)
    assert other.spread == pytest.approx([5.0 * one - 3.0 for one in plain.spread])
    np.testing.assert_allclose(other.ranks, plain.ranks, atol=1e-12)
    turned = surprise(-0.7, -readings, returns, -1.5)
    assert turned.u == pytest.approx(1.0 - plain.u, abs=1e-12)


@pytest.mark.parametrize("transform", [np.exp, np.arctan], ids=["exp", "arctan"])
def test_the_scale_of_readings_counts_only_where_sizes_differ(transform: np.ufunc) -> None:
    """Among moves of one size the order decides; else a curve changes what is brought to the size of the move."""
    readings, returns = a_history(6, 1.0)
    alike = 1.5 * np.sign(returns)
    one, other = (surprise(float(f(0.7)), f(readings), alike, -1.5).u for f in (np.positive, transform))
    assert other == pytest.approx(one, abs=1e-12)
    one, other = (surprise(float(f(0.7)), f(readings), returns, -1.5).u for f in (np.positive, transform))
    assert 1e-6 < abs(other - one) < 0.1


def test_the_order_of_days_and_the_unit_of_returns_do_not_matter() -> None:
    readings, returns = a_history(7, 1.0)
    plain = surprise(0.7, readings, returns, -1.5)
    order = np.random.default_rng(7).permutation(400)
    assert surprise(0.7, readings[order], returns[order], -1.5).u == pytest.approx(plain.u, abs=1e-12)
    assert surprise(0.7, readings, 100.0 * returns, -150.0).u == pytest.approx(plain.u, abs=1e-12)


def test_the_spread_shows_what_such_days_have() -> None:
    readings = np.arange(1000.0)
    found = surprise(500.0, readings, np.full(1000, -2.0), -2.0)
    assert found.spread == pytest.approx((49.5, 249.5, 499.5, 749.5, 949.5), abs=1.0)
    assert found.effective == pytest.approx(1000.0)


def test_a_value_above_all_of_many_like_days_is_in_the_outermost_bin() -> None:
    rng = np.random.default_rng(8)
    found = surprise(9.0, rng.standard_normal(400), rng.standard_t(4, 400), -2.0)
    assert found.u > 0.9


def test_a_move_far_smaller_than_all_others_has_days_to_compare_with() -> None:
    returns = -np.exp(np.linspace(0.0, 1.0, 300))
    found = conditional_pit(0.0, np.linspace(-1, 1, 300), returns, -1e-7, bandwidth=0.25, needed=20)
    assert isinstance(found, Surprise)
    assert found.effective >= 20.0
