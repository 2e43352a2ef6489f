"""What a description may say of the world that a text takes for granted: who does what for whom, with which positions.

Strategies, legs and zones are patterns, not holdings. A position is held by a class of actors or by one that the text
does not name: what a text alleges of a named firm is a claim (`sensitive`), never an edge of the graph.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ingest.caseparts import Id, Moment, Part, Precision, ReliabilityPart, Text

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/@-]+$")]
OneOrMore = tuple[Id, ...] | Id
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class RolePart(Part):
    """An actor is something for another actor or an instrument, from and until when; open where not known."""

    id: Id
    actor: Id
    kind: Text
    for_: Id = Field(alias="for")
    start: Moment | None = None
    end: Moment | None = None
    inferred: bool = False
    note: Text | None = None
    aliases: tuple[Name, ...] = ()


class VenuePart(Part):
    """A place of trade; `mic` by ISO 10383, `xid` where it has none; `lists` names instruments that trade there."""

    id: Id
    name: Text
    kind: Text | None = None
    mic: Text | None = None
    xid: Text | None = None
    country: Country | None = None
    lists: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class LegPart(Part):
    """One side of a trade: `of` is an instrument that is bought or sold."""

    id: Id
    side: Literal["buy", "sell"]
    of: Id
    aliases: tuple[Name, ...] = ()


class StrategyPart(Part):
    """A pattern of trade: its legs, and which actors or classes use it."""

    id: Id
    name: Text
    legs: tuple[Id, ...] = ()
    used_by: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class ZonePart(Part):
    """Strikes or barriers between two prices of a thing; it `binds` actors or positions and `forces` legs."""

    id: Id
    about: Id
    low: float
    high: float
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    binds: tuple[Id, ...] = ()
    forces: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class PositionPart(Part):
    """What a class of actors, or an actor without a name, is said to hold."""

    id: Id
    holder: Id
    legs: tuple[Id, ...]
    zones: tuple[Id, ...] = ()
    at: Moment | None = None
    at_end: Moment | None = None
    aliases: tuple[Name, ...] = ()


class EventPart(Part):
    """Something that happened: `by` made it (an order), it `binds` actors and `forces` legs, `then` came others.

    `then` names events or moves of the file.
    """

    id: Id
    kind: Text
    title: Text
    at: Moment
    at_end: Moment | None = None
    at_inferred: bool = False
    time_precision: Precision | None = None
    about: OneOrMore | None = None
    by: OneOrMore | None = None
    binds: tuple[Id, ...] = ()
    forces: tuple[Id, ...] = ()
    then: tuple[Id, ...] = ()
    reliability: ReliabilityPart | None = None
    aliases: tuple[Name, ...] = ()


class ToldMovePart(Part):
    """A move that the text tells of; `return` is a fraction, `then` names the moves that came after it."""

    id: Id
    instrument: Id
    start: Moment
    end: Moment
    return_: float = Field(alias="return")
    measure: Text
    then: tuple[Id, ...] = ()
    aliases: tuple[Name, ...] = ()


class ScenarioPart(Part):
    """What would have been: `changes` in words, a number or a range where there is one, and whether it can be known.

    `about` names instruments or actors, `without` a step (`story.n`) that did not happen in it.
    """

    id: Id
    kind: Text
    changes: Annotated[tuple[Text, ...], Field(min_length=1)]
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    identifiable: bool = False
    about: OneOrMore | None = None
    without: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+\.\d+$")] | None = None
    aliases: tuple[Name, ...] = ()


class ShownSeriesPart(Part):
    """A series that the text shows and whose numbers are not at hand: what it is, and from when to when."""

    id: Id
    name: Text
    unit: Text
    frequency: Text
    first: Moment | None = None
    last: Moment | None = None
    cutoff: Text | None = None
    provider: Text | None = None
    bears_on: Text | None = None
    aliases: tuple[Name, ...] = ()
