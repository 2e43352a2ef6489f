"""The exchange format of a documented move (schema_version 1), key by key: what may stand where, and of which type.

A key that is not named here is an error. Rules that tie several values together stand in `ingest/caserules.py`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _moment(value: object) -> object:
    """A bare date, or an instant with a zone, which becomes UTC."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"the instant {value.isoformat()} has no zone; write {value.isoformat()}Z if it is UTC")
        return value.astimezone(UTC)
    if isinstance(value, str):
        raise ValueError(f"{value!r} is a text; write a bare date (2026-02-05) or an instant (2026-02-05T15:00:00Z)")
    return value


def _published(value: object) -> object:
    """A date, or the month or year as a quoted text."""
    if isinstance(value, datetime):
        return _moment(value)
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=False)]
Moment = Annotated[datetime | date, BeforeValidator(_moment)]
PartOfDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2})?$")]
Published = Annotated[datetime | date | PartOfDate | None, BeforeValidator(_published)]
Precision = Literal["hour", "day", "week", "month", "quarter", "year", "year to date"]
Side = Literal["up", "down", "flat"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SourcePart(_Part):
    """Where something was read."""

    publisher: Text
    title: Text
    url: Text | None
    published: Published
    kind: Literal["official", "data", "press", "analysis", "social"]
    via: Text | None = None


class MovePart(_Part):
    """The move to explain, or another leg of the event; `return` is a fraction."""

    instrument: Id
    start: Moment
    end: Moment
    return_: float = Field(alias="return")
    return_unit: Literal["fraction"]
    measure: Text
    source: SourcePart


class InstrumentPart(_Part):
    """An instrument."""

    id: Id
    name: Text
    type: Text
    identifiers: dict[str, str]


class ActorPart(_Part):
    """Somebody who acts."""

    id: Id
    name: Text
    type: Text
    note: Text | None = None


class RelationPart(_Part):
    """What ties two of them."""

    type: Literal[
        "tracks",
        "underlying",
        "embeds",
        "part_of",
        "quoted_in",
        "listed_on",
        "issued_by",
        "plays",
        "peer_of",
        "funded_by",
        "in_class",
        "affiliated_with",
    ]
    from_: Id = Field(alias="from")
    to: Id
    role: (
        Literal[
            "authorised_participant",
            "market_maker",
            "prime_broker",
            "custodian",
            "issuer",
            "holder",
            "funding_source",
            "clearing_house",
            "central_bank",
        ]
        | None
    ) = None
    start: Moment | None = None
    end: Moment | None = None
    source: SourcePart | None = None


class SeriesPart(_Part):
    """A series that bears on the event, without its numbers."""

    id: Id
    name: Text
    unit: Text
    frequency: Text
    provider: Text
    bears_on: Text


Numbers = Annotated[dict[str, float], Field(min_length=1)]
FactValue = float | bool | Moment | Numbers | Text


class BaselinePart(_Part):
    """What would have been normal."""

    value: FactValue | None
    kind: Literal["previous", "usual", "forecast", "record", "claimed", "reference", "component"]
    text: Text | None = None


class ReliabilityPart(_Part):
    """Admiralty code."""

    grade: Literal["A", "B", "C", "D", "E", "F"]
    credibility: Annotated[int, Field(ge=1, le=6)]
    why: Text


class FactPart(_Part):
    """One fact."""

    id: Id
    at: Moment
    at_end: Moment | None = None
    known_at: Moment
    about: Id
    indicator: Text
    value: FactValue
    unit: Text
    unit_note: Text | None = None
    time_precision: Precision | None = None
    bound: Literal["at least", "at most", "about"] | None = None
    direction: Side | None = None
    baseline: BaselinePart | None = None
    statement: Text
    source: SourcePart
    reliability: ReliabilityPart | None = None
    conflicts_with: tuple[Id, ...] = ()
    modality: Literal["measured", "stated", "expected", "hypothetical"] | None = None
    seed: bool = False


class WindowPart(_Part):
    """Two dates or two instants."""

    start: Moment
    end: Moment


class PredictionPart(_Part):
    """What a step predicts."""

    indicator: Text
    subject: Id
    direction: Literal["up", "down", "flat", "occurs", "absent"]
    when: Literal["before", "during", "after"] | WindowPart | None = None
    strength: Literal["weak", "medium", "strong"] | None = None
    note: Text | None = None


class StepPart(_Part):
    """One link of a narrative."""

    n: Annotated[int, Field(ge=1)]
    text: Text
    predicts: tuple[PredictionPart, ...]
    same_as: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.\d+$")] | None = None


class ArgumentPart(_Part):
    """What somebody says for or against a narrative."""

    argument: Text
    source: SourcePart
    by: Text | None = None
    kind: Literal["rebuts", "undercuts", "supports"] | None = None
    step: Annotated[int, Field(ge=1)] | None = None
    strength: Literal["weak", "medium", "strong"] | None = None


class FactReference(_Part):
    """A fact that is brought against a narrative."""

    fact: Id


class OutcomePart(_Part):
    """Hindsight: the verdict."""

    verdict: Literal["supported", "partly supported", "unsupported", "refuted", "open"]
    note: Text


class NarrativePart(_Part):
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


class ReportPart(_Part):
    """A report that a consensus rests on."""

    publisher: Text
    title: Text
    url: Text | None
    official: bool = True


class ConsensusPart(_Part):
    """Hindsight: what serious accounts accept, most accepted first."""

    narratives: tuple[Id, ...]
    strength: Literal["settled", "majority", "contested"]
    by: tuple[ReportPart, ...]
    note: Text | None = None


class DiscriminatingPart(_Part):
    """Hindsight: a fact that tells narratives apart."""

    fact: Id
    separates: Annotated[tuple[Id, ...], Field(min_length=2)]
    why: Text


class WatchPart(_Part):
    """What would have told the narratives apart at the time."""

    item: Text
    indicator: Text | None = None
    subject: Id | None = None
    direction: Side | None = None
    outcome: Text | None = None
    would_favour: tuple[Id, ...] = ()
    would_hurt: tuple[Id, ...] = ()
    by: Moment | Text | None = None


class GapPart(_Part):
    """What could not be confirmed."""

    item: Text
    why: Text


def _known_version(value: int) -> int:
    if value != 1:
        raise ValueError(f"schema_version {value} is not known; this program reads version 1")
    return value


class CaseFile(_Part):
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
