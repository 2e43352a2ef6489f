"""Lets days pass in a simulated market and keeps those with a large fall, with the truth of each.

Most days are quiet. On a turbulent one the return is minus the strengths of the mechanisms that were active, minus a
shock that no mechanism stands for, plus fat-tailed noise scaled by the regime. Only falls of 6 % and more are asked
about, so that what is true of them is not what is true of days (selection).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tests.simulator.worlds import CLUSTERS, INDICATORS, MECHANISMS, STEPS, Array, World

Bools = NDArray[np.bool_]
LINE = 6.0  # percent: only larger falls are asked about
MATERIAL = 0.15  # share of the move from which a mechanism counts as a cause
SILENT, SPONTANEOUS, SHOCK = 0.08, 0.07, 0.12
NOISE, MEDIAN_STRENGTH, SPREAD = 1.0, 3.3, 0.5
REGIMES = (0.7, 1.0, 1.8)
T4 = float(np.sqrt(2.0))  # standard deviation of Student's t with four degrees of freedom
DURATION = 30.0
ALONE, BESIDE = 0.3, 1.5  # of the strength of an amplifier without and with another mechanism at work
TURBULENT = 0.15  # share of days on which mechanisms and shocks can be at work at all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Days:
    """N days: `turbulent` (N,), `returns` (N,) in percent, `strength` (N, 8) and `shock` (N,) in percent of fall.

    `fired` (N, 20) is in hours after the first close (nan: did not), `readings` (N, 30) in standard deviations of the
    indicators' noise.
    """

    turbulent: Bools
    returns: Array
    strength: Array
    shock: Array
    fired: Array
    readings: Array

    def __len__(self) -> int:
        return len(self.returns)

    def take(self, rows: NDArray[np.intp]) -> Days:
        """Some of the days."""
        return Days(
            turbulent=self.turbulent[rows],
            returns=self.returns[rows],
            strength=self.strength[rows],
            shock=self.shock[rows],
            fired=self.fired[rows],
            readings=self.readings[rows],
        )

    def causes(self) -> Bools:
        """(N, 8): active, and at least 15 % of the move."""
        return np.asarray(self.strength >= MATERIAL * np.abs(self.returns)[:, np.newaxis])

    def unexplained(self) -> Bools:
        """(N,): no mechanism counts as a cause, or the shock is half of the move."""
        return np.asarray(~self.causes().any(axis=1) | (self.shock >= 0.5 * np.abs(self.returns)))

    def but_for(self) -> Bools:
        """(N, 8): without this mechanism the fall would have been smaller than the line."""
        active = self.strength > 0.0
        return np.asarray(active & (self.returns[:, np.newaxis] + self.strength > -LINE))


def live(world: World, count: int, *, stream: int, idle: bool = False) -> Days:
    """`count` days in a row; with `idle` no mechanism is ever active (only shocks and noise)."""
    rng = np.random.default_rng([world.seed, 2, stream])
    regimes = _regimes(rng, count)
    common = rng.standard_normal((count, 2)) @ world.loadings.T
    own = rng.standard_normal((count, MECHANISMS)) * np.sqrt(1.0 - (world.loadings**2).sum(axis=1))
    turbulent = rng.random(count) < TURBULENT
    active = (common + own > _quantiles(world.rates)) & turbulent[:, np.newaxis]
    if idle:
        active[:] = False
    strength = active * MEDIAN_STRENGTH * np.exp(SPREAD * rng.standard_normal((count, MECHANISMS)))
    _amplify(strength, world.setup.amplifiers)
    shock = turbulent * (rng.random(count) < SHOCK) * rng.uniform(4.0, 12.0, count)
    returns = -strength.sum(axis=1) - shock + NOISE * _noise(world, rng, regimes, 1)[:, 0] * T4
    returns = np.maximum(returns, -60.0)
    drive, fired = _steps(world, rng, strength)
    return Days(
        turbulent=turbulent,
        returns=returns,
        strength=strength,
        shock=shock,
        fired=fired,
        readings=_readings(world, rng, drive, returns, regimes),
    )


def large_falls(world: World, count: int, *, stream: int, idle: bool = False) -> Days:
    """The first `count` days that fell by 6 % or more."""
    found: list[Days] = []
    batch = 0
    while sum(map(len, found)) < count:
        days = live(world, 10 * count, stream=1_000 * stream + batch, idle=idle)
        found.append(days.take(np.flatnonzero(days.returns <= -LINE)))
        batch += 1
    return _joined(found).take(np.arange(count))


def _joined(parts: list[Days]) -> Days:
    return Days(
        turbulent=np.concatenate([part.turbulent for part in parts]),
        returns=np.concatenate([part.returns for part in parts]),
        strength=np.concatenate([part.strength for part in parts]),
        shock=np.concatenate([part.shock for part in parts]),
        fired=np.concatenate([part.fired for part in parts]),
        readings=np.concatenate([part.readings for part in parts]),
    )


def _regimes(rng: np.random.Generator, count: int) -> NDArray[np.intp]:
    """The regime of volatility of each day, quiet first: spells of one, geometrically long."""
    spells = rng.geometric(1.0 / DURATION, count)
    return np.repeat(rng.choice(len(REGIMES), count), spells)[:count]


def _noise(world: World, rng: np.random.Generator, regimes: NDArray[np.intp], columns: int) -> Array:
    """(N, columns), of variance one in the middle regime: fat-tailed draws scaled by the regime, or a real market's."""
    if world.noise is not None:
        return world.noise.draw(rng, regimes, columns)
    scale = np.array(REGIMES)[regimes]
    return np.asarray(scale[:, np.newaxis] * rng.standard_t(4, (len(regimes), columns)) / T4)


