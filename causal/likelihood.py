"""What reports and claims say, as tables over steps (causal.md 3.3 and 3.4).

An observable has five bins. Under no step its distribution is the one of a day of this size; a step that is on
tilts it. A report repeats the bin with probability rho, else it is noise; several reports on one observable
multiply over the bins, so that contradicting figures are weighed by their reliabilities and counted once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from causal.facts import Report
from causal.observables import Observable
from causal.settings import Method
from causal.surprise import CUTS

Array = NDArray[np.float64]
_Number = TypeVar("_Number", float, Array)
BASE: Array = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
NOT_FOUND = {"up": np.array([0.2, 0.2, 0.2, 0.0, 0.0]), "down": np.array([0.0, 0.0, 0.2, 0.2, 0.2])}
LEAST_QUIET = 0.1  # share of its base mass that a bin keeps on days without any step
EDGES: Array = np.array([0.0, 0.1, 0.3, 0.7, 0.9, 1.0])
_LOGS = {"up": np.log(EDGES[1:5]), "down": np.log(1.0 - EDGES[1:5])}
# rows: the true bin, columns: the bin reported; columns 2 and 4 speak at least as well for a larger reading
KERNEL: Array = np.array(
    [
        [0.9, 0.8, 0.0, 0.0, 0.0],
        [0.1, 0.8, 0.1, 0.0, 0.0],
        [0.0, 0.1, 0.8, 0.1, 0.0],
        [0.0, 0.0, 0.1, 0.8, 0.1],
        [0.0, 0.0, 0.0, 0.8, 0.9],
    ]
)


def tilted(side: str, tilt: float | Array, calm: float, flat_width: float) -> Array:
    """The five masses when a step is on: A u^(A-1) up, its mirror down, a hump at the calm median for flat.

    Of several tilts (B,) several rows of masses (B, 5); a hump does not depend on the tilt and is one row.
    """
    if side in ("up", "down"):
        power = np.asarray(tilt, dtype=np.float64)
        cuts = np.zeros((6, *power.shape))  # batch last, where the loops are long
        cuts[5] = 1.0
        logs = _LOGS[side].reshape(-1, *(1,) * power.ndim)
        raised = np.exp(logs * power)
        cuts[1:5] = raised if side == "up" else 1.0 - raised
        masses = cuts[1:] - cuts[:-1]
        return masses if power.ndim == 0 else masses.T
    cumulative = [0.0, *(_normal_cdf((cut - calm) / flat_width) for cut in CUTS), 1.0]
    return np.diff(np.array(cumulative))


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def bin_likelihood(observable: Observable, masks: Array) -> Array:
    """The product over the reports that are in, for each true bin: masks (B, reports) -> (B, 5).

    A small reading beside a larger one on the same side is a lower bound, not a denial: its column is made monotone,
    so that a second, smaller rise cannot help the story that predicted a fall.
    """
    if len(observable.reports) == 1:  # nothing can stand beside it
        alone = _plain(observable, _reliabilities(observable))
        return np.asarray(np.exp(masks * np.log(alone)))
    plain, raised, lowered = (np.log(table) for table in _heard(observable, _reliabilities(observable)))
    up, down = _bounds(observable, masks)
    logs = np.where(up[..., np.newaxis], raised, plain[np.newaxis])
    logs = np.where(down[..., np.newaxis], lowered, logs)
    total: Array = np.einsum("br,bro->bo", masks, logs)
    return np.exp(total)


def reliable_likelihood(observable: Observable, reliabilities: Array) -> Array:
    """The same product with all reports in and other reliabilities: (B, reports) -> (B, 5)."""
    if len(observable.reports) == 1:
        return _plain(observable, reliabilities)
    plain, raised, lowered = _heard(observable, reliabilities[..., np.newaxis])
    up, down = _bounds(observable, np.ones((1, len(observable.reports))))
    answer: Array = np.where(down[..., np.newaxis], lowered, np.where(up[..., np.newaxis], raised, plain)).prod(axis=1)
    return answer


def told_by(reports: Sequence[Report]) -> Array:
    """P(a report that is right | true bin) of each report, (reports, 5): its bins through the kernel.

    A search that found nothing says the same, 1/5 as where it is blind, of all bins off the side looked for.
    """
    told: Array = np.array([report.reading.bins for report in reports]) @ KERNEL.T
    for number, report in enumerate(reports):
        if report.searched is not None:
            told[number] = NOT_FOUND[report.searched]
    return told


def told_alone(observable: Observable) -> Array:
    """P(report | true bin) of each report by itself, (reports, 5)."""
    return _heard(observable, _reliabilities(observable))[0]


def _reliabilities(observable: Observable) -> Array:
    return np.array([report.reliability for report in observable.reports])[:, np.newaxis]


def _bounds(observable: Observable, masks: Array) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(B, reports): which reports that are small stand beside a large one above, and below."""
    high = np.array([report.reading.bin >= 4 for report in observable.reports])
    low = np.array([report.reading.bin <= 2 for report in observable.reports])
    above = (masks @ high)[:, np.newaxis] - masks * high > 0
    below = (masks @ low)[:, np.newaxis] - masks * low > 0
    z = np.array(
        [report.reading.z if report.reading.bin == 3 and report.reading.z else 0.0 for report in observable.reports]
    )
    return (z > 0) & above, (z < 0) & below


