"""Something else: the cause that nobody has in view, and the stories of the library that nobody could look at.

A template that nobody listed and that no reading speaks of is not established (evidence.md 3): it stays at its prior.
Were it then no cause of the move at all, whatever was looked at would gain by having been looked at, up to one story
that a single report makes likely. Were it a cause like others, twenty of them would share a move of which nothing is
known. So what it may have done counts as something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causal.model import COMPETING, Narrative
from causal.observables import Observable
from causal.settings import Method


@dataclass(frozen=True, slots=True, kw_only=True)
class SomethingElse:
    """The prior of something else and its transmission, the chance that it makes the move where it is there.

    It is there where an unmodelled cause is, or where a story that is not established makes the move. The latter are
    independent of all that is seen but the move, so that to sum them out of the noisy-or of causal.md 3.2 is exact.
    """

    prior: float
    transmission: float


def established(narratives: Sequence[Narrative], observables: Sequence[Observable]) -> tuple[int, ...]:
    """The numbers of the narratives that are causes of the move by themselves: listed ones, and those that are read."""
    read = {parent.narrative for observable in observables for parent in observable.parents}
    return tuple(
        number
        for number, narrative in enumerate(narratives)
        if narrative.slot in COMPETING and (number in read or narrative.origin != "library")
    )


def something_else(
    narratives: Sequence[Narrative], priors: Sequence[float], causes: Sequence[int], method: Method
) -> SomethingElse:
    """What may have made the move beside the narratives with the numbers `causes`.

    The prior is 1 - (1 - u) S and the transmission [1 - (1 - u q_u) S] / prior, where S is the product of 1 - prior q
    over the other competing narratives, and u and q_u are the prior and the transmission of the unmodelled cause.
    """
    silent = 1.0
    for number, (narrative, prior) in enumerate(zip(narratives, priors, strict=True)):
        if narrative.slot in COMPETING and number not in causes:
            silent *= 1.0 - prior * method.transmission
    if silent == 1.0:
        return SomethingElse(prior=method.unknown_prior, transmission=method.unknown_transmission)
    there = 1.0 - (1.0 - method.unknown_prior) * silent
    makes = 1.0 - (1.0 - method.unknown_prior * method.unknown_transmission) * silent
    return SomethingElse(prior=there, transmission=makes / there)
