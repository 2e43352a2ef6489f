"""What a check of the structural model is asked and what it answers; `causal/oracle.py` carries them out.

A check asks whether the data contradict the graph, or whether an effect along it is firm. Its result stands beside the
posterior; where it speaks for or against a step of a story it may move that story once, within a cap (`check_ratios`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CheckOutcome = Literal["passed", "failed", "open", "not run"]
WHOLE_GRAPH = "graph"
CHECK_RATIO = 1.5  # that of a weak argument: a check reads the same series as the readings do
FAST = ("estimate", "counterfactual", "intervention", "local Markov", "e-value", "partial R2")
SLOW = ("placebo", "random common cause", "subset", "falsification", "distribution change")
EVERY = FAST + SLOW
FIRMNESS = ("estimate", "placebo", "random common cause", "subset")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAsk:
    """Everything that the checks of one graph need; plain, so that it can be sent to another process.

    `history` are rows of times by `columns` (nan where missing) without the day itself; `day` has the values on it;
    `drivers` are the nodes whose effect on the target is checked; `held` what the counterfactual holds (node -> value);
    `split` is the row of the history at which the newer of two windows begins.
    """

    edges: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    history: tuple[tuple[float, ...], ...]
    day: Mapping[str, float]
    target: str
    drivers: tuple[str, ...]
    held: Mapping[str, float]
    split: int
    seed: int = 0
    simulations: int = 20
    permutations: int = 20
    checks: tuple[str, ...] = ()  # all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check: what it looked at (`subject`, a node or the whole graph), what came out, and what that means.

    `p` is a p-value, `low` and `high` an interval, where the check has one; `n` are the rows it used, `seconds` the CPU
    that it took; `parts` are further numbers by name (by node for a change of distribution).
    """

    name: str
    subject: str
    outcome: CheckOutcome
    words: str
    statistic: float | None = None
    p: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    seconds: float | None = None
    seed: int | None = None
    parts: Mapping[str, float] = field(default_factory=dict)


def not_run(name: str, subject: str, why: str) -> CheckResult:
    """A check that has no result, and why."""
    return CheckResult(name=name, subject=subject, outcome="not run", words=f"not run: {why}")


def check_ratios(
    results: Sequence[CheckResult], steps: Mapping[str, Sequence[tuple[str, int]]], ratio: float = CHECK_RATIO
) -> dict[tuple[str, int], float]:
    """Likelihood ratios (step on : off) that checks give to steps, at most one a step and within [1 / ratio, ratio].

    `steps` names for each driver the (narrative, step number) that it is bound to. A driver speaks for its steps when
    its effect passed every check of firmness that was run, against them when one failed, and not at all while one is
    open or none was run. A step with several drivers takes the weakest of them; none adds to another, since all read
    the same series. Raises ValueError on a ratio below 1.
    """
    if ratio < 1.0:
        raise ValueError(f"the ratio of a check is {ratio}, it has to be 1 or more")
    said: dict[tuple[str, int], list[float]] = {}
    for driver, places in steps.items():
        outcomes = {one.outcome for one in results if one.subject == driver and one.name in FIRMNESS} - {"not run"}
        if not outcomes:
            continue
        word = -1.0 if "failed" in outcomes else 0.0 if "open" in outcomes else 1.0
        for place in places:
            said.setdefault(place, []).append(word)
    return {place: math.exp(min(words) * math.log(ratio)) for place, words in said.items() if min(words) != 0.0}
