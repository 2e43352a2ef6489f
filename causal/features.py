"""What a judged narrative teaches from, beside its posterior: the readings of what it predicts, and the move around it.

A recalibration (`causal/recalibration.py`) learns from these what posteriors get wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from causal.likelihood import BASE, bin_likelihood
from causal.observables import Observable

Array = NDArray[np.float64]
SCORES: Array = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
NEAR: Array = np.array([-1.0, 0.0, 1.0, 0.0, -1.0])  # of a prediction that it stays where it is
_EDGE = 1e-6


def features_of(observables: Iterable[Observable]) -> dict[str, float]:
    """What each observable read, from -2 (lowest bin) to 2: the mean score of its bins given its reports.

    The distribution of a day of this size is the prior, so that a doubtful report reads near zero.
    """
    return {_name(one): float(_masses(one) @ SCORES) for one in observables}


def own_features(observables: Iterable[Observable], narrative: int) -> dict[str, float]:
    """Of what the narrative (by its number) predicts, how far each reading lies on the side predicted, from -2 to 2.

    Of an observable that several of its steps predict, the side of the strongest.
    """
    answer = {}
    for one in observables:
        own = [parent for parent in one.parents if parent.narrative == narrative]
        if own:
            side = max(own, key=lambda parent: (parent.tilt, parent.step)).side
            scores = {"up": SCORES, "down": -SCORES}.get(side, NEAR)
            answer[_name(one)] = float(_masses(one) @ scores)
    return answer


def context_of(*, unknown: float, surprise: float, size: float | None) -> dict[str, float]:
    """What is the same for all narratives of a move: log odds of `unknown`, the posterior of something else, and

    `surprise`, ln P(evidence) - ln P(evidence | no narrative) in nats; the log of its `size`, which is positive and in
    units that are the same for all moves (standard deviations of a large one: `AssetClass.scale`). Without a `size`
    none is told.
    """
    kept = min(1.0 - _EDGE, max(_EDGE, unknown))
    answer = {"something else": math.log(kept / (1.0 - kept)), "surprise": surprise}
    return answer if size is None else {**answer, "size": math.log(size)}


def _name(observable: Observable) -> str:
    return "|".join((observable.family, observable.subject, observable.window))


def _masses(observable: Observable) -> Array:
    masses = BASE * bin_likelihood(observable, np.ones((1, len(observable.reports))))[0]
    return np.asarray(masses / masses.sum())
