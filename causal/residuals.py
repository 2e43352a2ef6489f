"""How unusual is a series beyond what its causes already explain? (causal.md 3.4, 3.5)

What a step brings about is often moved by the step before, so that two hits of one chain may be one surprise. With
`Method.residual_pit` the percentile of a series becomes that of its residual given the series of the steps before it
in the stories that predict it. All are taken as normal scores of their ranks on comparable days, which are brought to
the size of the move already, and the line through them is by ridge regression; a series keeps its own percentile where
too few comparable days are common to all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np

from causal.facts import FactIndex, Place
from causal.model import Narrative
from causal.observables import Answer
from causal.panel import Array
from causal.pit import bin_masses, effective_size
from causal.pulling import Pulled

_NORMAL = NormalDist()
RIDGE = 0.01  # of the variance of a score, towards no effect
MOST_PARENTS = 3


def residualise(index: FactIndex, narratives: Sequence[Narrative], answers: Sequence[Answer]) -> None:
    """Replace the readings of series in the index by those of their residuals, where they have causes among series."""
    by_step: dict[tuple[int, int], list[Place]] = {}
    series: dict[Place, Pulled] = {}
    for answer in answers:
        for report in answer.reports:
            if answer.observable is not None and answer.window == "during" and report.fact in index.pulled:
                series[answer.observable] = index.pulled[report.fact]
                by_step.setdefault((answer.narrative, answer.step), []).append(answer.observable)
    parents: dict[Place, set[Place]] = {}
    for (number, n), children in by_step.items():
        before = [step.n for step in narratives[number].steps if step.n < n]
        for child in children:
            found = by_step.get((number, before[-1]), ()) if before else ()
            parents.setdefault(child, set()).update(set(found) - {child})
    for child in sorted(parents):
        known = [series[parent] for parent in sorted(parents[child])]
        pulled = residual(series[child], known, needed=index.method.comparable_days)
        if pulled is not None:
            _put(index, child, pulled)


def residual(child: Pulled, parents: Sequence[Pulled], *, needed: float) -> Pulled | None:
    """The child with the reading of its residual given the parents; None where it has none or too few common days.

    Of many parents the few are kept that go with the child most.
    """
    if not parents:
        return None
    y = _scores(child.ranks)
    table = np.stack([_scores(parent.ranks) for parent in parents])
    now = np.array([_NORMAL.inv_cdf(parent.found.u) for parent in parents])
    best = np.argsort([-_strength(y, row, child.weights) for row in table], kind="stable")[:MOST_PARENTS]
    x, now = table[best], now[best]
    common = np.isfinite(y) & np.isfinite(x).all(axis=0) & (child.weights > 0.0)
    w = np.where(common, child.weights, 0.0)
    days = effective_size(w)
    if days < needed:
        return None
    w = w[common] / w[common].sum()
    x, y = x[:, common], y[common]
    middle = x @ w
    centred = x - middle[:, np.newaxis]
    slopes = np.linalg.solve((centred * w) @ centred.T + RIDGE * np.eye(len(x)), (centred * w) @ (y - float(w @ y)))
    left = y - slopes @ centred
    value = _NORMAL.inv_cdf(child.found.u) - float(slopes @ (now - middle))
    below = float(w[left < value].sum()) + 0.5 * float(w[left == value].sum())
    u = (0.5 + days * below) / (1.0 + days)
    names = ", ".join(parents[i].fact.series or "" for i in best)
    reason = f"beyond what {names} explains: higher than {100 * u:.0f}% of {days:.0f} comparable days"
    reading = replace(child.reading, bins=bin_masses(u, days), z=_NORMAL.inv_cdf(u), reason=reason)
    return replace(child, reading=reading, found=replace(child.found, u=u, effective=days))


def _scores(ranks: Array) -> Array:
    known = np.isfinite(ranks)
    answer = np.full(ranks.shape, np.nan)
    answer[known] = [_NORMAL.inv_cdf(rank) for rank in ranks[known].tolist()]
    return answer


def _strength(one: Array, other: Array, weights: Array) -> float:
    common = np.isfinite(one) & np.isfinite(other) & (weights > 0.0)
    if np.count_nonzero(common) < 3:
        return 0.0
    return abs(float(np.sum(weights[common] * one[common] * other[common])) / float(weights[common].sum()))


def _put(index: FactIndex, place: Place, pulled: Pulled) -> None:
    """The reading wherever the report of this series stands."""
    index.pulled[pulled.fact.id] = pulled
    index.reports[place] = tuple(
        replace(report, reading=pulled.reading) if report.fact == pulled.fact.id else report
        for report in index.reports[place]
    )
