"""How far the posteriors move when the judgements behind them do: a band, and how often each story comes first.

Priors, reliabilities and tilts are judgement. Each is drawn many times around its value (causal.md 3.6: the log odds
of a prior and of a reliability, and ln A of a tilt, from normal laws with the method's spreads), and all posteriors
are asked for in one pass. A draw belongs to the name of what is drawn, so that the same numbers meet the same
judgement in every explanation, and each is a stratified sample (McKay, Beckman and Conover 1979): one draw from each
of equally likely strata, in an order of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from causal import gates
from causal.latents import CERTAIN, scales
from causal.likelihood import argument_ratio, quiet_masses, reliable_likelihood, tilted
from causal.network import Factor
from causal.posterior import argument_factors, lag_factors
from causal.scoring import Scored
from causal.settings import Method
from causal.structure import Sensor

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


class Draws:
    """Standard normal draws that belong to names, one from each of `count` equally likely strata.

    The order of the strata is that of a Philox generator (Salmon et al. 2011) whose key is a digest of the name: one
    generator whose state is set for each name, because making one asks the machine for randomness that is not used.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._bits = np.random.Philox(key=0)
        self._start = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def of(self, *name: str) -> Array:
        """The draws (count,) of a name, the same whenever it is asked."""
        digest = hashlib.blake2b("\n".join(name).encode(), digest_size=8).digest()
        self._start["state"]["key"][0] = int.from_bytes(digest)
        self._bits.state = self._start
        return self._generator.permutation(_strata(self.count))


def posteriors_under_draws(scored: Scored, count: int) -> Array:
    """The posteriors of the narratives and of something else, of shape (count, narratives + 1)."""
    structure, draws = scored.structure, Draws(count)
    factors = [*structure.factors, *structure.move, *_priors(scored, draws)]
    factors += [_sensor(sensor, scored.method, draws) for sensor in structure.sensors]
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
            drawn = _near(prior, method.prior_spread, draws, "prior", name)
            table = np.stack([(1.0 - drawn) / (1.0 - prior), drawn / prior], axis=1)
            answer.append(Factor(scope=(variable,), table=table))
    return answer


def _argued(scored: Scored, draws: Draws) -> Array:
    """The reliabilities of the arguments, drawn, (draws, arguments)."""
    spread = scored.method.reliability_spread
    return np.stack([_near(one.reliability, spread, draws, "reliability", one.item) for one in scored.evidence], axis=1)


def _ratios(scored: Scored, reliabilities: Array) -> Array:
    """The ratios of the arguments with these reliabilities, (draws, arguments)."""
    return np.stack(
        [
            argument_ratio(one.strength, drawn, against=one.against)
            for one, drawn in zip(scored.evidence, reliabilities.T, strict=True)
        ],
        axis=1,
    )


def _sensor(sensor: Sensor, method: Method, draws: Draws) -> Factor:
    observable = sensor.observable
    place = (observable.family, observable.subject, observable.window)
    rho = [
        _near(report.reliability, method.reliability_spread, draws, "reliability", report.fact)
        for report in observable.reports
    ]
    drawn_rho = np.stack(rho, axis=1)
    acting = []
    for side, tilt in sensor.groups:
        drawn = _tilts(tilt, method.tilt_spread, draws, (*place, side, repr(tilt)))
        acting.append(tilted(side, drawn, observable.calm, method.flat_width))
    masses = (quiet_masses(acting, method.acting_share), *acting)
    by = scales(sensor.latents, [report.fact for report in observable.reports])
    given = [np.minimum(CERTAIN, drawn_rho * row) for row in by] if sensor.latents else [drawn_rho]
    tables = [_given_steps(sensor, reliable_likelihood(observable, one), masses) for one in given]
    table = tables[0] if len(tables) == 1 else np.stack(tables, axis=1)
    return Factor(scope=sensor.reach, table=table.reshape(draws.count, *(2,) * len(sensor.reach)))


def _given_steps(sensor: Sensor, likelihood: Array, bins: Sequence[Array]) -> Array:
    """P(reports | steps or switches), (draws, 2, ...), of likelihoods (draws, 5) and the masses: quiet, then acting."""
    heights = [(likelihood.T * (masses.T if masses.ndim > 1 else masses[:, np.newaxis])).sum(axis=0) for masses in bins]
    if sensor.direct:
        off, acting = heights
        link = sensor.members[0][0][1]
        return np.stack([off, off + link * (acting - off)]).T
    groups = len(sensor.groups)
    table = np.stack(heights[1:], axis=1) @ _means(groups)
    table[:, 0] = heights[0]
    return gates.switched(table.reshape(len(likelihood), *(2,) * groups), groups)


@cache
def _means(groups: int) -> Array:
    """(groups, 2^groups): what takes the mean over the groups that act, for each pattern of them."""
    acting = np.array(list(np.ndindex(*(2,) * groups)), dtype=float)
    answer: Array = (acting / np.maximum(1.0, acting.sum(axis=1, keepdims=True))).T
    return answer


def _tilts(tilt: float, spread: float, draws: Draws, place: tuple[str, ...]) -> Array:
    """exp(ln A + spread x draw), never below one, where a tilt would point to the other side."""
    return np.maximum(1.0, tilt * np.exp(spread * draws.of("tilt", *place)))


def _near(probability: float, spread: float, draws: Draws, *name: str) -> Array:
    """Probabilities whose log odds scatter around those of `probability`; certainty stays certain."""
    if not 0.0 < probability < 1.0:
        return np.full(draws.count, probability)
    odds = probability / (1.0 - probability) * np.exp(spread * draws.of(*name))
    answer: Array = odds / (1.0 + odds)
    return answer


@cache
def _strata(draws: int) -> Array:
    law = NormalDist()
    return np.array([law.inv_cdf((i + 0.5) / draws) for i in range(draws)])
