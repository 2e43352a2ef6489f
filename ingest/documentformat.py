"""What may stand in the description of a document (`--meta`), key by key. An example is ingest/examples/document.yaml.

A document is described beside its text, not inside it: who published it, which spans of it say what, in whose voice
and how firmly. What the text says is told in the describer's own words (`statement`); the text itself is cited by
spans (`start` and `end`, counted in characters from 0, `end` not included) with the SHA-256 of their UTF-8 bytes, so
that a text which may not be passed on can still be checked by whoever has it.

    schema_version: 1
    document:              the published thing (`DocumentPart`)
    reliability:           Admiralty code of its claims, where a claim gives none of its own
    instruments, actors, relations:  as in case files, with more about them (`ThingPart`, `WriterPart`)
    passages, figures:     what claims are asserted in
    claims:                what is asserted (`ClaimPart`)
    left_out:              parts of the text that assert nothing (boilerplate), with why; the command names them
    doubts:                defects that somebody found: by which check, or why none can (`DoubtPart`)

    roles, venues, legs, strategies, zones, positions, events, moves, scenarios, series:
                           the world that the text takes for granted (`ingest/documentworld.py`)
    narratives, arguments, forecasts, gaps:
                           what it tells, argues, foretells and misses (`ingest/documentstories.py`)

Wherever `aliases` stand, what is described is found by these names as well. A key that is not named here is an error.
Rules that tie values together stand in `ingest/documentrules.py` and `ingest/documentreferences.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from ingest.caseparts import (
    ActorPart,
    BaselinePart,
    FactValue,
    Id,
    InstrumentPart,
    Moment,
    Part,
    Precision,
    Published,
    RelationPart,
    ReliabilityPart,
    Side,
    SourcePart,
    Text,
)
from ingest.documentstories import ArgumentPart, ForecastPart, MissingPart, StoryPart
from ingest.documentworld import (
    Country,
    EventPart,
    LegPart,
    Name,
    OneOrMore,
    PositionPart,
    RolePart,
    ScenarioPart,
    ShownSeriesPart,
    StrategyPart,
    ToldMovePart,
    VenuePart,
    ZonePart,
)

Modality = Literal[
    "stated", "hedged", "speculated", "counterfactual", "normative", "rhetorical", "promotional", "structural"
]
# Only what is put forward as having been so is a reading that stories may be weighed by.
READABLE = frozenset({"stated", "hedged"})
Licence = Literal["private_use", "may_show", "may_redistribute"]
Offset = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class DocumentPart(Part):
    """The published thing. `known_at` is needed where `published` is no day; `sha256` where no text is given.

    `translation_of`, `copy_of` and `primary_sources` name other publications, which need no file of their own.
    """

    publisher: Text
    title: Text
    url: Text | None
    published: Published
    kind: Literal["official", "data", "press", "analysis", "social"]
    form: Literal["article", "post", "filing", "table", "release", "interview", "report"] = "article"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    licence: Licence = "private_use"
    via: Text | None = None
    known_at: Moment | None = None
    retrieved_at: Moment | None = None
    sha256: Sha256 | None = None
    aliases: tuple[Name, ...] = ()
    publisher_aliases: tuple[Text, ...] = ()
    authors: tuple[Id, ...] = ()
    edited_by: tuple[Text, ...] = ()
    translation_of: SourcePart | None = None
    copy_of: SourcePart | None = None
    primary_sources: tuple[SourcePart, ...] = ()


class AliasPart(Part):
    """Another name, from and until when it was used where that is known."""

    name: Text
    start: date | None = None
    end: date | None = None


Aliases = tuple[AliasPart | Text, ...]


class ThingPart(InstrumentPart):
    """An instrument with its other names and, of notes and options, the terms of its barrier.

    `barrier_observation` is when the barrier is tested: at any time, at a day's close, or at maturity alone.
    """

    identifiers: dict[str, str] = Field(default_factory=dict)
    aliases: Aliases = ()
    barrier: float | None = None
    barrier_observation: Literal["continuous", "daily_close", "maturity"] | None = None
    maturity: date | None = None


class InterestPart(Part):
    """Somebody gains when an instrument rises (`long`) or falls (`short`); `why` in plain words."""

    instrument: Id
    sign: Literal["long", "short"]
    why: Text


class WriterPart(ActorPart):
    """An actor with other names, identifiers, interests, and whether the text names it at all.

    `sort` says that it is a person or a class of actors where its type does not; `resolved_to` is who was found out to
    be meant by an actor without a name.
    """

    aliases: Aliases = ()
    handle: Text | None = None
    country: Country | None = None
    lei: Text | None = None
    mic: Text | None = None
    named: bool | None = None
    sort: Literal["Person", "Organization", "ActorClass"] | None = None
    resolved_to: Id | None = None
    interests: tuple[InterestPart, ...] = ()


class PassagePart(Part):
    """A span of the text: by `start` and `end`, or `find`, words that stand in it exactly once.

    `sha256` is compared where a text is given, and needed where none is.
    """

    id: Id
    start: Offset | None = None
    end: Offset | None = None
    find: Text | None = None
    sha256: Sha256 | None = None
    aliases: tuple[Name, ...] = ()


class FigurePart(Part):
    """A picture or table; `available` is false where its numbers cannot be seen. `credited_to` names actors."""

    id: Id
    caption: Text
    credit: Text | None = None
    credited_to: tuple[Id, ...] = ()
    available: bool = False
    sampling: Text | None = None
    cutoff: Text | None = None
    aliases: tuple[Name, ...] = ()


class CheckPart(Part):
    """What of a claim can be recomputed: a rule of `ingest/checks.py` with what it needs.

    `of` names claims of this file in the order that the rule wants, or facts of the graph by their key.
    """

    rule: Id
    of: tuple[Name, ...] = ()
    sides: Literal[1, 2] | None = None
    number: float | None = None
    word: Text | None = None


class SuperlativePart(Part):
    """The claim says that nothing was higher (lower) since a day; `since` null means ever."""

    extreme: Literal["highest", "lowest"]
    since: Moment | None = None


class ContradictionPart(Part):
    """Another claim of this file that says otherwise; kind `modality`: the same with another strength."""

    claim: Id
    kind: Literal["modality", "value", "direction", "cause"]


class ClaimPart(Part):
    """One proposition, in the describer's own words.

    It is asserted in passages or figures (`in`) or, without them, in the document. `by` is an actor of the file, else
    the authors made it; in the `voice` of the editor the publisher did. With an `indicator` it is a reading: `about`
    one thing, at a time, with value and unit; other claims may be about strategies too. `sensitive` marks allegations
    about named firms and people.
    `at_inferred` says that the year or day was not printed; `other_dates` are days that the words may mean as well.
    """

    id: Id
    statement: Text
    modality: Modality
    voice: Literal["author", "editor"] = "author"
    by: OneOrMore | None = None
    in_: OneOrMore | None = Field(default=None, alias="in")
    hedges: tuple[Text, ...] = ()
    sensitive: bool = False
    aliases: tuple[Name, ...] = ()
    about: OneOrMore | None = None
    indicator: Text | None = None
    at: Moment | None = None
    at_end: Moment | None = None
    at_inferred: bool = False
    other_dates: tuple[Moment, ...] = ()
    time_precision: Precision | None = None
    value: FactValue | None = None
    unit: Text | None = None
    unit_note: Text | None = None
    bound: Literal["at least", "at most", "about"] | None = None
    direction: Side | None = None
    baseline: BaselinePart | None = None
    superlative: SuperlativePart | None = None
    known_at: Moment | None = None
    reliability: ReliabilityPart | None = None
    derived_from: tuple[Id, ...] = ()  # claims or series of this file
    contradicts: tuple[ContradictionPart, ...] = ()
    checks: tuple[CheckPart, ...] = ()


class LeftOutPart(Part):
    """A part of the text that asserts nothing."""

    what: Text
    why: Text


class DoubtPart(Part):
    """A defect that somebody found: the `check` that finds it in a claim, or why no rule can (`not_checkable`)."""

    id: Name
    what: Text
    claim: Id
    check: Id | None = None
    not_checkable: Text | None = None


def _known_version(value: Any) -> Any:
    if value != 1:
        raise ValueError(f"schema_version {value} is not known; this program reads version 1")
    return value


class DocumentFile(Part):
    """The description of one document."""

    schema_version: Annotated[int, AfterValidator(_known_version)]
    document: DocumentPart
    reliability: ReliabilityPart | None = None
    instruments: tuple[ThingPart, ...] = ()
    actors: tuple[WriterPart, ...] = ()
    relations: tuple[RelationPart, ...] = ()
    passages: tuple[PassagePart, ...] = ()
    figures: tuple[FigurePart, ...] = ()
    claims: tuple[ClaimPart, ...]
    left_out: tuple[LeftOutPart, ...] = ()
    doubts: tuple[DoubtPart, ...] = ()
    roles: tuple[RolePart, ...] = ()
    venues: tuple[VenuePart, ...] = ()
    legs: tuple[LegPart, ...] = ()
    strategies: tuple[StrategyPart, ...] = ()
    zones: tuple[ZonePart, ...] = ()
    positions: tuple[PositionPart, ...] = ()
    events: tuple[EventPart, ...] = ()
    moves: tuple[ToldMovePart, ...] = ()
    scenarios: tuple[ScenarioPart, ...] = ()
    series: tuple[ShownSeriesPart, ...] = ()
    narratives: tuple[StoryPart, ...] = ()
    arguments: tuple[ArgumentPart, ...] = ()
    forecasts: tuple[ForecastPart, ...] = ()
    gaps: tuple[MissingPart, ...] = ()
