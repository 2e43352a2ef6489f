"""`make switches`: does what can be turned on help, on simulated moves? Each where the market has what it is for.

A switch is measured on the base worlds, and on worlds with sources that err in all of an article, arguments that
answer one another, or mechanisms that amplify others. Off and on are asked about the same moves; the differences are
paired over worlds. What is chosen is chosen on the first worlds and looked at again on fresh ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from causal.settings import Method
from tests.simulator import trials
from tests.simulator.report import FIRST_DESIGN, FIRST_FRESH
from tests.simulator.scores import auc, brier, calibration_error
from tests.simulator.worlds import Array, Setup

ARTICLES = Setup(shared_errors=1.0)
ANSWERS = Setup(answered=1.0, arguments=12.0)
AMPLIFIED = Setup(amplifiers=2)
HEADS = ("Brier", "ECE", "AUC", "null: stories", "null: moves")


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What is turned on: the method with it, and the setup of the worlds in which it is asked about."""

    name: str
    on: Callable[[Method], Method]
    setup: Setup


SWITCHES = (
    Switch(name="residual_pit", on=lambda m: replace(m, residual_pit=True), setup=Setup()),
    Switch(name="shared_sources .5, sources err at random", on=lambda m: sharing(m, 0.5), setup=Setup()),
    Switch(name="shared_sources .5, articles right or wrong", on=lambda m: sharing(m, 0.5), setup=ARTICLES),
    Switch(name="shared_sources 1, articles right or wrong", on=lambda m: sharing(m, 1.0), setup=ARTICLES),
    Switch(name="argument_validity graded", on=lambda m: replace(m, argument_validity="graded"), setup=ANSWERS),
    Switch(name="amplification .3, no amplifiers", on=lambda m: amplified(m, 0.3), setup=Setup()),
    Switch(name="amplification .3, two amplifiers", on=lambda m: amplified(m, 0.3), setup=AMPLIFIED),
    Switch(name="amplification .8, two amplifiers", on=lambda m: amplified(m, 0.8), setup=AMPLIFIED),
)


def sharing(method: Method, share: float) -> Method:
    """The method with that share of unreliability common to an origin."""
    return replace(method, shared_sources=share)


def amplified(method: Method, weight: float) -> Method:
    """The method with amplifiers and what they amplify as one more cause."""
    return replace(method, amplification=weight)


def figures(seed: int, setup: Setup, method: Method, moves: int, idle: int, tick: Callable[[], None]) -> Array:
    """Brier, ECE, AUC, and the shares of stories and of moves above one half where nothing was at work, (5,)."""
    market = trials.market_of(seed, Method(), setup)
    truth = trials.truths(market, moves)
    p = trials.posteriors(market, moves, tick, method=method)
    null = trials.idle_posteriors(market, idle, tick, method=method) > 0.5
    return np.array([brier(p, truth), calibration_error(p, truth), auc(p, truth), null.mean(), null.any(axis=1).mean()])


def differences(switch: Switch, seeds: Sequence[int], moves: int, idle: int, tick: Callable[[], None]) -> list[str]:
    """Each figure with the switch off, and what turning it on adds, with its standard error over worlds."""
    off, on = (
        np.array([figures(seed, switch.setup, method, moves, idle, tick) for seed in seeds])
        for method in (Method(), switch.on(Method()))
    )
    gap = on - off
    error = gap.std(axis=0, ddof=1) / len(seeds) ** 0.5 if len(seeds) > 1 else np.full(gap.shape[1], np.nan)
    return [
        f"{base:.4f} {more:+.4f} ({wide:.4f})"
        for base, more, wide in zip(off.mean(axis=0), gap.mean(axis=0), error, strict=True)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one table of the worlds that choices are made on, and one of fresh worlds."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator.switches", description=__doc__)
    parser.add_argument("--worlds", type=int, default=5, help="how many of each sort")
    parser.add_argument("--moves", type=int, default=150, help="moves in each world")
    parser.add_argument("--idle", type=int, default=100, help="moves without a cause in each world")
    given = parser.parse_args(arguments)
    console = Console(width=150)
    total = 2 * 2 * len(SWITCHES) * given.worlds * (given.moves + given.idle)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("moves", total=total)
        for name, first in (("design worlds", FIRST_DESIGN), ("fresh worlds", FIRST_FRESH)):
            seeds = range(first, first + given.worlds)
            table = Table("turned on", *HEADS, title=f"{name}, {given.worlds} x {given.moves} moves: off, + on (s.e.)")
            for switch in SWITCHES:
                found = differences(switch, seeds, given.moves, given.idle, lambda: progress.advance(task))
                table.add_row(switch.name, *found)
            console.print(table)


if __name__ == "__main__":
    main()
