"""Values on given instants and on one clock a day, against a slow reading of the definition."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.alignment import How, align, daily_close
from graph.seriesvalues import NO_DAY, Values, instant_of, microseconds

HOUR = 3_600 * 10**6
NEW_YORK = "America/New_York"
HOWS: tuple[How, ...] = get_args(How)
INSTANTS = st.lists(st.integers(-40, 40), unique=True, max_size=25).map(sorted)
NUMBERS = st.floats(-1e6, 1e6)


def values(at: list[int], value: list[float] | None = None, lag: int = 0) -> Values:
    instants = np.array(at, np.int64)
    return Values(
        at=instants,
        day=np.full(len(at), NO_DAY, np.int32),
        value=np.array(range(len(at)) if value is None else value, np.float64),
        known_at=instants + lag,
    )


def slowly(at: list[int], value: list[float], edges: list[int], how: How, age: int) -> list[float]:
    """The definition, edge by edge."""
    found = []
    for i, edge in enumerate(edges):
        pairs = list(zip(at, value, strict=True))
        if how == "last":
            inside = [v for t, v in pairs if edge - age <= t <= edge][-1:]
        elif how == "next":
            inside = [v for t, v in pairs if edge <= t <= edge + age][:1]
        elif i == 0 or edge - edges[i - 1] > age:
            inside = []
        else:
            inside = [v for t, v in pairs if edges[i - 1] < t <= edge]
        reduce = {"sum": math.fsum, "mean": fmean, "min": min, "max": max, "count": len}.get(how, max)
        found.append(float(reduce(inside)) if inside else math.nan)
    return found


@pytest.mark.parametrize("how", HOWS)
@given(INSTANTS, INSTANTS, st.integers(0, 30), st.data())
def test_it_does_what_the_definition_says(
    how: How, at: list[int], edges: list[int], age: int, data: st.DataObject
) -> None:
    value = data.draw(st.lists(NUMBERS, min_size=len(at), max_size=len(at)))
    found = align(values(at, value), np.array(edges, np.int64), how, max_age=timedelta(microseconds=age))
    np.testing.assert_allclose(found, slowly(at, value, edges, how, age), rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("how", HOWS)
def test_no_values_and_no_edges_give_nothing(how: How) -> None:
    assert np.isnan(align(values([]), np.array([1, 2]), how, max_age=timedelta(1))).all()
    assert len(align(values([1, 2]), np.array([], np.int64), how, max_age=timedelta(1))) == 0


@pytest.mark.parametrize("edges", [[2, 1], [1, 1]])
def test_edges_that_do_not_ascend_are_refused(edges: list[int]) -> None:
    with pytest.raises(ValueError, match="sort them"):
        align(values([1]), np.array(edges), "last", max_age=timedelta(1))


def hourly(first: datetime, last: datetime) -> Values:
    """One value an hour, that number which its UTC hour since the first is."""
    start, end = microseconds(first), microseconds(last)
    return values(list(range(start, end + 1, HOUR)))


def closes(found: Values) -> dict[date, datetime]:
    """The instant of each day's close."""
    days = [date(1970, 1, 1) + timedelta(days=int(day)) for day in found.day]
    return dict(zip(days, (instant_of(int(at)) for at in found.at), strict=True))


@pytest.mark.parametrize(
    ("before", "hour_before", "hour_after"),
    [(date(2026, 3, 7), 21, 20), (date(2026, 10, 31), 20, 21)],
    ids=["clocks go forward on 8 March", "clocks go back on 1 November"],
)
def test_the_close_stays_at_four_in_new_york_when_the_clocks_change(
    before: date, hour_before: int, hour_after: int
) -> None:
    first = datetime.combine(before, time(0), UTC)
    series = hourly(first, first + timedelta(days=3, hours=1))
    found = daily_close(series, NEW_YORK, time(16))
    after = before + timedelta(days=1)
    assert closes(found)[before] == datetime.combine(before, time(hour_before), UTC)
    assert closes(found)[after] == datetime.combine(after, time(hour_after), UTC)
    assert found.value[:2].tolist() == [hour_before, 24 + hour_after]
    assert len(found) == 3


def test_a_cutoff_that_is_skipped_or_shown_twice_is_one_instant() -> None:
    first = datetime(2026, 3, 7, tzinfo=UTC)
    skipped = closes(daily_close(hourly(first, first + timedelta(days=3)), NEW_YORK, time(2, 30)))
    assert skipped[date(2026, 3, 8)] == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    first = datetime(2026, 10, 31, tzinfo=UTC)
    twice = closes(daily_close(hourly(first, first + timedelta(days=3)), NEW_YORK, time(1, 30)))
    assert twice[date(2026, 11, 1)] == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_the_day_is_the_local_one_on_either_side_of_the_date_line() -> None:
    first = datetime(2026, 2, 4, tzinfo=UTC)
    for tz, utc_hour in (("Pacific/Auckland", 20), ("Asia/Tokyo", 0), ("Pacific/Honolulu", 19)):
        found = closes(daily_close(hourly(first, first + timedelta(days=3)), tz, time(9)))
        assert found
        for day, close in found.items():
            assert close.astimezone(ZoneInfo(tz)).date() == day
            assert close.hour == utc_hour


def test_a_day_whose_last_value_is_older_than_two_hours_has_no_close() -> None:
    cutoff = microseconds(datetime(2026, 2, 5, 21, tzinfo=UTC))
    at = [cutoff - 24 * HOUR - 2 * HOUR, cutoff - 2 * HOUR - 1, cutoff + 1]
    found = daily_close(values(at, [10, 20, 30]), NEW_YORK, time(16))
    assert found.value.tolist() == [10]
    assert list(closes(found)) == [date(2026, 2, 4)]


def test_a_close_is_known_at_the_cutoff_or_when_its_value_is() -> None:
    cutoff = microseconds(datetime(2026, 2, 5, 21, tzinfo=UTC))
    early = daily_close(values([cutoff - HOUR]), NEW_YORK, time(16))
    late = daily_close(values([cutoff - HOUR], lag=5 * HOUR), NEW_YORK, time(16))
    assert (early.at.tolist(), early.known_at.tolist()) == ([cutoff], [cutoff])
    assert (late.at.tolist(), late.known_at.tolist()) == ([cutoff], [cutoff + 4 * HOUR])


@given(st.lists(st.integers(0, 24 * 60 * 20), unique=True, max_size=60).map(sorted))
def test_a_close_is_the_last_value_at_or_before_the_cutoff(minutes: list[int]) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=minute) for minute in minutes]
    found = daily_close(values([microseconds(instant) for instant in instants]), NEW_YORK, time(16))
    expected = {}
    for offset in range(-2, 23):
        day = date(2026, 3, 1) + timedelta(days=offset)
        cutoff = datetime.combine(day, time(16), ZoneInfo(NEW_YORK)).astimezone(UTC)
        inside = [i for i, instant in enumerate(instants) if cutoff - timedelta(hours=2) <= instant <= cutoff]
        if inside:
            expected[day] = float(inside[-1])
    assert dict(zip(closes(found), found.value.tolist(), strict=True)) == expected


def test_no_values_have_no_closes_and_an_unknown_zone_is_refused() -> None:
    assert len(daily_close(values([]), NEW_YORK, time(16))) == 0
    with pytest.raises(ZoneInfoNotFoundError):
        daily_close(values([1]), "America/Gotham", time(16))
