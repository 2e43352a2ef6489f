"""Turns one reported fact into the bin of its observable: how unusual is it, given that a large move happened?

The reading gives z in units of one standard deviation on days of a large move (evidence.md 2); the event shift is
taken off readings inside the window; Phi(z) is cut at .1 .3 .7 .9. No rule reads a sentence: what no field says is
not known, and the fact is listed with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from causal.model import AssetClass, Fact, Indicator
from causal.units import Unit, read_unit
from causal.windows import period

CUTS = (-1.2815515655446004, -0.5244005127080407, 0.5244005127080407, 1.2815515655446004)  # Phi^-1 of .1 .3 .7 .9
Bins = tuple[float, float, float, float, float]
SIGNED: dict[str, Bins] = {
    "up": (0.0, 0.0, 0.0, 0.5, 0.5),
    "down": (0.5, 0.5, 0.0, 0.0, 0.0),
    "flat": (0.0, 0.1, 0.8, 0.1, 0.0),
    "occurs": (0.0, 0.0, 0.0, 0.35, 0.65),
    "absent": (0.65, 0.35, 0.0, 0.0, 0.0),
}
_BASELINES = frozenset({"previous", "usual", "forecast", "claimed", "reference"})


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
class Unreadable:
    """Why no reading can be made of a fact."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a reading depends on beside the fact: its indicator, its subject's class, and the stress of the day.

    `stress` is +1, 0 or -1; `shift_factor` multiplies the event shift (evidence.md 2).
    """

    indicator: Indicator
    asset_class: AssetClass
    stress: int
    shift_factor: float


def event_shift(setting: Setting) -> float:
    """What a day of this stress alone does to z of this indicator about this class (evidence.md 2)."""
    if setting.stress == 0:
        return 0.0
    own = setting.indicator
    shift = own.shift_any + own.shift_stress * setting.stress
    if own.by_price:
        shift += setting.asset_class.price_shift * setting.stress
    return shift * setting.shift_factor


def read_fact(
    fact: Fact, setting: Setting, others: Sequence[Fact], *, inside: bool, baseline_days: int
) -> Reading | Unreadable:
    """The reading of a fact; `others` are the facts of the same indicator and subject (for baselines)."""
    if fact.modality in {"expected", "hypothetical"}:
        return Unreadable(why=f"modality {fact.modality}: not a report of what was so")
    indicator = setting.indicator
    if indicator.kind == "statement" or indicator.reading == "statement":
        return _signed("occurs", "a statement was made")
    if indicator.reading == "none":
        return Unreadable(why=f"{indicator.name} is kept as context, no rule reads it")
    if indicator.kind == "event" or indicator.reading == "occurs":
        return _occurrence(fact)
    if isinstance(fact.value, bool):
        return _signed("up" if fact.value else "down", "said to be so" if fact.value else "said not to be so")
    number = _number(fact)
    if number is None:
        if fact.direction in ("up", "down", "flat"):
            return _flip(_signed(fact.direction, "direction only"), indicator.sign)
        return Unreadable(why="neither a number nor a direction")
    z = _z(fact, number, setting, others, baseline_days)
    if isinstance(z, Unreadable):
        if fact.direction in ("up", "down", "flat"):
            return _flip(_signed(fact.direction, "direction only"), indicator.sign)
        return z
    if isinstance(z, str):
        return _flip(_signed(z, "sign only"), indicator.sign)
    z *= indicator.sign * (0.5 if fact.bound == "at most" else 1.0)
    return binned(z, event_shift(setting) if inside else 0.0)


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


def _occurrence(fact: Fact) -> Reading:
    if fact.value is False or fact.direction == "down":
        return _signed("absent", "said not to have happened")
    return _signed("occurs", "it happened")


def _number(fact: Fact) -> float | None:
    if fact.low is not None and fact.high is not None:
        return (fact.low + fact.high) / 2
    if isinstance(fact.value, (int, float)) and not isinstance(fact.value, bool):
        return float(fact.value)
    return None


def _z(
    fact: Fact, number: float, setting: Setting, others: Sequence[Fact], baseline_days: int
) -> float | str | Unreadable:
    """z of a number, a direction where only its sign can be used, or why neither."""
    indicator, unit = setting.indicator, read_unit(fact.unit)
    if unit.kind == "sd":
        return number
    rule = indicator.reading
    if rule == "return":
        return _return(number, unit, setting.asset_class, period(fact).length, fact)
    if rule == "value":
        return _by_size(number, unit, indicator)
    if rule == "percent" and unit.kind in {"percent", "pp"}:
        return _by_size(number, unit, indicator)
    if rule == "flow":
        return _flow(fact, number, unit, indicator, others)
    if rule == "log_size":
        size = _size(indicator, "ratio", "any")
        if indicator.reference is None or size is None or number * unit.multiplier <= 0:
            return Unreadable(why=f"no reference size for {fact.unit}")
        if unit.kind != "USD":
            return _ratio_rule(fact, number, setting, others, baseline_days)
        return math.log(number * unit.multiplier / indicator.reference) / size
    if rule in {"sign", "percent"}:
        return _sign(number)
    if rule == "relative":
        return _relative(fact, number, others, baseline_days)
    return _against_baseline(fact, number, unit, setting, others, baseline_days)


def _sign(number: float) -> str:
    return "up" if number > 0 else "down" if number < 0 else "flat"


def _return(number: float, unit: Unit, asset: AssetClass, days: int, fact: Fact) -> float | str | Unreadable:
    if unit.kind == "percent":
        return number / (asset.scale * math.sqrt(days))
    if unit.kind == "ratio":
        return 100 * number / (asset.scale * math.sqrt(days))
    return Unreadable(why=f"a return in {fact.unit} cannot be scaled")


def _size(indicator: Indicator, *kinds: str) -> float | None:
    by_unit = {scale.unit: scale.size for scale in indicator.scales}
    return next((by_unit[kind] for kind in kinds if kind in by_unit), None)


def _by_size(number: float, unit: Unit, indicator: Indicator) -> float | Unreadable:
    size = _size(indicator, unit.kind, "any")
    if size is None and unit.kind == "percent":
        ratio = _size(indicator, "ratio")
        if ratio is not None and number > -100:
            return math.log1p(number / 100) / ratio
    if size is None:
        return Unreadable(why=f"no usual size of {indicator.name} in {unit.kind}")
    return number * unit.multiplier / size


def _flow(
    fact: Fact, number: float, unit: Unit, indicator: Indicator, others: Sequence[Fact]
) -> float | str | Unreadable:
    sizes = {
        period(other).first: abs(value) * read_unit(other.unit).multiplier
        for other in sorted(others, key=lambda other: other.id)
        if other.modality not in {"expected", "hypothetical"}
        and read_unit(other.unit).kind == unit.kind
        and period(other).first != period(fact).first
        and (value := _number(other)) is not None
    }
    if len(sizes) >= 3 and (usual := median(sizes.values())) > 0:
        return number * unit.multiplier / usual
    z = _by_size(number, unit, indicator)
    return _sign(number) if isinstance(z, Unreadable) else z


def _relative(fact: Fact, number: float, others: Sequence[Fact], days: int) -> float | str:
    baseline = _baseline(fact, others, days)
    if baseline is None or baseline == 0:
        return _sign(number)
    return (number - baseline) / (0.25 * abs(baseline))


def _baseline(fact: Fact, others: Sequence[Fact], days: int) -> float | None:
    """The fact's own baseline, else the latest earlier reading of the same thing in the same unit."""
    if fact.baseline_value is not None and fact.baseline_kind in _BASELINES:
        return fact.baseline_value
    start = period(fact).first
    earlier = [
        (period(other).last, other.id, number)
        for other in others
        if other.id != fact.id
        and other.unit == fact.unit
        and other.modality not in {"expected", "hypothetical"}
        and period(other).last < start
        and (start - period(other).last).days <= days
        and (number := _number(other)) is not None
    ]
    return max(earlier)[2] if earlier else None


