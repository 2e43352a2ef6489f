"""What did not enter an explanation, and where to look next, as wire models."""

from __future__ import annotations

from typing import Literal

from api.schemas_section import Section


class LookNextBody(Section):
    """A predicted observable that nobody has looked at."""

    indicator: str
    subject: str | None
    role: str | None
    window: str
    separates: list[str]
    gain_bits: float
    available_from: str | None


class NotScoredFactBody(Section):
    """A fact that no reading could be made of, and why."""

    fact_id: str
    why: str


class NotScoredBody(Section):
    """What did not enter."""

    unmapped: list[NotScoredFactBody]
    not_yet_known: int
    unused: int
    rejected: list[NotScoredFactBody]


class GapBody(Section):
    """Something that is missing or was watched."""

    id: str
    kind: Literal["gap", "watch"]
    item: str
    why: str | None
    indicator: str | None
    subject: str | None
    would_favour: list[str]
    would_hurt: list[str]
