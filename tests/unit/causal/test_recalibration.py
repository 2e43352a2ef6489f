from __future__ import annotations

import json

import numpy as np
import pytest

from causal.logistic import fit_logistic
from causal.recalibration import (
    READINGS,
    Curve,
    InvalidRecalibrationError,
    Judged,
    TooFewJudgedError,
    fit_recalibration,
    from_json,
)
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
    shared = found.common[READINGS].weight
    carry, gamma = (shared + found.corrections[name].weights["basis"] for name in ("carry", "gamma"))
    assert carry > 1.2
    assert abs(gamma) < 0.35
    assert found.apply("carry", 0.3, {"basis": 2.0}) > found.apply("carry", 0.3, {"basis": -2.0})


def test_a_story_that_was_never_judged_gets_what_all_have_in_common_and_no_correction_of_another() -> None:
    found = fit_recalibration(judged(400, hidden=2.0), settings_hash=HASH)
    shared = found.common[READINGS]
    logit = found.curve.logit(found.alpha + found.beta * np.log(0.3 / 0.7) + shared.weight * (2.0 - shared.usual))
    assert found.apply("new story", 0.3, {"basis": 2.0}) == pytest.approx(1.0 / (1.0 + np.exp(-logit)))


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


@pytest.mark.parametrize("alpha", ["0.5", None, True, float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused_before_it_is_applied(alpha: object) -> None:
    document = json.loads(fit_recalibration(judged(60), settings_hash=HASH).to_json())
    with pytest.raises(InvalidRecalibrationError, match="one of its numbers is none"):
        from_json(json.dumps({**document, "alpha": alpha}))


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


def in_context(moves: int, *, seed: int = 0, sure: float = 1.0) -> list[Judged]:
    """Three stories of which larger moves have more causes, and each of whose two readings says the same of it.

    Posteriors are `sure` times too far from one half.
    """
    rng = np.random.default_rng(seed)
    answer = []
    for move in range(moves):
        size = float(rng.normal())
        for story in ("carry", "gamma", "macro"):
            logit, first, second = (float(x) for x in rng.normal(size=3))
            chance = 1.0 / (1.0 + np.exp(-(logit + size + 0.5 * (first + second))))
            answer.append(
                Judged(
                    move=f"move_{move:04d}",
                    narrative=story,
                    posterior=1.0 / (1.0 + float(np.exp(-sure * logit))),
                    true=bool(rng.random() < chance),
                    features={"basis": first, "flow": second},
                    context={"size": size},
                )
            )
    return answer


def test_what_the_size_of_a_move_does_is_learned_from_all_stories_and_holds_for_one_never_judged() -> None:
    found = fit_recalibration(in_context(400), settings_hash=HASH)
    assert found.common["size"].weight == pytest.approx(1.0, abs=0.25)
    large, small = (found.apply("new story", 0.3, {}, {"size": size}) for size in (1.0, -1.0))
    assert large > 0.3 + 0.1 > small


def test_how_far_readings_matter_is_learned_from_all_stories_together() -> None:
    found = fit_recalibration(in_context(400), settings_hash=HASH)
    assert found.common[READINGS].weight == pytest.approx(0.5, abs=0.15)
    assert all(abs(weight) < 0.3 for one in found.corrections.values() for weight in one.weights.values())
    assert found.apply("new story", 0.3, {"basis": 1.5}) > found.apply("new story", 0.3, {"basis": -1.5})


def test_a_context_that_is_not_known_counts_as_the_usual_one() -> None:
    found = fit_recalibration(in_context(210), settings_hash=HASH)
    usual = found.common["size"].usual
    assert found.apply("carry", 0.3, {"basis": 1.0}) == found.apply("carry", 0.3, {"basis": 1.0}, {"size": usual})


def test_a_curve_changes_nothing_by_default_and_rises_when_it_was_learned() -> None:
    assert [Curve().logit(x) for x in (-3.0, 0.0, 2.0)] == pytest.approx([-3.0, 0.0, 2.0])
    bent = Curve(start=0.1, low=1.2, high=0.8)
    p = 0.2
    wanted = 0.1 + 1.2 * np.log(p) - 0.8 * np.log(1.0 - p)
    assert bent.logit(float(np.log(p / (1.0 - p)))) == pytest.approx(wanted)
    learned = fit_recalibration(in_context(210), settings_hash=HASH).curve
    assert min(learned.low, learned.high) > 0.0


def test_what_is_learned_from_few_moves_is_no_surer_of_itself_than_it_is_right() -> None:
    found = [fit_recalibration(in_context(200, seed=seed, sure=2.0), settings_hash=HASH) for seed in range(4)]
    fresh = in_context(2000, seed=99, sure=2.0)
    truth = np.array([one.true for one in fresh], dtype=np.float64)
    slopes = []
    for one in found:
        p = np.array([one.apply(row.narrative, row.posterior, row.features, row.context) for row in fresh])
        logits = np.log(p / (1.0 - p))
        slopes.append(fit_logistic(np.stack([np.ones(len(p)), logits], axis=1), truth, ridge=np.full(2, 1e-3))[1])
    assert np.mean(slopes) == pytest.approx(1.0, abs=0.1)