def _against_baseline(
    fact: Fact, number: float, unit: Unit, setting: Setting, others: Sequence[Fact], days: int
) -> float | str | Unreadable:
    if fact.baseline_kind == "record" and fact.baseline_value:
        return _record(number, fact.baseline_value)
    if setting.indicator.reading in {"log_ratio", "price_level"}:
        return _ratio_rule(fact, number, setting, others, days)
    baseline = _baseline(fact, others, days)
    if baseline is None:
        return Unreadable(why="a level with no baseline, no earlier reading and no history")
    if setting.indicator.reading == "surprise":
        size = _size(setting.indicator, "ratio", "any")
        if size is None or baseline == 0:
            return _sign(number - baseline)
        return (number - baseline) / (size * abs(baseline))
    return _difference(number - baseline, unit, setting.indicator)


def _difference(change: float, unit: Unit, indicator: Indicator) -> float | str:
    kinds = {"percent": ("pp", "percent", "any"), "bp": ("bp", "any")}.get(unit.kind, (unit.kind, "points", "any"))
    size = _size(indicator, *kinds)
    return _sign(change) if size is None else change * unit.multiplier / size


def _ratio_rule(
    fact: Fact, number: float, setting: Setting, others: Sequence[Fact], days: int
) -> float | str | Unreadable:
    baseline = _baseline(fact, others, days)
    if baseline is None:
        return Unreadable(why="a level with no baseline, no earlier reading and no history")
    if number <= 0 or baseline <= 0:
        return _sign(number - baseline)
    change = math.log(number / baseline)
    if setting.indicator.reading == "price_level":
        return 100 * change / setting.asset_class.scale
    size = _size(setting.indicator, "ratio", "any")
    return _sign(change) if size is None else change / size


def _record(number: float, record: float) -> float:
    """z against an earlier extreme: 1.6 from 90% of it, .8 at half, straight lines between (evidence.md 2)."""
    share = number / record
    sign = 1.0 if record > 0 else -1.0
    if share <= 0:
        return 0.0
    size = 1.6 * share if share < 0.5 else min(1.6, 0.8 + (share - 0.5) * 2.0)
    return sign * size
