"""Is the effect of a driver on the target firm? DoWhy's identify, estimate, refute and sensitivity analyses.

`effect_modifiers=[]` throughout: else every other cause of the target is taken for one, which costs a hundred times as
much and switches the sensitivity analyses off (causal.md 1.3).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from dowhy import CausalModel

from causal.checkresults import CheckResult, not_run
from causal.oraclemodel import Bench

BAND = 0.95
SAME = 0.05  # p below which a refuter speaks
FRACTIONS = (1.0, 0.5, 0.25, 0.1, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Effect:
    model: Any
    estimand: Any
    estimate: Any

    @property
    def value(self) -> float:
        return float(np.ravel(self.estimate.value)[0])


def _effect(made: Bench, driver: str) -> _Effect | None:
    """The estimate; None where no set of measured series makes the effect identifiable."""
    made.seeded()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CausalModel(
            data=made.data, treatment=driver, outcome=made.ask.target, graph=made.graph, effect_modifiers=[]
        )
        estimand = model.identify_effect(proceed_when_unidentifiable=True, method_name="minimal-adjustment")
        if estimand.get_backdoor_variables() is None:
            return None
        estimate = model.estimate_effect(
            estimand,
            method_name="backdoor.linear_regression",
            effect_modifiers=[],
            confidence_intervals=True,
            test_significance=True,
            method_params={"confidence_level": BAND},
        )
    return _Effect(model=model, estimand=estimand, estimate=estimate)


def estimates(made: Bench) -> list[CheckResult]:
    """The total effect of each driver on the target, with its 95 % interval."""
    return [_estimated(made, driver) for driver in made.ask.drivers]


def _estimated(made: Bench, driver: str) -> CheckResult:
    effect = _effect(made, driver)
    if effect is None:
        return not_run("estimate", driver, "no measured series blocks every way round; its effect is not identifiable")
    low, high = (float(one) for one in np.ravel(effect.estimate.get_confidence_intervals(confidence_level=BAND))[:2])
    p = float(np.ravel(effect.estimate.test_stat_significance()["p_value"])[0])
    given = sorted(effect.estimand.get_backdoor_variables())
    words = f"one unit of {driver} moves {made.ask.target} by {effect.value:+.3g} ({low:+.3g} to {high:+.3g})"
    words += f", {_given(given)}"
    push = effect.value * (made.ask.day.get(driver, np.nan) - float(made.data[driver].median()))
    move = made.ask.day.get(made.ask.target, np.nan) - float(made.data[made.ask.target].median())
    outcome = "open"
    if low <= 0.0 <= high:
        words += "; no effect cannot be ruled out"
    elif push * move < 0.0:
        outcome, words = "failed", f"{words}; on the day that pushed the other way"
    elif push * move > 0.0:
        outcome = "passed"
    numbers = {"statistic": effect.value, "p": p, "low": low, "high": high, "parts": {"push": push}}
    return made.found("estimate", driver, outcome, words, **numbers)


def _given(names: list[str]) -> str:
    if not names:
        return "nothing to be held equal"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"given {', '.join(names[:3])}{more}"


def placebo(made: Bench) -> list[CheckResult]:
    """The effect of each driver once its rows are shuffled: none is expected."""
    return [
        _refuted(made, driver, "placebo", "placebo_treatment_refuter", placebo_type="permute")
        for driver in made.ask.drivers
    ]


def random_common_cause(made: Bench) -> list[CheckResult]:
    """The effect of each driver with a made-up series beside its causes: the same is expected."""
    return [_refuted(made, driver, "random common cause", "random_common_cause") for driver in made.ask.drivers]


def subset(made: Bench) -> list[CheckResult]:
    """The effect of each driver on four fifths of the rows: the same is expected."""
    return [_refuted(made, driver, "subset", "data_subset_refuter", subset_fraction=0.8) for driver in made.ask.drivers]


_EXPECTED = {
    "placebo": "with its rows shuffled",
    "random common cause": "with a made-up common cause",
    "subset": "on four fifths of the rows",
}


def _refuted(made: Bench, driver: str, name: str, method: str, **options: Any) -> CheckResult:
    effect = _effect(made, driver)
    if effect is None:
        return not_run(name, driver, "the effect is not identifiable")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = effect.model.refute_estimate(
            effect.estimand,
            effect.estimate,
            method_name=method,
            num_simulations=made.ask.simulations,
            random_seed=made.ask.seed,
            show_progress_bar=False,
            **options,
        )
    new, p = float(np.ravel(found.new_effect)[0]), float(np.ravel(found.refutation_result["p_value"])[0])
    outcome = "failed" if p < SAME else "passed"
    words = f"{_EXPECTED[name]} the effect of {driver} is {new:+.3g} instead of {effect.value:+.3g}"
    words += "" if outcome == "passed" else "; that is not what a firm effect does"
    return made.found(name, driver, outcome, words, statistic=new, p=p, parts={"effect": effect.value})


def e_value(made: Bench) -> list[CheckResult]:
    """How strong an unseen common cause would have to be to explain each effect away (VanderWeele and Ding 2017)."""
    return [_sensitivity(made, driver, "e-value") for driver in made.ask.drivers]


def partial_r2(made: Bench) -> list[CheckResult]:
    """The share of variance that an unseen common cause would have to explain of both (Cinelli and Hazlett 2020)."""
    return [_sensitivity(made, driver, "linear-partial-R2") for driver in made.ask.drivers]


def _sensitivity(made: Bench, driver: str, method: str) -> CheckResult:
    name = "e-value" if method == "e-value" else "partial R2"
    effect = _effect(made, driver)
    if effect is None:
        return not_run(name, driver, "the effect is not identifiable")
    given = sorted(effect.estimand.get_backdoor_variables())
    if name == "e-value":
        stats = _analysed(effect, method, {})
        value, at_bound = float(stats["evalue_estimate"]), _least(stats["evalue_lower_ci"], stats["evalue_upper_ci"])
        words = f"an unseen common cause would have to raise the risk of both by {value:.2f} to explain the effect away"
        outcome = "passed" if at_bound > 1.0 else "open"
        return made.found(name, driver, outcome, words, statistic=value, parts={"interval": at_bound})
    if not given:
        return not_run(name, driver, "the graph has no measured common cause to measure an unseen one by")
    for fraction in FRACTIONS:  # a strong common cause times 1 may explain more than everything
        try:
            options = {"benchmark_common_causes": given[:1], "effect_fraction_on_treatment": [fraction]}
            stats = _analysed(effect, method, options)
        except ValueError:
            continue
        value, at_bound = float(stats["robustness_value"]), float(stats["robustness_value_alpha"])
        words = f"an unseen common cause would have to explain {value:.0%} of what is left of both"
        words += f", {at_bound:.0%} to make the effect doubtful"
        outcome = "passed" if at_bound > 0.0 else "open"
        return made.found(name, driver, outcome, words, statistic=value, parts={"at 5 %": at_bound})
    return not_run(name, driver, f"{given[0]} explains nearly all of {driver}; there is nothing to measure by")


def _analysed(effect: _Effect, method: str, options: dict[str, Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = effect.model.refute_estimate(
            effect.estimand,
            effect.estimate,
            method_name="add_unobserved_common_cause",
            simulation_method=method,
            plot_estimate=False,
            **options,
        )
    return found.stats


def _least(*values: Any) -> float:
    """The bound that is nearer to no effect; 1, which is none, where an interval holds no effect."""
    known = [float(value) for value in values if value is not None and np.isfinite(float(value))]
    return min(known, default=1.0)
