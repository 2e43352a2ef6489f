"""The exchange format of a documented move (schema_version 1), key by key: what may stand where, and of which type.

A key that is not named here or in `ingest/caseparts.py` is an error. Rules that tie several values together stand in
`ingest/caserules.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ingest.caseparts import (
    ActorPart,
    FactPart,
    Id,
    InstrumentPart,
    Moment,
    MovePart,
    Part,
    RelationPart,
    SeriesPart,
    Side,
    SourcePart,
    Text,
)
from ingest.searches import SearchPart


class WindowPart(Part):
    """Two dates or two instants."""

    start: Moment
    end: Moment


class PredictionPart(Part):
    """What a step predicts."""

    indicator: Text
    subject: Id
    direction: Literal["up", "down", "flat", "occurs", "absent"]
    when: Literal["before", "during", "after"] | WindowPart | None = None
    strength: Literal["weak", "medium", "strong"] | None = None
    note: Text | None = None


class StepPart(Part):
    """One link of a narrative."""

    n: Annotated[int, Field(ge=1)]
    text: Text
    predicts: tuple[PredictionPart, ...]
    same_as: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.\d+$")] | None = None


class ArgumentPart(Part):
    """What somebody says for or against a narrative."""

    argument: Text
    source: SourcePart
    by: Text | None = None
    kind: Literal["rebuts", "undercuts", "supports"] | None = None
    step: Annotated[int, Field(ge=1)] | None = None
    strength: Literal["weak", "medium", "strong"] | None = None


class FactReference(Part):
    """A fact that is brought against a narrative."""

    fact: Id


class OutcomePart(Part):
    """Hindsight: the verdict."""

    verdict: Literal["supported", "partly supported", "unsupported", "refuted", "open"]
    note: Text


class NarrativePart(Part):
    """A story."""

    id: Id
    label: Text
    proponents: tuple[Text, ...] = ()
    claim: Text
    slot: Literal["catalyst", "transmission", "amplifier", "absorber", "rebound"] = "catalyst"
    template: Annotated[str, StringConstraints(pattern=r"^T\d{2}$")] | None = None
    causal_steps: Annotated[tuple[StepPart, ...], Field(min_length=1)]
    arguments_for: tuple[Id | ArgumentPart, ...] = ()
    arguments_against: tuple[FactReference | ArgumentPart, ...] = ()
    outcome: OutcomePart | None = None


class ReportPart(Part):
    """A report that a consensus rests on."""

    publisher: Text
    title: Text
    url: Text | None
    official: bool = True


class ConsensusPart(Part):
    """Hindsight: what serious accounts accept, most accepted first."""

    narratives: tuple[Id, ...]
    strength: Literal["settled", "majority", "contested"]
    by: tuple[ReportPart, ...]
    note: Text | None = None


class DiscriminatingPart(Part):
    """Hindsight: a fact that tells narratives apart."""

    fact: Id
    separates: Annotated[tuple[Id, ...], Field(min_length=2)]
    why: Text


class WatchPart(Part):
    """What would have told the narratives apart at the time."""

    item: Text
    indicator: Text | None = None
    subject: Id | None = None
    direction: Side | None = None
    outcome: Text | None = None
    would_favour: tuple[Id, ...] = ()
    would_hurt: tuple[Id, ...] = ()
    by: Moment | Text | None = None
    search: SearchPart | None = None


class GapPart(Part):
    """What could not be confirmed; with `indicator` and `subject` it is that which a prediction may ask for."""

    item: Text
    why: Text
    indicator: Text | None = None
    subject: Id | None = None
    direction: Side | None = None
    search: SearchPart | None = None


def _known_version(value: int) -> int:
    if value != 1:
        raise ValueError(f"schema_version {value} is not known; this program reads version 1")
    return value


class CaseFile(Part):
    """One documented move."""

    schema_version: Annotated[int, AfterValidator(_known_version)]
    id: Id
    title: Text
    summary: Text | None = None
    move: MovePart
    related_moves: tuple[MovePart, ...] = ()
    instruments: Annotated[tuple[InstrumentPart, ...], Field(min_length=1)]
    actors: tuple[ActorPart, ...] = ()
    relations: tuple[RelationPart, ...] = ()
    series_used: tuple[SeriesPart, ...] = ()
    facts: tuple[FactPart, ...]
    narratives: tuple[NarrativePart, ...] = ()
    consensus: ConsensusPart | None = None
    discriminating_facts: tuple[DiscriminatingPart, ...] = ()
    watch_next: tuple[WatchPart, ...] = ()
    gaps: tuple[GapPart, ...] = ()
