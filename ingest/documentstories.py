"""What a description may say of the stories that a text tells, argues about and foretells.

A story of a document is a claim of whoever tells it: it is kept, asked about and doubted, and never scored, which is
for the stories of cases and of the library. Its steps and predictions are written as in case files.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ingest.caseformat import PredictionPart, StepPart
from ingest.caseparts import Id, Moment, Part, ReliabilityPart, Side, Text
from ingest.documentworld import Name, OneOrMore
from ingest.searches import SearchPart

Slot = Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"]
Target = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+(\.\d+)?$")]  # claim, argument, story, or story.n


class ToldPredictionPart(PredictionPart):
    """A prediction as in case files, with other names."""

    aliases: tuple[Name, ...] = ()


class ToldStepPart(StepPart):
    """A step as in case files; `lag` is the time from the step before it, `supported_by` names claims of the file.

    `max_share` is the largest part of the move that the teller gives it, as a fraction.
    """

    predicts: tuple[ToldPredictionPart, ...] = ()
    lag: Text | None = None
    max_share: Annotated[float, Field(ge=0, le=1)] | None = None
    supported_by: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class StoryPart(Part):
    """One story: in whose `voice` it is told and `by` whom it is put forward (without it, by the authors).

    In the voice of the `describer` it is put forward by nobody in the text, but by whoever described it. `part_of`
    names the story that is made of this one and others, `variant_of` the story that this is a version of.
    """

    id: Id
    title: Text
    summary: Text
    slot: Slot | None = None
    template: Annotated[str, StringConstraints(pattern=r"^T\d{2}$")] | None = None
    voice: Literal["author", "editor", "describer"] = "author"
    by: OneOrMore | None = None
    in_: OneOrMore | None = Field(default=None, alias="in")
    explains: OneOrMore | None = None
    variant_of: Id | None = None
    part_of: Id | None = None
    steps: tuple[ToldStepPart, ...] = ()
    supported_by: tuple[Id, ...] = ()
    rebutted_by: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class ArgumentPart(Part):
    """Something said for or against a story, a step (`story.n`), a claim or another argument of the file.

    `kind` is what sort of argument it is, in a word (implausibility, precedent, ...), `basis` what it appeals to,
    `status` whether it holds: open, accepted or rejected, by the text itself or by whoever described it (`why`).
    `rests_on` names claims.
    """

    id: Id
    statement: Text
    kind: Text
    basis: Literal["data", "logic", "expert", "experience", "authority"] | None = None
    strength: Literal["weak", "medium", "strong"] = "medium"
    status: Literal["open", "accepted", "rejected"] = "open"
    why: Text | None = None
    by: OneOrMore | None = None
    in_: OneOrMore | None = Field(default=None, alias="in")
    supports: tuple[Target, ...] = ()
    rebuts: tuple[Target, ...] = ()
    undercuts: tuple[Target, ...] = ()
    rests_on: tuple[Id, ...] = ()
    reliability: ReliabilityPart | None = None
    aliases: tuple[Name, ...] = ()


class ForecastPart(Part):
    """What somebody says will be: by which `criterion` it can be told, and by when; without `due_at` it cannot be.

    `due_inferred` says that the day is not in the text, `probability` is the one that is stated.
    """

    id: Id
    statement: Text
    criterion: Text | None = None
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    about: OneOrMore | None = None
    due_at: Moment | None = None
    due_inferred: bool = False
    by: OneOrMore | None = None
    in_: OneOrMore | None = Field(default=None, alias="in")
    aliases: tuple[Name, ...] = ()


class InformsPart(Part):
    """What is missing would speak for (1) or against (-1) a story of the file."""

    story: Id
    sign: Literal[1, -1]


class MissingPart(Part):
    """What is missing, or was to be watched (`watch`): as the text says, or as its describer found (`system`)."""

    id: Id
    item: Text
    kind: Literal["gap", "watch"] = "gap"
    why: Text | None = None
    named_by: Literal["author", "system"] = "author"
    indicator: Text | None = None
    about: Id | None = None
    direction: Side | None = None
    due_at: Moment | None = None
    search: SearchPart | None = None
    would_inform: tuple[InformsPart, ...] = ()
    aliases: tuple[Name, ...] = ()
