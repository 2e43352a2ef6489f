"""What a panel asks of the alignment: days compared as days, the hours before a close, when each value became known."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.alignment import at_times_of, by_day, hourly, known_instants, own_instants
from graph.seriesvalues import NO_DAY, Values, microseconds

HOUR = 3_600 * 10**6
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)
START = microseconds(datetime(2030, 3, 1, tzinfo=UTC))
INSTANTS = st.lists(st.integers(0, 40 * HOUR), unique=True, max_size=25).map(sorted)


def values(
    at: list[int], value: list[float], *, day: list[int] | None = None, known: list[int] | None = None
) -> Values:
    return Values(
        at=np.array(at, np.int64),
        day=np.array(day if day is not None else [NO_DAY] * len(at), np.int32),
        value=np.array(value, np.float64),
        known_at=np.array(known if known is not None else at, np.int64),
    )


def test_rows_of_a_trade_day_lie_at_its_midnight_whatever_their_clock() -> None:
    days = [(date(2030, 3, day) - EPOCH).days for day in (1, 4, 5)]
    tokyo = values([day * DAY + 6 * HOUR for day in days], [1.0, 2.0, 3.0], day=days)
    new_york = values([day * DAY + 21 * HOUR for day in days], [4.0, 5.0, 6.0], day=days)
    for one in (tokyo, new_york):
        found = by_day(one)
        assert found.at.tolist() == [day * DAY for day in days]
        assert found.day.tolist() == days
        assert found.value.tolist() == one.value.tolist()
        assert found.known_at.tolist() == one.known_at.tolist()


def test_of_two_rows_of_one_day_the_last_stays_and_rows_without_a_day_go() -> None:
    held = values([1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 4.0, 5.0], day=[7, 7, NO_DAY, 8, 8])
    found = by_day(held)
    assert (found.day.tolist(), found.value.tolist(), found.known_at.tolist()) == ([7, 8], [2.0, 5.0], [2, 5])
    assert len(by_day(values([1, 2], [1.0, 2.0]))) == 0
    assert len(by_day(values([], []))) == 0


def hours_by_hand(at: list[int], value: list[float], edge: int) -> list[float]:
    found = []
    for back in range(23, -1, -1):
        end = edge - back * HOUR
        inside = [v for t, v in zip(at, value, strict=True) if end - HOUR < t <= end]
        found.append(inside[-1] if inside else math.nan)
    return found


@given(INSTANTS, st.lists(st.integers(0, 60 * HOUR), unique=True, max_size=4).map(sorted))
def test_each_of_the_hours_up_to_a_close_has_its_last_value(at: list[int], edges: list[int]) -> None:
    value = [float(i) for i in range(len(at))]
    found = hourly(values(at, value), np.array(edges, np.int64))
    assert found.shape == (len(edges), 24)
    for row, edge in zip(found, edges, strict=True):
        np.testing.assert_array_equal(row, hours_by_hand(at, value, edge))


def test_a_value_of_the_full_hour_belongs_to_the_hour_that_it_ends() -> None:
    found = hourly(values([START, START + HOUR], [1.0, 2.0]), np.array([START + HOUR]))
    assert found[0, -2:].tolist() == [1.0, 2.0]
    assert np.isnan(found[0, :-2]).all()
    assert math.isnan(hourly(values([START + HOUR + 1], [1.0]), np.array([START + HOUR]))[0, -1])


def test_instants_stand_in_the_place_of_values_and_stay_exact() -> None:
    held = values([START, START + DAY], [1.0, 2.0], known=[START + 5 * HOUR + 1, START + 3 * DAY])
    assert own_instants(held).value.tolist() == [START, START + DAY]
    assert known_instants(held).value.tolist() == [START + 5 * HOUR + 1, START + 3 * DAY]
    for one in (own_instants(held), known_instants(held)):
        assert one.at.tolist() == held.at.tolist()
        assert one.known_at.tolist() == held.known_at.tolist()


@given(INSTANTS, INSTANTS, st.integers(0, 5 * HOUR), st.integers(0, 3 * HOUR), st.integers(0, 3 * HOUR))
def test_at_the_times_of_another_stands_its_last_value_known_once_both_are(
    at: list[int], other_at: list[int], age: int, lag: int, other_lag: int
) -> None:
    held = values(at, [float(i) for i in range(len(at))], known=[t + lag for t in at])
    other = values(
        other_at, [-1.0] * len(other_at), day=list(range(len(other_at))), known=[t + other_lag for t in other_at]
    )
    found = at_times_of(held, other, max_age=timedelta(microseconds=age))
    wanted = []
    for place, t in enumerate(other_at):
        inside = [i for i, own in enumerate(at) if t - age <= own <= t]
        if inside:
            wanted.append((t, place, float(inside[-1]), max(at[inside[-1]] + lag, t + other_lag)))
    assert (
        list(zip(found.at.tolist(), found.day.tolist(), found.value.tolist(), found.known_at.tolist(), strict=True))
        == wanted
    )


@pytest.mark.parametrize("empty", ["own", "other"])
def test_nothing_at_the_times_of_nothing(empty: str) -> None:
    one, none = values([START], [1.0]), values([], [])
    found = (
        at_times_of(none, one, max_age=timedelta(1)) if empty == "own" else at_times_of(one, none, max_age=timedelta(1))
    )
    assert len(found) == 0
    assert hourly(none, np.array([START])).shape == (1, 24)
