"""What checks work on: readings and claims as plain values, the series beside them, and what a check found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

Outcome = Literal["ok", "failed", "not_checkable"]
# Volatility is printed in percent and in points of an index for one and the same number.
_ONE_SCALE = {"percent": "points", "index points": "points", "volatility points": "points"}
_SCALED = frozenset({"implied volatility", "implied volatility change", "realised volatility"})
_WHOLE = 100  # of whole numbers below it every digit was meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A claim or observation: `first` and `last` are its days; `value` is in whole units (`unit`), None for a word."""

    key: str
    label: str
    statement: str
    subjects: tuple[str, ...]
    known_at: datetime
    indicator: str | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    told: str = ""
    multiplier: float = 1.0
    bound: str | None = None
    direction: str | None = None
    baseline: float | None = None
    first: date | None = None
    last: date | None = None
    modality: str | None = None
    inferred: bool = False
    other_dates: tuple[date, ...] = ()
    superlative: str | None = None
    since: date | None = None
    document: str | None = None
    source: str | None = None
    checks: tuple[Mapping[str, Any], ...] = ()
    doubts: tuple[tuple[str, str, str], ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def subject(self) -> str | None:
        """The one thing that a reading is about."""
        return self.subjects[0] if self.subjects else None

    @property
    def name(self) -> str:
        """How people call it: the last part of its key."""
        return self.key.rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of an instrument's barrier."""

    barrier: float | None
    observation: str | None
    maturity: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Readings by key; of series by (indicator, subject) daily values, unit, when known, id; terms by instrument."""

    readings: Mapping[str, Reading]
    series: Mapping[tuple[str, str], Mapping[date, float]] = field(default_factory=dict)
    units: Mapping[tuple[str, str], str] = field(default_factory=dict)
    known: Mapping[tuple[str, str], Mapping[date, datetime]] = field(default_factory=dict)
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    terms: Mapping[str, Terms] = field(default_factory=dict)

    def others(self, one: Reading) -> Iterator[Reading]:
        """The other readings of the same indicator and subject, by key; what is only supposed is none of them."""
        for key in sorted(self.readings):
            other = self.readings[key]
            if (
                key != one.key
                and other.indicator == one.indicator
                and other.subject == one.subject
                and other.modality not in {"expected", "hypothetical", "counterfactual", "normative"}
            ):
                yield other

    def comparable(self, one: Reading) -> Iterator[Reading]:
        """Those of them that are numbers on the same scale."""
        for other in self.others(one):
            if other.value is not None and scale_of(other) == scale_of(one):
                yield other


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check of a claim found; `of` are the readings that it was compared with."""

    kind: str
    claim: Reading
    expected: str
    found: str
    outcome: Outcome
    why: str | None = None
    of: tuple[Reading, ...] = ()

    @property
    def known_at(self) -> datetime:
        """When the last of what it rests on was known."""
        return max(one.known_at for one in (self.claim, *self.of))


def scale_of(one: Reading) -> str | None:
    """What has to be equal for two readings to be compared as numbers."""
    if one.indicator in _SCALED:
        return _ONE_SCALE.get(one.told.split(" ", 1)[-1], one.unit)
    return one.unit


def scaled(one: Reading) -> float:
    """The number on the scale of `scale_of`: volatility in points, all else in whole units. Raises AssertionError."""
    assert one.value is not None, "only numbers are compared"
    return one.value / one.multiplier if scale_of(one) == "points" else one.value


def tolerance(value: float, bound: str | None = None) -> float:
    """By how much a printed number may differ from what it was rounded from.

    Half a unit of its last digit that is meant: the zeros at the end of a number from 100 on are not, but then it is
    never more than a twentieth of it. "About" allows twice that.
    """
    plain = Decimal(repr(abs(value))).normalize()
    exponent = int(plain.as_tuple().exponent)
    if exponent > 0 and abs(value) < _WHOLE:
        exponent = 0
    half = 0.5 * 10.0**exponent
    if exponent > 0:
        half = min(half, 0.05 * abs(value))
    return half * (2.0 if bound == "about" else 1.0)


def agrees(told: float, found: float, bound: str | None = None, *, multiplier: float = 1.0) -> bool:
    """Whether a printed number (in units of `multiplier`) is `found`, rounded; "at least" and "at most" as they say."""
    printed = float(f"{told / multiplier:.12g}")
    room = tolerance(printed, bound) * multiplier * (1 + 1e-9)
    if bound == "at least":
        return found >= told - room
    if bound == "at most":
        return found <= told + room
    return abs(told - found) <= room


def shown(number: float) -> str:
    """A number with at most four digits that count."""
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:,.0f}"


def days(one: Reading) -> str:
    """The days of a reading."""
    if one.first is None:
        return "no day"
    return str(one.first) if one.last in {None, one.first} else f"{one.first} to {one.last}"
