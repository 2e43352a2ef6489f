"""What would have been: DoWhy's counterfactual and interventional samples, and what changed between two windows.

The mechanisms are ours, so a counterfactual of one row has to be the number that we show; a difference is a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from dowhy import gcm

from causal.checkresults import WHOLE_GRAPH, CheckResult, not_run
from causal.oraclegraph import rank_partial_correlation
from causal.oraclemodel import Bench, structural

APART = 1e-9
SAMPLES = 2000
LEAST = 60


def _hold(value: float) -> Callable[[Any], float]:
    return lambda _: value


def counterfactual(made: Bench) -> list[CheckResult]:
    """The target on the day, had each node that is held had another value; beside ours on the same noise."""
    missing = [node for node in made.model.order if not np.isfinite(made.ask.day.get(node, np.nan))]
    if missing:
        return [not_run("counterfactual", WHOLE_GRAPH, f"{missing[0]} has no value on the day; give one")]
    theirs, row = structural(made), np.array([[made.ask.day[node] for node in made.model.order]])
    day = pd.DataFrame(row, columns=list(made.model.order))
    answers = []
    for node, value in made.ask.held.items():
        made.seeded()
        sample = gcm.counterfactual_samples(theirs, {node: _hold(value)}, observed_data=day)
        found = float(sample[made.ask.target].iloc[0])
        ours = float(made.model.counterfactual(row, {node: value})[0, -1])
        apart = abs(found - ours)
        words = f"with {node} at {value:.3g} instead of {made.ask.day[node]:.3g}, {made.ask.target} would have been "
        words += f"{found:.3g} instead of {made.ask.day[made.ask.target]:.3g}"
        outcome = "passed" if apart <= APART else "failed"
        parts = {"ours": ours, "difference": apart}
        answers.append(made.found("counterfactual", node, outcome, words, statistic=found, parts=parts))
    return answers


def intervention(made: Bench) -> list[CheckResult]:
    """The target on any day, were each node that is held set from outside: mean, and 5 to 95 % of 2,000 samples."""
    theirs, answers = structural(made), []
    for node, value in made.ask.held.items():
        made.seeded()
        sample = gcm.interventional_samples(theirs, {node: _hold(value)}, num_samples_to_draw=SAMPLES)
        targets = sample[made.ask.target].to_numpy()
        low, high = (float(one) for one in np.percentile(targets, (5.0, 95.0)))
        words = f"on any day with {node} set to {value:.3g}, {made.ask.target} is {low:.3g} to {high:.3g}"
        numbers = {"statistic": float(targets.mean()), "low": low, "high": high}
        answers.append(made.found("intervention", node, "open", words, **numbers))
    return answers


def distribution_change(made: Bench) -> list[CheckResult]:
    """Which mechanisms changed between the older and the newer window, as shares of the change of the target's mean.

    Mechanisms are tested by the rank partial correlation of window and node given its causes (DoWhy's kernel test takes
    minutes); a share is DoWhy's Shapley value of the difference in means (Budhathoki and others 2021).
    """
    split = int(np.searchsorted(made.rows, made.ask.split))
    if min(split, made.n - split) < LEAST:
        why = f"a window has {min(split, made.n - split)} whole rows, {LEAST} are needed; move the split"
        return [not_run("distribution change", WHOLE_GRAPH, why)]
    made.seeded()
    model = gcm.ProbabilisticCausalModel(made.graph)
    for node in made.graph.nodes:
        root = not list(made.graph.predecessors(node))
        linear = gcm.ml.create_linear_regressor
        model.set_causal_mechanism(node, gcm.EmpiricalDistribution() if root else gcm.AdditiveNoiseModel(linear()))
    old, new = made.data.iloc[:split].copy(), made.data.iloc[split:].copy()
    shares, changed, *_ = gcm.distribution_change(
        model,
        old,
        new,
        made.ask.target,
        num_samples=SAMPLES,
        difference_estimation_func=lambda a, b: float(np.mean(b) - np.mean(a)),
        independence_test=rank_partial_correlation,
        conditional_independence_test=rank_partial_correlation,
        return_additional_info=True,
    )
    moved = sorted(node for node, is_so in changed.items() if is_so)
    total = float(sum(shares.values()))
    words = f"from {split} to {made.n - split} rows the mean of {made.ask.target} changed by {total:+.3g}; "
    words += f"mechanisms that changed: {', '.join(moved) or 'none'}"
    parts = {node: float(share) for node, share in sorted(shares.items())}
    outcome = "failed" if made.ask.target in moved else "open" if moved else "passed"
    return [made.found("distribution change", WHOLE_GRAPH, outcome, words, statistic=total, parts=parts)]
