"""What was knowable when about a move, and how the belief came about as evidence arrived.

Of one explanation: every fact that the graph held for its clocks, by the date since when it was public, with what it
did to the stories, or why nothing; and the posteriors of each of those dates, with the evidence that came in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.ask import Ask, make_ask
from api.dates import write_instant
from api.gathering import survey
from api.knowledge import Knowledge
from api.pictures_waterfall import share_of
from api.wording import finding
from api.wording_values import Part, reading
from causal.model import Dossier
from causal.world import Fact
from graph.store import GraphReader

MOVED = 0.005  # of a posterior: less is not told
CHANGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that became public: what it says, who says it, since when it was known (and how exactly that is told).

    `evidence` are the items of the explanation that it is part of, `bits` the largest share of one of them in a story's
    odds, `story` which story's; without evidence `why` says why it was not weighed.
    """

    known_at: datetime
    known_at_precision: str
    kind: str
    facts: tuple[str, ...]
    what: str
    publisher: str
    evidence: tuple[str, ...] = ()
    story: str | None = None
    bits: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How the posterior of one story moved from one date to the next."""

    narrative: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The belief of one date: the items that came in since the date before, and the posteriors that they moved most."""

    as_of: datetime
    evidence: tuple[str, ...]
    posteriors: Mapping[str, float]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What was knowable, in order of time and id, and the moments, oldest first."""

    explanation: str
    entries: tuple[Entry, ...]
    moments: tuple[Moment, ...]


async def timeline_of(explanation: Part, reader: GraphReader, knowledge: Knowledge) -> Timeline:
    """The timeline of an explanation object, of the facts of the graph as they stood by its clocks.

    Raises `NotInGraphError`, `GraphUnavailableError`, `QueryOverBudgetError`.
    """
    dossier = await _dossier(explanation, reader, knowledge)
    return Timeline(
        explanation=explanation["id"],
        entries=tuple(entries_of(explanation, dossier.facts)),
        moments=tuple(moments_of(explanation)),
    )


async def _dossier(explanation: Part, reader: GraphReader, knowledge: Knowledge) -> Dossier:
    asked = explanation["ask"]
    ask: Ask = make_ask(
        instrument=asked["instrument"] or explanation["move"]["instrument"],
        start=asked["start"] or explanation["move"]["start"],
        end=asked["end"] or explanation["move"]["end"],
        case=asked["case"],
        as_of=explanation["as_of"],
        as_at=explanation["as_at"],
    )
    gathered = await survey(ask, reader, knowledge)
    if asked["case"] is None and gathered.ask.case is not None:  # the answer had left cases out
        gathered = await survey(replace(ask, no_case=True), reader, knowledge)
    return gathered.dossier


def entries_of(explanation: Part, facts: Sequence[Fact]) -> list[Entry]:
    """The facts, and the items that are no fact of the graph (readings of series, arguments), by date and id."""
    items = explanation["evidence"]
    of_fact: dict[str, list[Part]] = {}
    for item in items:
        for fact in item["fact_ids"]:
            of_fact.setdefault(fact, []).append(item)
    left_out = explanation["not_scored"]
    why = {part["fact_id"]: part["why"] for part in [*left_out["unmapped"], *left_out["rejected"]]}
    entries = [_of_fact(fact, of_fact.get(fact.id, ()), why) for fact in facts]
    held = {fact.id for fact in facts}
    entries += [_of_item(item) for item in items if not held.intersection(item["fact_ids"]) and item["known_at"]]
    return sorted(entries, key=lambda entry: (entry.known_at, entry.facts))


def _of_fact(fact: Fact, items: Sequence[Part], why: Mapping[str, str]) -> Entry:
    value: object = fact.value if fact.low is None else (fact.low, fact.high)
    unit = fact.unit if not isinstance(value, bool) else None
    told = f"{fact.indicator} of {fact.subject}: {reading(value, unit)}. " if value is not None else ""
    story, bits = _weight(items)
    return Entry(
        known_at=fact.known_at,
        known_at_precision=fact.known_at_precision,
        kind="fact",
        facts=(fact.id,),
        what=f"{told}{fact.statement}".strip(),
        publisher=fact.citation.publisher,
        evidence=tuple(sorted({item["id"] for item in items}, key=_number)),
        story=story,
        bits=bits,
        why=None if items else why.get(fact.id, "no story asks about it"),
    )


def _of_item(item: Part) -> Entry:
    story, bits = _weight([item])
    source = item.get("source") or {}
    return Entry(
        known_at=_instant(item["known_at"]),
        known_at_precision=item["known_at_precision"] or "instant",
        kind=item["kind"],
        facts=tuple(item["fact_ids"]),
        what=finding(item),
        publisher=source.get("publisher") or "no source named",
        evidence=(item["id"],),
        story=story,
        bits=bits,
    )


def _weight(items: Sequence[Part]) -> tuple[str | None, float | None]:
    """The story on which the items weigh most, and the heaviest share, in bits."""
    shares = [
        (share_of(item, part["narrative"]), part["narrative"]) for item in items for part in item["contributions"]
    ]
    if not shares:
        return None, None
    bits, story = max(shares, key=lambda pair: (abs(pair[0]), pair[1]))
    return story, bits


def _number(evidence: str) -> tuple[int, str]:
    digits = evidence.rpartition("_")[2]
    return (int(digits) if digits.isdigit() else 0), evidence


def moments_of(explanation: Part) -> list[Moment]:
    """The dates of the belief with what came in between two of them; the first has all that was known at the close."""
    belief = explanation["belief"]
    dates = [_instant(at["as_of"]) for at in belief]
    moments = []
    for place, (date, at) in enumerate(zip(dates, belief, strict=True)):
        since = dates[place - 1] if place else None
        came = [
            item["id"] for item in explanation["evidence"] if _came(item, since, date, last=place + 1 == len(dates))
        ]
        moments.append(
            Moment(
                as_of=date,
                evidence=tuple(sorted(came, key=_number)),
                posteriors=dict(at["posteriors"]),
                changes=tuple(_changes(belief[place - 1]["posteriors"], at["posteriors"])) if place else (),
            )
        )
    return moments


def _came(item: Part, since: datetime | None, until: datetime, *, last: bool) -> bool:
    if item["known_at"] is None:
        return last
    known = _instant(item["known_at"])
    return (since is None or known > since) and (known <= until or last)


def _changes(before: Mapping[str, float], after: Mapping[str, float]) -> list[Change]:
    changed = [
        Change(narrative=name, before=before[name], after=value)
        for name, value in after.items()
        if abs(value - before[name]) >= MOVED
    ]
    return sorted(changed, key=lambda one: (-abs(one.after - one.before), one.narrative))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def news_of(timeline: Timeline) -> list[int]:
    """How many entries became public between two moments, one number a moment; the first has all up to the close."""
    dates = [moment.as_of for moment in timeline.moments]
    counts = [0] * len(dates)
    for entry in timeline.entries:
        place = next((place for place, date in enumerate(dates) if entry.known_at <= date), len(dates) - 1)
        counts[place] += 1
    return counts


def as_object(timeline: Timeline) -> dict[str, object]:
    """The timeline as JSON-ready values, instants as texts."""
    return {
        "explanation": timeline.explanation,
        "entries": [
            {
                "known_at": write_instant(one.known_at),
                "known_at_precision": one.known_at_precision,
                "kind": one.kind,
                "facts": list(one.facts),
                "what": one.what,
                "publisher": one.publisher,
                "evidence": list(one.evidence),
                "narrative": one.story,
                "bits": one.bits,
                "why_not_weighed": one.why,
            }
            for one in timeline.entries
        ],
        "moments": [
            {
                "as_of": write_instant(one.as_of),
                "evidence": list(one.evidence),
                "posteriors": dict(one.posteriors),
                "changes": [
                    {"narrative": part.narrative, "before": part.before, "after": part.after} for part in one.changes
                ],
            }
            for one in timeline.moments
        ],
    }
