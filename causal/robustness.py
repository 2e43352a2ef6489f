"""How far the posteriors move when the judgements behind them do: a band, and how often each story comes first.

Priors, reliabilities and tilts are judgement. Each is drawn many times around its value (causal.md 3.6: the log odds
of a prior and of a reliability, and ln A of a tilt, from normal laws with the method's spreads), and all posteriors
are asked for in one pass (`causal/drawing.py` draws).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.drawing import Draws, drawn_sensors, near
from causal.likelihood import argument_ratio
from causal.network import Factor
from causal.posterior import argument_factors, lag_factors
from causal.scoring import Scored
from causal.settings import Method

Array = NDArray[np.float64]
FEWEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The 5 and 95 percent points of a posterior over the draws, and the share of them in which it is the highest."""

    low: float
    high: float
    p_rank_1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The bands by narrative id, and of something else under `unknown`."""

    draws: int
    by_id: Mapping[str, Band]


def bands(scored: Scored) -> Bands:
    """Bands of all narratives and of something else; fewer draws where the network is wide (`robustness_cells`)."""
    draws = draws_of(scored.method, scored.structure.plan.cells)
    names = [*(narrative.id for narrative in scored.narratives), "unknown"]
    table = posteriors_under_draws(scored, draws)
    order = sorted(range(len(names)), key=lambda column: names[column])
    first = np.bincount(np.array(order)[table[:, order].argmax(axis=1)], minlength=len(names)) / draws
    low, high = np.quantile(table, [0.05, 0.95], axis=0)
    return Bands(
        draws=draws,
        by_id={
            name: Band(low=float(low[i]), high=float(high[i]), p_rank_1=float(first[i])) for i, name in enumerate(names)
        },
    )


def draws_of(method: Method, cells: int) -> int:
    """How many draws a network of so many cells is given."""
    return max(min(FEWEST, method.robustness_draws), min(method.robustness_draws, method.robustness_cells // cells))


def posteriors_under_draws(scored: Scored, count: int) -> Array:
    """The posteriors of the narratives and of something else, of shape (count, narratives + 1)."""
    structure, draws = scored.structure, Draws(count)
    factors = [*structure.factors, *structure.move, *_priors(scored, draws)]
    factors += drawn_sensors(structure.sensors, scored.method, draws)
    if scored.evidence:
        reliabilities = _argued(scored, draws)
        factors += argument_factors(scored.evidence, _ratios(scored, reliabilities), reliabilities)
    factors += lag_factors(structure, scored.items, scored.masks[:1])
    return structure.plan.marginals(factors, wanted=(*structure.narratives, structure.unknown))[0]


def _priors(scored: Scored, draws: Draws) -> list[Factor]:
    """What turns the prior in the network into the one that is drawn."""
    structure, method = scored.structure, scored.method
    roots = [(n.id, p, v) for n, p, v in zip(scored.narratives, scored.priors, structure.narratives, strict=True)]
    roots.append(("unknown", structure.unknown_prior, structure.unknown))
    answer = []
    for name, prior, variable in roots:
        if 0.0 < prior < 1.0:
            drawn = near(prior, method.prior_spread, draws, "prior", name)
            table = np.stack([(1.0 - drawn) / (1.0 - prior), drawn / prior], axis=1)
            answer.append(Factor(scope=(variable,), table=table))
    return answer


def _argued(scored: Scored, draws: Draws) -> Array:
    """The reliabilities of the arguments, drawn, (draws, arguments)."""
    spread = scored.method.reliability_spread
    return np.stack([near(one.reliability, spread, draws, "reliability", one.item) for one in scored.evidence], axis=1)


def _ratios(scored: Scored, reliabilities: Array) -> Array:
    """The ratios of the arguments with these reliabilities, (draws, arguments)."""
    return np.stack(
        [
            argument_ratio(one.strength, drawn, against=one.against)
            for one, drawn in zip(scored.evidence, reliabilities.T, strict=True)
        ],
        axis=1,
    )
