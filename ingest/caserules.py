"""The rules of the exchange format that tie several values together; each broken one is a path and a reason.

Nothing is repaired here: what cannot be right is said with where it stands and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

from ingest.caseformat import CaseFile, NarrativePart, WindowPart
from ingest.caseparts import FactPart, InstrumentPart, MovePart, RelationPart
from ingest.catalog import Indicator
from ingest.identifiers import broken_identifiers
from ingest.units import sort_of

Broken = Iterator[tuple[str, str]]
ANNOUNCED_AHEAD = frozenset(
    {
        "margin requirement change",
        "margin requirement",
        "product termination",
        "rule change",
        "policy change",
        "policy rate change",
        "share issue",
        "timing",
    }
)
_NO_DIRECTION_NEEDED = frozenset(
    {"statement", "rule change", "policy change", "legal finding", "collateral pricing", "timing"}
)
QUOTED_IN_PERCENT = frozenset({"yield", "spread"})
_TYPES_OF_UNITS = {"bool": bool, "date": date, "datetime": datetime, "text": str}
_ENDS = {
    "tracks": ("instrument", "instrument"),
    "underlying": ("instrument", "instrument"),
    "embeds": ("instrument", "instrument"),
    "quoted_in": ("instrument", "instrument"),
    "peer_of": ("instrument", "instrument"),
    "listed_on": ("instrument", "actor"),
    "issued_by": ("instrument", "actor"),
    "plays": ("actor", "instrument or actor"),
    "funded_by": ("instrument or actor", "instrument"),
    "in_class": ("actor", "actor"),
    "affiliated_with": ("actor", "actor"),
    "part_of": ("instrument or actor", "instrument or actor"),
}


def broken_rules(case: CaseFile, indicators: Mapping[str, Indicator]) -> list[tuple[str, str]]:
    """Every (path, reason) of a case that does not hold together, in the order of the file."""
    kinds = {one.id: "instrument" for one in case.instruments} | {one.id: "actor" for one in case.actors}
    return [
        *_ids(case),
        *broken_things(case.instruments),
        *_moves(case, kinds),
        *broken_relations(case.relations, kinds),
        *_facts(case, kinds, indicators),
        *_narratives(case, kinds),
        *_references(case, kinds),
    ]


def _ids(case: CaseFile) -> Broken:
    lists: dict[str, Sequence[str]] = {
        "instruments": [one.id for one in case.instruments],
        "facts": [one.id for one in case.facts],
        "narratives": [one.id for one in case.narratives],
        "series_used": [one.id for one in case.series_used],
    }
    for name, ids in lists.items():
        yield from ((f"{name}[{i}].id", f"{own!r} is used before") for i, own in enumerate(ids) if own in ids[:i])
    taken = set(lists["instruments"])
    for i, actor in enumerate(case.actors):
        if actor.id in taken:
            yield f"actors[{i}].id", f"{actor.id!r} is used before (instruments and actors share one list of names)"
        taken.add(actor.id)


def broken_things(instruments: Sequence[InstrumentPart]) -> Broken:
    """Identifiers of instruments that cannot be right."""
    for i, one in enumerate(instruments):
        yield from ((f"instruments[{i}].identifiers.{key}", why) for key, why in broken_identifiers(one.identifiers))


def _moves(case: CaseFile, kinds: Mapping[str, str]) -> Broken:
    types = {one.id: one.type.lower() for one in case.instruments}
    moves = [("move", case.move)] + [(f"related_moves[{i}]", move) for i, move in enumerate(case.related_moves)]
    for path, move in moves:
        if kinds.get(move.instrument) != "instrument":
            yield f"{path}.instrument", f"{move.instrument!r} is no instrument of this file"
        if before(move.end, move.start):
            yield f"{path}.end", f"the end {move.end} lies before the start {move.start}"
        if move.return_ < -1 and not _below_zero(case, move):
            yield (
                f"{path}.return",
                f"{move.return_} is no fraction: a fall of 13.2 percent is -0.132; of what fell below zero give the "
                "price as a fact (indicator 'price level', a negative value within the move)",
            )
        if (types.get(move.instrument) in QUOTED_IN_PERCENT) and abs(move.return_) > 0.5:
            yield f"{path}.return", f"{move.return_} is no change as a fraction: 103 basis points are 0.0103"


def _below_zero(case: CaseFile, move: MovePart) -> bool:
    """Whether a fact says that the price was below zero within the move, so that it fell by more than all of it."""
    return any(
        fact.about == move.instrument
        and fact.indicator == "price level"
        and isinstance(fact.value, int | float)
        and fact.value < 0
        and not before(fact.at, move.start)
        and not before(move.end, fact.at)
        for fact in case.facts
    )


def before(one: date | datetime, other: date | datetime) -> bool:
    """Whether a day or instant lies before another; a day and an instant are compared by their days."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return _day(one) < _day(other)


