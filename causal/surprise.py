"""Turns one reported fact into the bin of its observable: how unusual is it, given that a large move happened?

The reading gives z in units of one standard deviation on days of a large move (evidence.md 2); the event shift is
taken off readings inside the window; Phi(z) is cut at .1 .3 .7 .9. No rule reads a sentence: what no field says is
not known, and the fact is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causal.rules import RULES, UNREAL, Measured, Unreadable, number_of
from causal.units import read_unit
from causal.world import AssetClass, Fact, Indicator

CUTS = (-1.2815515655446004, -0.5244005127080407, 0.5244005127080407, 1.2815515655446004)  # Phi^-1 of .1 .3 .7 .9
Bins = tuple[float, float, float, float, float]
SIGNED: dict[str, Bins] = {
    "up": (0.0, 0.0, 0.0, 0.5, 0.5),
    "down": (0.5, 0.5, 0.0, 0.0, 0.0),
    "flat": (0.0, 0.1, 0.8, 0.1, 0.0),
    "occurs": (0.0, 0.0, 0.0, 0.35, 0.65),
    "absent": (0.65, 0.35, 0.0, 0.0, 0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a fact says of its observable: masses over the five bins, and z where it was a number."""

    bins: Bins
    z: float | None
    reason: str

    @property
    def bin(self) -> int:
        """The bin (1 to 5) with the most mass, the outer one of two equal ones."""
        return max(range(5), key=lambda b: (self.bins[b], abs(b - 2))) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a reading depends on beside the fact: its indicator, its subject's class, and the stress of the day.

    `stress` is +1, 0 or -1; `shift_factor` multiplies the event shift (evidence.md 2). `own`: the subject is what
    moved, or a derivative or fund of it, so that the day shifts it in full whatever class it is of.
    """

    indicator: Indicator
    asset_class: AssetClass
    stress: int
    shift_factor: float
    own: bool = False


def event_shift(setting: Setting) -> float:
    """What a day of this stress alone does to z of this indicator about this class (evidence.md 2)."""
    if setting.stress == 0 and not setting.own:
        return 0.0
    indicator = setting.indicator
    shift = indicator.shift_stress * setting.stress
    if indicator.by_price:
        shift += setting.asset_class.price_shift * setting.stress
    return indicator.shift_any * (1.0 if setting.own else setting.shift_factor) + shift * setting.shift_factor


def read_fact(
    fact: Fact, setting: Setting, others: Sequence[Fact], *, inside: bool, baseline_days: int
) -> Reading | Unreadable:
    """The reading of a fact; `others` are the facts of the same indicator and subject (for baselines)."""
    indicator = setting.indicator
    if fact.modality in UNREAL:
        return Unreadable(why=f"modality {fact.modality}: not a report of what was so")
    if indicator.reading == "none":
        return Unreadable(why=f"{indicator.name} is kept as context, no rule reads it")
    if indicator.kind != "measure" or indicator.reading in {"statement", "occurs"}:
        return _occurrence(fact, indicator)
    number = number_of(fact)
    if number is None:
        answer: float | str | Unreadable = _in_words(fact)
    else:
        unit = read_unit(fact.unit)
        measured = Measured(
            fact=fact,
            number=number,
            unit=unit,
            indicator=indicator,
            scale=setting.asset_class.scale,
            others=others,
            baseline_days=baseline_days,
        )
        answer = number if unit.kind == "sd" else RULES[indicator.reading](measured)
        if isinstance(answer, Unreadable) and fact.direction in SIGNED:
            answer = fact.direction
    if isinstance(answer, Unreadable):
        return answer
    if isinstance(answer, str):
        return _flip(_signed(answer, "direction only"), indicator.sign)
    z = answer * indicator.sign * (0.5 if fact.bound == "at most" else 1.0)
    return binned(z, event_shift(setting) if inside else 0.0)


def _in_words(fact: Fact) -> str | Unreadable:
    if isinstance(fact.value, bool):
        return "up" if fact.value else "down"
    if fact.direction in ("up", "down", "flat"):
        return fact.direction
    return Unreadable(why="neither a number nor a direction")


def binned(z: float, shift: float) -> Reading:
    """One bin for certain: that of z less the event shift."""
    value = z - shift
    index = sum(value > cut for cut in CUTS)
    reason = f"z {z:+.2f}" + (f", {value:+.2f} after the day's own {shift:+.2f}" if shift else "")
    masses = [0.0] * 5
    masses[index] = 1.0
    return Reading(bins=(masses[0], masses[1], masses[2], masses[3], masses[4]), z=value, reason=reason)


def _signed(direction: str, reason: str) -> Reading:
    return Reading(bins=SIGNED[direction], z=None, reason=f"{direction}: {reason}")


def _flip(reading: Reading, sign: int) -> Reading:
    if sign > 0:
        return reading
    a, b, c, d, e = reading.bins
    return Reading(bins=(e, d, c, b, a), z=reading.z, reason=reading.reason)


def mirrored(reading: Reading) -> Reading:
    """The same reading of a thing quoted the other way round."""
    turned = _flip(reading, -1)
    return Reading(bins=turned.bins, z=None if reading.z is None else -reading.z, reason=turned.reason)


def _occurrence(fact: Fact, indicator: Indicator) -> Reading:
    if indicator.kind == "statement":
        return _signed("occurs", "a statement was made")
    if fact.value is False or fact.direction == "down":
        return _signed("absent", "said not to have happened")
    return _signed("occurs", "it happened")
