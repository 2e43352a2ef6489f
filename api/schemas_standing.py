"""How the narratives stand together, under other judgements and over time, as named wire models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas_section import Section


class JointBody(Section):
    """A set of narratives that operated together, and its probability."""

    narratives: list[str]
    probability: float


class FlipBody(Section):
    """A judgement that changes the first place on its own."""

    entry: str
    evidence: str | None = Field(description="the item that it is about")
    from_: float = Field(alias="from")
    to: float = Field(description="the value at which another draws level with what comes first")
    then: str = Field(description="a narrative's id, or unknown")


class FlipSetBody(Section):
    """The fewest items of evidence without which another would come first."""

    evidence: list[str]
    then: str


class RobustnessBody(Section):
    """How firm the ranking is."""

    draws: int
    entries: int = Field(description="judgements that were moved one at a time")
    flip: list[FlipBody] = Field(description="those that change the first place, nearest first")
    flip_set: FlipSetBody | None


class BeliefBody(Section):
    """The posteriors by what was known on a date."""

    as_of: str
    posteriors: dict[str, float]


class ArgumentBody(Section):
    """What an argument does to its narrative, in bits (null: shown, not weighed, and `why`).

    `status` is how it stands among arguments that attack one another (null: it takes no part), `defeated_by` are those
    that defeat it and are not rejected themselves, `attacks` those that it attacks.
    """

    id: str
    by: str | None
    kind: Literal["supports", "rebuts", "undercuts"]
    step: int | None
    statement: str
    weight_bits: float | None
    status: Literal["accepted", "rejected", "undecided"] | None = None
    defeated_by: list[str] = Field(default_factory=list)
    attacks: list[str] = Field(default_factory=list)
    why: str | None = None


class RecalibrationBody(Section):
    """What was learned from judged moves; beside the posteriors, which it does not change."""

    version: int = Field(description="of the artefact's form")
    moves: int = Field(description="judged moves that it was learned from")
    log_loss_before: float = Field(description="mean in nats over the judged narratives, of the posteriors")
    log_loss_after: float = Field(description="the same after it, of moves that were left out in turn")
