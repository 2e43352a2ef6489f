"""Lists what was weighed: each item with its reading, its source, its copies, and what it does to each narrative."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from causal.choosing import log_ratio
from causal.explanation import (
    Contribution,
    DisputeAssessment,
    DisputeSide,
    Evidence,
    SeriesReading,
    SourceRef,
    UnderReading,
)
from causal.facts import Report
from causal.model import Narrative
from causal.observables import Observable
from causal.panel import Array
from causal.posterior import VirtualEvidence
from causal.scoring import Scored
from causal.world import Argument, Citation, Dispute, Fact

BIT = math.log(2.0)
Value = float | bool | str | tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All evidence in its order, and the id of each item of the run."""

    evidence: tuple[Evidence, ...]
    ids: Mapping[str, str]


def list_evidence(scored: Scored, shares: Mapping[str, Array]) -> Listed:
    """Every item of the run, largest contribution first; ids are `ev_1`, ... in that order.

    `shares` are those of `causal.shapley`: nats by item, one entry a narrative.
    """
    facts = scored.index.by_id
    places: dict[str, list[tuple[Observable, int, Report]]] = {}
    for observable in scored.findings.observables:
        for which, report in enumerate(observable.reports):
            places.setdefault(report.fact, []).append((observable, which, report))
    items = [(name, _reading(scored, facts.get(name), places[name], shares)) for name in scored.items if name in places]
    items += [
        (argument.id, _argument(scored, argument, virtual, shares))
        for argument, virtual in scored.arguments
        if virtual is not None
    ]
    items.sort(key=lambda pair: (-_size(pair[1]), pair[1].fact_ids))
    return Listed(
        evidence=tuple(replace(item, id=f"ev_{number}") for number, (_, item) in enumerate(items, start=1)),
        ids={name: f"ev_{number}" for number, (name, _) in enumerate(items, start=1)},
    )


def _size(item: Evidence) -> float:
    return round(max((abs(c.leave_one_out_bits or 0.0) for c in item.contributions), default=0.0), 9)


def leave_one_out(scored: Scored, item: str, narrative: int) -> float:
    """Bits: log2 odds of the narrative with everything, less those without the item (causal.md 3.6)."""
    logits = scored.beliefs.logit(scored.structure.narratives[narrative])
    return float(logits[scored.rows.full] - logits[scored.rows.without[item]]) / BIT


def _contributions(
    scored: Scored, item: str, weights: Mapping[tuple[int, int], float], shares: Mapping[str, Array]
) -> tuple[Contribution, ...]:
    """One entry a step; the effect on the narrative stands at the step where the item weighs most."""
    answer: list[Contribution] = []
    for narrative in sorted({narrative for narrative, _ in weights}):
        steps = {step: bits for (own, step), bits in weights.items() if own == narrative}
        heaviest = min(steps, key=lambda step: (-round(abs(steps[step]), 9), step))
        for step in sorted(steps):
            told = step == heaviest
            answer.append(
                Contribution(
                    narrative=scored.narratives[narrative].id,
                    step=step,
                    weight_bits=steps[step],
                    leave_one_out_bits=leave_one_out(scored, item, narrative) if told else None,
                    shapley_bits=float(shares[item][narrative]) / BIT if told and item in shares else None,
                )
            )
    return tuple(answer)


def _reading(
    scored: Scored, fact: Fact | None, places: list[tuple[Observable, int, Report]], shares: Mapping[str, Array]
) -> Evidence:
    report = places[0][2]
    numbers = {(k, step.key): step.n for k, n in enumerate(scored.narratives) for step in n.steps}
    weights: dict[tuple[int, int], float] = {}
    for observable, which, _ in places:
        for parent in observable.parents:
            bits = log_ratio(observable, parent, scored.method, which) / BIT
            place = (parent.narrative, numbers[(parent.narrative, parent.step)])
            weights[place] = weights.get(place, 0.0) + bits
    move = scored.dossier.move
    copies = sorted({copy for _, _, one in places for copy in one.copies})
    return Evidence(
        id="",
        kind=_kind(fact),
        fact_ids=(report.fact, *(copy for copy in copies if copy != report.fact)),
        indicator=fact.indicator if fact else places[0][0].family,
        subject=fact.subject if fact else move.instrument,
        window=_days(fact) if fact else f"{move.start}..{move.end}",
        value=value_of(fact) if fact else move.return_,
        unit=fact.unit if fact else "fraction",
        bin=report.reading.bin,
        bin_reason=report.reading.reason,
        statement=fact.statement if fact else f"The move itself: {move.measure}.",
        grade=fact.grade if fact else "B",
        credibility=fact.credibility if fact else 1,
        reliability=report.reliability,
        known_at=fact.known_at if fact else move.valid_to,
        known_at_precision=fact.known_at_precision if fact else "instant",
        source=source_of(fact.citation) if fact else None,
        copies=len(copies),
        dispute=fact.dispute if fact else None,
        series=_series(scored, report.fact),
        contributions=_contributions(scored, report.fact, weights, shares),
    )


