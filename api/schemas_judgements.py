"""What goes over the wire of analysts' judgements, and of where they differ."""

from __future__ import annotations

from typing import Annotated

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Listing, Name, Row
from api.schemas_section import Section

Key = Annotated[str, Field(min_length=1, max_length=300)]


class JudgementRequest(BaseModel):
    """How much an item of evidence weighs for a step, as one analyst holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    evidence: Key = Field(description="key of an observation, a claim or an argument, or the last part of one")
    step: Key = Field(description="id of a step, or the last part of one (story.3)")
    bits: float = Field(ge=-20.0, le=20.0, description="log2 of a likelihood ratio; above zero it speaks for the step")
    by: Name = Field(description="id or name of the analyst; a name that nobody has becomes a new one")
    note: Annotated[str, Field(max_length=2_000)] | None = None
    new_author: bool = Field(
        default=False, description="whether `by` is somebody new although the name is nearly known"
    )


class JudgementRow(Row):
    """One analyst's weight of an item of evidence for a step."""

    id: str = Field(description="of this recorded version")
    key: str = Field(description="of the judgement over all its versions")
    evidence: str | None
    statement: str | None
    step: str
    step_text: str | None
    bits: float | None
    by: str | None
    name: str | None
    note: str | None
    known_at: str


class HeldBody(Section):
    """What one analyst holds of a cell."""

    by: str | None
    bits: float
    note: str | None


class DisagreementBody(Section):
    """An item of evidence and a step of which analysts hold different things."""

    evidence: str | None
    statement: str | None
    step: str
    step_text: str | None
    narratives: list[str]
    n: int
    mean: float
    spread: float | None = Field(description="standard deviation of the weights, in bits")
    opposite: bool = Field(description="whether some hold that it speaks for the step and others against it")
    judgements: list[HeldBody]


class JudgementList(Listing):
    """A page of judgements."""

    items: list[JudgementRow]


class DisagreementList(Row):
    """Where analysts differ, most first."""

    items: list[DisagreementBody]
    as_of: str
    as_at: str
    note: str


JUDGEMENT_EXAMPLES: dict[str, Example] = {
    "one": Example(
        summary="a reading that speaks for a step",
        value={
            "evidence": "2026-02-05-bitcoin-flash-crash:flow_feb5_ibit",
            "step": "2026-02-05-bitcoin-flash-crash:tradfi_degrossing.4",
            "bits": 0.5,
            "by": "desk analyst",
            "note": "small outflow beside the volume",
        },
    )
}
