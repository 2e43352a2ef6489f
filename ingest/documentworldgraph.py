"""Maps the world that a text takes for granted: roles, venues, strategies, positions, events, moves, what might be."""

from __future__ import annotations

from graph.model import Value
from ingest.casegraph import unit_of_move
from ingest.caseparts import ReliabilityPart
from ingest.clocks import move_span
from ingest.documentdraft import DocumentDraft, end_of
from ingest.documentreferences import several
from ingest.documentworld import (
    EventPart,
    PositionPart,
    RolePart,
    ScenarioPart,
    ShownSeriesPart,
    ToldMovePart,
    VenuePart,
    ZonePart,
)

TOLD = "document"  # the origin of a move or story that a text tells


def map_told_world(draft: DocumentDraft) -> None:
    """All of it; what is shared between texts (venues, strategies) under its own id, the rest under the document's."""
    file = draft.file
    for venue in file.venues:
        _venue(draft, venue)
    for leg in file.legs:
        draft.node("Leg", draft.key(leg.id), side=leg.side, aliases=leg.aliases or None)
        draft.about("Leg", draft.key(leg.id), leg.of)
    for strategy in file.strategies:
        draft.node("Strategy", strategy.id, name=strategy.name, aliases=strategy.aliases or None)
        _legs(draft, "HAS_LEG", "Strategy", strategy.id, strategy.legs)
        for actor in strategy.used_by:
            draft.link("USES_STRATEGY", "Actor", actor, "Strategy", strategy.id)
    for role in file.roles:
        _role(draft, role)
    for position in file.positions:
        _position(draft, position)
    for zone in file.zones:
        _zone(draft, zone)
    for event in file.events:
        _event(draft, event)
    for move in file.moves:
        _move(draft, move)
    for series in file.series:
        _series(draft, series)
    for scenario in file.scenarios:
        _scenario(draft, scenario)


def standing(judged: ReliabilityPart | None) -> dict[str, Value]:
    """An Admiralty code as properties."""
    if judged is None:
        return {}
    return {"grade": judged.grade, "credibility": judged.credibility, "reliability_why": judged.why}


def _legs(draft: DocumentDraft, kind: str, label: str, name: str, legs: tuple[str, ...]) -> None:
    for leg in legs:
        draft.link(kind, label, name, "Leg", draft.key(leg))


def _venue(draft: DocumentDraft, one: VenuePart) -> None:
    draft.node(
        "Venue",
        one.id,
        name=one.name,
        kind=one.kind,
        mic=one.mic,
        xid=one.xid,
        country=one.country,
        aliases=one.aliases or None,
    )
    for instrument in one.lists:
        draft.link("LISTED_ON", "Instrument", instrument, "Venue", one.id)


def _role(draft: DocumentDraft, one: RolePart) -> None:
    """What somebody is for another; its end is open where none is told."""
    name = draft.key(one.id)
    draft.node(
        "Role",
        name,
        draft.clocks_of(one.start, one.end, inferred=one.inferred)
        | {"valid_to": None if one.end is None else end_of(one.end)},
        kind=one.kind,
        note=one.note,
        aliases=one.aliases or None,
    )
    draft.link("PLAYS", "Actor", one.actor, "Role", name)
    draft.link("FOR", "Role", name, draft.labels[one.for_], one.for_)
    draft.link("WAS_DERIVED_FROM", "Role", name, "Document", draft.id)


def _position(draft: DocumentDraft, one: PositionPart) -> None:
    name = draft.key(one.id)
    draft.node("Position", name, draft.clocks_of(one.at, one.at_end), aliases=one.aliases or None)
    draft.link("HOLDS", "Actor", one.holder, "Position", name)
    _legs(draft, "HAS_LEG", "Position", name, one.legs)
    for zone in one.zones:
        draft.link("IN_ZONE", "Position", name, "StrikeZone", draft.key(zone))
    draft.link("WAS_DERIVED_FROM", "Position", name, "Document", draft.id)


def _zone(draft: DocumentDraft, one: ZonePart) -> None:
    name = draft.key(one.id)
    draft.node("StrikeZone", name, low=one.low, high=one.high, currency=one.currency, aliases=one.aliases or None)
    draft.about("StrikeZone", name, one.about)
    _bound(draft, "StrikeZone", name, one.binds)
    _legs(draft, "FORCES", "StrikeZone", name, one.forces)


def _bound(draft: DocumentDraft, label: str, name: str, binds: tuple[str, ...]) -> None:
    positions = {one.id for one in draft.file.positions}
    for who in binds:
        ends = ("Position", draft.key(who)) if who in positions else ("Actor", who)
        draft.link("SUBJECT_TO", *ends, label, name)


def _event(draft: DocumentDraft, one: EventPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "Event",
        name,
        draft.clocks_of(one.at, one.at_end, inferred=one.at_inferred) | standing(one.reliability),
        kind=one.kind,
        title=one.title,
        time_precision=one.time_precision,
        aliases=one.aliases or None,
    )
    draft.link("REPORTED_BY", "Event", name, "Document", draft.id)
    for thing in several(one.about):
        draft.about("Event", name, thing)
    for actor in several(one.by):
        draft.link("MADE", "Actor", actor, "Event", name)
    _bound(draft, "Event", name, one.binds)
    _legs(draft, "FORCES", "Event", name, one.forces)
    moves = {move.id for move in draft.file.moves}
    for other in one.then:
        draft.link("NEXT", "Event", name, "Move" if other in moves else "Event", draft.key(other))


def _move(draft: DocumentDraft, one: ToldMovePart) -> None:
    name = draft.key(one.id)
    start, end = move_span(one, draft.clocks)
    kind = next((thing.type for thing in draft.file.instruments if thing.id == one.instrument), "")
    draft.node(
        "Move",
        name,
        start=one.start,
        end=one.end,
        return_=one.return_,
        return_unit=unit_of_move(kind),
        measure=one.measure,
        origin=TOLD,
        valid_from=start,
        valid_to=end,
        known_at=max(end, draft.known),
        known_at_precision=draft.precise,
        aliases=one.aliases or None,
    )
    draft.link("ABOUT", "Move", name, "Instrument", one.instrument)
    draft.link("REPORTED_BY", "Move", name, "Document", draft.id)
    for other in one.then:
        draft.link("NEXT", "Move", name, "Move", draft.key(other))


def _series(draft: DocumentDraft, one: ShownSeriesPart) -> None:
    """Without its indicator and subject: a series about a thing is one whose numbers are stored."""
    draft.node(
        "Series",
        draft.key(one.id),
        name=one.name,
        unit=one.unit,
        frequency=one.frequency,
        first=one.first,
        last=one.last,
        cutoff=one.cutoff,
        provider=one.provider,
        bears_on=one.bears_on,
        aliases=one.aliases or None,
    )


def _scenario(draft: DocumentDraft, one: ScenarioPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "Scenario",
        name,
        kind=one.kind,
        changes=one.changes,
        estimate=one.estimate,
        low=one.low,
        high=one.high,
        identifiable=one.identifiable,
        aliases=one.aliases or None,
    )
    draft.link("ASSERTED_IN", "Scenario", name, "Document", draft.id)
    for thing in several(one.about):
        draft.about("Scenario", name, thing)
    if one.without is not None:
        draft.link("ABOUT", "Scenario", name, "Step", draft.step_key(one.without))
