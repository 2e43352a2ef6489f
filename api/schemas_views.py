"""What goes over the wire of an explanation's timeline, of precedents, and of templates that fit a pattern."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas_section import Section


class TimelineEntry(Section):
    """One thing that became public about a move."""

    known_at: str
    known_at_precision: str
    kind: str = Field(description="`fact`, or what an item is that the graph holds as no fact")
    facts: list[str]
    what: str
    publisher: str
    evidence: list[str] = Field(description="the items of the explanation that it is part of; empty: not weighed")
    narrative: str | None = Field(description="on which it weighs most")
    bits: float | None = Field(description="its share in the log2 odds of that narrative")
    why_not_weighed: str | None


class BeliefChange(Section):
    """How the posterior of one narrative moved since the date before."""

    narrative: str
    before: float
    after: float


class TimelineMoment(Section):
    """The belief of one date and the evidence that came in since the date before."""

    as_of: str
    evidence: list[str]
    posteriors: dict[str, float]
    changes: list[BeliefChange]


class TimelineBody(Section):
    """What was knowable when, and how the belief came about."""

    explanation: str
    entries: list[TimelineEntry]
    moments: list[TimelineMoment]


class ProvenanceBody(BaseModel):
    """Provenance in PROV-JSON (https://www.w3.org/submissions/prov-json/): a bundle, and what is said of it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    prefix: dict[str, str] = Field(description="the namespaces by their prefixes")
    bundle: dict[str, dict[str, Any]] = Field(description="what was used, made and answered for, by the bundle's name")


class PrecedentRow(BaseModel):
    """Another move with a story of the same template."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    move: str
    instrument: str
    start: str
    end: str
    return_: float | None = Field(alias="return", description="a fraction")
    narrative: str
    told_by: Literal["case", "explanation"] = Field(
        description="`explanation` where no case tells it and the latest explanation gives it even odds or more"
    )
    posterior: float | None = Field(description="in the latest explanation of that move, if one is kept")
    earlier: bool = Field(description="whether it was over before this move was")


class MechanismRow(Section):
    """A template that was tried on the move, with its precedents."""

    template: str
    title: str
    narrative: str
    posterior: float | None = Field(description="in the latest explanation of the move, if one is kept")
    precedents: list[PrecedentRow]
    named: list[str] = Field(description="precedents that the template itself names")


class MechanismList(Section):
    """The mechanisms of a move, the most probable first."""

    items: list[MechanismRow]


class FitReason(Section):
    """A step that speaks to a reading of the pattern."""

    step: int
    text: str
    necessity: str
    indicator: str
    role: str
    predicted: str
    read: str


class MoveAlike(BaseModel):
    """A move of the graph that went the same way, as far, and of which a case tells a story of the template."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    move: str
    instrument: str
    start: str
    return_: float = Field(alias="return", description="a fraction")


class FitRow(Section):
    """How a template, or one variant of it, goes with a pattern."""

    template: str
    title: str
    variant: str | None
    verdict: Literal["borne out", "open", "ruled out"]
    why: str
    agrees: list[FitReason]
    against: list[FitReason]
    excused: list[FitReason] = Field(description="steps that are optional, or predict neither this nor its opposite")
    silent: list[str] = Field(description="indicators of which it says nothing in that window")
    moves: list[MoveAlike]


class FitList(Section):
    """All templates by how they go with a pattern: what is borne out, what is open, what is ruled out."""

    items: list[FitRow]
    as_of: str
    as_at: str


class ClaimReviewBody(BaseModel):
    """A ClaimReview of schema.org as JSON-LD."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    context: Literal["https://schema.org"] = Field(alias="@context")
    type: Literal["ClaimReview"] = Field(alias="@type")
    id: str = Field(alias="@id")
    url: str
    datePublished: str = Field(description="of the last finding that it rests on")
    author: dict[str, Any]
    claimReviewed: str = Field(description="the claim as what somebody says")
    itemReviewed: dict[str, Any]
    reviewRating: dict[str, Any] = Field(description="without `ratingValue` where nothing can be said")
