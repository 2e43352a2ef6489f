"""Scores of forecasts, how sure they are, and the grade that they would speak for."""

from __future__ import annotations

import math

import pytest

from causal.settings import Method
from causal.trackrecord import (
    SMALLEST,
    Scored,
    brier,
    log_score,
    proposed_grade,
    student,
    track_record,
    was_right,
    wilson,
)

GRADES = Method().grade


def test_scores_are_those_of_their_definitions() -> None:
    assert brier(0.8, True) == pytest.approx(0.04)
    assert brier(0.8, False) == pytest.approx(0.64)
    assert (brier(0.5, True), log_score(0.5, False)) == (0.25, 1.0)
    assert log_score(0.25, True) == 2.0
    with pytest.raises(ValueError, match="between 0 and 1"):
        log_score(1.0, False)


@pytest.mark.parametrize(("freedom", "told"), [(9, 2.2622), (14, 2.1448), (29, 2.0452), (200, 1.9719)])
def test_the_point_of_students_t_is_that_of_tables(freedom: int, told: float) -> None:
    assert student(freedom) == pytest.approx(told, abs=1e-3)


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    assert wilson(0, 0) == (None, None)
    assert wilson(8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert wilson(10, 10)[1] == pytest.approx(1.0)


def test_what_was_held_more_likely_is_right_where_it_happened() -> None:
    assert was_right(Scored(outcome=True)) is True
    assert was_right(Scored(outcome=False, probability=0.2)) is True
    assert was_right(Scored(outcome=False, probability=0.7)) is False
    assert was_right(Scored(outcome=True, probability=0.5)) is None


def test_few_forecasts_have_a_mean_and_no_interval() -> None:
    record = track_record([Scored(outcome=True, probability=0.9)] * (SMALLEST - 1), GRADES)
    assert record.note == "n too small"
    assert (record.brier.n, record.brier.low, record.brier.high) == (SMALLEST - 1, None, None)
    assert record.brier.mean == pytest.approx(0.01)
    assert record.grade == "F"
    assert "n too small" in record.why
    nothing = track_record([], GRADES)
    assert (nothing.brier.mean, nothing.share_low, nothing.resolved) == (None, None, 0)


def test_enough_forecasts_have_an_interval_around_the_mean() -> None:
    said = [Scored(outcome=i % 5 != 0, probability=0.8) for i in range(20)]
    record = track_record(said, GRADES)
    assert record.note == ""
    assert record.brier.mean == pytest.approx(0.16)
    spread = math.sqrt((16 * 0.12**2 + 4 * 0.48**2) / 19)
    assert record.brier.high == pytest.approx(0.16 + 2.093 * spread / math.sqrt(20), abs=1e-3)
    assert (record.judged, record.right) == (20, 16)
    assert record.log_score.mean == pytest.approx(-0.8 * math.log2(0.8) - 0.2 * math.log2(0.2))


def test_forecasts_without_a_probability_count_as_right_or_wrong_only() -> None:
    record = track_record([*[Scored(outcome=True)] * 9, Scored(outcome=False, probability=0.5)], GRADES)
    assert (record.resolved, record.judged, record.right) == (10, 9, 9)
    assert record.brier.n == 1


@pytest.mark.parametrize(
    ("right", "n", "letter"),
    [(9, 9, "F"), (20, 20, "A"), (10, 10, "A"), (18, 20, "B"), (7, 10, "C"), (11, 20, "D"), (0, 12, "E")],
)
def test_the_proposed_grade_is_the_nearest_by_the_share_that_was_right(right: int, n: int, letter: str) -> None:
    assert proposed_grade(right, n, GRADES)[0] == letter
