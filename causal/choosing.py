"""Chooses, of the ways in which a template's roles can be filled, the one that the facts support best.

The others are named in the explanation. The score is the sum of log likelihood ratios of the answered predictions,
each taken alone: it ranks bindings of one story and is shown nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from causal.facts import FactIndex
from causal.likelihood import BASE, bin_likelihood, tilted
from causal.model import Narrative
from causal.observables import Observable, Parent, collect

Key = tuple[str, str, str, str, float, float]


def log_ratio(observable: Observable, parent: Parent, flat_width: float, which: int | None = None) -> float:
    """Nats: log of P(reports | the step acts) over P(reports | it does not); of one report where `which` is given."""
    count = len(observable.reports)
    mask = np.ones((1, count)) if which is None else np.eye(count)[which : which + 1]
    likelihood = bin_likelihood(observable, mask)[0]
    on = (1.0 - parent.link) * BASE + parent.link * tilted(parent.side, parent.tilt, observable.calm, flat_width)
    return math.log(float(on @ likelihood) / float(BASE @ likelihood))


def choose(
    index: FactIndex, groups: Sequence[tuple[Narrative, ...]]
) -> tuple[tuple[Narrative, ...], tuple[tuple[Narrative, ...], ...]]:
    """One narrative a group, the best supported, and beside each the others of its group."""
    chosen: list[Narrative] = []
    known: dict[Key, float] = {}
    others: list[tuple[Narrative, ...]] = []
    for group in groups:
        if len(group) == 1:
            chosen.append(group[0])
            others.append(())
            continue
        scored = sorted(
            ((-_support(index, narrative, known), i) for i, narrative in enumerate(group)),
            key=lambda pair: (round(pair[0], 9), pair[1]),
        )
        best = scored[0][1]
        chosen.append(group[best])
        others.append(tuple(narrative for i, narrative in enumerate(group) if i != best))
    return tuple(chosen), tuple(others)


def _support(index: FactIndex, narrative: Narrative, known: dict[Key, float]) -> float:
    """The sum over answered predictions; alternatives share most of them, so that each ratio is computed once."""
    total = 0.0
    for observable in collect(index, (narrative,)).observables:
        place = (observable.family, observable.subject, observable.window)
        for parent in observable.parents:
            key = (*place, parent.side, parent.tilt, parent.link)
            if key not in known:
                known[key] = log_ratio(observable, parent, index.method.flat_width)
            total += known[key]
    return total
