"""Chooses one of the ways in which a template's roles can be filled.

The others are named in the explanation. The score of a variant is the sum of log likelihood ratios of the answered
predictions, each taken alone: it ranks variants of one story and is shown nowhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from causal.breadth import Parent
from causal.facts import FactIndex
from causal.likelihood import bin_likelihood, quiet_of, tilted
from causal.model import Narrative
from causal.observables import Findings, Observable, collect
from causal.settings import Method

Key = tuple[str, str, str, str, float, float]


def log_ratio(observable: Observable, parent: Parent, method: Method, which: int | None = None) -> float:
    """Nats: log of P(reports | the step acts) over P(reports | it does not); of one report where `which` is given."""
    count = len(observable.reports)
    mask = np.ones((1, count)) if which is None else np.eye(count)[which : which + 1]
    likelihood = bin_likelihood(observable, mask)[0]
    off = quiet_of(observable, method)
    on = (1.0 - parent.link) * off + parent.link * tilted(parent.side, parent.tilt, observable.calm, method.flat_width)
    return math.log(float(on @ likelihood) / float(off @ likelihood))


def choose(
    index: FactIndex, groups: Sequence[tuple[Narrative, ...]]
) -> tuple[tuple[Narrative, ...], tuple[tuple[Narrative, ...], ...]]:
    """One narrative a group, and beside each the others of its group.

    It is the one with the most predictions that can be answered, whatever the answers are, and of equals the closest
    cast: the best supported of many would win by chance, and a variant that nobody can look at would win by escaping
    what speaks against it. Only between variants of one cast that are answered equally does the support decide.
    """
    chosen: list[Narrative] = []
    known: dict[Key, float] = {}
    others: list[tuple[Narrative, ...]] = []
    for group in groups:
        best = 0
        if len(group) > 1:
            found = [collect(index, (narrative,)) for narrative in group]
            answered = [sum(bool(answer.reports) for answer in one.answers) for one in found]
            most = answered.index(max(answered))
            cast = [
                i
                for i, narrative in enumerate(group)
                if narrative.roles == group[most].roles and answered[i] == answered[most]
            ]
            best = max(cast, key=lambda i: (round(_support(index, found[i], known), 9), -i))
        chosen.append(group[best])
        others.append(tuple(narrative for i, narrative in enumerate(group) if i != best))
    return tuple(chosen), tuple(others)


def _support(index: FactIndex, found: Findings, known: dict[Key, float]) -> float:
    """The sum over answered predictions; alternatives share most of them, so that each ratio is computed once."""
    total = 0.0
    for observable in found.observables:
        place = (observable.family, observable.subject, observable.window)
        for parent in observable.parents:
            key = (*place, parent.side, parent.tilt, parent.link)
            if key not in known:
                known[key] = log_ratio(observable, parent, index.method)
            total += known[key]
    return total
