"""What several items of evidence have in common: whether their source was reliable, which of two arguments is valid.

A latent is a yes or no that items depend on beside what they speak of (R_s and V_a of causal.md 3.4). Given it an
item has its reliability times a `scale`, and the mean of the two scales is one: alone an item says what it always
does, and only what several say together changes. Two kinds, both off by default:

A shared source (`Method.shared_sources`): its reports have the reliability rho (1 - share + share R / P(R)), with P(R)
the greatest of their reliabilities. With a share of one a source that is not reliable is so in all of its reports.

Two arguments that defeat each other (`Method.argument_validity`): each is valid with its reliability, r and s, and
never both. Which of the two could be valid is the latent, the first with r / (r + s); it is valid then with r + s.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.likelihood import told_alone
from causal.observables import Observable

Array = NDArray[np.float64]
Citing = Mapping[str, str]  # fact -> its origin
MOST = 8  # latents that are conditioned on: 2^8 patterns
CERTAIN = 1.0 - 1e-9  # a reliability goes no further, so that reports that deny each other are possible in all patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """P(on) = `chance`, and what the reliability of each item is multiplied by where it is off, and on.

    `variable` is its number in the network, minus one until it has one.
    """

    chance: float
    scales: Mapping[str, tuple[float, float]]
    variable: int = -1


def shared_sources(observables: Sequence[Observable], origins: Citing, share: float, most: int) -> tuple[Latent, ...]:
    """The latents of at most `most` origins with several reports, those first whose reports weigh most.

    A report weighs the log of the greatest over the least chance that a true bin gives it. An origin that is certain
    needs none.
    """
    reports: dict[str, list[tuple[str, float]]] = {}
    weights: dict[str, float] = {}
    for observable in observables:
        for report, heard in zip(observable.reports, told_alone(observable), strict=True):
            origin = origins.get(report.fact)
            if origin is not None:
                reports.setdefault(origin, []).append((report.fact, report.reliability))
                weights[origin] = weights.get(origin, 0.0) + math.log(heard.max() / heard.min())
    able = [one for one, own in reports.items() if len(own) > 1 and 0.0 < max(rho for _, rho in own) < 1.0]
    order = sorted(able, key=lambda origin: (-round(weights[origin], 9), origin))[:most]
    return tuple(_source(reports[origin], share) for origin in order if share > 0.0)


def _source(reports: Sequence[tuple[str, float]], share: float) -> Latent:
    chance = max(rho for _, rho in reports)
    scale = (1.0 - share, 1.0 - share + share / chance)
    return Latent(chance=chance, scales={fact: scale for fact, _ in reports})


def rivals(first: tuple[str, float], second: tuple[str, float]) -> Latent:
    """The latent of two arguments (item, P(valid)) that are not both valid.

    Raises ValueError where the two chances add up to more than one: such two cannot exclude each other.
    """
    (one, r), (other, s) = first, second
    if r + s > 1.0 or min(r, s) <= 0.0:
        raise ValueError(f"two arguments that are valid with {r} and {s} cannot exclude each other; lower one")
    chance = r / (r + s)
    return Latent(chance=chance, scales={one: (0.0, 1.0 / chance), other: (1.0 / (1.0 - chance), 0.0)})


def own_latents(latents: Sequence[Latent], items: Sequence[str]) -> tuple[Latent, ...]:
    """Those that some of the items depend on."""
    return tuple(latent for latent in latents if not latent.scales.keys().isdisjoint(items))


def scales(latents: Sequence[Latent], items: Sequence[str]) -> Array:
    """What the reliability of each item is multiplied by in each pattern of the latents, (2^latents, items)."""
    answer = np.ones((2 ** len(latents), len(items)))
    for row, pattern in enumerate(itertools.product((0, 1), repeat=len(latents))):
        for latent, on in zip(latents, pattern, strict=True):
            answer[row] *= [latent.scales[item][on] if item in latent.scales else 1.0 for item in items]
    return answer
