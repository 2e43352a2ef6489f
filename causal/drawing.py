"""Draws of the judgements behind the reports, and what the reports say under each (`causal/robustness.py`).

A draw belongs to the name of what is drawn, so that the same numbers meet the same judgement in every explanation,
and each is a stratified sample (McKay, Beckman and Conover 1979): one draw from each of equally likely strata, in an
order of its own. So the strata are worked out once for all that share a value, and each name puts them in its order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from causal import gates
from causal.latents import CERTAIN, scales
from causal.likelihood import quiet_masses, reliable_likelihood, tilted, told_by
from causal.network import Factor
from causal.settings import Method
from causal.structure import Sensor

Array = NDArray[np.float64]
_TOGETHER = 64  # sensors, so that their draws stay in the cache


class Draws:
    """Standard normal draws that belong to names, one from each of `count` equally likely strata.

    The order of the strata is that of a Philox generator (Salmon et al. 2011) whose key is a digest of the name: one
    generator whose state is set for each name, because making one asks the machine for randomness that is not used.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.strata = _strata(count)
        self._bits = np.random.Philox(key=0)
        self._start = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def order(self, *name: str) -> NDArray[np.int64]:
        """The order of the strata (count,) of a name, the same whenever it is asked."""
        digest = hashlib.blake2b("\n".join(name).encode(), digest_size=8).digest()
        self._start["state"]["key"][0] = int.from_bytes(digest)
        self._bits.state = self._start
        return self._generator.permutation(self.count)

    def of(self, *name: str) -> Array:
        """The draws (count,) of a name."""
        return self.strata[self.order(*name)]


def near(probability: float, spread: float, draws: Draws, *name: str) -> Array:
    """Probabilities whose log odds scatter around those of `probability`; certainty stays certain."""
    if not 0.0 < probability < 1.0:
        return np.full(draws.count, probability)
    odds = probability / (1.0 - probability) * np.exp(spread * draws.of(*name))
    answer: Array = odds / (1.0 + odds)
    return answer


def drawn_sensors(sensors: Sequence[Sensor], method: Method, draws: Draws) -> Iterator[Factor]:
    """P(reports | steps or switches) of each sensor under the draws of reliabilities and tilts, in no fixed order."""
    alike: dict[tuple[str, float, float], list[Sensor]] = {}
    for sensor in sensors:
        if sensor.lone and 0.0 < sensor.observable.reports[0].reliability < 1.0:
            ((side, tilt),) = sensor.groups
            alike.setdefault((side, tilt, sensor.observable.calm if side == "flat" else 0.0), []).append(sensor)
        else:
            yield _sensor(sensor, method, draws)
    for (side, tilt, calm), own in alike.items():
        acting = tilted(side, _tilts(tilt, method, draws.strata), calm, method.flat_width)
        quiet = quiet_masses([acting], method.acting_share)
        for first in range(0, len(own), _TOGETHER):
            yield from _lone(own[first : first + _TOGETHER], acting, quiet, method, draws)


def _lone(sensors: Sequence[Sensor], acting: Array, quiet: Array, method: Method, draws: Draws) -> Iterator[Factor]:
    """Of sensors that are `Sensor.lone`, with the masses of their side and tilt by stratum, (count, 5) or (5,)."""
    reports = [sensor.observable.reports[0] for sensor in sensors]
    told = told_by(reports)
    places = [_tilt_name(sensor, *sensor.groups[0]) for sensor in sensors]
    strata = np.stack([draws.order(*place) for place in places])
    heights = [
        np.take_along_axis(told @ masses.T, strata, axis=1) if masses.ndim > 1 else (told @ masses)[:, np.newaxis]
        for masses in (quiet, acting)
    ]
    own = np.array([report.reliability for report in reports])[:, np.newaxis]
    odds = np.exp(method.reliability_spread * draws.strata)
    odds = odds[np.stack([draws.order("reliability", report.fact) for report in reports])] * (own / (1.0 - own))
    rho = odds / (1.0 + odds)
    noise = (1.0 - rho) / 5.0
    links = np.array([sensor.members[0][0][1] for sensor in sensors])[:, np.newaxis]
    tables = np.empty((len(sensors), 2, draws.count))
    tables[:, 0] = rho * heights[0] + noise
    tables[:, 1] = tables[:, 0] + links * (rho * (heights[1] - heights[0]))
    for sensor, table in zip(sensors, tables, strict=True):
        yield Factor(scope=sensor.scope, table=table.T)


def _tilt_name(sensor: Sensor, side: str, tilt: float) -> tuple[str, ...]:
    observable = sensor.observable
    return ("tilt", observable.family, observable.subject, observable.window, side, repr(tilt))


def _sensor(sensor: Sensor, method: Method, draws: Draws) -> Factor:
    observable = sensor.observable
    rho = [
        near(report.reliability, method.reliability_spread, draws, "reliability", report.fact)
        for report in observable.reports
    ]
    drawn_rho = np.stack(rho, axis=1)
    acting = []
    for side, tilt in sensor.groups:
        drawn = _tilts(tilt, method, draws.of(*_tilt_name(sensor, side, tilt)))
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


def _tilts(tilt: float, method: Method, draws: Array) -> Array:
    """exp(ln A + spread x draw), never below one, where a tilt would point to the other side."""
    return np.maximum(1.0, tilt * np.exp(method.tilt_spread * draws))


@cache
def _strata(draws: int) -> Array:
    law = NormalDist()
    return np.array([law.inv_cdf((i + 0.5) / draws) for i in range(draws)])
