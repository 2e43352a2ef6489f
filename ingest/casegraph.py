"""Maps the world and the facts of a case file to nodes and links (vocabulary of the graph, "From a case file")."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from graph.model import Value
from ingest.caseparts import ActorPart, FactPart, InstrumentPart, MovePart, RelationPart
from ingest.caserules import QUOTED_IN_PERCENT
from ingest.catalog import Indicator, asset_class_of, indicator_id
from ingest.clocks import UTC_CLOCK, known_from, midnight, move_span, span_of
from ingest.draft import Draft, WorldDraft, precision
from ingest.identity import source_id
from ingest.units import base_value

_SORTS = {
    "ETF": "Etf",
    "ETF group": "Etf",
    "futures": "Future",
    "perpetual futures": "Perpetual",
    "listed options": "Option",
    "OTC options": "Option",
    "structured product": "StructuredNote",
    "exchange-traded note": "StructuredNote",
    "crypto spot": "CryptoAsset",
    "crypto token": "CryptoAsset",
    "stablecoin": "CryptoAsset",
    "liquid-staking token": "CryptoAsset",
    "currency pair": "FxPair",
    "equity": "Equity",
    "equity index": "Index",
    "volatility index": "Index",
    "strategy index": "Index",
    "currency index": "Index",
    "market aggregate": "Index",
    "commodity": "Commodity",
}
_PERSONS = frozenset({"executive", "commentator"})
_CLASSES = ("traders", "investors", "customers", "holders")
_OWN = frozenset({"symbol", "figi", "caip19"})


def map_world(draft: Draft, file_hash: str | None = None) -> None:
    """The case, its move and other legs, instruments, actors, relations and series."""
    case = draft.case
    draft.node(
        "Case",
        case.id,
        held=False,
        title=case.title,
        summary=case.summary,
        schema_version=case.schema_version,
        file_hash=file_hash,
    )
    map_things(draft, case.instruments, case.actors, case.relations)
    types = {one.id: one.type for one in case.instruments}
    _move(draft, "move", case.move, types)
    for number, move in enumerate(case.related_moves, start=1):
        _move(draft, f"move.{number}", move, types)
    for series in case.series_used:
        draft.node(
            "Series",
            draft.key(series.id),
            name=series.name,
            unit=series.unit,
            frequency=series.frequency,
            provider=series.provider,
            bears_on=series.bears_on,
        )


def map_things(
    draft: WorldDraft,
    instruments: Iterable[InstrumentPart],
    actors: Iterable[ActorPart],
    relations: Iterable[RelationPart],
) -> None:
    """Instruments, actors and what ties them, of a case or of any other file that names them."""
    for instrument in instruments:
        _instrument(draft, instrument)
    for actor in actors:
        _actor(draft, actor)
    for relation in relations:
        _relation(draft, relation)


def _instrument(draft: WorldDraft, one: InstrumentPart) -> None:
    clock = draft.clocks[one.id]
    draft.node(
        "Instrument",
        one.id,
        {key: value for key, value in one.identifiers.items() if key in _OWN},
        sort=_SORTS.get(one.type),
        held=False,
        kind=one.type,
        name=one.name,
        asset_class_id=asset_class_of(one.type),
        identifiers=tuple(f"{key}={value}" for key, value in sorted(one.identifiers.items())),
        tz=clock.tz,
        session_calendar=clock.calendar,
    )
    _shared(draft, "Instrument", one)


def _shared(draft: WorldDraft, label: str, one: InstrumentPart | ActorPart) -> None:
    """Cases share instruments and actors; the link keeps what this one calls them, whichever was read last."""
    if draft.case_id is not None:
        draft.link("PART_OF", label, one.id, "Case", draft.case_id, name=one.name, kind=one.type)


def _actor(draft: WorldDraft, one: ActorPart) -> None:
    if one.type in _PERSONS:
        sort = "Person"
    elif one.type.endswith(_CLASSES):
        sort = "ActorClass"
    else:
        sort = "Organization"
    draft.node("Actor", one.id, sort=sort, held=False, kind=one.type, name=one.name, note=one.note)
    _shared(draft, "Actor", one)


def unit_of_move(kind: str) -> str:
    """What the return of a move counts: of a yield or a spread its change, of anything else a share of what it was."""
    return "difference" if kind.lower() in QUOTED_IN_PERCENT else "fraction"


def _move(draft: Draft, local: str, move: MovePart, types: Mapping[str, str]) -> None:
    name = draft.key(local)
    start, end = move_span(move, draft.clocks)
    draft.node(
        "Move",
        name,
        start=move.start,
        end=move.end,
        return_=move.return_,
        return_unit=unit_of_move(types.get(move.instrument, "")),
        measure=move.measure,
        origin="case",
        valid_from=start,
        valid_to=end,
        known_at=end,
        known_at_precision="instant",
    )
    draft.link("ABOUT", "Move", name, "Instrument", move.instrument)
    draft.link("REPORTED_BY", "Move", name, "Document", draft.document(move.source))


def _relation(draft: WorldDraft, one: RelationPart) -> None:
    ends = (draft.labels[one.from_], one.from_, draft.labels[one.to], one.to)
    if one.type != "plays":
        draft.link(one.type.upper(), *ends)
        return
    role = draft.key(f"role.{one.from_}.{one.role}.{one.to}")
    known = known_from(one.start, UTC_CLOCK) if one.start is not None else datetime(1970, 1, 1, tzinfo=UTC)
    draft.node(
        "Role",
        role,
        kind=one.role,
        known_at=known,
        known_at_precision="day",
        known_at_inferred=one.start is None,
        valid_from=None if one.start is None else _instant(one.start),
        valid_to=None if one.end is None else _instant(one.end),
    )
    draft.link("PLAYS", "Actor", one.from_, "Role", role)
    draft.link("FOR", "Role", role, draft.labels[one.to], one.to)
    if one.source is not None:
        draft.link("WAS_DERIVED_FROM", "Role", role, "Document", draft.document(one.source))


def _instant(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else midnight(value, UTC_CLOCK)


def fact_label(fact: FactPart, indicators: dict[str, Indicator]) -> str:
    """`Claim` for what is only said, expected or supposed, else `Observation`."""
    known = indicators.get(fact.indicator)
    if fact.modality in {"expected", "hypothetical"} or (known is not None and known.kind == "statement"):
        return "Claim"
    return "Observation"


def map_facts(draft: Draft, indicators: dict[str, Indicator]) -> None:
    """Every fact as an observation or a claim; what happened is an event beside its observation."""
    for fact in draft.case.facts:
        label, name = fact_label(fact, indicators), draft.key(fact.id)
        draft.node(label, name, reading_properties(draft, fact))
        draft.about(label, name, fact.about)
        indicator = indicator_id(fact.indicator)
        if fact.indicator not in indicators:
            draft.node("Indicator", indicator, held=False, name=fact.indicator)
        draft.link("OF_INDICATOR", label, name, "Indicator", indicator)
        document = draft.document(fact.source)
        if label == "Claim":
            draft.link("ASSERTED_IN", label, name, "Document", document)
            draft.link("WAS_ATTRIBUTED_TO", label, name, "Source", source_id(fact.source.publisher))
        else:
            draft.link("REPORTED_BY", label, name, "Document", document)
        known = indicators.get(fact.indicator)
        if label == "Observation" and known is not None and known.kind == "event":
            _event(draft, fact, document)


def reading_properties(draft: WorldDraft, fact: FactPart) -> dict[str, Value]:
    """What a reading says, and when, with its standing."""
    span = span_of(fact, draft.clock(fact.about))
    value, low, high = plain_value(fact)
    number, unit = base_value(value, fact.unit)
    baseline, judged = fact.baseline, fact.reliability
    amount = _middle(baseline.value) if baseline is not None else None
    return {
        "statement": fact.statement,
        "value": value,
        "low": low,
        "high": high,
        "unit": fact.unit,
        "unit_note": fact.unit_note,
        "value_base": number,
        "unit_base": unit,
        "bound": fact.bound,
        "direction": fact.direction or direction_of(fact),
        "baseline_value": amount,
        "baseline_kind": None if baseline is None else baseline.kind,
        "baseline_text": None if baseline is None else baseline.text,
        "modality": fact.modality,
        "seed": fact.seed or None,
        "time_precision": fact.time_precision,
        "trade_date": span.trade_date,
        "trade_date_end": span.trade_date_end,
        "valid_from": span.valid_from,
        "valid_to": span.valid_to,
        "known_at": known_from(fact.known_at, draft.clock(fact.about)),
        "known_at_precision": precision(fact.known_at),
        "grade": None if judged is None else judged.grade,
        "credibility": None if judged is None else judged.credibility,
        "reliability_why": None if judged is None else judged.why,
    }


def plain_value(fact: FactPart) -> tuple[str | float | bool | None, float | None, float | None]:
    """(value, low, high): a range as its two ends, another map of numbers or a date as text."""
    value = fact.value
    if isinstance(value, dict):
        if set(value) == {"low", "high"}:
            return None, value["low"], value["high"]
        return json.dumps(value, sort_keys=True), None, None
    if isinstance(value, (date, datetime)):
        return value.isoformat(), None, None
    return value, None, None


def direction_of(fact: FactPart) -> str | None:
    """The direction that a map of `<name>_from` and `<name>_to` numbers shows, where all of its pairs agree."""
    if not isinstance(fact.value, dict):
        return None
    pairs = [
        (fact.value[key], fact.value[key.removesuffix("from") + "to"])
        for key in fact.value
        if key.endswith("from") and key.removesuffix("from") + "to" in fact.value
    ]
    signs = {(after > before) - (after < before) for before, after in pairs}
    return {1: "up", -1: "down", 0: "flat"}[signs.pop()] if len(signs) == 1 else None


def _middle(value: object) -> float | None:
    if isinstance(value, dict):
        return (value["low"] + value["high"]) / 2 if set(value) == {"low", "high"} else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return None


def _event(draft: Draft, fact: FactPart, document: str) -> None:
    name, span = draft.key(f"{fact.id}.event"), span_of(fact, draft.clock(fact.about))
    draft.node(
        "Event",
        name,
        kind=indicator_id(fact.indicator),
        title=fact.statement,
        trade_date=span.trade_date,
        trade_date_end=span.trade_date_end,
        time_precision=fact.time_precision,
        valid_from=span.valid_from,
        valid_to=span.valid_to,
        known_at=known_from(fact.known_at, draft.clock(fact.about)),
        known_at_precision=precision(fact.known_at),
        grade=None if fact.reliability is None else fact.reliability.grade,
        credibility=None if fact.reliability is None else fact.reliability.credibility,
    )
    draft.about("Event", name, fact.about)
    draft.link("ABOUT", "Observation", draft.key(fact.id), "Event", name)
    draft.link("REPORTED_BY", "Event", name, "Document", document)
