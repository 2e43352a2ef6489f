"""Values in words: digits, signs and units, and how a reading compares with other days."""

from __future__ import annotations

from typing import Any

import pytest

from api.wording_values import comparable, compared, measure_of, points, reading, rounded, value_of
from tests.factories import a_move, an_item


def a_series(**changes: Any) -> dict[str, Any]:
    return {
        "id": "usdjpy.fx_level.daily",
        "percentile": 0.4,
        "comparable_days": 182.2,
        "bandwidth": 0.25,
        "spread": [-1.06, -0.28, -0.0002, 0.31, 0.95],
    } | changes


def a_reading(**changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "kind": "series",
        "indicator": "spot return",
        "subject": "usdjpy",
        "value": -4.59875,
        "unit": "percent",
        "statement": "usdjpy: return over the window -4.599 percent, 2024-08-04 to 2024-08-05; higher than 0% of 182",
        "series": a_series(),
    }
    return an_item(**(item | changes))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.3456, "+12.3"), (-4.59875, "-4.60"), (62106.0, "+62,106"), (0.0004622, "+0.00046"), (-0.0825, "-0.083"),
        (99.96, "+100"), (9.996, "+10.0"), (0.9996, "+1.00"), (191.14, "+191"), (0.0, "0"), (-0.1, "-0.10"),
    ],
)  # fmt: skip
def test_a_computed_number_has_a_sign_and_three_digits_that_count(value: float, text: str) -> None:
    assert rounded(value) == text


def test_numbers_of_one_scale_are_rounded_alike() -> None:
    assert points(a_series()) == "5% -1.06, median 0, 95% +0.95"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.3456, "percent", "12.3456 %"), (3.3, "percent a year", "3.3 % a year"), (-0.124, "fraction", "-12.4 %"),
        (-3.5, "sd", "-3.5 standard deviations"), (0.15, "pp", "0.15 percentage points"), (590000.0, "contracts",
        "590,000 contracts"), ([2.1, 2.3], "percent", "2.1 to 2.3 %"), (True, "bool", "yes"), (False, "bool", "no"),
        ("short", "text", "short"), (None, "percent", "no value"), ('{"gold_from": 6.0, "gold_to": 8.0}', "percent",
        "gold from 6, gold to 8 %"), ("{not named}", "text", "{not named}"),
    ],
)  # fmt: skip
def test_a_reported_value_keeps_the_digits_of_its_source_and_a_readable_unit(
    value: object, unit: str, text: str
) -> None:
    assert reading(value, unit) == text


def test_the_value_of_a_series_is_rounded_and_one_of_a_report_is_not() -> None:
    assert value_of(a_reading()) == "-4.60 %"
    assert value_of(a_reading(series=None, value=112.6251)) == "+112.6251 %"


def test_only_changes_of_reports_get_a_plus() -> None:
    level = an_item(indicator="annualised basis", value=3.3, unit="percent a year")
    assert value_of(level) == "3.3 % a year"
    assert value_of({**level, "indicator": "open interest change"}) == "+3.3 % a year"


def test_what_was_computed_is_named_unless_the_indicator_says_it() -> None:
    told = "btcusd: turnover against the usual +122.1 percent, 2024-08-04 to 2024-08-05; higher than 96% of 236"
    assert measure_of(a_reading()) == ""
    item = a_reading(indicator="trading volume", subject="btcusd", statement=told)
    assert measure_of(item) == "turnover against the usual"
    assert measure_of({**item, "subject": "ethusd"}) == ""
    assert measure_of({**item, "series": None}) == ""
    assert measure_of({**item, "statement": "btcusd: no number in it"}) == ""


@pytest.mark.parametrize(
    ("percentile", "words"),
    [
        (0.4, "lower than 99% of 182 comparable days"), (99.97, "higher than 99% of 182 comparable days"),
        (90.2, "higher than 90% of 182 comparable days"), (50.0, "higher than 50% of 182 comparable days"),
        (22.1, "lower than 77% of 182 comparable days"),
    ],
)  # fmt: skip
def test_a_percentile_is_told_from_its_nearer_end_and_is_never_all_of_the_days(percentile: float, words: str) -> None:
    assert compared(a_reading(series=a_series(percentile=percentile))) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bin": 5, "bin_reason": "z +2.28"}, "much higher than usual"),
        ({"bin": 3, "bin_reason": "z +0.04"}, "about as usual"),
        ({"bin": 1, "bin_reason": "down: direction only"}, "read as down"),
        ({"bin": 5, "bin_reason": "occurs: it happened"}, ""),
        ({"bin": 1, "bin_reason": "the move itself"}, ""),
        ({"bin": 5, "bin_reason": "z +2", "value": True}, ""),
        ({"bin": None, "bin_reason": None}, ""),
    ],
)
def test_a_report_is_compared_with_the_usual_in_words(changes: dict[str, Any], words: str) -> None:
    assert compared(an_item(**changes)) == words


@pytest.mark.parametrize(
    ("bandwidth", "change", "words"),
    [
        (0.25, -0.07, "days on which btcusd fell about as much"),
        (0.9, 0.07, "days on which btcusd rose very roughly as much"),
        (2.0, -0.07, "days on which btcusd fell by any amount"),
        (None, 0.07, "days on which btcusd rose by any amount"),
        (0.25, None, "days on which btcusd moved the same way about as much"),
    ],
)
def test_it_is_said_which_days_are_comparable(bandwidth: float | None, change: float | None, words: str) -> None:
    item = a_reading(series=a_series(bandwidth=bandwidth))
    assert comparable(item, a_move(**{"return": change})) == words


def test_without_a_series_no_days_are_comparable() -> None:
    assert comparable(an_item(), a_move()) == ""
