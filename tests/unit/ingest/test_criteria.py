"""Criteria of forecasts: their grammar, and how they come out by what is reported and measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.checkmodel import Reading, World
from ingest.criteria import InvalidCriterionError, parse_criterion, quantities
from ingest.criterionvalues import Setting, Verdict, day_over, judge

SINCE, DUE = date(2026, 2, 8), date(2026, 2, 13)
NAMES = {"net_etf_flow": "net ETF flow", "open_interest": "open interest"}
FLOW, INTEREST = ("net ETF flow", "ibit"), ("open interest", "cme")
KNOWN = datetime(2026, 2, 14, 12, tzinfo=UTC)


def a_reading(key: str, day: date, value: float | None = 1.0, **changes: object) -> Reading:
    given_: dict[str, object] = {
        "key": key, "label": "Observation", "statement": f"said in {key}", "subjects": ("ibit",), "known_at": KNOWN,
        "indicator": "net ETF flow", "value": value, "unit": "USD", "first": day,
    }  # fmt: skip
    return Reading(**{**given_, **changes})  # type: ignore[arg-type]


def a_world(*readings: Reading, **series: dict[date, float]) -> World:
    places = {"flow": FLOW, "interest": INTEREST}
    values = {places[name]: days for name, days in series.items()}
    known = {place: {day: KNOWN + timedelta(days=(day - SINCE).days) for day in days} for place, days in values.items()}
    return World(
        readings={one.key: one for one in readings}, series=values, units=dict.fromkeys(values, "USD"), known=known
    )


def asked(text: str, world: World, about: str | None = "ibit") -> Verdict:
    return judge(parse_criterion(text), Setting(since=SINCE, due=DUE, names=NAMES, about=about), world)


def days(*values: float, start: date = SINCE) -> dict[date, float]:
    return {start + timedelta(days=i): value for i, value in enumerate(values)}


def test_a_criterion_is_written_back_as_it_was_read() -> None:
    for text in (
        "net_etf_flow(ibit) > 200 USD million AND change(open_interest(cme)) <= 0",
        "NOT (a > 1 OR b(x) < -2.5 percent) AND sum(c) != 3",
    ):
        assert str(parse_criterion(text)) == text
    assert parse_criterion("a>1%") == parse_criterion("( a  >  1.0 percent )")
    assert [str(one) for one in quantities(parse_criterion("a > 1 OR (NOT b > 2 AND max(c) > 3)"))] == [
        "a",
        "b",
        "max(c)",
    ]


@pytest.mark.parametrize(
    ("text", "column", "wanted"),
    [
        ("", 1, "an indicator"),
        ("a", 2, "<= >="),
        ("a > ", 5, "a number"),
        ("a > 1 )", 7, "the end"),
        ("(a > 1", 7, "'\\)'"),
        ("a & 1", 3, "no part"),
        ("sum(a b) > 1", 7, "'\\)'"),
        ("AND > 1", 1, "an indicator"),
        ("a > 1e999", 5, "too large"),
        ("(" * 12 + "a > 1" + ")" * 12, 12, "brackets"),
        ("a > 1" + " " * 1000, 1000, "at most"),
    ],
)
def test_what_is_no_criterion_is_refused_with_its_place(text: str, column: int, wanted: str) -> None:
    with pytest.raises(InvalidCriterionError, match=wanted) as refused:
        parse_criterion(text)
    assert refused.value.column == column


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        written = str(parse_criterion(text))
    except InvalidCriterionError as error:
        assert 1 <= error.column <= len(text) + 1
    else:
        assert str(parse_criterion(written)) == written


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("net_etf_flow > 1", True),
        ("net_etf_flow = 3", True),
        ("change(net_etf_flow) = -7", True),
        ("sum(net_etf_flow) = 5", True),
        ("mean(net_etf_flow) = 1", True),
        ("min(net_etf_flow) >= -4", True),
        ("max(net_etf_flow) < 4", False),
        ("net_etf_flow > 1 USD million", False),
        ("net_etf_flow != 3", False),
    ],
)
def test_a_daily_series_is_read_between_the_forecast_and_its_due_day(text: str, outcome: bool) -> None:
    flows = days(10, 1, 4, -4, 1, 3, 99)  # the day of the forecast, five days, and the day after it was due
    verdict = asked(text, a_world(flow=flows))
    assert verdict.outcome is outcome
    assert verdict.missing == ()
    assert "5 days to 2026-02-13" in verdict.found[0]
    assert verdict.known_at == KNOWN + timedelta(days=5)


def test_a_series_that_ends_too_early_decides_nothing() -> None:
    verdict = asked("net_etf_flow > 0", a_world(flow=days(1, 2, 3)))
    assert verdict.outcome is None
    assert "ends on 2026-02-10" in verdict.missing[0]
    late = asked("net_etf_flow > 0", a_world(flow=days(1, start=date(2026, 3, 1))))
    assert "no value after 2026-02-08" in late.missing[0]


def test_parts_are_joined_by_three_values() -> None:
    world = a_world(flow=days(1, 2, 3, 4, 5, 6))
    known, false, open_ = "net_etf_flow > 0", "net_etf_flow < 0", "open_interest(cme) > 0"
    assert asked(f"{false} AND {open_}", world).outcome is False
    assert asked(f"{known} OR {open_}", world).outcome is True
    assert asked(f"{known} AND {open_}", world).outcome is None
    assert asked(f"{false} OR {open_}", world).outcome is None
    assert asked(f"NOT {open_}", world).outcome is None
    assert asked(f"NOT {false}", world).outcome is True
    missing = asked(f"{known} AND {open_}", world).missing
    assert missing == (
        "open_interest(cme): nobody tells of it after 2026-02-08 until 2026-02-13, and there is no series",
    )


def test_reports_that_differ_leave_open_what_they_differ_about() -> None:
    day = date(2026, 2, 12)
    world = a_world(a_reading("c:one", day, -175.0), a_reading("c:two", day, 230.0))
    verdict = asked("net_etf_flow > 0", world)
    assert verdict.outcome is None
    assert "-175 to 230 USD" in verdict.missing[0]
    assert asked("net_etf_flow < 500", world).outcome is True
    assert asked("net_etf_flow < 500", world).facts == ("c:one", "c:two")
    assert asked("net_etf_flow = 0", world).outcome is None


def test_a_bound_is_a_bound() -> None:
    day = date(2026, 2, 12)
    world = a_world(a_reading("c:one", day, 100.0, bound="at least"))
    assert asked("net_etf_flow > 50", world).outcome is True
    assert asked("net_etf_flow < 50", world).outcome is False
    assert asked("net_etf_flow > 150", world).outcome is None
    between = a_world(a_reading("c:one", day, None, low=1.0, high=2.0, multiplier=1e6))
    assert asked("net_etf_flow > 0.5 USD million", between).outcome is True
    assert asked("net_etf_flow > 1.5 USD million", between).outcome is None


def test_single_reports_bound_an_extreme_and_make_no_sum() -> None:
    world = a_world(a_reading("c:one", date(2026, 2, 10), 5.0), a_reading("c:two", date(2026, 2, 12), 1.0))
    assert asked("max(net_etf_flow) > 4", world).outcome is True
    assert asked("max(net_etf_flow) > 6", world).outcome is None
    assert asked("min(net_etf_flow) > 4", world).outcome is False
    assert asked("net_etf_flow = 1", world).outcome is True
    assert "needs a daily series" in asked("sum(net_etf_flow) > 4", world).missing[0]


def test_a_change_counts_from_the_last_report_before_the_forecast() -> None:
    before, after = a_reading("c:before", date(2026, 2, 5), 5.0), a_reading("c:after", date(2026, 2, 12), 3.0)
    assert asked("change(net_etf_flow) <= 0", a_world(before, after)).outcome is True
    assert "on or before 2026-02-08" in asked("change(net_etf_flow) <= 0", a_world(after)).missing[0]


def test_what_is_supposed_told_in_words_or_in_other_units_decides_nothing() -> None:
    day = date(2026, 2, 12)
    assert asked("net_etf_flow > 0", a_world(a_reading("c:one", day, 5.0, modality="expected"))).outcome is None
    words = asked("net_etf_flow > 0", a_world(a_reading("c:one", day, None, told="rose")))
    assert "in words only: rose" in words.missing[0]
    other = asked("net_etf_flow > 1 million shares", a_world(a_reading("c:one", day, 5.0)))
    assert "told in USD, the criterion asks in million shares" in other.missing[0]
    assert "of which subject" in asked("net_etf_flow > 0", a_world(), about=None).missing[0]


def test_a_due_day_is_over_at_its_end() -> None:
    assert not day_over(DUE, datetime(2026, 2, 13, 23, 59, tzinfo=UTC))
    assert day_over(DUE, datetime(2026, 2, 14, tzinfo=UTC))
    assert not day_over(date.max, datetime(2026, 2, 14, tzinfo=UTC))
    assert not day_over(datetime(2026, 2, 13, 8, tzinfo=UTC), datetime(2026, 2, 13, 9, tzinfo=UTC))
