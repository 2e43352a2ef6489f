"""What a recalibration is told of a scored move, and what it makes of it."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from causal.explain import explain_scored
from causal.features import context_of
from causal.lessons import lesson_of, recalibrated
from causal.model import Dossier
from causal.recalibration import Common, Correction, Recalibration
from causal.scoring import Scored, score
from causal.settings import Method
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

CARRY = a_narrative("carry", [a_prediction("fx level", "usdjpy", "down")], template="T02")
VOLUME = a_narrative("volume", [a_prediction("trading volume", "fund", "up")])
GROUPS = ((CARRY,), (VOLUME,))
FACTS = (a_fact("yen", "fx spot return", "usdjpy", 0.9),)
LEARNED = Recalibration(
    settings_hash="sha256:one",
    moves=("m",),
    alpha=0.0,
    beta=1.0,
    common={"surprise": Common(weight=1.0, usual=0.0)},
    corrections={"T02": Correction(intercept=1.0, weights={})},
    log_loss_before=0.5,
    log_loss_after=0.4,
)


def scored(dossier: Dossier | None = None) -> Scored:
    return score(dossier or a_dossier(FACTS, (CARRY, VOLUME)), GROUPS, Method())


def logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def test_it_is_told_the_posteriors_of_the_explanation_under_the_names_that_return() -> None:
    run = scored()
    told = {one.id: one for one in lesson_of(run).narratives}
    explained = {one.id: one.posterior for one in explain_scored(run, GROUPS).narratives}
    assert {name: one.posterior for name, one in told.items()} == explained
    assert (told["carry"].name, told["volume"].name) == ("T02", "volume")


def test_a_reading_is_told_to_the_story_that_predicts_it_and_against_the_side_that_it_predicts() -> None:
    carry, volume = lesson_of(scored()).narratives
    assert [value < 0.0 for value in carry.features.values()] == [True]
    assert volume.features == {}


def test_the_size_of_a_move_is_told_in_deviations_of_its_class_and_not_where_it_has_none() -> None:
    plain = a_dossier(FACTS, (CARRY, VOLUME))
    assert lesson_of(scored(plain)).context["size"] == pytest.approx(math.log(12.0 / 6.0))
    for move in (replace(plain.move, return_=None), replace(plain.move, return_unit="difference")):
        assert "size" not in lesson_of(scored(replace(plain, move=move))).context
    assert set(context_of(unknown=0.5, surprise=0.0, size=None)) == {"something else", "surprise"}


def test_what_was_learned_of_a_template_is_applied_to_its_instance_and_what_is_common_to_all() -> None:
    lesson = lesson_of(scored())
    after, surprise = recalibrated(LEARNED, lesson), lesson.context["surprise"]
    before = {one.id: one.posterior for one in lesson.narratives}
    assert surprise != 0.0
    assert logit(after["carry"]) == pytest.approx(logit(before["carry"]) + surprise + 1.0)
    assert logit(after["volume"]) == pytest.approx(logit(before["volume"]) + surprise)
