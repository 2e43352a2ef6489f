"""Words against numbers: signs that others report, directions against levels, superlatives, days that are not sure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from ingest.checkmodel import World
from ingest.checks import check_all
from tests.unit.ingest.test_checks import DAY, a_reading, checked, outcome

BEFORE: dict[str, Any] = {"first": DAY - timedelta(9), "last": DAY - timedelta(9), "document": "other"}


def kinds(*readings: Any, **world: Any) -> list[str]:
    found = check_all([readings[0]], World(readings={one.key: one for one in readings}, **world))
    return [one.finding.kind for one in found]


def test_an_opposite_sign_of_the_same_day_is_found() -> None:
    claim, other = a_reading("c", 230.0), a_reading("o", -175.0, document="other", source="Wire")
    found = checked(claim, other, kind="agreement").finding
    assert (found.outcome, found.expected) == ("failed", "230 USD million")
    assert found.found == "-175 USD million (Wire)"


@pytest.mark.parametrize(
    "other",
    [
        a_reading("o", 175.0),
        a_reading("o", -175.0, **BEFORE),
        a_reading("o", -175.0, subjects=("coin",)),
        a_reading("o", -175.0, indicator="flow"),
        a_reading("o", -175.0, modality="counterfactual"),
    ],
    ids=["same sign", "another day", "another thing", "another indicator", "only supposed"],
)
def test_what_is_not_of_the_same_thing_and_day_does_not_speak_against_it(other: Any) -> None:
    assert kinds(a_reading("c", 230.0), other) == []


def test_a_series_speaks_against_a_sign_as_well() -> None:
    series = {("turnover", "share"): {DAY: -1e6}}
    assert kinds(a_reading("c", 230.0), series=series) == ["agreement"]
    assert kinds(a_reading("c", 230.0), series={("turnover", "share"): {DAY: 1e6}}) == []


@pytest.mark.parametrize(("word", "expected"), [("down", "failed"), ("up", "ok")])
def test_a_direction_word_fits_the_levels_before(word: str, expected: str) -> None:
    claim = a_reading("c", 90.0, direction=word, indicator="level")
    assert outcome(claim, a_reading("o", 38.0, indicator="level", **BEFORE)) == expected


def test_volatility_in_percent_and_in_points_is_one_scale() -> None:
    claim = a_reading(
        "c", 90.0, direction="down", indicator="implied volatility", unit="1", multiplier=0.01, told="90 percent"
    )
    points = {"indicator": "implied volatility", "unit": "index points", "multiplier": 1.0, "told": "38 index points"}
    assert outcome(claim, a_reading("o", 38.0, **points, **BEFORE)) == "failed"
    assert outcome(claim, a_reading("o", 98.0, **points, **BEFORE)) == "ok"


def test_a_level_that_lies_on_both_sides_of_others_is_left_alone() -> None:
    claim = a_reading("c", 90.0, direction="down", indicator="level")
    both = (a_reading("o", 38.0, indicator="level", **BEFORE), a_reading("p", 95.0, indicator="level", **BEFORE))
    assert outcome(claim, *both) == "ok"


def test_a_record_is_refuted_by_one_higher_reading_and_proved_by_a_whole_series_alone() -> None:
    claim = a_reading("c", 10.0, superlative="highest", since=date(2026, 1, 5))
    assert outcome(claim) == "not_checkable"
    assert outcome(claim, a_reading("o", 12.0, **BEFORE)) == "failed"
    assert outcome(claim, a_reading("o", 8.0, **BEFORE)) == "not_checkable"
    assert outcome(claim, a_reading("o", 12.0, **BEFORE | {"first": date(2025, 1, 5), "last": date(2025, 1, 5)})) == (
        "not_checkable"
    )
    days = {date(2026, 1, 5) + timedelta(n): 5e6 + n for n in range(40)}
    assert outcome(claim, series={("turnover", "share"): days}) == "ok"
    assert outcome(claim, series={("turnover", "share"): days | {date(2026, 2, 1): 11e6}}) == "failed"
    short = {day: value for day, value in days.items() if day > date(2026, 2, 1)}
    assert outcome(claim, series={("turnover", "share"): short}) == "not_checkable"


def test_a_record_without_a_number_takes_that_of_its_series() -> None:
    claim = a_reading("c", superlative="highest", since=date(2026, 1, 5), direction="up")
    days = {date(2026, 1, 5) + timedelta(n): 5.0 for n in range(58)} | {DAY: 21.0}
    assert outcome(claim, series={("turnover", "share"): days}) == "ok"
    assert outcome(claim, series={("turnover", "share"): days | {date(2026, 2, 1): 50.0}}) == "failed"


def test_a_narrower_superlative_of_the_same_day_speaks_against_a_wider_one() -> None:
    ever = a_reading("c", -3.5, superlative="lowest")
    since = a_reading("o", superlative="lowest", since=date(2025, 4, 1), direction="down", document="other")
    assert outcome(ever, since) == "failed"
    found = check_all([since], World(readings={"c": ever, "o": since}))
    assert [one.finding.outcome for one in found] == ["not_checkable"]


def test_a_year_that_was_not_printed_is_said() -> None:
    assert checked(a_reading("c", indicator=None, inferred=True)).finding.kind == "year_inferred"


def test_words_that_may_mean_two_days_are_settled_by_another_reading() -> None:
    claim = a_reading("c", -5.8, other_dates=(DAY + timedelta(1),))
    assert outcome(claim) == "not_checkable"
    assert outcome(claim, a_reading("o", -5.81, document="other")) == "ok"
    next_day = {"first": DAY + timedelta(1), "last": DAY + timedelta(1), "document": "other"}
    assert outcome(claim, a_reading("o", -5.81, **next_day)) == "failed"
    assert outcome(claim, a_reading("o", -2.0, **next_day)) == "not_checkable"


def test_a_doubt_that_no_rule_finds_says_why() -> None:
    found = checked(a_reading("c", indicator=None, doubts=(("D-1", "", "no rule reads arguments"),)))
    assert (found.finding.kind, found.finding.outcome, found.ids) == ("by_hand", "not_checkable", ("D-1",))
    waiting = checked(a_reading("c", 1.0, doubts=(("D-2", "agreement", "others say less"),)))
    assert (waiting.finding.kind, waiting.ids) == ("agreement", ("D-2",))
    assert waiting.finding.outcome == "not_checkable"
