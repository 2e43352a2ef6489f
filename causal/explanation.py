"""What an explanation is: the typed form of the one object that every way out returns.

Field names are those of the JSON object (a trailing underscore is dropped there); a field that the method cannot
give is left out of the JSON, one that has no value for this case is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from causal.model import Slot
from causal.standing import ArgumentWeight, BeliefAt, JointSet, Robustness

Verdict = Literal["supported", "contradicted", "open", "untested"]
Outcome = Literal["met", "missed", "contradicted", "unobserved"]
Confidence = Literal["low", "moderate", "high"]
AnsweredBy = Literal["series", "reports", "move", "searched", "not_looked_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionOutcome:
    """How one prediction was answered; `why` says why a series that is there could not (`searched`)."""

    indicator: str
    subject: str | None
    role: str | None
    window: str
    direction: str
    outcome: Outcome
    answered_by: AnsweredBy
    why: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerdict:
    """The state of one step: its posterior and its weight in bits (causal.md 3.6)."""

    n: int
    text: str
    verdict: Verdict
    posterior: float
    bits: float
    predictions: tuple[PredictionOutcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How the predictions of one narrative were answered: by a series, by reports (or the move itself), not by the
    series that was searched, or by nothing, as there is no source.
    """

    predictions: int
    by_series: int
    by_reports: int
    searched: int
    not_looked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrativeAssessment:
    """One narrative with its posterior and all that stands for and against it.

    `low` and `high`: 5 and 95 percent points of the posterior over the draws of `Robustness`; `p_rank_1`: the share of
    draws in which it is the highest of all; `but_for`: the chance of no such move without it (None: no cause of it).
    """

    id: str
    template: str | None
    template_version: str | None
    title: str
    summary: str
    origin: str
    slot: Slot
    rank: int
    rank_in_slot: int
    prior: float
    prior_given_move: float
    posterior: float
    posterior_readings: float
    low: float
    high: float
    p_rank_1: float
    likelihood: str
    confidence: Confidence
    confidence_reasons: tuple[str, ...]
    bits: float
    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...]
    steps: tuple[StepVerdict, ...]
    weakest_step: int | None
    but_for: float | None
    roles: Mapping[str, str]
    unbound_roles: tuple[str, ...]
    other_bindings: tuple[Mapping[str, str], ...]
    written_after: bool
    coverage: Coverage
    arguments: tuple[ArgumentWeight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something else: the unmodelled cause; `surprise_gain_bits`: how much better the stories foretell the evidence."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one item does to one narrative: the last two are None on all but the step where it weighs most.

    `leave_one_out_bits` is what leaving it out would take, `shapley_bits` its share of what all items do together.
    """

    narrative: str
    step: int
    weight_bits: float
    leave_one_out_bits: float | None
    shapley_bits: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """Where an item was read."""

    id: str
    document_id: str
    publisher: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesReading:
    """How a series was read: the share of comparable days that had less, how many those were, and their spread.

    `comparable_days` is the effective number (Kish), `bandwidth` the width of the kernel over ln |return| (None: all
    days of that sign alike), `spread` the readings below which 5, 25, 50, 75 and 95 percent of those days lie.
    """

    id: str
    percentile: float
    comparable_days: float
    bandwidth: float | None
    spread: tuple[float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One item of evidence: reports on one observable that came from one reading, or an argument."""

    id: str
    kind: Literal["observation", "claim", "argument", "series"]
    fact_ids: tuple[str, ...]
    indicator: str | None
    subject: str | None
    window: str | None
    value: float | bool | str | tuple[float, float] | None
    unit: str | None
    bin: int | None
    bin_reason: str | None
    statement: str
    grade: str
    credibility: int
    reliability: float
    known_at: datetime | None
    known_at_precision: str | None
    source: SourceRef | None
    copies: int
    dispute: str | None
    series: SeriesReading | None
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSide:
    """One side of a dispute."""

    fact_id: str
    value: float | bool | str | tuple[float, float] | None
    unit: str
    document_id: str
    publisher: str
    reliability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderReading:
    """The posteriors if this side of the dispute is taken as the only report."""

    fact_id: str
    posteriors: Mapping[str, float]
    ranking_changes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeAssessment:
    """A dispute that touches evidence of this move, and what it changes."""

    id: str
    indicator: str | None
    subject: str | None
    window: str | None
    kinds: tuple[str, ...]
    sides: tuple[DisputeSide, ...]
    preferred: str | None
    why: str | None
    under_each: tuple[UnderReading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookNext:
    """A predicted observable that nobody has looked at, and the narratives that it would inform.

    `gain_bits` is the information that it is expected to give about all narratives together (causal.md 3.6). `role` has
    all roles in which the narratives ask for the subject, with commas between.
    """

    indicator: str
    subject: str | None
    role: str | None
    window: str
    separates: tuple[str, ...]
    gain_bits: float
    available_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScoredFact:
    """A fact that no reading could be made of, and why."""

    fact_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScored:
    """What did not enter: unmapped or unreadable facts, facts not known by `as_of`, facts no narrative asks for."""

    unmapped: tuple[NotScoredFact, ...]
    not_yet_known: int
    unused: int
    rejected: tuple[NotScoredFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that is missing or was watched."""

    id: str
    kind: str
    item: str
    why: str | None
    indicator: str | None
    subject: str | None
    would_favour: tuple[str, ...]
    would_hurt: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The result of one scoring run: pure, without id, ask and times, which `api` adds."""

    method_version: str
    settings_hash: str
    answer: str
    narratives: tuple[NarrativeAssessment, ...]
    unknown: Unknown
    joint: tuple[JointSet, ...]
    evidence: tuple[Evidence, ...]
    disputes: tuple[DisputeAssessment, ...]
    look_next: tuple[LookNext, ...]
    robustness: Robustness
    belief: tuple[BeliefAt, ...]
    gaps: tuple[Gap, ...]
    not_scored: NotScored
    diagnostics: Mapping[str, float]
