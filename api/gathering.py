"""Gathers all that may be known about one move: the only place where an explanation reads the graph.

Nothing later than `as_of` and nothing of hindsight comes through here; the same graph and clocks give the same dossier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from api.ask import Ask
from api.casting import (
    Names,
    cast_disputes,
    cast_fact,
    cast_gaps,
    cast_things,
    text,
)
from api.casting_stories import cast_arguments, cast_narratives
from api.detecting import Detected
from api.finding import Found, as_instant, find_move
from api.gathering_series import Around, measured_move, read_panel
from api.knowledge import Knowledge
from causal.model import Dossier
from causal.world import Fact, Indicator, Move
from graph.reading import (
    Clocks,
    Reach,
    Record,
    Stories,
    Surroundings,
    count_facts,
    data_gaps,
    disputes,
    facts,
    moves_of_case,
    origins,
    searches,
    series_about,
    stories,
    surroundings,
)
from graph.store import GraphReader

if TYPE_CHECKING:
    from graph.series import SeriesStore

BEFORE = timedelta(days=35)
AFTER = timedelta(days=10)
_NO_STORIES = Stories(narratives=(), steps=(), predictions=(), arguments=(), fact_arguments=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the graph keeps what a dossier calls by a short name: label, and the id of the version that was read."""

    label: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A dossier, the settled question that it answers, and where its facts and arguments lie (`places`, by id).

    `detected` is what a series says of the move, where no case does.
    """

    ask: Ask
    dossier: Dossier
    stored: bool
    places: Mapping[str, Place]
    detected: Detected | None = None


async def gather(ask: Ask, reader: GraphReader, knowledge: Knowledge, series: SeriesStore | None = None) -> Dossier:
    """The dossier of the move that is asked about; without facts it is a dossier all the same.

    Raises `NotInGraphError`, `InvalidAskError`, `GraphUnavailableError`, `QueryOverBudgetError`.
    """
    return (await survey(ask, reader, knowledge, series)).dossier


async def survey(ask: Ask, reader: GraphReader, knowledge: Knowledge, series: SeriesStore | None = None) -> Gathered:
    """As `gather`, with what recording needs to find the same nodes again."""
    found = await find_move(ask, reader, series)
    material = await _read(found, reader, with_series=series is not None)
    parts = _parts(found, material, knowledge)
    dossier = replace(
        parts,
        indicators=tuple(sorted(knowledge.indicators, key=lambda one: one.id)),
        asset_classes=tuple(sorted(knowledge.asset_classes, key=lambda one: one.id)),
        derivations=tuple(sorted(knowledge.derivations, key=lambda one: one.id)),
    )
    if series is not None:
        dossier = await _with_panel(dossier, found, material, series, knowledge)
    return Gathered(
        ask=found.ask,
        dossier=dossier,
        stored=found.stored,
        places=_places(material, found.ask.case),
        detected=found.detected,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    """Rows of the graph, not yet understood; `total` counts the facts that are known today."""

    around: Surroundings
    facts: Sequence[Record]
    total: int
    told: Stories
    gaps: Sequence[Record]
    searches: Sequence[Record]
    copies: Sequence[Record]
    disputes: Sequence[Record]
    series: Sequence[Record]


async def _read(found: Found, reader: GraphReader, *, with_series: bool) -> _Material:
    clocks, case = Clocks(as_of=found.ask.as_of, as_at=found.ask.as_at), found.ask.case
    around = await surroundings(reader, case, found.move.instrument, clocks, with_series=with_series)
    reach = Reach(
        case=case,
        ids=[str(row["id"]) for row in around.things],
        from_=found.move.valid_from - BEFORE,
        until=found.move.valid_to + AFTER,
        outside=found.ask.no_case,
    )
    rows, total, told, gaps, searched = await asyncio.gather(
        facts(reader, reach, clocks),
        count_facts(reader, reach, clocks.with_hindsight()),
        _told(reader, found, around, clocks),
        _gaps(reader, case, clocks),
        searches(reader, case, found.move.id, clocks),
    )
    cited = [*rows, *told.arguments, *told.attacks]
    documents = sorted({str(row["document_id"]) for row in cited if row["document_id"]})
    copies, sides = await asyncio.gather(
        origins(reader, documents, clocks), disputes(reader, [str(row["id"]) for row in rows], clocks)
    )
    listed = await series_about(reader, reach.ids) if with_series else []
    return _Material(
        around=around,
        facts=rows,
        total=total,
        told=told,
        gaps=gaps,
        searches=searched,
        copies=copies,
        disputes=sides,
        series=listed,
    )


async def _with_panel(
    dossier: Dossier, found: Found, material: _Material, store: SeriesStore, knowledge: Knowledge
) -> Dossier:
    """The dossier with what the stored series hold; a move that nobody recorded takes its return from there."""
    around = Around(
        move=dossier.move, instruments=dossier.instruments, relations=dossier.relations, as_of=found.ask.as_of
    )
    panel = await read_panel(around, material.series, store, knowledge)
    if panel is None:
        return dossier
    return replace(dossier, panel=panel, move=measured_move(dossier.move, panel))


def _parts(found: Found, material: _Material, knowledge: Knowledge) -> Dossier:
    names = Names(case=found.ask.case)
    one_origin = join_origins([*material.facts, *material.told.arguments, *material.told.attacks], material.copies)
    open_disputes = cast_disputes(material.disputes, names)
    of_dispute = _by_side(material.disputes, {one.id for one in open_disputes}, names)
    held = tuple(cast_fact(row, names, one_origin, of_dispute) for row in material.facts)
    instruments, actors, relations = cast_things(material.around, knowledge.asset_classes)
    return Dossier(
        case=found.ask.case,
        move=_with_return(found, held, knowledge.indicators),
        as_of=found.ask.as_of,
        as_at=found.ask.as_at,
        instruments=instruments,
        actors=actors,
        relations=relations,
        facts=held,
        arguments=cast_arguments(material.told, held, names, one_origin),
        disputes=open_disputes,
        gaps=cast_gaps(material.gaps, material.searches, names),
        narratives=cast_narratives(material.told, names),
        not_yet_known=material.total - len(held),
    )


async def _told(reader: GraphReader, found: Found, around: Surroundings, clocks: Clocks) -> Stories:
    """The case's stories, where it is their move that is asked about.

    They were told of the case's own move: another clock of it or what tracks it is the same move, but another leg of
    the event (shares beside a coin, the rebound a day later) is not, and has the library alone.
    """
    case, move = found.ask.case, found.move
    if case is None:
        return _NO_STORIES
    own = f"{case}:move"
    for row in await moves_of_case(reader, case, clocks.with_hindsight()):
        if row["key"] == own:
            tied = {(str(tie["from"]), str(tie["to"])) for tie in around.relations if tie["type"] == "TRACKS"}
            pair = (str(row["instrument"]), move.instrument)
            same = pair[0] == pair[1] or pair in tied or pair[::-1] in tied
            start, end = as_instant(row["valid_from"]), as_instant(row["valid_to"])
            if same and start < move.valid_to and move.valid_from < end:
                return await stories(reader, case, clocks)
    return _NO_STORIES


async def _gaps(reader: GraphReader, case: str | None, clocks: Clocks) -> list[Record]:
    return [] if case is None else await data_gaps(reader, case, clocks)


def _places(material: _Material, case: str | None) -> dict[str, Place]:
    names = Names(case=case)
    places = {names.local(row["key"]): Place(label=str(row["label"]), id=str(row["id"])) for row in material.facts}
    for row in material.told.arguments:
        places[names.local(row["key"])] = Place(label="Argument", id=str(row["id"]))
    return places


def _by_side(rows: Sequence[Record], kept: set[str], names: Names) -> dict[str, str]:
    """key of a fact -> the id of its dispute."""
    found: dict[str, str] = {}
    for row in rows:
        dispute = names.local(row["key"])
        if dispute in kept:
            found.setdefault(str(row["fact"]), dispute)
    return found


def join_origins(rows: Sequence[Record], copies: Sequence[Record]) -> dict[str, str]:
    """document -> the first of all documents that stand for one publication.

    One are a document and its copies and translations, and documents of one publisher with one title.
    """
    parent: dict[str, str] = {}

    def root(document: str) -> str:
        while parent.setdefault(document, document) != document:
            document = parent[document]
        return document

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    titled: dict[tuple[str, str], str] = {}
    for row in rows:
        document = text(row["document_id"])
        if document is None:
            continue
        publisher = str(row["publisher"] or "").casefold().removesuffix(" (copy)")
        name = (publisher, str(row["title"] or "").casefold())
        join(document, titled.setdefault(name, document))
    for row in copies:
        join(str(row["document"]), str(row["origin"]))
    return {document: root(document) for document in sorted(parent)}


def _with_return(found: Found, held: Sequence[Fact], indicators: Sequence[Indicator]) -> Move:
    """The move; one that was never recorded takes its return from a reading of the same instrument and days."""
    move = found.move
    if found.stored:
        return move
    returns = {one.name for one in indicators if one.reading == "return"}
    fits = [
        fact
        for fact in held
        if fact.indicator in returns
        and fact.subject == move.instrument
        and fact.unit == "percent"
        and isinstance(fact.value, float)
        and fact.modality in {"measured", "stated"}
        and (fact.trade_date_end or fact.trade_date) == move.end
        and fact.trade_date in {move.start, move.end}
    ]
    if not fits:
        return move
    best = min(fits, key=lambda fact: (fact.grade, fact.credibility, fact.id))
    value = best.value if isinstance(best.value, float) else 0.0
    return replace(move, return_=value / 100.0, measure=best.statement, document_id=best.citation.document_id or None)
