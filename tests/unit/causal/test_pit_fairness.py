"""The surprise of a reading is fair where nothing happened: u is uniform, and the odds are multiplied by one.

Bounds were measured on 12000 draws of other seeds: Kolmogorov's distance .007 where the size of a move does nothing,
.011 where half a standard deviation goes with each ln |r|. On the largest of 200 days, which the line cannot reach, it
is .05, half of what it is without the line.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from causal.breadth import Parent
from causal.choosing import log_ratio
from causal.facts import Report
from causal.likelihood import BASE, KERNEL, tilted
from causal.observables import Observable
from causal.panel import Array
from causal.pit import Surprise, bin_masses, conditional_pit, kernel
from causal.settings import Method
from causal.surprise import Reading

METHOD = Method()
DAYS = 700
DRAWS = 3000
SLOPES = (0.0, 0.25, 0.5)
BY_CHANCE = 1.63 / math.sqrt(DRAWS)  # Kolmogorov's distance that one sample in a hundred exceeds
SIDES = ("up", "down", "flat")
Bins = tuple[float, float, float, float, float]


@cache
def null(slope: float, largest: float = 0.1) -> tuple[Array, Array, Array]:
    """u of readings on one of the `largest` share of falls, how many days it stands on, and u without the line.

    All that moves the readings is that it fell (by one standard deviation), and how far (`slope` a unit of ln |r|).
    """
    rng = np.random.default_rng(2031)
    found = []
    for _ in range(DRAWS):
        returns = rng.standard_t(4, DAYS)
        readings = shocked(returns, rng) + slope * np.log(np.abs(returns))
        day = int(rng.choice(np.flatnonzero(returns <= np.quantile(returns, largest))))
        value, size = float(readings[day]), float(returns[day])
        readings[day] = np.nan
        one = conditional_pit(value, readings, returns, size, bandwidth=METHOD.bandwidth, needed=20)
        assert isinstance(one, Surprise)
        found.append((one.u, one.effective, without_the_line(value, readings, returns, size)))
    u, effective, plain = np.array(found).T
    return u, effective, plain


def shocked(returns: Array, rng: np.random.Generator) -> Array:
    """Readings that are higher by one standard deviation on days of a fall."""
    answer: Array = rng.standard_normal(len(returns)) + (returns < 0.0)
    return answer


def without_the_line(value: float, readings: Array, returns: Array, size: float) -> float:
    """u among the same days as they were."""
    made = kernel(returns, size, np.isfinite(readings), bandwidth=METHOD.bandwidth, needed=20)
    assert made is not None
    weights = made[0] * (made[0].sum() / (made[0] ** 2).sum())
    return float((0.5 + weights[readings < value].sum()) / (1.0 + weights.sum()))


def from_uniform(values: Array) -> float:
    """Kolmogorov's distance."""
    ordered, places = np.sort(values), np.arange(1, len(values) + 1) / len(values)
    return float(max(np.max(places - ordered), np.max(ordered - places + 1 / len(values))))


@pytest.mark.parametrize("slope", SLOPES)
def test_u_is_uniform_where_nothing_happened(slope: float) -> None:
    u, _, _ = null(slope)
    assert from_uniform(u) < BY_CHANCE
    assert u.mean() == pytest.approx(0.5, abs=0.02)


def test_of_the_largest_moves_u_is_uniform_only_once_days_are_brought_to_their_size() -> None:
    u, _, plain = null(0.5, 0.02)
    assert from_uniform(u) < BY_CHANCE
    assert from_uniform(plain) > 1.5 * BY_CHANCE
    even, _, _ = null(0.0, 0.02)
    assert from_uniform(even) < BY_CHANCE  # nothing to bring, and nothing is broken by it


def test_of_records_beyond_reach_of_the_line_half_of_the_bias_is_left() -> None:
    u, _, plain = null(0.5, 0.005)
    assert BY_CHANCE < from_uniform(u) < 0.6 * from_uniform(plain)
    assert u.mean() < 0.55


