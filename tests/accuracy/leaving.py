"""Leave one case out: how much of the accuracy is owed to constants that were chosen with the cases in view?

The constants of the method that were set by judgement here (not by the design) are varied around what ships; for each
case the setting is taken that is best on the other five, and the case is scored with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from causal.model import Template
from causal.settings import Method
from tests.accuracy.measure import FALSE, TRUE, Judged, auc, posteriors

Pairs = list[tuple[float, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """AUC over all cases, each with constants chosen without it, and as shipped; the settings chosen and how often."""

    held_out: float
    shipped: float
    chosen: tuple[str, ...]


def settings(method: Method) -> dict[str, Method]:
    """What ships and what lies around it."""
    firm = {"weak": 0.7, "medium": 0.8, "strong": 0.9}
    even = dict.fromkeys(firm, 0.8)
    grid = product((0.05, 0.10, 0.15), (0.25, 0.5), (("firm", firm), ("even", even)))
    found = {
        f"prior {prior} tilt {tilt} links {name}": replace(method, unlisted_prior=prior, generic_tilt=tilt, links=links)
        for prior, tilt, (name, links) in grid
    }
    return {"as shipped": method, **found}


def leave_one_out(
    cases: Sequence[Judged],
    library: Sequence[Template],
    method: Method,
    choices: Mapping[str, Method] | None = None,
) -> LeftOut:
    """Each case with the setting that is best on the others; of equals the first.

    `choices` are by name, the first is what ships; without them those of `settings`.
    """
    choices = choices or settings(method)
    shipped = next(iter(choices))
    scored = {name: [_pairs(case, library, one) for case in cases] for name, one in choices.items()}
    chosen = [
        max(scored, key=lambda name: _auc([pairs for i, pairs in enumerate(scored[name]) if i != left]))
        for left in range(len(cases))
    ]
    counted = Counter(chosen)
    return LeftOut(
        held_out=_auc([scored[name][left] for left, name in enumerate(chosen)]),
        shipped=_auc(scored[shipped]),
        chosen=tuple(f"{name} ({times})" for name, times in sorted(counted.items())),
    )


def _pairs(case: Judged, library: Sequence[Template], method: Method) -> Pairs:
    scores = posteriors(case.dossier, library, method)
    return [(scores[name], verdict in TRUE) for name, verdict in case.verdicts.items() if verdict in TRUE | FALSE]


def _auc(cases: Sequence[Pairs]) -> float:
    pairs = [pair for one in cases for pair in one]
    return auc([p for p, _ in pairs], [truth for _, truth in pairs])