def _series(scored: Scored, fact: str) -> SeriesReading | None:
    pulled = scored.index.pulled.get(fact)
    if pulled is None:
        return None
    found = pulled.found
    return SeriesReading(
        id=pulled.fact.series or "",
        percentile=100.0 * found.u,
        comparable_days=found.effective,
        bandwidth=found.bandwidth if math.isfinite(found.bandwidth) else None,
        spread=found.spread,
    )


def _kind(fact: Fact | None) -> Literal["observation", "claim", "series"]:
    if fact is not None and fact.series is not None:
        return "series"
    return "claim" if fact is not None and fact.indicator == "statement" else "observation"


def _days(fact: Fact) -> str:
    if fact.trade_date is None:
        start, end = fact.valid_from.isoformat(), fact.valid_to.isoformat()
        text = start if start == end else f"{start}..{end}"
        return text.replace("+00:00", "Z")
    if fact.trade_date_end in (None, fact.trade_date):
        return fact.trade_date.isoformat()
    return f"{fact.trade_date}..{fact.trade_date_end}"


def value_of(fact: Fact) -> Value:
    """The value as the source gives it; of a range both ends."""
    if fact.low is not None and fact.high is not None:
        return (fact.low, fact.high)
    return fact.value


def source_of(citation: Citation) -> SourceRef:
    """The citation as the explanation shows it."""
    return SourceRef(
        id=citation.source_id,
        document_id=citation.document_id,
        publisher=citation.publisher,
        title=citation.title,
        url=citation.url,
    )


def _argument(scored: Scored, argument: Argument, virtual: VirtualEvidence, shares: Mapping[str, Array]) -> Evidence:
    number = next(k for k, narrative in enumerate(scored.narratives) if narrative.id == argument.narrative)
    bits = math.log(virtual.ratio) / BIT
    return Evidence(
        id="",
        kind="argument" if argument.fact is None else "claim",
        fact_ids=(argument.fact or argument.id,),
        indicator=None,
        subject=None,
        window=None,
        value=None,
        unit=None,
        bin=None,
        bin_reason=f"{argument.kind}, {argument.strength}",
        statement=argument.statement,
        grade=argument.grade,
        credibility=argument.credibility,
        reliability=virtual.reliability,
        known_at=argument.known_at,
        known_at_precision="day" if argument.known_at else None,
        source=source_of(argument.citation) if argument.citation else None,
        copies=1,
        dispute=None,
        series=None,
        contributions=_contributions(scored, argument.id, {(number, argument.step or 0): bits}, shares),
    )


def assess_disputes(scored: Scored, evidence: tuple[Evidence, ...]) -> tuple[DisputeAssessment, ...]:
    """The disputes with a side that is evidence here, each with the ranking under each side."""
    facts = scored.index.by_id
    used = {fact for item in evidence for fact in item.fact_ids}
    return tuple(
        _dispute(scored, dispute, facts)
        for dispute in sorted(scored.dossier.disputes, key=lambda one: one.id)
        if any(side in used for side in dispute.sides)
    )


def _dispute(scored: Scored, dispute: Dispute, facts: Mapping[str, Fact]) -> DisputeAssessment:
    sides = tuple(facts[side] for side in sorted(dispute.sides) if side in facts)
    return DisputeAssessment(
        id=dispute.id,
        indicator=dispute.indicator,
        subject=dispute.subject,
        window=_days(sides[0]) if sides else None,
        kinds=dispute.kinds,
        sides=tuple(
            DisputeSide(
                fact_id=fact.id,
                value=value_of(fact),
                unit=fact.unit,
                document_id=fact.citation.document_id,
                publisher=fact.citation.publisher,
                reliability=scored.method.reliability(fact.grade, fact.credibility),
            )
            for fact in sides
        ),
        preferred=dispute.preferred,
        why=dispute.why,
        under_each=tuple(
            _under(scored, side, row) for (owner, side), row in scored.rows.sides.items() if owner == dispute.id
        ),
    )


def _under(scored: Scored, side: str, row: int) -> UnderReading:
    full = {n.id: float(scored.beliefs.table[0, v]) for n, v in _variables(scored)}
    taken = {n.id: float(scored.beliefs.table[row, v]) for n, v in _variables(scored)}
    order = sorted(full, key=lambda name: (-full[name], name))
    changed = sorted(taken, key=lambda name: (-taken[name], name)) != order
    taken["unknown"] = float(scored.beliefs.table[row, scored.structure.unknown])
    return UnderReading(fact_id=side, posteriors=taken, ranking_changes=changed)


def _variables(scored: Scored) -> list[tuple[Narrative, int]]:
    return list(zip(scored.narratives, scored.structure.narratives, strict=True))
