"""What checks may do to a step: once, within the cap, and nothing where they say nothing."""

from __future__ import annotations

import itertools

import pytest

from causal.checkresults import CHECK_RATIO, EVERY, CheckOutcome, CheckResult, check_ratios, not_run

STEPS = {"flow": [("basis", 2)], "rates": [("basis", 2), ("macro", 1)]}


def a_result(name: str, subject: str, outcome: CheckOutcome) -> CheckResult:
    return CheckResult(name=name, subject=subject, outcome=outcome, words="")


def test_checks_that_all_passed_speak_for_a_step_and_one_that_failed_against_it() -> None:
    passed = [a_result(name, "flow", "passed") for name in ("estimate", "placebo", "subset")]
    assert check_ratios(passed, STEPS) == {("basis", 2): pytest.approx(CHECK_RATIO)}
    failed = [*passed, a_result("random common cause", "flow", "failed")]
    assert check_ratios(failed, STEPS) == {("basis", 2): pytest.approx(1.0 / CHECK_RATIO)}


def test_open_checks_and_those_of_the_whole_graph_say_nothing_of_a_step() -> None:
    opened = [a_result("estimate", "flow", "open"), a_result("placebo", "flow", "passed")]
    whole = [a_result("local Markov", "graph", "failed"), not_run("estimate", "rates", "no time")]
    assert check_ratios([*opened, *whole], STEPS) == {}


def test_a_step_with_two_drivers_takes_the_weaker_word_and_never_both() -> None:
    for one, other in itertools.product(("passed", "failed"), repeat=2):
        results = [a_result("estimate", "flow", one), a_result("estimate", "rates", other)]  # type: ignore[arg-type]
        found = check_ratios(results, STEPS)
        assert all(1.0 / CHECK_RATIO <= ratio <= CHECK_RATIO for ratio in found.values())
        assert (found["basis", 2] > 1.0) is (one == other == "passed")
    with pytest.raises(ValueError, match="1 or more"):
        check_ratios([], STEPS, ratio=0.5)


def test_a_check_that_was_not_run_says_why() -> None:
    assert not_run("placebo", "flow", "the budget was over").words == "not run: the budget was over"
    assert len(set(EVERY)) == len(EVERY) == 11