def _plain(observable: Observable, rho: Array) -> Array:
    """P(the only report | true bin), (..., 5), of reliabilities (..., 1)."""
    heard = told_by(observable.reports)[0]
    return np.asarray((heard[:, np.newaxis] * rho[..., 0] + (1.0 - rho[..., 0]) / 5.0).T)


def _heard(observable: Observable, rho: Array) -> tuple[Array, Array, Array]:
    """P(report | true bin) of each report, (..., reports, 5): as it is, as a lower and as an upper bound."""
    told = told_by(observable.reports)
    raised = np.array([0.0, 0.1, 0.8, 0.8, 0.8])
    noise = (1.0 - rho) / 5.0
    return rho * told + noise, rho * raised + noise, rho * raised[::-1] + noise


def quiet_masses(tilts: Sequence[Array], share: float) -> Array:
    """P(bin | no step acts), (5,), where on the `share` of all days some step does and the mean of its `tilts` holds.

    The base masses are those of all days like this one, a mixture of days on which some step acts and of days on which
    none does: base = share on + (1 - share) off, solved for off. A share so large that a bin would fall below
    `LEAST_QUIET` of its base mass cannot be that of this mixture (the greatest share possible is the least ratio of
    base to on: Blanchard, Lee and Scott 2010, Semi-supervised novelty detection, JMLR 11), and the greatest that leaves
    as much is taken. Of several rows of tilts (B, 5) several rows of masses.
    """
    if share <= 0.0 or not tilts:
        return BASE
    acting = sum(tilts[1:], tilts[0]) / len(tilts)
    room = np.maximum(acting - LEAST_QUIET * BASE, 1e-300)  # what a bin loses for each part of the share
    own = np.minimum(share, ((1.0 - LEAST_QUIET) * BASE / room).min(axis=-1))[..., np.newaxis]
    answer: Array = (BASE - own * acting) / (1.0 - own)
    return answer


def quiet_of(observable: Observable, method: Method) -> Array:
    """P(bin | no step acts) of an observable, by the steps that predict it (`quiet_masses`)."""
    if method.acting_share <= 0.0:
        return BASE
    groups = sorted({(one.side, one.tilt) for one in observable.parents if one.link >= method.least_link})
    return quiet_masses([tilted(*group, observable.calm, method.flat_width) for group in groups], method.acting_share)


def group_table(
    observable: Observable, groups: Sequence[tuple[str, float]], flat_width: float, quiet: Array = BASE
) -> Array:
    """P(bin | which groups of steps act), of shape (2, ..., 2, 5), one axis a (side, tilt) group.

    With none acting the masses `quiet`; else the mean of the tilts of those that act.
    """
    tilts = [tilted(side, tilt, observable.calm, flat_width) for side, tilt in groups]
    if len(tilts) == 1:
        return np.stack([quiet, tilts[0]])
    table = np.empty((2,) * len(groups) + (5,))
    for pattern in np.ndindex(*(2,) * len(groups)):
        acting = [tilts[i] for i, bit in enumerate(pattern) if bit]
        table[pattern] = np.mean(acting, axis=0) if acting else quiet
    return table


def argument_ratio(ratio: float, reliability: _Number, *, against: bool) -> _Number:
    """P(argument | on) over P(argument | off): rho/ratio + (1 - rho) against, its mirror image for (causal.md 3.4)."""
    weakened = reliability / ratio + (1.0 - reliability)
    return weakened if against else 1.0 / weakened
