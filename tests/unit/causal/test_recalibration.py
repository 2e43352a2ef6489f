from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.facts import Report
from causal.observables import Observable
from causal.recalibration import (
    InvalidRecalibrationError,
    Judged,
    TooFewJudgedError,
    features_of,
    fit_logistic,
    fit_recalibration,
    from_json,
)
from causal.surprise import binned
from tests.simulator.scores import brier, calibration_error

HASH = "sha256:one"


def judged(moves: int, *, seed: int = 0, hidden: float = 0.0) -> list[Judged]:
    """Posteriors that say too little: truth has twice the logit, and `hidden` times a feature that nobody weighs."""
    rng = np.random.default_rng(seed)
    answer = []
    for move in range(moves):
        for story in ("carry", "gamma"):
            logit, feature = float(rng.normal(-1.0, 1.0)), float(rng.normal())
            chance = 1.0 / (1.0 + np.exp(-(0.5 + 2.0 * logit + hidden * feature * (story == "carry"))))
            answer.append(
                Judged(
                    move=f"move_{move:04d}",
                    narrative=story,
                    posterior=1.0 / (1.0 + float(np.exp(-logit))),
                    true=bool(rng.random() < chance),
                    features={"basis": feature},
                )
            )
    return answer


def test_fifty_judged_moves_are_needed_and_the_error_says_how_many_are_missing() -> None:
    with pytest.raises(TooFewJudgedError, match="judge 3 more"):
        fit_recalibration(judged(47), settings_hash=HASH)


def test_below_two_hundred_moves_only_the_line_is_learned() -> None:
    found = fit_recalibration(judged(199, hidden=2.0), settings_hash=HASH)
    assert found.corrections == {}
    assert found.apply("carry", 0.3, {"basis": 2.0}) == found.apply("gamma", 0.3)


def test_the_line_finds_the_two_numbers_behind_the_truth() -> None:
    found = fit_recalibration(judged(4000, seed=3), settings_hash=HASH)
    assert found.alpha == pytest.approx(0.5, abs=0.15)
    assert found.beta == pytest.approx(2.0, abs=0.15)


def test_on_moves_that_it_has_not_seen_it_is_better_calibrated_than_what_it_was_given() -> None:
    found = fit_recalibration(judged(150), settings_hash=HASH)
    fresh = judged(3000, seed=9)
    before = np.array([one.posterior for one in fresh])
    after = np.array([found.apply(one.narrative, one.posterior, one.features) for one in fresh])
    truth = np.array([one.true for one in fresh])
    assert brier(after, truth) < brier(before, truth)
    assert calibration_error(after, truth) < 0.5 * calibration_error(before, truth)
    assert found.log_loss_after < found.log_loss_before


def test_the_stack_learns_what_a_story_got_wrong_about_a_reading_and_leaves_the_other_story_alone() -> None:
    found = fit_recalibration(judged(400, hidden=2.0), settings_hash=HASH)
    assert found.corrections["carry"].weights["basis"] > 0.5
    assert abs(found.corrections["gamma"].weights["basis"]) < 0.3
    assert found.apply("carry", 0.3, {"basis": 2.0}) > found.apply("carry", 0.3, {"basis": -2.0})


def test_a_story_that_was_never_judged_gets_the_line_alone() -> None:
    found = fit_recalibration(judged(400, hidden=2.0), settings_hash=HASH)
    expected = 1.0 / (1.0 + np.exp(-(found.alpha + found.beta * np.log(0.3 / 0.7))))
    assert found.apply("new story", 0.3, {"basis": 2.0}) == pytest.approx(expected)


def test_the_order_of_the_judged_moves_does_not_matter() -> None:
    given = judged(210, hidden=1.0)
    one, other = (fit_recalibration(rows, settings_hash=HASH) for rows in (given, given[::-1]))
    assert one.apply("carry", 0.4, {"basis": 1.0}) == pytest.approx(other.apply("carry", 0.4, {"basis": 1.0}), abs=1e-9)
    assert one.moves == other.moves


def test_the_artefact_comes_back_as_it_was_with_the_moves_it_was_made_from() -> None:
    found = fit_recalibration(judged(210, hidden=1.0), settings_hash=HASH)
    again = from_json(found.to_json(), settings_hash=HASH)
    assert again == found
    assert len(again.moves) == 210
    assert again.to_json() == found.to_json()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"format": "whymove recalibration", "version": 99}'])
def test_what_is_no_recalibration_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(InvalidRecalibrationError, match="fit it anew"):
        from_json(text)


def test_a_recalibration_of_other_settings_is_refused() -> None:
    found = fit_recalibration(judged(60), settings_hash=HASH)
    with pytest.raises(InvalidRecalibrationError, match="made for settings sha256:one"):
        from_json(found.to_json(), settings_hash="sha256:two")


def test_newton_finds_where_the_penalised_loss_is_level() -> None:
    rng = np.random.default_rng(4)
    table, offset = rng.normal(size=(200, 3)), rng.normal(size=200)
    truth = (rng.random(200) < 0.4).astype(np.float64)
    ridge = np.array([0.1, 1.0, 10.0])
    weights = fit_logistic(table, truth, ridge=ridge, offset=offset)
    p = 1.0 / (1.0 + np.exp(-(offset + table @ weights)))
    assert np.abs(table.T @ (p - truth) + ridge * weights).max() < 1e-4


def test_labels_that_a_feature_separates_still_have_an_answer() -> None:
    table = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    weights = fit_logistic(table, np.array([0.0, 0.0, 1.0, 1.0]), ridge=np.array([0.01]))
    assert np.isfinite(weights).all()
    assert weights[0] > 0.0


def observable(z: float, reliability: float) -> Observable:
    report = Report(fact="f", copies=("f",), reading=binned(z, 0.0), reliability=reliability)
    return Observable(family="flow", subject="coin", window="during", calm=0.0, parents=(), reports=(report,))


def test_a_feature_is_signed_and_a_doubtful_report_reads_near_zero() -> None:
    sure, doubtful, low = (
        features_of([observable(z, rho)])["flow|coin|during"] for z, rho in ((2.0, 0.97), (2.0, 0.2), (-2.0, 0.97))
    )
    assert sure > doubtful > 0.0 > low
    assert sure == pytest.approx(-low)
    contradicted = replace(observable(2.0, 0.97), reports=observable(2.0, 0.9).reports + observable(-2.0, 0.9).reports)
    assert abs(features_of([contradicted])["flow|coin|during"]) < 0.1
