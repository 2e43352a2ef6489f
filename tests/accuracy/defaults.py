"""What would each default have to be for another story to come first? The constants of the method, one at a time.

Each constant is moved away from what ships along a ladder, down and up, until the first place of some case changes; a
ladder that ends without a change says that no value in it does. Cases are scored as ever, from readings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from causal.model import Template
from causal.settings import Method
from tests.accuracy.measure import Judged, leader, posteriors

FACTORS = (1.25, 1.6, 2.0, 3.0, 5.0)  # of the odds of a probability, and of what a tilt is above one
PROBABILITIES = (
    "broken_chain",
    "spill",
    "leak",
    "transmission",
    "unknown_prior",
    "unknown_transmission",
    "unlisted_prior",
    "generic_tilt",
)
TABLES = (
    ("theta", "typical"),
    ("base_rate", "uncommon"),
    ("base_rate", "common"),
    ("links", "medium"),
    ("tilt", "medium"),
    ("grade", "B"),
    ("grade", "C"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A constant of the method: its name, what ships, and the method with another value of it."""

    name: str
    value: float
    at: Callable[[float], Method]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The first value on the ladder at which the first place of a case changes, and to whom."""

    value: float
    case: str
    then: str


def constants(method: Method) -> Iterator[Constant]:
    """Those that are judgements and bear on readings."""
    for name in PROBABILITIES:
        yield Constant(name=name, value=getattr(method, name), at=lambda x, name=name: replace(method, **{name: x}))
    for table, word in TABLES:
        own = getattr(method, table)
        yield Constant(
            name=f"{table}, {word}",
            value=own[word],
            at=lambda x, table=table, word=word, own=own: replace(method, **{table: {**own, word: x}}),
        )


def ladder(value: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The values below and above, nearest first."""
    if value > 1.0:
        return tuple(1.0 + (value - 1.0) / f for f in FACTORS), tuple(1.0 + (value - 1.0) * f for f in FACTORS)
    odds = value / (1.0 - value)
    moved = ([odds / f for f in FACTORS], [odds * f for f in FACTORS])
    down, up = (tuple(one / (1.0 + one) for one in side) for side in moved)
    return down, up


def leaders(cases: Sequence[Judged], library: Sequence[Template], method: Method) -> list[str]:
    """Who comes first in each case."""
    return [leader(case, posteriors(case.dossier, library, method)) for case in cases]


def changes(
    cases: Sequence[Judged], library: Sequence[Template], method: Method
) -> Iterator[tuple[Constant, Change | None, Change | None]]:
    """Each constant with the nearest change below and above what ships."""
    shipped = leaders(cases, library, method)
    for constant in constants(method):
        down, up = (_first(cases, library, constant, values, shipped) for values in ladder(constant.value))
        yield constant, down, up


def _first(
    cases: Sequence[Judged],
    library: Sequence[Template],
    constant: Constant,
    values: Sequence[float],
    shipped: Sequence[str],
) -> Change | None:
    for value in values:
        found = leaders(cases, library, constant.at(value))
        for case, before, after in zip(cases, shipped, found, strict=True):
            if before != after:
                return Change(value=value, case=str(case.dossier.case), then=after)
    return None