def _day(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def broken_relations(relations: Sequence[RelationPart], kinds: Mapping[str, str]) -> Broken:
    """What is wrong with relations; `kinds` says of every name of the file whether it is an instrument or an actor."""
    for i, one in enumerate(relations):
        path = f"relations[{i}]"
        wanted = _ENDS[one.type]
        for end, name, allowed in (("from", one.from_, wanted[0]), ("to", one.to, wanted[1])):
            kind = kinds.get(name)
            if kind is None:
                yield f"{path}.{end}", f"{name!r} is no instrument or actor of this file"
            elif kind not in allowed.split(" or "):
                yield f"{path}.{end}", f"{name!r} is an {kind}; {one.type} needs an {allowed} there"
        if one.type == "part_of" and kinds.get(one.from_) != kinds.get(one.to):
            yield f"{path}.to", "part_of joins an instrument to a group of instruments, or a desk to its firm"
        if (one.type == "plays") != (one.role is not None):
            yield f"{path}.role", "plays, and only plays, names a role"


def _facts(case: CaseFile, kinds: Mapping[str, str], indicators: Mapping[str, Indicator]) -> Broken:
    conflicts = {fact.id: set(fact.conflicts_with) for fact in case.facts}
    for i, fact in enumerate(case.facts):
        path = f"facts[{i}]"
        if fact.about not in kinds:
            yield f"{path}.about", f"{fact.about!r} is no instrument or actor of this file"
        for other in fact.conflicts_with:
            if other not in conflicts:
                yield f"{path}.conflicts_with", f"{other!r} is no fact of this file"
            elif fact.id not in conflicts[other]:
                yield f"{path}.conflicts_with", f"{other!r} does not name {fact.id!r} in its own conflicts_with"
        yield from ((f"{path}.{at}", why) for at, why in broken_reading(fact, indicators.get(fact.indicator)))


def broken_reading(fact: FactPart, indicator: Indicator | None, *, timed: bool = True) -> Broken:
    """What of a reading cannot be right: its value and unit and, where `timed`, its times."""
    if timed:
        yield from _times(fact)
    yield from _values(fact, indicator)


def _times(fact: FactPart) -> Broken:
    end = fact.at if fact.at_end is None else fact.at_end
    if before(end, fact.at):
        yield "at_end", f"the end {end} lies before the start {fact.at}"
    elif before(fact.known_at, end) and fact.indicator not in ANNOUNCED_AHEAD:
        yield "known_at", f"known at {fact.known_at}, before it was so ({end}); only announcements may be"


def _values(fact: FactPart, indicator: Indicator | None) -> Broken:
    expected = _TYPES_OF_UNITS.get(fact.unit)
    numeric = isinstance(fact.value, (int, float, dict)) and not isinstance(fact.value, bool)
    if expected is not None and not isinstance(fact.value, expected):
        yield "unit", f"the unit {fact.unit!r} does not fit the value {fact.value!r}"
    elif expected is None and not numeric:
        yield "unit", f"the unit {fact.unit!r} needs a number; {fact.value!r} has the unit text, bool, date or datetime"
    if fact.bound is not None and not numeric:
        yield "bound", "a bound needs a number"
    if fact.unit == "text" and fact.direction is None and fact.indicator not in _NO_DIRECTION_NEEDED:
        yield "direction", "a text value needs a direction: up, down or flat"
    if fact.indicator == "statement" and fact.direction is not None:
        yield "direction", "a statement has no direction"
    if indicator is None or not numeric:
        return
    sort = sort_of(fact.unit)
    if indicator.reading == "return" and sort not in {"rate", "ratio"} and fact.unit != "standard deviations":
        yield "unit", f"{fact.indicator} is a return: write it in percent, not in {fact.unit!r}"
    if indicator.reading == "flow" and sort == "points":
        yield "unit", f"a flow in {fact.unit!r} says nothing: write money, shares or percent of the fund"


def _narratives(case: CaseFile, kinds: Mapping[str, str]) -> Broken:
    facts = {fact.id for fact in case.facts}
    earlier: set[str] = set()
    for i, narrative in enumerate(case.narratives):
        path = f"narratives[{i}]"
        for j, step in enumerate(narrative.causal_steps):
            if step.n != j + 1:
                yield f"{path}.causal_steps[{j}].n", f"steps count from 1 without gaps; {j + 1} is expected"
            if step.same_as is not None and step.same_as not in earlier:
                yield f"{path}.causal_steps[{j}].same_as", f"{step.same_as!r} is no step of an earlier narrative"
            for k, one in enumerate(step.predicts):
                where = f"{path}.causal_steps[{j}].predicts[{k}]"
                if one.subject not in kinds:
                    yield f"{where}.subject", f"{one.subject!r} is no instrument or actor of this file"
                if isinstance(one.when, WindowPart) and before(one.when.end, one.when.start):
                    yield f"{where}.when", f"the end {one.when.end} lies before the start {one.when.start}"
        earlier.update(f"{narrative.id}.{step.n}" for step in narrative.causal_steps)
        yield from _arguments(narrative, path, facts)


def _arguments(narrative: NarrativePart, path: str, facts: set[str]) -> Broken:
    steps = {step.n for step in narrative.causal_steps}
    for side, arguments in (("for", narrative.arguments_for), ("against", narrative.arguments_against)):
        for i, one in enumerate(arguments):
            where = f"{path}.arguments_{side}[{i}]"
            fact = one if isinstance(one, str) else getattr(one, "fact", None)
            if fact is not None and fact not in facts:
                yield where, f"{fact!r} is no fact of this file"
            step = getattr(one, "step", None)
            if step is not None and step not in steps:
                yield f"{where}.step", f"the narrative has no step {step}"


def _references(case: CaseFile, kinds: Mapping[str, str]) -> Broken:
    stories = {narrative.id for narrative in case.narratives}
    facts = {fact.id for fact in case.facts}
    for i, name in enumerate(case.consensus.narratives if case.consensus else ()):
        if name not in stories:
            yield f"consensus.narratives[{i}]", f"{name!r} is no narrative of this file"
    for i, telling in enumerate(case.discriminating_facts):
        if telling.fact not in facts:
            yield f"discriminating_facts[{i}].fact", f"{telling.fact!r} is no fact of this file"
        for name in telling.separates:
            if name not in stories:
                yield f"discriminating_facts[{i}].separates", f"{name!r} is no narrative of this file"
    for i, gap in enumerate(case.gaps):
        if gap.subject is not None and gap.subject not in kinds:
            yield f"gaps[{i}].subject", f"{gap.subject!r} is no instrument or actor of this file"
    for i, watch in enumerate(case.watch_next):
        if watch.subject is not None and watch.subject not in kinds:
            yield f"watch_next[{i}].subject", f"{watch.subject!r} is no instrument or actor of this file"
        for name in (*watch.would_favour, *watch.would_hurt):
            if name not in stories:
                yield f"watch_next[{i}]", f"{name!r} is no narrative of this file"
