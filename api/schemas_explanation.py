"""The explanation object as named wire models, for the API's description and for the test that answers fit it.

The object itself is written from the typed explanation, not from these models: they describe, they do not convert.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.schemas_judgements import DisagreementBody
from api.schemas_section import Section
from api.schemas_shares import ChecksBody, SharesBody
from api.schemas_standing import ArgumentBody, BeliefBody, JointBody, RecalibrationBody, RobustnessBody
from api.schemas_unscored import GapBody, LookNextBody, NotScoredBody

Value = float | bool | str | list[float] | None
Outcome = Literal["met", "missed", "contradicted", "unobserved"]
AnsweredBy = Literal["series", "reports", "move", "searched", "not_looked_at"]


class AskEcho(Section):
    """The question as it was understood."""

    instrument: str | None
    start: str | None
    end: str | None
    case: str | None


class PointBody(Section):
    """One session of what moved, as an index that is 100 at the start of the move."""

    day: str
    index: float


class MoveBody(Section):
    """The move that is explained."""

    id: str
    instrument: str
    start: str
    end: str
    return_: float | None = Field(alias="return", description="a fraction, as `return_is` says")
    return_unit: Literal["fraction"]
    return_is: Literal["relative", "difference"] = Field(
        description="`relative` to the value before; `difference`: by what a yield or a spread rose, .01 is one point"
    )
    measure: str | None
    document_id: str | None
    path: list[PointBody] = Field(description="what moved around the move, 100 at its start")


class PredictionBody(Section):
    """How one prediction was answered."""

    indicator: str
    subject: str | None
    role: str | None
    window: str
    direction: Literal["up", "down", "flat", "occurs", "absent"]
    outcome: Outcome
    answered_by: AnsweredBy
    why: str | None
    evidence: list[str]


class StepBody(Section):
    """One link of a narrative."""

    n: int
    text: str
    verdict: Literal["supported", "contradicted", "open", "untested"]
    posterior: float
    bits: float
    predictions: list[PredictionBody]


class CoverageBody(Section):
    """How the predictions of one narrative were answered."""

    predictions: int
    by_series: int
    by_reports: int
    searched: int
    not_looked_at: int


class NarrativeBody(Section):
    """One narrative with its posterior and all that stands for and against it."""

    id: str
    template: str | None
    template_version: str | None
    title: str
    summary: str
    origin: Literal["case", "library", "user"]
    slot: Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"]
    rank: int
    rank_in_slot: int
    prior: float
    prior_given_move: float
    posterior: float
    recalibrated: float | None = Field(
        default=None, description="the posterior after `recalibration`; absent where nothing was learned"
    )
    posterior_readings: float
    low: float
    high: float
    p_rank_1: float = Field(description="share of the draws in which it comes first")
    likelihood: str = Field(description="ICD 203 word")
    confidence: Literal["low", "moderate", "high"]
    confidence_reasons: list[str]
    bits: float
    evidence_for: list[str]
    evidence_against: list[str]
    steps: list[StepBody]
    weakest_step: int | None
    but_for: float | None = Field(description="the chance of no such move without it")
    roles: dict[str, str]
    unbound_roles: list[str]
    other_bindings: list[dict[str, str]]
    written_after: bool
    coverage: CoverageBody
    arguments: list[ArgumentBody]


class UnknownBody(Section):
    """Something else: the unmodelled cause."""

    id: str
    title: str
    prior: float
    prior_given_move: float
    posterior: float
    posterior_readings: float
    low: float
    high: float
    p_rank_1: float
    surprise_gain_bits: float


class ContributionBody(Section):
    """What one item does to one narrative, in bits of log odds."""

    narrative: str
    step: int
    weight_bits: float
    leave_one_out_bits: float | None
    shapley_bits: float | None


class SourceBody(Section):
    """Where an item was read."""

    id: str
    document_id: str
    publisher: str
    title: str
    url: str | None


class SeriesBody(Section):
    """How a series was read: how many comparable days had less, how many those were, and their spread."""

    id: str
    percentile: float
    comparable_days: float
    bandwidth: float | None
    spread: list[float] = Field(description="below which 5, 25, 50, 75 and 95 percent of the comparable days lie")


class EvidenceBody(Section):
    """One item of evidence."""

    id: str
    kind: Literal["observation", "claim", "argument", "series"]
    fact_ids: list[str]
    indicator: str | None
    subject: str | None
    window: str | None
    value: Value
    unit: str | None
    bin: int | None
    bin_reason: str | None
    statement: str
    grade: str
    credibility: int
    reliability: float
    known_at: str | None
    known_at_precision: str | None
    source: SourceBody | None
    copies: int
    dispute: str | None
    series: SeriesBody | None
    contributions: list[ContributionBody]


class SideBody(Section):
    """One side of a dispute."""

    fact_id: str
    value: Value
    unit: str
    document_id: str
    publisher: str
    reliability: float


class UnderBody(Section):
    """The posteriors if one side of a dispute is taken as the only report."""

    fact_id: str
    posteriors: dict[str, float]
    ranking_changes: bool


class DisputeBody(Section):
    """A dispute that touches evidence of this move, and what it changes."""

    id: str
    indicator: str | None
    subject: str | None
    window: str | None
    kinds: list[str]
    sides: list[SideBody]
    preferred: str | None
    why: str | None
    under_each: list[UnderBody]


class ExplanationBody(Section):
    """Why a move happened: competing narratives with their odds, the evidence for and against, and what is missing."""

    id: str
    method_version: str
    settings_hash: str
    ask: AskEcho
    as_of: str
    as_at: str
    move: MoveBody
    answer: str
    narratives: list[NarrativeBody]
    unknown: UnknownBody
    joint: list[JointBody]
    evidence: list[EvidenceBody]
    disputes: list[DisputeBody]
    judged: list[DisagreementBody] | None = Field(
        default=None, description="what analysts hold of evidence, by how far they differ; absent where nobody judged"
    )
    look_next: list[LookNextBody]
    robustness: RobustnessBody
    belief: list[BeliefBody] = Field(description="what was believed as evidence came to be known")
    gaps: list[GapBody]
    not_scored: NotScoredBody
    shares: SharesBody | None = Field(default=None, description="where the move came from, by a structural model")
    checks: ChecksBody | None = Field(default=None, description="of that model, where they were asked for")
    recalibration: RecalibrationBody | None = Field(
        default=None, description="what was learned from judged moves; absent where nothing was"
    )
    recalibration_note: str | None = Field(default=None, description="why what was learned is not used")
    diagnostics: dict[str, Any] = Field(description="how the numbers were made: sizes, distances, counts")
    took_ms: dict[str, float]
