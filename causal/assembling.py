"""Draws the narratives of an explanation from a scoring run: posteriors, verdicts by step, coverage, what is open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from causal.evidence import BIT, leave_one_out
from causal.explanation import (
    AnsweredBy,
    Confidence,
    Coverage,
    Evidence,
    NarrativeAssessment,
    Outcome,
    PredictionOutcome,
    StepVerdict,
    Unknown,
    Verdict,
)
from causal.facts import Report
from causal.model import Step
from causal.necessity import Necessity
from causal.observables import Answer
from causal.posterior import logits
from causal.robustness import Band
from causal.scoring import Scored
from causal.standing import ArgumentWeight
from causal.wording import confidence_of, likelihood_word


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of a scoring run beside its posteriors: evidence, bands by narrative id and under `unknown`."""

    evidence: tuple[Evidence, ...]
    bands: Mapping[str, Band]
    necessity: Necessity


def assess_narratives(scored: Scored, measured: Measured) -> tuple[NarrativeAssessment, ...]:
    """All narratives, most probable first, ties by id: equal where only the last digits of the arithmetic differ."""
    posterior = {
        narrative.id: float(scored.beliefs.table[scored.rows.full, variable])
        for narrative, variable in zip(scored.narratives, scored.structure.narratives, strict=True)
    }
    order = sorted(
        range(len(scored.narratives)),
        key=lambda k: (-round(posterior[scored.narratives[k].id], 9), scored.narratives[k].id),
    )
    in_slot: dict[str, int] = {}
    answer = []
    for rank, number in enumerate(order, start=1):
        slot = scored.narratives[number].slot
        in_slot[slot] = in_slot.get(slot, 0) + 1
        answer.append(_narrative(scored, number, (rank, in_slot[slot]), measured))
    return tuple(answer)


def unknown_of(scored: Scored, measured: Measured) -> Unknown:
    """The unmodelled cause with its probabilities."""
    band = measured.bands["unknown"]
    column = scored.beliefs.table[:, scored.structure.unknown]
    return Unknown(
        id="unknown",
        title="something else",
        prior=scored.structure.unknown_prior,
        prior_given_move=float(column[scored.rows.move_only]),
        posterior=float(column[scored.rows.full]),
        posterior_readings=float(column[scored.rows.readings]),
        low=band.low,
        high=band.high,
        p_rank_1=band.p_rank_1,
        surprise_gain_bits=measured.necessity.surprise_gain_bits,
    )


def _narrative(scored: Scored, number: int, ranks: tuple[int, int], measured: Measured) -> NarrativeAssessment:
    narrative, evidence = scored.narratives[number], measured.evidence
    posterior, readings = _posteriors(scored, number)
    own, band = _own(evidence, narrative.id), measured.bands[narrative.id]
    steps = tuple(_step(scored, number, step, evidence) for step in narrative.steps)
    coverage = _coverage(scored, number)
    confidence, reasons = _confidence(coverage, [item for item, _ in own], abs(posterior - readings))
    return NarrativeAssessment(
        id=narrative.id,
        template=narrative.template,
        template_version=narrative.template_version,
        title=narrative.title,
        summary=narrative.summary,
        origin=narrative.origin,
        slot=narrative.slot,
        rank=ranks[0],
        rank_in_slot=ranks[1],
        prior=scored.priors[number],
        prior_given_move=scored.prior_given_move[number],
        posterior=posterior,
        posterior_readings=readings,
        low=band.low,
        high=band.high,
        p_rank_1=band.p_rank_1,
        likelihood=likelihood_word(posterior),
        confidence=confidence,
        confidence_reasons=reasons,
        bits=_gained(posterior, scored.priors[number]),
        evidence_for=tuple(item.id for item, bits in own if bits > 0),
        evidence_against=tuple(item.id for item, bits in own if bits < 0),
        steps=steps,
        weakest_step=_weakest(steps),
        but_for=measured.necessity.but_for[narrative.id],
        roles=dict(sorted(narrative.roles.items())),
        unbound_roles=narrative.unbound_roles,
        other_bindings=tuple(dict(sorted(other.roles.items())) for other in scored.other_bindings[number]),
        written_after=any(step.key in scored.written_after for step in narrative.steps),
        coverage=coverage,
        arguments=_arguments(scored, number),
    )


def _gained(posterior: float, prior: float) -> float:
    """Bits: log2 odds after everything, less those before."""
    return float(logits(np.array([posterior]))[0] - math.log(prior / (1.0 - prior))) / BIT


def _weakest(steps: Sequence[StepVerdict]) -> int | None:
    tested = [step for step in steps if step.verdict != "untested"]
    return min(tested, key=lambda step: (step.bits, step.n)).n if tested else None


def _confidence(coverage: Coverage, own: Sequence[Evidence], leaning: float) -> tuple[Confidence, tuple[str, ...]]:
    read = [item for item in own if item.kind != "argument"]
    origins = {item.source.document_id for item in read if item.source is not None}
    mean = sum(item.reliability for item in read) / len(read) if read else 0.0
    return confidence_of(coverage, len(origins), mean, leaning)


