"""What goes over the wire of proposals and of decisions about them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.schemas import Listing, Row

DECISION_EXAMPLES: dict[str, Example] = {
    "accept": Example(
        summary="accept it in other words",
        value={"decision": "accept", "by": "ada", "edits": {"statement": "The shares lost a fifth."}},
    ),
    "reject": Example(
        summary="reject it", value={"decision": "reject", "by": "ada", "why": "somebody else is quoted here"}
    ),
}


class ProposedClaim(Row):
    """A claim as a model proposed it; no reliability is among it, and nothing of it counts until it is accepted."""

    statement: str
    modality: str
    voice: str | None
    hedges: list[str]
    sensitive: bool | None
    about: list[str] = Field(description="ids of instruments and actors")
    by: list[str] = Field(description="ids of actors")
    indicator: str | None
    at: str | None
    at_end: str | None
    time_precision: str | None
    value: float | bool | str | None
    unit: str | None
    bound: str | None
    direction: str | None


class ProposalRow(Row):
    """One proposed claim, and what was decided about it."""

    id: str
    state: Literal["proposed", "accepted", "rejected"]
    statement: str
    document: str = Field(description="key of the document, which the graph may not hold yet")
    title: str | None
    licence: str | None
    text_sha256: str
    start: int = Field(description="first character of the words that it was read from, from 0")
    end: int = Field(description="the character behind the last of them")
    span_sha256: str
    quote: str | None = Field(description="the words, where the licence lets them be shown and the text is at hand")
    proposed: ProposedClaim
    model: str
    prompt_version: str
    proposed_at: str
    doubts: list[str] = Field(description="what a reviewer should look at")
    decided_by: str | None
    decided_at: str | None
    why: str | None
    edits: list[str] = Field(description="what the reviewer changed: JSON pairs of key and value")
    claim: str | None = Field(description="key of the accepted claim")
    run: str | None


class ProposalList(Listing):
    """One page of proposals."""

    items: list[ProposalRow]


class DecisionRequest(BaseModel):
    """What a person decides about a proposal: once, and a rejection with its reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Literal["accept", "reject"]
    by: Annotated[str, Field(min_length=1, max_length=200, description="who decides")]
    why: Annotated[str, Field(max_length=2000)] | None = Field(default=None, description="needed to reject")
    edits: dict[Annotated[str, Field(max_length=40)], JsonValue] = Field(
        default_factory=dict, max_length=30, description="keys of the claim with other values; null takes one away"
    )