def _amplify(strength: Array, amplifiers: int) -> None:
    """Brings the last mechanisms of (N, 8) to what they do without and with any of the others."""
    first = MECHANISMS - amplifiers
    beside = (strength[:, :first] > 0.0).any(axis=1)
    strength[:, first:] *= np.where(beside, BESIDE, ALONE)[:, np.newaxis]


def _quantiles(rates: Array) -> Array:
    return np.array([NormalDist().inv_cdf(1.0 - rate) for rate in rates.tolist()])


def _steps(world: World, rng: np.random.Generator, strength: Array) -> tuple[Array, Array]:
    """How hard each step was driven (N, 20), and the hour at which it fired, nan where it did not.

    Along a mechanism's chain each step follows the one before by an exponential lag of two hours on average; a step
    that fires by itself does so at any hour.
    """
    count = len(strength)
    drive = np.zeros((count, STEPS))
    hour = np.full((count, STEPS), np.inf)
    for mechanism, chain in enumerate(world.chains):
        clock = rng.uniform(0.0, 12.0, count)
        for step in chain:
            clock = clock + rng.exponential(2.0, count)
            on = (strength[:, mechanism] > 0.0) & (rng.random(count) >= SILENT)
            drive[:, step] += on * strength[:, mechanism]
            hour[:, step] = np.where(on, np.minimum(hour[:, step], clock), hour[:, step])
    alone = rng.random((count, STEPS)) < SPONTANEOUS
    drive += alone * MEDIAN_STRENGTH * np.exp(SPREAD * rng.standard_normal((count, STEPS)))
    hour = np.where(alone, np.minimum(hour, rng.uniform(0.0, 24.0, (count, STEPS))), hour)
    return drive, np.where(np.isfinite(hour), np.minimum(hour, 23.5), np.nan)


def _readings(world: World, rng: np.random.Generator, drive: Array, returns: Array, regimes: NDArray[np.intp]) -> Array:
    count = len(returns)
    answer = world.beta * (-returns / LINE)[:, np.newaxis]
    answer = answer + world.gamma * rng.standard_normal((count, CLUSTERS))[:, world.cluster]
    answer = answer + _noise(world, rng, regimes, INDICATORS)
    response = 1.0 - np.exp(-drive / MEDIAN_STRENGTH)
    for steps in (world.step, world.second):
        answer = answer + np.where(steps >= 0, world.sign * world.effect * response[:, steps], 0.0)
    return np.asarray(answer)
