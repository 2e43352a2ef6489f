"""The parts of a case file that hold the world and its facts: types of values, sources, moves, instruments, facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


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


class Part(BaseModel):
    """A part of a case file: unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class SourcePart(Part):
    """Where something was read."""

    publisher: Text
    title: Text
    url: Text | None
    published: Published
    kind: Literal["official", "data", "press", "analysis", "social"]
    via: Text | None = None


class MovePart(Part):
    """The move to explain, or another leg of the event; `return` is a fraction."""

    instrument: Id
    start: Moment
    end: Moment
    return_: float = Field(alias="return")
    return_unit: Literal["fraction"]
    measure: Text
    source: SourcePart


class InstrumentPart(Part):
    """An instrument."""

    id: Id
    name: Text
    type: Text
    identifiers: dict[str, str]


class ActorPart(Part):
    """Somebody who acts."""

    id: Id
    name: Text
    type: Text
    note: Text | None = None


class RelationPart(Part):
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


class SeriesPart(Part):
    """A series that bears on the event, without its numbers."""

    id: Id
    name: Text
    unit: Text
    frequency: Text
    provider: Text
    bears_on: Text


Numbers = Annotated[dict[str, float], Field(min_length=1)]
FactValue = float | bool | Moment | Numbers | Text


class BaselinePart(Part):
    """What would have been normal."""

    value: FactValue | None
    kind: Literal["previous", "usual", "forecast", "record", "claimed", "reference", "component"]
    text: Text | None = None


class ReliabilityPart(Part):
    """Admiralty code."""

    grade: Literal["A", "B", "C", "D", "E", "F"]
    credibility: Annotated[int, Field(ge=1, le=6)]
    why: Text


class FactPart(Part):
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
