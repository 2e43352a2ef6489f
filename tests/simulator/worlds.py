"""Draws the fixed parts of a simulated market: mechanisms, their steps, indicators, and who reports on them.

A world is another thing than the network that explains it: strengths are graded and saturate, activation is a Gaussian
copula, indicators also react to the move itself and share factors of measurement. The figures are the design's
(causal.md 7); rates and effects are set so that a move has about two true causes and one in six none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.simulator.noise import Noise

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
MECHANISMS, STEPS, INDICATORS, CLUSTERS, MEASURED = 8, 20, 30, 9, 10
CHAIN_LENGTHS = (3, 3, 3, 3, 3, 3, 3, 2)  # 23 uses of 20 steps: three steps are shared by two mechanisms each
EFFECTS = {"weak": 1.2, "medium": 2.2, "strong": 3.6}  # standard deviations of an indicator's own noise, at most
RELIABILITIES = (0.97, 0.92, 0.85, 0.77, 0.68, 0.58, 0.50)
WITH_PETS = (2, 4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What can be made better or worse about a world's sources and about the model that experts make of it.

    Shares in [0, 1]. `forgotten`, `spurious`, `wrong_strength` and `wrong_sign` are of the links from steps to
    indicators, `reliability_error` is the half-width of what is believed of a source, `copied` the chance of a report
    to be copied on, `detectable` of a copy to show its origin.

    Three things that a world has none of unless it is asked for: `shared_errors`, the share of a source's errors that
    it makes in all of its reports on a move, which then are one article; `answered`, the chance that an argument
    rebuts one before it of the other side about the same mechanism; and `amplifiers`, how many of the mechanisms
    (the last ones) do little alone and more beside others.
    """

    copied: float = 0.40
    detectable: float = 0.80
    pets: bool = True
    forgotten: float = 0.15
    spurious: float = 0.10
    wrong_strength: float = 0.30
    wrong_sign: float = 0.03
    reliability_error: float = 0.08
    arguments_right: float = 0.65
    arguments: float = 2.5
    shared_errors: float = 0.0
    answered: float = 0.0
    amplifiers: int = 0
    history: int = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who reports: right with the chance `reliability`; 60 % of the errors of one with a `pet` support that story."""

    name: str
    reliability: float
    pet: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class World:
    """The truth of one market.

    `rates` (8,) are chances of a mechanism to be active on a turbulent day, `loadings` (8, 2) of the copula behind
    them; `chains` name each mechanism's steps in order. Of the 30 indicators: the step that moves each (`step`, and
    `second` or -1), `sign`, `effect` and its word `level`, the reaction to the move (`beta`) and to the `cluster`
    (`gamma`). `noise` is what the days draw instead of the built-in law.
    """

    seed: int
    setup: Setup
    rates: Array
    loadings: Array
    chains: tuple[tuple[int, ...], ...]
    step: Ints
    second: Ints
    sign: Array
    effect: Array
    level: tuple[str, ...]
    beta: Array
    gamma: Array
    cluster: Ints
    sources: tuple[Source, ...]
    noise: Noise | None = None

    def measured(self, indicator: int) -> bool:
        """Whether there is a series of the indicator; of the others there are only reports."""
        return indicator < MEASURED

    def links(self, mechanism: int) -> list[tuple[int, int, float]]:
        """(step, indicator, sign) of all that the mechanism truly moves."""
        own = set(self.chains[mechanism])
        return [
            (int(step), j, float(self.sign[j]))
            for steps in (self.step, self.second)
            for j, step in enumerate(steps)
            if step in own
        ]


def draw_world(seed: int, setup: Setup | None = None, noise: Noise | None = None) -> World:
    """The world of a seed; the setup changes its sources and experts, the noise nothing but the days.

    Of the setup `amplifiers` alone changes the days.
    """
    rng = np.random.default_rng([seed, 1])
    step = np.concatenate([np.arange(STEPS), rng.choice(STEPS, INDICATORS - STEPS, replace=False)])
    second = np.where(rng.random(INDICATORS) < 0.2, rng.integers(0, STEPS, INDICATORS), -1)
    words = tuple(str(word) for word in rng.choice(list(EFFECTS), INDICATORS))
    angle = rng.uniform(-0.7, 0.7, MECHANISMS)
    length = np.sqrt(rng.uniform(0.2, 0.5, MECHANISMS))
    order = rng.permutation(INDICATORS)  # which of them are measured does not depend on the step
    return World(
        seed=seed,
        setup=setup or Setup(),
        rates=rng.uniform(0.05, 0.30, MECHANISMS),
        loadings=np.stack([length * np.cos(angle), length * np.sin(angle)], axis=1),
        chains=_chains(rng),
        step=step[order],
        second=np.where(second[order] == step[order], -1, second[order]),
        sign=rng.choice([-1.0, 1.0], INDICATORS),
        effect=np.array([EFFECTS[word] for word in words]) * rng.uniform(0.8, 1.2, INDICATORS),
        level=words,
        beta=rng.normal(0.0, 0.5, INDICATORS),
        gamma=rng.uniform(0.2, 0.7, INDICATORS),
        cluster=rng.integers(0, CLUSTERS, INDICATORS),
        sources=_sources(rng),
        noise=noise,
    )


def _chains(rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Every step belongs to one mechanism, three of them to a second one as well."""
    free = rng.permutation(STEPS).tolist()
    shared = set(rng.choice(MECHANISMS - 1, 3, replace=False).tolist())
    chains: list[list[int]] = []
    for number, length in enumerate(CHAIN_LENGTHS):
        own = length - (1 if number in shared else 0)
        chains.append([free.pop() for _ in range(own)])
    for number in sorted(shared):
        others = [k for k in range(MECHANISMS) if k not in shared]
        open_steps: list[int] = []
        while not open_steps:  # a donor may have given all of its steps away
            donor = chains[others[int(rng.integers(len(others)))]]
            open_steps = [s for s in donor if sum(s in chain for chain in chains) == 1]
        chains[number].insert(
            int(rng.integers(len(chains[number]) + 1)), open_steps[int(rng.integers(len(open_steps)))]
        )
    return tuple(tuple(chain) for chain in chains)


def _sources(rng: np.random.Generator) -> tuple[Source, ...]:
    pets = rng.choice(MECHANISMS, len(WITH_PETS), replace=False).tolist()
    return tuple(
        Source(name=f"source_{n}", reliability=rho, pet=pets[WITH_PETS.index(n)] if n in WITH_PETS else None)
        for n, rho in enumerate(RELIABILITIES)
    )
