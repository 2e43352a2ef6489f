"""What would the target have been, had some nodes had other values on the day? The same noise, everything else follows.

Abduction, action, prediction (Pearl 2009) in a linear model; the interval is that of the Bayesian bootstrap, as for
shares. An answer holds under its graph alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from causal.faultgraph import fault_graph
from causal.frames import Tabular, read_frame
from causal.shares import BAND, DRAWS, drawn_mechanisms
from causal.structural import NotIdentifiable, fit_structural


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The `outcome` as it was and as it would have been with the nodes of `held` at their values.

    `estimate` with the 5 % to 95 % band (`low`, `high`) in the units of the outcome; `rows` is the least that a
    mechanism had.
    """

    outcome: str
    actual: float
    estimate: float
    low: float
    high: float
    held: Mapping[str, float]
    rows: int


def what_if(  # noqa: PLR0917 - the draws come last and are rarely given
    graph: Iterable[tuple[str, str]],
    history: Tabular,
    day: Mapping[str, float],
    outcome: str,
    held: Mapping[str, float],
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> WhatIf | NotIdentifiable:
    """The counterfactual value of `outcome` on a `day`, with mechanisms fitted on `history` (without the day).

    NotIdentifiable when a node that is held is no cause of the outcome in the graph, and as for `attribute_move`.
    Raises InvalidGraphError and InvalidTableError on input that is none, ValueError when nothing is held.
    """
    if not held:
        raise ValueError("nothing is held; name a node and its value")
    checked = fault_graph(graph, outcome)
    above = checked.ancestors(outcome)
    for node in held:
        if node == outcome or node not in above:
            why = "is the outcome itself" if node == outcome else f"is no cause of {outcome!r} in this graph"
            return NotIdentifiable(node=node, reason=f"{node!r} {why}; hold one of its causes")
    model = fit_structural(checked, frame := read_frame(history, checked.order, name="history"), outcome)
    if isinstance(model, NotIdentifiable):
        return model
    missing = [node for node in model.order if not np.isfinite(day.get(node, np.nan))]
    if missing:
        return NotIdentifiable(node=missing[0], reason=f"{missing[0]!r} has no value on the day; give one")
    values = np.array([day[node] for node in model.order], dtype=np.float64)
    weights, intercepts = drawn_mechanisms(model, frame, rng, draws)
    noise = values - intercepts - np.einsum("bvp,p->bv", weights, values)
    would = np.empty_like(noise)
    for place, node in enumerate(model.order):
        caused = intercepts[:, place] + np.einsum("bp,bp->b", weights[:, place, :place], would[:, :place])
        would[:, place] = held[node] if node in held else caused + noise[:, place]
    low, high = np.percentile(would[1:, -1], BAND)
    return WhatIf(
        outcome=outcome,
        actual=float(values[-1]),
        estimate=float(would[0, -1]),
        low=float(low),
        high=float(high),
        held=dict(held),
        rows=min(int(mechanism.rows.sum()) for mechanism in model.mechanisms.values()),
    )
