"""How the narratives of an explanation stand together, under other judgements and over time: typed parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSet:
    """A set of narratives that operated together (and none of the others that were combined), and its probability."""

    narratives: tuple[str, ...]
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A judgement that changes the first place on its own: at the value `to` the narrative `then` draws level.

    `evidence` is the item that it is about, where it is about one; `then` is a narrative's id, or `unknown`.
    """

    entry: str
    evidence: str | None
    from_: float
    to: float
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipSet:
    """The fewest items of evidence without which `then` would come first."""

    evidence: tuple[str, ...]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How firm the ranking is: draws behind the bands, judgements that could be moved (`entries`), the nearest flips.

    `flip_set` is None where no set of items was found that changes the first place.
    """

    draws: int
    entries: int
    flip: tuple[Flip, ...]
    flip_set: FlipSet | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BeliefAt:
    """The posteriors by narrative id, and of something else under `unknown`, by what was known at `as_of`."""

    as_of: datetime
    posteriors: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentWeight:
    """What an argument does to the odds of its narrative, in bits (None: shown, not weighed, and `why`).

    `status` is how it stands among the arguments that attack one another (`causal.acceptance`; None: it takes no part),
    `defeated_by` are those that defeat it and are not rejected themselves, `attacks` those that it rebuts or undercuts.
    """

    id: str
    by: str | None
    kind: str
    step: int | None
    statement: str
    weight_bits: float | None
    status: Literal["accepted", "rejected", "undecided"] | None = None
    defeated_by: tuple[str, ...] = ()
    attacks: tuple[str, ...] = ()
    why: str | None = None