def test_days_that_went_the_other_way_would_not_be_fair() -> None:
    rng = np.random.default_rng(1)
    returns = rng.standard_t(4, 4000)
    readings = shocked(returns, rng)
    falls = np.flatnonzero(returns <= np.quantile(returns, 0.1))
    against_all = np.array([(readings < readings[day]).mean() for day in falls])
    assert against_all.mean() > 0.6


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("tilt", sorted(METHOD.tilt.values()))
@pytest.mark.parametrize("slope", SLOPES)
def test_the_bin_of_u_multiplies_the_odds_by_one_on_average(side: str, tilt: float, slope: float) -> None:
    u, _, _ = null(slope)
    bins = np.searchsorted([0.1, 0.3, 0.7, 0.9], u)
    ratios = tilted(side, tilt, 0.0, METHOD.flat_width) / BASE
    assert ratios[bins].mean() == pytest.approx(1.0, abs=0.08)  # measured: .03 and three standard errors


def ratio(bins: Bins, side: str, tilt: float) -> float:
    """What a reading multiplies the odds of a step by that surely acts, against all days, through the report kernel."""
    parent = Parent(narrative=0, step="s", side=side, tilt=tilt, link=1.0)
    reading = Reading(bins=bins, z=None, reason="drawn")
    report = Report(fact="x", copies=("x",), reading=reading, reliability=METHOD.series_reliability)
    one = Observable(family="f", subject="s", window="during", calm=0.0, parents=(parent,), reports=(report,))
    return math.exp(log_ratio(one, parent, replace(METHOD, acting_share=0.0)))


def hard(place: int) -> Bins:
    """All mass in one bin."""
    a, b, c, d, e = np.eye(5)[place].tolist()
    return a, b, c, d, e


def by_hand(place: int, side: str, tilt: float, heard: Array) -> float:
    """The same for all mass in one bin: rho K + (1 - rho) / 5 under the tilt over that under the base."""
    told = METHOD.series_reliability * heard[:, place] + (1.0 - METHOD.series_reliability) / 5.0
    return float(tilted(side, tilt, 0.0, METHOD.flat_width) @ told) / float(BASE @ told)


@pytest.mark.parametrize("side", ["up", "down"])
@pytest.mark.parametrize(("tilt", "free"), [(1.7, -0.006), (3.0, 0.022), (6.0, 0.089)])
def test_the_report_kernel_gives_a_strong_prediction_something_for_nothing(side: str, tilt: float, free: float) -> None:
    """Under it bins 2 and 4 speak as well for 1 and 5, so that its outer rows add up to 1.7: it is no likelihood.

    That is meant (a reading on the side that was predicted is no denial of a larger one), and this is what it costs.
    With rows that are distributions it costs nothing on readings that are so distributed.
    """
    told = [ratio(hard(place), side, tilt) for place in range(5)]
    assert told == pytest.approx([by_hand(place, side, tilt, KERNEL) for place in range(5)])
    assert float(BASE @ told) - 1.0 == pytest.approx(free, abs=0.002)
    proper = KERNEL.copy()
    proper[0], proper[4] = (0.9, 0.1, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.1, 0.9)
    fair = np.array([by_hand(place, side, tilt, proper) for place in range(5)])
    rho = METHOD.series_reliability
    assert float((rho * BASE @ proper + (1.0 - rho) / 5.0) @ fair) == pytest.approx(1.0)
    assert float(BASE @ fair) < 1.01  # on bins of u: so all that is free comes from the outer rows


@pytest.mark.parametrize(("days", "free"), [(20.0, 0.034), (100.0, 0.059), (5000.0, 0.088)])
def test_a_reading_that_stands_on_few_days_gets_less_of_it(days: float, free: float) -> None:
    """On twenty days a strong prediction gets .03 where nothing happened, on a hundred .06, on any number .09."""
    evenly = (np.arange(400) + 0.5) / 400
    told = [ratio(bin_masses(float(u), days), "up", METHOD.tilt["strong"]) for u in evenly]
    assert np.mean(told) - 1.0 == pytest.approx(free, abs=0.005)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("tilt", "free"), [(1.7, 0.0), (3.0, 0.01), (6.0, 0.06)])
@pytest.mark.parametrize("slope", SLOPES)
def test_a_reading_where_nothing_happened_multiplies_the_odds_by_one_and_what_the_kernel_adds(
    side: str, tilt: float, free: float, slope: float
) -> None:
    u, effective, _ = null(slope)
    read = [bin_masses(*pair) for pair in zip(u[::3].tolist(), effective[::3].tolist(), strict=True)]
    free = free if side != "flat" else 0.0
    assert np.mean([ratio(bins, side, tilt) for bins in read]) == pytest.approx(1.0 + free, abs=0.08)
