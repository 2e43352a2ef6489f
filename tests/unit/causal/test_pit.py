"""The surprise of a reading: fair where nothing happened, from days of the same sign and like size, or none at all."""

from __future__ import annotations

import numpy as np
import pytest

from causal.likelihood import BASE, tilted
from causal.panel import Array
from causal.pit import Surprise, TooFew, conditional_pit, effective_size, kernel
from causal.settings import Method

METHOD = Method()
DAYS = 700
DRAWS = 3000


def surprise(value: float, readings: Array, returns: Array, size: float, **fields: float) -> Surprise:
    found = conditional_pit(value, readings, returns, size, bandwidth=0.25, **{"needed": 20, **fields})  # type: ignore[arg-type]  # overlap is an int
    assert isinstance(found, Surprise)
    return found


def null_draws(seed: int) -> Array:
    """u of readings on one of the largest falls; that it fell is all that moves them."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        returns = rng.standard_t(4, DAYS)
        readings = shocked(returns, rng)
        day = int(rng.choice(np.flatnonzero(returns <= np.quantile(returns, 0.1))))
        past = readings.copy()
        past[day] = np.nan
        found.append(surprise(float(readings[day]), past, returns, float(returns[day])).u)
    return np.array(found)


def shocked(returns: Array, rng: np.random.Generator) -> Array:
    """Readings that are higher by one standard deviation on days of a fall."""
    answer: Array = rng.standard_normal(len(returns)) + (returns < 0.0)
    return answer


@pytest.fixture(scope="module")
def null() -> Array:
    return null_draws(2030)


def test_u_is_uniform_where_nothing_happened(null: Array) -> None:
    ordered, places = np.sort(null), np.arange(1, DRAWS + 1) / DRAWS
    distance = max(np.max(places - ordered), np.max(ordered - places + 1 / DRAWS))
    assert distance < 1.63 / np.sqrt(DRAWS)  # Kolmogorov's distance, one in a hundred


@pytest.mark.parametrize("side", ["up", "down", "flat"])
@pytest.mark.parametrize("tilt", sorted(METHOD.tilt.values()))
def test_a_bin_where_nothing_happened_multiplies_the_odds_by_one_on_average(
    null: Array, side: str, tilt: float
) -> None:
    bins = np.searchsorted([0.1, 0.3, 0.7, 0.9], null)
    ratios = tilted(side, tilt, 0.0, METHOD.flat_width) / BASE
    assert ratios[bins].mean() == pytest.approx(1.0, abs=0.05)


def test_days_that_went_the_other_way_would_not_be_fair(null: Array) -> None:
    rng = np.random.default_rng(1)
    returns = rng.standard_t(4, 4000)
    readings = shocked(returns, rng)
    falls = np.flatnonzero(returns <= np.quantile(returns, 0.1))
    against_all = np.array([(readings < readings[day]).mean() for day in falls])
    assert against_all.mean() > 0.6
    assert abs(null.mean() - 0.5) < 0.02


def by_definition(value: float, readings: Array, returns: Array, size: float, h: float) -> float:
    weight = below = 0.0
    for reading, moved in zip(readings.tolist(), returns.tolist(), strict=True):
        if moved * size > 0.0 and not np.isnan(reading):
            w = np.exp(-0.5 * ((np.log(abs(moved)) - np.log(abs(size))) / h) ** 2)
            weight += w
            below += w * (1.0 if reading < value else 0.5 if reading == value else 0.0)
    return float((0.5 + below) / (1.0 + weight))


@pytest.mark.parametrize("seed", range(5))
def test_u_is_what_the_formula_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.standard_t(4, 400)
    readings = np.round(rng.standard_normal(400), 1)  # with ties
    readings[rng.random(400) < 0.1] = np.nan
    found = surprise(0.4, readings, returns, -2.0)
    assert found.u == pytest.approx(by_definition(0.4, readings, returns, -2.0, found.bandwidth), abs=1e-9)
    for day in np.flatnonzero(np.isfinite(found.ranks))[:40]:
        wanted = by_definition(readings[day], readings, returns, -2.0, found.bandwidth)
        assert found.ranks[day] == pytest.approx(wanted, abs=1e-9)


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


@pytest.mark.parametrize("transform", [np.exp, np.arctan, lambda x: 5.0 * x - 3.0], ids=["exp", "arctan", "line"])
def test_only_the_order_of_readings_counts(transform: np.ufunc) -> None:
    rng = np.random.default_rng(6)
    returns, readings = rng.standard_t(4, 500), np.round(rng.standard_normal(500), 1)
    plain = surprise(0.7, readings, returns, -1.5)
    other = surprise(float(transform(0.7)), transform(readings), returns, -1.5)
    assert other.u == plain.u
    assert other.calm == pytest.approx(plain.calm, abs=1e-12)
    np.testing.assert_array_equal(other.ranks, plain.ranks)
    turned = surprise(-0.7, -readings, returns, -1.5)
    assert turned.u == pytest.approx(1.0 - plain.u, abs=1e-12)


def test_the_order_of_days_and_the_unit_of_returns_do_not_matter() -> None:
    rng = np.random.default_rng(7)
    returns, readings = rng.standard_t(4, 500), rng.standard_normal(500)
    plain = surprise(0.7, readings, returns, -1.5)
    order = rng.permutation(500)
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
