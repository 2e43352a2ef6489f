"""What experts make of a world: stories that forget links, invent some, and misjudge strength, sign and sources.

They are in the product's own words (narratives, indicators, derivations), so that the product scores them unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.model import Direction, Narrative, Prediction, Slot, Step
from causal.settings import Method
from causal.world import AssetClass, Derivation, Indicator, Strength
from tests.simulator.days import LINE, Days
from tests.simulator.worlds import EFFECTS, INDICATORS, MECHANISMS, Array, World

COIN = "coin"
NOTED = 0.5  # a table names what a large fall does to an indicator only where it is plain to see
UNIT = "standard deviations"
WORDS: tuple[Strength, ...] = ("weak", "medium", "strong")
COIN_CLASS = AssetClass(
    id="coin", kinds=("crypto spot",), scale=4.0, stress=1, price_shift=0.0, shift_factor=1.0, source="simulated"
)
PRICE_LEVEL = Indicator(id="price_level", name="price level", kind="measure", family="price", reading="return")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expert:
    """The model at hand: `narratives`, the `indicators` table, how series are read, and what is believed of sources.

    `scale` (30,) is one standard deviation of each indicator on days of a large fall and `usual` (30,) its mean there,
    both as the table gives them. `grades` holds Admiralty grade and credibility of each source.
    """

    narratives: tuple[Narrative, ...]
    indicators: tuple[Indicator, ...]
    derivations: tuple[Derivation, ...]
    scale: Array
    usual: Array
    grades: tuple[tuple[str, int], ...]


def indicator_name(number: int) -> str:
    """The name of an indicator, which is also its family."""
    return f"indicator {number:02d}"


def ask_expert(world: World, history: Days, method: Method) -> Expert:
    """The experts of a world, who know the `history` and no truth but that."""
    rng = np.random.default_rng([world.seed, 3])
    large = history.readings[history.returns <= -LINE]
    scale = large.std(axis=0)
    mean = large.mean(axis=0) / scale
    usual = np.where(np.abs(mean) >= NOTED, np.round(4.0 * mean) / 4.0, 0.0)
    active = (history.strength > 0.0).sum(axis=0)
    priors = (active + 0.5) / (history.turbulent.sum() + 1.0)  # of turbulent days, not of days of a large fall
    return Expert(
        narratives=tuple(_story(world, k, float(priors[k]), rng) for k in range(MECHANISMS)),
        indicators=(PRICE_LEVEL, *(_indicator(j, float(usual[j])) for j in range(INDICATORS))),
        derivations=tuple(_derivation(j) for j in range(INDICATORS) if world.measured(j)),
        scale=scale,
        usual=usual,
        grades=tuple(_grade(source.reliability, world, rng, method) for source in world.sources),
    )


def _indicator(number: int, usual: float) -> Indicator:
    name = indicator_name(number)
    return Indicator(
        id=name.replace(" ", "_"), name=name, kind="measure", family=name, reading="difference", shift_any=usual
    )


def _derivation(number: int) -> Derivation:
    name = indicator_name(number)
    return Derivation(
        id="total", name="total", function="total", reads=(name,), answers=(name,), indicator=name, unit=UNIT
    )


def _story(world: World, mechanism: int, prior: float, rng: np.random.Generator) -> Narrative:
    """The steps in order, each with what the experts think it moves."""
    setup = world.setup
    told: dict[int, list[Prediction]] = {step: [] for step in world.chains[mechanism]}
    for step, indicator, sign in world.links(mechanism):
        lost, lied, missed, other = rng.random(4)
        if lost < setup.forgotten:
            continue
        word = world.level[indicator]
        if missed < setup.wrong_strength:
            word = WORDS[(WORDS.index(_word(word)) + (1 if other < 0.5 else 2)) % 3]
        told[step].append(_prediction(indicator, -sign if lied < setup.wrong_sign else sign, _word(word)))
    count = rng.binomial(len(world.links(mechanism)), setup.spurious)
    for _ in range(count):
        step = world.chains[mechanism][int(rng.integers(len(world.chains[mechanism])))]
        indicator, sign = int(rng.integers(INDICATORS)), float(rng.choice([-1.0, 1.0]))
        told[step].append(_prediction(indicator, sign, WORDS[int(rng.integers(3))]))
    steps = tuple(
        Step(n=n, text=f"step {step}", key=f"step_{step}", predictions=tuple(told[step]))
        for n, step in enumerate(world.chains[mechanism], start=1)
    )
    slot: Slot = "amplifier" if mechanism >= MECHANISMS - setup.amplifiers else "catalyst"
    return Narrative(id=f"mechanism_{mechanism}", title=f"Mechanism {mechanism}", steps=steps, prior=prior, slot=slot)


def _word(text: str) -> Strength:
    return next(word for word in WORDS if word == text)


def _prediction(indicator: int, sign: float, strength: Strength) -> Prediction:
    direction: Direction = "up" if sign > 0 else "down"
    return Prediction(indicator=indicator_name(indicator), subject=COIN, direction=direction, strength=strength)


def _grade(reliability: float, world: World, rng: np.random.Generator, method: Method) -> tuple[str, int]:
    """The grade and credibility nearest to what is believed of a source."""
    error = world.setup.reliability_error
    believed = min(0.97, reliability + float(rng.uniform(-error, error)))
    pairs = [(grade, credibility) for grade in "ABCD" for credibility in range(1, 5)]
    return min(pairs, key=lambda pair: (abs(method.reliability(*pair) - believed), pair))


def without_error(world: World) -> World:
    """The same world with experts who know every link and every source."""
    setup = replace(world.setup, forgotten=0.0, spurious=0.0, wrong_strength=0.0, wrong_sign=0.0, reliability_error=0.0)
    return replace(world, setup=setup)


assert set(EFFECTS) == set(WORDS)
