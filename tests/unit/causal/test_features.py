from __future__ import annotations

from dataclasses import replace

import pytest

from causal.breadth import Parent
from causal.facts import Report
from causal.features import context_of, features_of, own_features
from causal.observables import Observable
from causal.surprise import binned


def observable(z: float, reliability: float, *parents: Parent) -> Observable:
    report = Report(fact="f", copies=("f",), reading=binned(z, 0.0), reliability=reliability)
    return Observable(family="flow", subject="coin", window="during", calm=0.0, parents=parents, reports=(report,))


def predicted(narrative: int, side: str, tilt: float = 3.0) -> Parent:
    return Parent(narrative=narrative, step="step", side=side, tilt=tilt, link=0.8)


def test_a_feature_is_signed_and_a_doubtful_report_reads_near_zero() -> None:
    sure, doubtful, low = (
        features_of([observable(z, rho)])["flow|coin|during"] for z, rho in ((2.0, 0.97), (2.0, 0.2), (-2.0, 0.97))
    )
    assert sure > doubtful > 0.0 > low
    assert sure == pytest.approx(-low)
    contradicted = replace(observable(2.0, 0.97), reports=observable(2.0, 0.9).reports + observable(-2.0, 0.9).reports)
    assert abs(features_of([contradicted])["flow|coin|during"]) < 0.1


def test_a_story_has_the_readings_that_it_predicts_alone_on_the_side_that_it_predicts() -> None:
    high = observable(2.0, 0.97, predicted(0, "up"), predicted(1, "down"), predicted(2, "flat"))
    up, down, flat, none = (own_features([high], k) for k in range(4))
    assert up["flow|coin|during"] == pytest.approx(-down["flow|coin|during"])
    assert up["flow|coin|during"] > 1.0
    assert flat["flow|coin|during"] < 0.0
    assert none == {}
    assert own_features([observable(0.0, 0.97, predicted(2, "flat"))], 2)["flow|coin|during"] > 0.5


def test_of_two_predictions_of_one_thing_the_stronger_gives_the_side() -> None:
    both = observable(2.0, 0.97, predicted(0, "down", 1.7), predicted(0, "up", 6.0))
    assert own_features([both], 0)["flow|coin|during"] > 0.0


def test_the_context_of_a_move_is_the_same_in_log_odds_nats_and_log_size() -> None:
    found = context_of(unknown=0.5, surprise=2.0, size=1.0)
    assert found == {"something else": 0.0, "surprise": 2.0, "size": 0.0}
    assert context_of(unknown=1.0, surprise=0.0, size=2.0)["something else"] < 20.0
