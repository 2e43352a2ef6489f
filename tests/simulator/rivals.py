"""Other ways to weigh the same evidence, for comparison: naive Bayes, one winner, counting, and a regression.

They read what the product reads (the same bins, reliabilities, predictions and priors) and differ only in how they
put it together.
"""

from __future__ import annotations

import math

import numpy as np

from causal.breadth import Parent
from causal.choosing import log_ratio
from causal.facts import Report
from causal.logistic import fit_logistic
from causal.observables import Answer, Observable
from causal.scoring import Scored
from tests.simulator.days import Bools
from tests.simulator.worlds import Array

RIDGE = 20.0  # the inverse of the C = .05 of the design


def naive_logits(scored: Scored, *, copies: bool) -> Array:
    """Log odds (K,) of each narrative, every prediction and argument adding its own weight to those of the prior.

    With `copies` every report counts, else only what is left after copies were merged.
    """
    total = np.array([math.log(prior / (1.0 - prior)) for prior in scored.priors])
    said = _said(scored)
    for answer in scored.findings.answers:
        if not answer.reports:
            continue
        parent = _parent(scored, answer)
        for report in _reports(scored, answer, said) if copies else answer.reports:
            total[answer.narrative] += log_ratio(_alone(scored, answer, report), parent, scored.method)
    numbers = {narrative.id: k for k, narrative in enumerate(scored.narratives)}
    for argument, virtual in scored.arguments:
        if virtual is not None:
            total[numbers[argument.narrative]] += math.log(virtual.ratio)
    return total


def _said(scored: Scored) -> dict[str, list[Report]]:
    """Every fact as a report of its own, by indicator."""
    said: dict[str, list[Report]] = {}
    for fact in scored.dossier.facts:
        reading = scored.index.reading(fact, inside=True)
        rho = scored.method.reliability(fact.grade, fact.credibility)
        if reading is not None and rho >= scored.method.report_floor:
            report = Report(fact=fact.id, copies=(fact.id,), reading=reading, reliability=rho)
            said.setdefault(fact.indicator, []).append(report)
    return said


def _reports(scored: Scored, answer: Answer, said: dict[str, list[Report]]) -> list[Report]:
    assert answer.observable is not None
    own = [report for report in answer.reports if report.fact in scored.index.pulled]
    return own + said.get(answer.observable[0], [])


def _parent(scored: Scored, answer: Answer) -> Parent:
    step = scored.narratives[answer.narrative].steps[answer.step - 1]
    strength = step.predictions[answer.prediction - 1].strength
    return Parent(
        narrative=answer.narrative,
        step=step.key,
        side=answer.side,
        tilt=scored.method.tilt[strength],
        link=scored.method.links[strength],
    )


def _alone(scored: Scored, answer: Answer, report: Report) -> Observable:
    assert answer.observable is not None
    family, subject, window = answer.observable
    calm = scored.index.calm[answer.observable]
    return Observable(family=family, subject=subject, window=window, calm=calm, parents=(), reports=(report,))


def exclusive(scored: Scored, logits: Array) -> Array:
    """Probabilities (K,) when exactly one narrative, or something else, is taken to be the cause."""
    unknown = scored.structure.unknown_prior
    all_logits = np.append(logits, math.log(unknown / (1.0 - unknown)))
    odds = np.exp(all_logits - all_logits.max())
    return np.asarray(odds[:-1] / odds.sum())


def inconsistencies(scored: Scored) -> Array:
    """How many answered predictions of each narrative (K,) are contradicted: analysis of competing hypotheses."""
    count = np.zeros(len(scored.narratives))
    for answer in scored.findings.answers:
        if answer.reports:
            best = max(answer.reports, key=lambda report: report.reliability)
            side = best.reading.bin - 3 if answer.side == "up" else 3 - best.reading.bin
            count[answer.narrative] += side < 0
    return count


def learned_line(scores: Array, truth: Bools, asked: Array) -> Array:
    """Probabilities of `asked` (M, K) by a logistic line in one score, learned from (N, K) labels."""
    table = np.stack([np.ones(scores.size), scores.ravel()], axis=1)
    weights = fit_logistic(table, truth.ravel().astype(np.float64), ridge=np.array([1e-3, 1e-3]))
    return np.asarray(1.0 / (1.0 + np.exp(-(weights[0] + weights[1] * asked))))


def learned_regression(features: Array, truth: Bools, asked: Array) -> Array:
    """Probabilities (M, K) by a ridge regression for each narrative on all features (N, F), without any story."""
    table = np.column_stack([np.ones(len(features)), features])
    more = np.column_stack([np.ones(len(asked)), asked])
    ridge = np.full(table.shape[1], RIDGE)
    ridge[0] = 1e-3
    answer = np.empty((len(asked), truth.shape[1]))
    for k in range(truth.shape[1]):
        weights = fit_logistic(table, truth[:, k].astype(np.float64), ridge=ridge)
        answer[:, k] = 1.0 / (1.0 + np.exp(-(more @ weights)))
    return answer
