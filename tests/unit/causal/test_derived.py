"""Every derived reading against its formula written out session by session, and against numbers by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from causal.derived import DERIVED, Look, move_returns
from causal.panel import Array, Column, Panel
from causal.rolling import sessions, shifted
from tests.panels import a_column, a_panel, prices, returns_of, with_holes
from tests.unit.causal.slow_derived import SLOW, Session

COUNT = 48
WINDOWS = ((-1, 0), (-2, 0), (-6, -1), (0, 3), (-4, 2))
SPANS = {(-2, 0): 2}


def random_column(name: str, seed: int, *, slow: bool = False, hourly: bool = False) -> Column:
    """Prices about par with holes, a spot price beside them, and (where wanted) hours."""
    rng = np.random.default_rng(seed)
    level = np.round(prices(returns_of(seed, COUNT), start=1.0) * 1024) / 1024  # the mean of equal ones is exact
    came = with_holes(level, seed, 0.85 if slow else 0.2)
    hours = level[:, np.newaxis] * np.exp(0.01 * rng.standard_normal((COUNT, 24)))
    hours[rng.random(hours.shape) < 0.2] = np.nan
    at = {"spot": with_holes(level * np.exp(0.01 * rng.standard_normal(COUNT)), seed + 1)}
    return a_column(name, came, slow=slow, at=at, hours=hours if hourly else None)


def random_look(seed: int, window: tuple[int, int], *, slow: bool, hourly: bool) -> Look:
    names = ("coin", "one", "two", "three")
    columns = [random_column(name, 100 * seed + i, slow=slow, hourly=hourly) for i, name in enumerate(names)]
    panel = a_panel(*columns, span=SPANS.get(window, 1))
    return Look(panel=panel, column=columns[1], lo=window[0], hi=window[1], usual=9, peers=columns[2:])


def slowly(name: str, it: Look) -> Array:
    told = [SLOW[name](Session(it, t)) for t in range(len(it.panel.days))]
    return np.array([math.nan if value is None else value for value in told])


def test_every_derived_reading_is_written_out_once_more() -> None:
    assert set(DERIVED) - set(SLOW) == set()


@pytest.mark.parametrize("name", sorted(DERIVED))
@pytest.mark.parametrize("hourly", [False, True], ids=["sessions", "hours"])
def test_it_is_what_its_formula_says_on_random_panels_with_holes(name: str, hourly: bool) -> None:
    known = 0
    for seed in range(4):
        for window in WINDOWS:
            it = random_look(seed, window, slow=seed == 3, hourly=hourly)
            found = DERIVED[name][0](it)
            assert found.shape == (COUNT,)
            np.testing.assert_allclose(found, slowly(name, it), rtol=1e-8, atol=1e-8, err_msg=f"{seed} {window}")
            known += int(np.isfinite(found).sum())
    assert (known > 300) == (hourly or name != "price_lead")


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_a_series_without_a_value_gives_nothing_and_no_error(name: str) -> None:
    nothing = np.full(COUNT, np.nan)
    at = {"spot": nothing}
    empty = a_column("one", nothing, at=at, hours=np.full((COUNT, 24), np.nan))
    other = random_column("coin", 1, hourly=True)
    it = Look(panel=a_panel(other, empty), column=empty, lo=-1, hi=0, peers=(other,))
    assert np.isnan(DERIVED[name][0](it)).all()


@pytest.mark.parametrize("name", sorted(DERIVED))
def test_only_the_ways_of_laying_that_it_names_are_read(name: str) -> None:
    """What `DERIVED` names is all that is laid on the sessions for a function; `stamp` and `known` always are."""
    it = random_look(5, (0, 3), slow=False, hourly=True)
    kept = {"last", "stamp", "known", *DERIVED[name][1]}

    def bare(column: Column) -> Column:
        return replace(column, at={how: values for how, values in column.at.items() if how in kept})

    columns = tuple(bare(column) for column in it.panel.columns)
    less = replace(it, panel=replace(it.panel, columns=columns), column=columns[1], peers=columns[2:])
    np.testing.assert_array_equal(DERIVED[name][0](less), DERIVED[name][0](it))


def look(values: list[float], *, lo: int = -1, hi: int = 0, slow: bool = False, **fields: object) -> Look:
    column = a_column("coin", values, slow=slow, after=0)
    panel: Panel = a_panel(column, after=0)
    return Look(panel=panel, column=column, lo=lo, hi=hi, **fields)  # type: ignore[arg-type]  # a test's own fields


def reading(name: str, it: Look) -> float:
    return float(DERIVED[name][0](it)[-1])


def test_units_are_percent_points_and_shares() -> None:
    level = [100.0, 100.0, 100.0, 90.0]
    assert reading("log_return", look(level)) == pytest.approx(100 * math.log(0.9))
    assert reading("change", look([4.0, 4.0, 4.25])) == pytest.approx(0.25)
    assert reading("total", look([1.0, 2.0, 3.0], lo=-2)) == pytest.approx(5.0)
    assert reading("log_ratio_to_usual", look([2.0, 2.0, 2.0, 4.0], usual=3)) == pytest.approx(100 * math.log(2))
    assert reading("percentile_of_usual", look([1.0, 2.0, 3.0, 4.0, 3.5], usual=4)) == pytest.approx(75.0)
    assert reading("percentile_of_usual", look([3.0, 3.0, 3.0, 3.0], usual=3)) == pytest.approx(50.0)
    assert reading("mean_less_usual", look([1.0, 2.0, 9.0, 5.0], usual=3)) == pytest.approx(3.0)
    assert reading("level_against_usual", look([1.0, 3.0, 1.0, 3.0, 4.0], usual=4)) == pytest.approx(2.0)
    assert reading("drawdown", look([80.0, 120.0, 90.0], usual=2)) == pytest.approx(100 * math.log(0.75))
    assert reading("drawdown", look([80.0, 90.0, 120.0], usual=2)) == 0.0
    assert reading("momentum", look([90.0, 110.0, 100.0], usual=2)) == pytest.approx(0.0, abs=1e-12)
    assert reading("lowest_from_par", look([1.0, 1.0, 0.97])) == pytest.approx(-3.0)


@pytest.mark.parametrize("name", ["level_against_usual", "mean_level_against_usual"])
def test_a_time_without_change_has_no_spread_to_measure_in(name: str) -> None:
    """Ten equal tenths have a standard deviation of rounding errors, and not of nothing."""
    for usual in (3, 5, 7):
        found = DERIVED[name][0](look([0.1] * 8 + [0.2], usual=usual))
        assert np.isnan(found[-1])
        assert np.isnan(found[:-1]).all()
    assert reading("level_against_usual", look([0.1] * 7 + [0.10001, 0.2], usual=8)) > 1000.0


def test_half_of_the_move_back_is_a_half() -> None:
    column = a_column("coin", [100.0, 80.0, 80.0 * (100.0 / 80.0) ** 0.5], after=1)
    it = Look(panel=a_panel(column, after=1), column=column, lo=0, hi=1)
    assert DERIVED["reversal"][0](it)[1] == pytest.approx(0.5)


def test_twice_the_size_of_returns_is_seventy_percent_more_volatility() -> None:
    steps = [1.0, -1.0] * 5 + [2.0]
    it = look(prices(np.array(steps) / 100).tolist(), usual=9)
    assert reading("realised_volatility", it) == pytest.approx(100 * math.log(2.0))


def test_what_moved_first_by_the_hour_leads() -> None:
    steps = np.random.default_rng(0).standard_normal((3, 24)) / 100
    first = np.exp(np.cumsum(steps, axis=1))
    later = np.exp(np.cumsum(np.roll(steps, 1, axis=1), axis=1))
    columns = (a_column("coin", [1.0, 1.0, 1.0], hours=later), a_column("one", [1.0, 1.0, 1.0], hours=first))
    panel = a_panel(*columns, after=0)
    assert DERIVED["price_lead"][0](Look(panel=panel, column=columns[1], lo=-1, hi=0))[-1] > 0.8
    turned = replace(panel, moved="one")
    assert DERIVED["price_lead"][0](Look(panel=turned, column=columns[0], lo=-1, hi=0))[-1] < -0.8


def test_a_flow_that_the_fall_lets_expect_is_no_surprise() -> None:
    rng = np.random.default_rng(3)
    coin = prices(rng.standard_normal(60) / 50)
    moved = np.concatenate(([np.nan], 100 * np.diff(np.log(coin))))
    flow = 7.0 * moved + 2.0
    flow[40] += 30.0
    columns = (a_column("coin", coin), a_column("flow", flow))
    found = DERIVED["flow_surprise"][0](Look(panel=a_panel(*columns), column=columns[1], lo=-1, hi=0))
    assert np.nanargmax(found) == 40
    assert found[40] > 25
    assert np.nanmax(np.abs(np.delete(found, 40))) < 3


@pytest.mark.parametrize("name", ["log_return", "change"])
def test_a_session_without_a_new_value_gives_nothing(name: str) -> None:
    found = DERIVED[name][0](look([1.0, 2.0, math.nan, 3.0, math.nan]))
    assert np.isfinite(found).tolist() == [False, True, False, True, False]
    wider = DERIVED[name][0](look([1.0, 2.0, math.nan, 3.0, math.nan], lo=-2))
    assert np.isfinite(wider).tolist() == [False, False, True, True, True]


def test_a_slow_series_answers_with_the_first_figure_from_the_window_on() -> None:
    weekly = [10.0, *[math.nan] * 6, 13.0, *[math.nan] * 6, 20.0]
    found = DERIVED["change"][0](look(weekly, slow=True))
    assert found[1:8].tolist() == [3.0] * 7
    assert found[8:15].tolist() == [7.0] * 7


def test_before_the_move_a_slow_series_answers_with_what_had_come_by_then() -> None:
    weekly = [10.0, *[math.nan] * 6, 13.0, *[math.nan] * 6, 20.0]
    found = DERIVED["change"][0](look(weekly, lo=-8, hi=-1, slow=True))
    assert found[-1] == 3.0  # the last before the window is of day 0, the last before the move of day 7
    assert DERIVED["change"][0](look(weekly, lo=-8, hi=0, slow=True))[-1] == 10.0


def test_the_move_is_a_return_or_of_a_yield_a_change_over_its_span() -> None:
    column = a_column("coin", [4.0, 5.0, 6.0], after=0)
    found = move_returns(a_panel(column, span=2, after=0))
    assert found[-1] == pytest.approx(100 * math.log(1.5))
    assert np.isnan(found[:2]).all()
    assert move_returns(a_panel(column, span=2, after=0, level=True))[-1] == 2.0


@pytest.mark.parametrize("by", [-9, -5, -1, 0, 1, 3, 5, 9])
def test_values_shifted_past_either_end_are_nothing(by: int) -> None:
    values = np.arange(4.0)
    wanted = [float(t + by) if 0 <= t + by < 4 else math.nan for t in range(4)]
    np.testing.assert_array_equal(shifted(values, by), wanted)


@pytest.mark.parametrize(("first", "last"), [(-3, -1), (-2, 2), (0, 0), (1, 3), (-9, 9)])
def test_a_window_holds_its_own_sessions_and_nothing_past_either_end(first: int, last: int) -> None:
    wanted = [[float(t + i) if 0 <= t + i < 5 else math.nan for i in range(first, last + 1)] for t in range(5)]
    np.testing.assert_array_equal(sessions(np.arange(5.0), first, last), wanted)
