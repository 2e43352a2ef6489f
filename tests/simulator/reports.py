"""Who says what of a simulated move, and when: reports with errors and pet stories, copies, arguments.

Extreme readings are reported more often than ordinary ones (missing not at random); series answer for ten indicators
of thirty and are reported on less. A report that was copied on is copied again with the same chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from causal.world import ArgumentKind, Strength
from tests.simulator.days import Days
from tests.simulator.experts import WORDS, Expert
from tests.simulator.worlds import INDICATORS, MECHANISMS, World

PET_SHARE = 0.60
SLIP = 0.15  # standard deviation of what a right report gets wrong
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
    """An argument for or against a mechanism, or one of its steps; `rebuts` are earlier ones, by their places."""

    mechanism: int
    kind: ArgumentKind
    step: int | None
    strength: Strength
    known: float
    rebuts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """All that is said of one move."""

    reports: tuple[Report, ...]
    pleas: tuple[Plea, ...]


def press_of(world: World, expert: Expert, days: Days, row: int, stream: int) -> Press:
    """What is said of one of the days; the same whenever it is asked, whatever else is."""
    rng = np.random.default_rng([world.seed, 4, stream, row])
    right = right_today(world, stream, row)
    reports: list[Report] = []
    for indicator in range(INDICATORS):
        true = float(days.readings[row, indicator] / expert.scale[indicator])
        surprise = abs(true - float(expert.usual[indicator]))
        chance = min(0.9, 0.25 + 0.3 * surprise) * (0.3 if world.measured(indicator) else 1.0)
        for _ in range(int(rng.binomial(2, chance))):
            reports += _report(world, expert, days, row, (indicator, true, right), rng, len(reports))
    pleas = _pleas(world, days, row, rng)
    return Press(reports=tuple(reports), pleas=_answered(pleas, world, stream, row))


def right_today(world: World, stream: int, row: int) -> list[float]:
    """The chance of each source to be right in a report on this move.

    With shared errors some are wrong in all that they say today, and right the more often on other days.
    """
    rng = np.random.default_rng([world.seed, 5, stream, row])
    wrong = [world.setup.shared_errors * (1.0 - source.reliability) for source in world.sources]
    luck = rng.random(len(wrong)).tolist()
    return [
        0.0 if draw < chance else source.reliability / (1.0 - chance)
        for source, chance, draw in zip(world.sources, wrong, luck, strict=True)
    ]


def _answered(pleas: tuple[Plea, ...], world: World, stream: int, row: int) -> tuple[Plea, ...]:
    """The arguments with those that they rebut: earlier ones of the other side about the same mechanism."""
    rng = np.random.default_rng([world.seed, 6, stream, row])
    return tuple(
        replace(
            plea,
            rebuts=tuple(
                n
                for n, other in enumerate(pleas[:number])
                if other.mechanism == plea.mechanism and other.kind != plea.kind and rng.random() < world.setup.answered
            ),
        )
        for number, plea in enumerate(pleas)
    )


def _report(
    world: World,
    expert: Expert,
    days: Days,
    row: int,
    told: tuple[int, float, list[float]],
    rng: np.random.Generator,
    number: int,
) -> list[Report]:
    """The report of one source, and its copies; of the indicator, its true value, and how likely each is right."""
    indicator, value, right = told
    who = int(rng.integers(len(world.sources)))
    source = world.sources[who]
    if rng.random() < right[who]:
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
    origin = f"article_{who}" if world.setup.shared_errors else f"doc_{number}"
    first = Report(indicator=indicator, value=value, source=who, origin=origin, hour=hour, known=known)
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
    for _ in range(int(rng.poisson(world.setup.arguments))):
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