def _posteriors(scored: Scored, number: int) -> tuple[float, float]:
    """With everything, and with readings alone."""
    column = scored.beliefs.table[:, scored.structure.narratives[number]]
    return float(column[scored.rows.full]), float(column[scored.rows.readings])


def _own(evidence: Sequence[Evidence], narrative: str) -> list[tuple[Evidence, float]]:
    """The items that move a narrative, with their bits, heaviest first."""
    own = [(item, bits) for item in evidence if (bits := _bits_for(item, narrative)) is not None]
    return sorted(own, key=lambda pair: (-abs(pair[1]), pair[0].id))


def _bits_for(item: Evidence, narrative: str) -> float | None:
    return next(
        (c.leave_one_out_bits for c in item.contributions if c.narrative == narrative and c.leave_one_out_bits),
        None,
    )


def _step(scored: Scored, number: int, step: Step, evidence: Sequence[Evidence]) -> StepVerdict:
    variable = scored.structure.steps[step.key]
    logits = scored.beliefs.logit(variable)
    weight = float(logits[scored.rows.full] - logits[scored.rows.move_only])
    name = scored.narratives[number].id
    touched = any(c.narrative == name and c.step == step.n for item in evidence for c in item.contributions)
    ids = {fact: item.id for item in evidence if item.kind != "argument" for fact in item.fact_ids}
    answers = [a for a in scored.findings.answers if a.narrative == number and a.step == step.n]
    return StepVerdict(
        n=step.n,
        text=step.text,
        verdict=_verdict(weight, touched, scored.method.verdict_nats),
        posterior=float(scored.beliefs.table[scored.rows.full, variable]),
        bits=weight / BIT,
        predictions=tuple(_prediction(scored, step, answer, ids) for answer in answers),
    )


def _verdict(weight: float, touched: bool, threshold: float) -> Verdict:
    if not touched:
        return "untested"
    return "supported" if weight > threshold else "contradicted" if weight < -threshold else "open"


def _prediction(scored: Scored, step: Step, answer: Answer, ids: dict[str, str]) -> PredictionOutcome:
    prediction = step.predictions[answer.prediction - 1]
    answered_by = _answered_by(scored, answer)
    return PredictionOutcome(
        indicator=prediction.indicator,
        subject=prediction.subject,
        role=prediction.role,
        window=answer.window,
        direction=prediction.direction,
        outcome=_outcome(answer),
        answered_by=answered_by,
        why=_why(scored, answer) if answered_by == "searched" else None,
        evidence=tuple(ids[report.fact] for report in answer.reports if report.fact in ids),
    )


def _why(scored: Scored, answer: Answer) -> str:
    """What was looked at without an answer: series that cannot say, searches that found nothing."""
    said = [f"{one.series}: {one.why}" for one in answer.refused]
    said += [scored.index.by_id[report.fact].statement for report in answer.reports]
    return "; ".join(said)


def _answered_by(scored: Scored, answer: Answer) -> AnsweredBy:
    if answer.by_move is not None:
        return "move"
    if any(report.fact in scored.index.pulled for report in answer.reports):
        return "series"
    if any(report.searched is None for report in answer.reports):
        return "reports"
    return "searched" if answer.refused or answer.reports else "not_looked_at"


def _outcome(answer: Answer) -> Outcome:
    """By the bin of the most reliable report (vocabulary.md, Outcome)."""
    if answer.by_move == "same":
        return "met"
    if not answer.reports:
        return "unobserved"
    best: Report = min(answer.reports, key=lambda report: (-report.reliability, report.fact))
    side = {"up": best.reading.bin - 3, "down": 3 - best.reading.bin}.get(answer.side)
    if side is None:
        distance = abs(best.reading.bin - 3)
        return ("met", "missed", "contradicted")[distance]
    return "met" if side > 0 else "missed" if side == 0 else "contradicted"


def _coverage(scored: Scored, number: int) -> Coverage:
    own = [_answered_by(scored, answer) for answer in scored.findings.answers if answer.narrative == number]
    return Coverage(
        predictions=len(own),
        by_series=own.count("series"),
        by_reports=own.count("reports") + own.count("move"),
        searched=own.count("searched"),
        not_looked_at=own.count("not_looked_at"),
    )


def _arguments(scored: Scored, number: int) -> tuple[ArgumentWeight, ...]:
    return tuple(
        ArgumentWeight(
            id=argument.id,
            by=argument.by,
            kind=argument.kind,
            step=argument.step,
            statement=argument.statement,
            weight_bits=None if standing.weight is None else leave_one_out(scored, argument.id, number),
            status=standing.status,
            defeated_by=standing.defeated_by,
            attacks=tuple(sorted({*argument.rebuts, *argument.undercuts})),
            why=standing.why,
        )
        for argument, standing in scored.standings
        if argument.narrative == scored.narratives[number].id
    )
