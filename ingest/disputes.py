"""Facts that cannot all be right become one dispute with sides, and nothing is overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.caseformat import CaseFile
from ingest.casegraph import fact_label, plain_value
from ingest.caseparts import FactPart
from ingest.catalog import Indicator, indicator_id
from ingest.clocks import known_from
from ingest.draft import Draft
from ingest.units import base_value, sort_of


def groups_of(case: CaseFile) -> tuple[tuple[FactPart, ...], ...]:
    """The facts of a case that conflict with one another, directly or through others, each group by id."""
    facts = {fact.id: fact for fact in case.facts}
    near: dict[str, set[str]] = {}
    for fact in case.facts:
        for other in fact.conflicts_with:
            near.setdefault(fact.id, set()).add(other)
            near.setdefault(other, set()).add(fact.id)
    found: list[tuple[FactPart, ...]] = []
    seen: set[str] = set()
    for start in sorted(near):
        group, waiting = set[str](), [start]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                group.add(name)
                waiting += near[name]
        if group:
            found.append(tuple(facts[name] for name in sorted(group)))
    return tuple(found)


def kinds_of(group: Sequence[FactPart]) -> tuple[str, ...]:
    """In which ways the facts of a group differ: `unit`, `sign`, `value`."""
    kinds = set()
    if len({sort_of(fact.unit) for fact in group}) > 1:
        kinds.add("unit")
    numbers = [number for fact in group if (number := _number(fact)) is not None]
    if (
        any(one * other < 0 for one in numbers for other in numbers)
        or len({fact.direction for fact in group if fact.direction}) > 1
    ):
        kinds.add("sign")
    if len(set(numbers)) > 1 or not kinds:
        kinds.add("value")
    return tuple(sorted(kinds))


def _number(fact: FactPart) -> float | None:
    """The number in whole units, so that 1000 million and 1 billion are the same; of a range its middle."""
    value, low, high = plain_value(fact)
    if low is not None and high is not None:
        value = (low + high) / 2
    return base_value(value, fact.unit)[0]


def map_disputes(draft: Draft, indicators: dict[str, Indicator]) -> None:
    """A `Dispute` for every group, over its indicator and subject, known when its second side was."""
    for group in groups_of(draft.case):
        name = draft.key(f"dispute.{group[0].id}")
        known = sorted(known_from(fact.known_at, draft.clock(fact.about)) for fact in group)
        draft.node(
            "Dispute",
            name,
            kinds=kinds_of(group),
            status="open",
            known_at=known[min(1, len(known) - 1)],
            known_at_precision="day",
        )
        for fact in group:
            draft.link("SIDE_OF", fact_label(fact, indicators), draft.key(fact.id), "Dispute", name)
        first = group[0]
        draft.link("OVER", "Dispute", name, "Indicator", indicator_id(first.indicator))
        draft.link("OVER", "Dispute", name, draft.labels[first.about], first.about)
