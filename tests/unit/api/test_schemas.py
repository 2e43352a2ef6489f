"""The wire models describe exactly the object that the causal core and the factories make."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import BaseModel, ValidationError

from api import schemas_explanation as wire
from api import schemas_standing as wire_standing
from api import schemas_unscored as wire_unscored
from api.schemas import ExplanationRequest
from causal import explanation as core
from causal import standing
from tests.factories import an_explanation

PAIRS: tuple[tuple[type, type[BaseModel]], ...] = (
    (core.PredictionOutcome, wire.PredictionBody),
    (core.StepVerdict, wire.StepBody),
    (standing.ArgumentWeight, wire_standing.ArgumentBody),
    (core.Coverage, wire.CoverageBody),
    (core.NarrativeAssessment, wire.NarrativeBody),
    (core.Unknown, wire.UnknownBody),
    (standing.JointSet, wire_standing.JointBody),
    (standing.Flip, wire_standing.FlipBody),
    (standing.FlipSet, wire_standing.FlipSetBody),
    (standing.Robustness, wire_standing.RobustnessBody),
    (standing.BeliefAt, wire_standing.BeliefBody),
    (core.Contribution, wire.ContributionBody),
    (core.SourceRef, wire.SourceBody),
    (core.Evidence, wire.EvidenceBody),
    (core.DisputeSide, wire.SideBody),
    (core.UnderReading, wire.UnderBody),
    (core.DisputeAssessment, wire.DisputeBody),
    (core.LookNext, wire_unscored.LookNextBody),
    (core.NotScoredFact, wire_unscored.NotScoredFactBody),
    (core.NotScored, wire_unscored.NotScoredBody),
    (core.Gap, wire_unscored.GapBody),
)
LEARNED = {"recalibrated", "recalibration", "recalibration_note"}  # stand beside, where moves were judged


@pytest.mark.parametrize(("kept", "described"), PAIRS, ids=lambda part: part.__name__)
def test_a_part_is_described_with_the_fields_that_it_has(kept: type, described: type[BaseModel]) -> None:
    told = {name.rstrip("_") for name in described.model_fields} - LEARNED
    assert {field.name.rstrip("_") for field in fields(kept)} == told


def test_the_object_is_the_core_explanation_with_id_ask_clocks_move_and_times() -> None:
    added = {"id", "ask", "as_of", "as_at", "move", "took_ms", "judged", "shares", "checks"}
    assert {field.name for field in fields(core.Explanation)} | added | (LEARNED - {"recalibrated"}) == set(
        wire.ExplanationBody.model_fields
    )


def test_the_factory_makes_an_object_that_fits() -> None:
    assert wire.ExplanationBody.model_validate(an_explanation()).answer.startswith("Forced")


def test_a_field_that_is_not_described_is_refused() -> None:
    with pytest.raises(ValidationError, match="consensus"):
        wire.ExplanationBody.model_validate(an_explanation(consensus="hindsight"))


def test_a_request_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="begin"):
        ExplanationRequest.model_validate({"begin": "2026-02-04"})
