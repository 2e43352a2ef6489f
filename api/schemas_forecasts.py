"""What goes over the wire of forecasts, how they turned out, and the track records that follow."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Listing, Name, Row, When

State = Literal["open", "due", "undated", "resolved", "void"]
Outcome = Literal["true", "false", "void"]
Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class ForecastRequest(BaseModel):
    """A statement about the future to be kept, and by what it is to be judged."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    by: Name = Field(description="id or name of who made it; a name that nobody has becomes a new author")
    statement: Text
    due: When | None = Field(
        default=None, description="the day on which it can be judged; without one it is not scored"
    )
    criterion: Text | None = Field(
        default=None, description="what has to hold then, by the grammar of docs/forecasts.md"
    )
    probability: float | None = Field(default=None, gt=0.0, lt=1.0, description="as its author states it")
    about: Name | None = Field(default=None, description="id, symbol or name of what it is about")
    document: Name | None = Field(default=None, description="key of the document that it stands in")
    known_at: When | None = Field(default=None, description="when it was made public; now when left out")
    id: Name | None = Field(default=None, description="a key of its own; made of author and statement when left out")
    new_author: bool = Field(
        default=False, description="whether `by` is somebody new although the name is nearly known"
    )


class ResolutionRequest(BaseModel):
    """How a forecast turned out; an empty object asks for its criterion to be looked up."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    outcome: Outcome | None = Field(
        default=None, description="by hand; null: look the criterion up in facts and series"
    )
    by: Name | None = Field(default=None, description="who says so")
    why: Text | None = Field(default=None, description="by what")
    known_at: When | None = Field(default=None, description="since when that could be known; now when left out")


class ForecastRow(Row):
    """One forecast as it was known by the clocks of the request, and how it turned out."""

    id: str = Field(description="of this recorded version")
    key: str = Field(description="of the forecast over all its versions")
    statement: str
    criterion: str | None
    due_at: str | None
    state: State = Field(description="`due`: its day is over and nobody resolved it; `undated`: it cannot be scored")
    probability: float | None
    by: list[str] = Field(description="ids of who made it")
    subjects: list[str]
    documents: list[str] = Field(description="keys of the documents that it stands in")
    sources: list[str] = Field(description="ids of who published them")
    aliases: list[str]
    known_at: str
    known_at_precision: str
    outcome: str | None = Field(description="true, false or void; null where it is not resolved")
    brier: float | None = Field(description="(p - o)^2 of the stated probability; null without one")
    log_score: float | None = Field(description="-log2 of the probability given to what happened, in bits")
    why: str | None
    method: str | None = Field(description="criterion or by_hand")
    resolved_by: str | None
    found: list[str] = Field(description="what was read to decide it")
    resolved_at: str | None = Field(description="since when the outcome could be known")


class ResolutionBody(Row):
    """What came of resolving a forecast; where it cannot be decided nothing is kept, and `missing` says why."""

    outcome: Outcome | None
    method: Literal["criterion", "by_hand"]
    found: list[str]
    missing: list[str]
    forecast: ForecastRow


class MeanBody(Row):
    """A mean score of n forecasts and its 95 percent interval, null below ten."""

    n: int
    mean: float | None
    low: float | None
    high: float | None


class TrackRecordBody(Row):
    """How the forecasts of somebody turned out; less is better in both scores."""

    forecasts: int
    undated: int = Field(description="those without a due day, which cannot be scored")
    void: int
    resolved: int = Field(description="those that came true or did not")
    judged: int = Field(description="those of them that were right or wrong; one half is neither")
    right: int
    share_low: float | None = Field(description="of the share that was right, Wilson's 95 percent interval")
    share_high: float | None
    brier: MeanBody
    log_score: MeanBody = Field(description="in bits")
    note: str = Field(description="`n too small` below ten resolved forecasts")
    proposed_grade: str = Field(
        description="an Admiralty letter for a reviewer to look at; it is never applied by itself"
    )
    proposed_why: str


class SourceRow(Row):
    """Who publishes (a source) or forecasts (an author), with a track record."""

    id: str
    name: str
    role: Literal["source", "author"]
    kind: str | None
    grade: str | None = Field(description="the one that is in use")
    aliases: list[str]
    record: TrackRecordBody


class CheckCounts(Row):
    """How the checks came out of what somebody said."""

    ok: int
    failed: int
    not_checkable: int


class SourceDetail(SourceRow):
    """A source or an author, with the checks of what it said."""

    checks: CheckCounts


class ForecastList(Listing):
    """A page of forecasts."""

    items: list[ForecastRow]


class SourceList(Listing):
    """A page of sources and authors."""

    items: list[SourceRow]


FORECAST_EXAMPLES: dict[str, Example] = {
    "criterion": Example(
        summary="with a day, a criterion and a probability",
        value={
            "by": "park",
            "statement": "Net inflows without more basis trades",
            "due": "2026-02-13",
            "criterion": "sum(net_etf_flow(ibit)) > 0 AND change(open_interest(cme_btc_futures)) <= 0",
            "probability": 0.7,
            "known_at": "2026-02-08T12:00:00Z",
        },
    ),
    "words": Example(
        summary="in words alone: it cannot be scored",
        value={"by": "park", "statement": "The inverse of the fall will come, and be spectacular"},
    ),
}
RESOLUTION_EXAMPLES: dict[str, Example] = {
    "criterion": Example(summary="look its criterion up", value={}),
    "by_hand": Example(
        summary="by somebody's word", value={"outcome": "false", "by": "reviewer", "why": "flows were negative"}
    ),
}
