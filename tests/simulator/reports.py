"""Who says what of a simulated move, and when: reports with errors and pet stories, copies, arguments.

Extreme readings are reported more often than ordinary ones (missing not at random); series answer for ten indicators
of thirty and are reported on less. A report that was copied on is copied again with the same chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.world import ArgumentKind, Strength
from tests.simulator.days import Days
from tests.simulator.experts import WORDS, Expert
from tests.simulator.worlds import INDICATORS, MECHANISMS, World

PET_SHARE = 0.60
SLIP = 0.15  # standard deviation of what a right report gets wrong
ARGUMENTS = 2.5
STAMPING = (0, 3)  # sources that give the instant instead of the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: a `value` in standard deviations of days of a large fall.

    `hour` after the first close at which it was so (None: of the day), `known` in hours after the second close.
    Equal `origin` marks copies that show where they are from.
    """

    indicator: int
    value: float
    source: int
    origin: str
    hour: float | None
    known: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """An argument for or against a mechanism, or one of its steps."""

    mechanism: int
    kind: ArgumentKind
    step: int | None
    strength: Strength
    known: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """All that is said of one move."""

    reports: tuple[Report, ...]
    pleas: tuple[Plea, ...]


def press_of(world: World, expert: Expert, days: Days, row: int, stream: int) -> Press:
    """What is said of one of the days; the same whenever it is asked, whatever else is."""
    rng = np.random.default_rng([world.seed, 4, stream, row])
    reports: list[Report] = []
    for indicator in range(INDICATORS):
        true = float(days.readings[row, indicator] / expert.scale[indicator])
        surprise = abs(true - float(expert.usual[indicator]))
        chance = min(0.9, 0.25 + 0.3 * surprise) * (0.3 if world.measured(indicator) else 1.0)
        for _ in range(int(rng.binomial(2, chance))):
            reports += _report(world, expert, days, row, (indicator, true), rng, len(reports))
    return Press(reports=tuple(reports), pleas=_pleas(world, days, row, rng))


def _report(
    world: World,
    expert: Expert,
    days: Days,
    row: int,
    told: tuple[int, float],
    rng: np.random.Generator,
    number: int,
) -> list[Report]:
    """The report of one source, and its copies."""
    indicator, value = told
    who = int(rng.integers(len(world.sources)))
    source = world.sources[who]
    if rng.random() < source.reliability:
        value += float(rng.normal(0.0, SLIP))
    elif source.pet is not None and world.setup.pets and rng.random() < PET_SHARE:
        links = world.links(source.pet)
        _, indicator, sign = links[int(rng.integers(len(links)))]
        value = float(expert.usual[indicator]) + sign * abs(float(rng.normal(1.8, 0.5)))
    else:
        value = float(expert.usual[indicator]) + float(rng.normal())
    fired = float(days.fired[row, world.step[indicator]])
    hour = None if who not in STAMPING else fired if np.isfinite(fired) else float(rng.uniform(0.0, 23.5))
    known = float(rng.lognormal(2.0, 1.0))
    first = Report(indicator=indicator, value=value, source=who, origin=f"doc_{number}", hour=hour, known=known)
    answer = [first]
    while rng.random() < world.setup.copied:
        shown = rng.random() < world.setup.detectable
        known += float(rng.lognormal(1.0, 1.0))
        answer.append(
            Report(
                indicator=indicator,
                value=value + float(rng.normal(0.0, SLIP)),
                source=int(rng.integers(len(world.sources))),
                origin=first.origin if shown else f"doc_{number + len(answer)}",
                hour=None,
                known=known,
            )
        )
    return answer


def _pleas(world: World, days: Days, row: int, rng: np.random.Generator) -> tuple[Plea, ...]:
    truth = days.take(np.array([row])).causes()[0]
    found = []
    for _ in range(int(rng.poisson(ARGUMENTS))):
        mechanism = int(rng.integers(MECHANISMS))
        right = rng.random() < world.setup.arguments_right
        step = int(rng.integers(len(world.chains[mechanism]))) + 1 if rng.random() < 0.3 else None
        found.append(
            Plea(
                mechanism=mechanism,
                kind="supports" if bool(truth[mechanism]) == bool(right) else "rebuts",
                step=step,
                strength=WORDS[int(rng.choice(3, p=(0.3, 0.5, 0.2)))],
                known=float(rng.lognormal(3.0, 1.0)),
            )
        )
    return tuple(found)
