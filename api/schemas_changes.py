"""Stored explanations as a list."""

from __future__ import annotations

from api.schemas import Listing, Row


class ScoredNarrative(Row):
    """A narrative as an explanation scored it; something else has no rank."""

    narrative: str
    rank: int | None
    posterior: float


class ExplanationRow(Row):
    """A stored explanation in short; the whole is at /v1/explanations/{id}."""

    id: str
    move: str
    instrument: str | None
    case: str | None
    as_of: str
    as_at: str
    answer: str | None
    method_version: str | None
    narratives: list[ScoredNarrative]
    recorded_from: str


class ExplanationList(Listing):
    """One page of stored explanations, in the order in which they were recorded."""

    items: list[ExplanationRow]
