"""DoWhy as the judge of our structural model: which checks there are, the fast ones first.

This and its parts (`causal/oracle*.py`) alone know DoWhy. They are loaded by `api/checkworker.py` alone, a process of
its own with a budget of time, so that nothing else pays for the import and a slow check can be ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from causal.checkresults import EVERY, WHOLE_GRAPH, CheckAsk, CheckResult, not_run
from causal.oracleeffects import e_value, estimates, partial_r2, placebo, random_common_cause, subset
from causal.oraclegraph import falsification, local_markov
from causal.oraclemodel import Bench, bench, cannot
from causal.oraclesamples import counterfactual, distribution_change, intervention
from causal.structural import NotIdentifiable

Check = Callable[[Bench], list[CheckResult]]
CHECKS: dict[str, Check] = {
    "estimate": estimates,
    "counterfactual": counterfactual,
    "intervention": intervention,
    "local Markov": local_markov,
    "e-value": e_value,
    "partial R2": partial_r2,
    "placebo": placebo,
    "random common cause": random_common_cause,
    "subset": subset,
    "falsification": falsification,
    "distribution change": distribution_change,
}


def run_checks(ask: CheckAsk) -> Iterator[tuple[str, list[CheckResult]]]:
    """Each check that is asked for in turn, with its results; one that fails says so and the next goes on.

    Raises ValueError on the name of a check that there is not.
    """
    unknown = sorted(set(ask.checks) - set(EVERY))
    if unknown:
        raise ValueError(f"there is no check {unknown[0]!r}; there are {', '.join(EVERY)}")
    made = bench(ask)
    for name, check in CHECKS.items():
        if ask.checks and name not in ask.checks:
            continue
        if isinstance(made, NotIdentifiable):
            yield name, [cannot(name, WHOLE_GRAPH, made)]
            continue
        try:
            yield name, check(made)
        except Exception as error:  # noqa: BLE001 - the oracle's own faults must not hide the other checks
            yield name, [not_run(name, WHOLE_GRAPH, f"DoWhy gave up: {type(error).__name__}: {error}")]
