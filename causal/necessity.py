"""Would the move have happened without it? And do the stories together say more than that something else did it?

Each cause that operates fires with its transmission q, and the move happens when one fires or none is needed (the
noisy-or of causal.md 3.2). The probability of necessity of a cause (Pearl 2000, ch. 9) is the chance that it fired and
nothing else did, given all that was seen (causal.md 3.6):

    PN_k = P(k fired, nothing else fired | E, move) = q_k / (1 - q_k) x P(N_k, E, no move) / P(E, move),

as "nothing fires" has the weight (1 - leak) prod (1 - q_j)^(N_j) of no move at all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from causal.network import Factor
from causal.posterior import evidence_factors
from causal.scoring import Scored

BIT = math.log(2.0)
_ALL, _SILENT, _NO_STORY, _MOVE, _MOVE_NO_STORY = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Necessity:
    """`but_for` by narrative id: the chance that there would have been no such move without it.

    It is None of what is no cause of the move: a story of what absorbed or followed it, or one that no reading speaks
    of. `surprise_gain_bits` is log2 P(E | move) - log2 P(E | move, no story operated): how much better the stories
    together foretell the evidence than something else alone; a template that fits nothing gains nothing.
    """

    but_for: Mapping[str, float | None]
    surprise_gain_bits: float


def necessity(scored: Scored) -> Necessity:
    """Both from one pass of five rows."""
    structure = scored.structure
    masks = np.zeros((5, len(scored.items)))
    masks[[_ALL, _SILENT, _NO_STORY]] = 1.0
    move = np.array([[1.0, structure.leak - 1.0]] * 5)
    move[_SILENT] = (0.0, 1.0 - structure.leak)
    stories = np.ones((5, 2))
    stories[[_NO_STORY, _MOVE_NO_STORY], 1] = 0.0
    factors = [*structure.factors, Factor(scope=(structure.moved,), table=move)]
    factors += [Factor(scope=(variable,), table=stories) for variable in structure.narratives]
    factors += evidence_factors(structure, scored.evidence, scored.items, masks)
    table, log_total = structure.plan.marginals(factors, structure.narratives)
    weight = math.exp(log_total[_SILENT] - log_total[_ALL])
    transmission = dict(structure.causes)
    but_for: dict[str, float | None] = {}
    for narrative, variable, p in zip(scored.narratives, structure.narratives, table[_SILENT], strict=True):
        q = transmission.get(variable)
        but_for[narrative.id] = None if q is None else float(q / (1.0 - q) * weight * p)
    told = log_total[_ALL] - log_total[_MOVE]
    otherwise = log_total[_NO_STORY] - log_total[_MOVE_NO_STORY]
    return Necessity(but_for=but_for, surprise_gain_bits=float(told - otherwise) / BIT)
