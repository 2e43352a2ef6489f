"""Turns one reported fact into the bin of its observable: how unusual is it, given that a large move happened?

The reading gives z in units of one standard deviation on days of a large move (evidence.md 2); the event shift is
taken off readings inside the window; Phi(z) is cut at .1 .3 .7 .9. No rule reads a sentence: what no field says is
not known, and the fact is listed with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
_UNREAL = frozenset({"expected", "hypothetical"})


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


_NO_BASELINE = Unreadable(why="a level with no baseline, no earlier reading and no history")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A fact with a number, and what its rule may look at."""

    fact: Fact
    number: float
    unit: Unit
    setting: Setting
    others: Sequence[Fact]
    baseline_days: int


def read_fact(
    fact: Fact, setting: Setting, others: Sequence[Fact], *, inside: bool, baseline_days: int
) -> Reading | Unreadable:
    """The reading of a fact; `others` are the facts of the same indicator and subject (for baselines)."""
    indicator = setting.indicator
    if fact.modality in _UNREAL:
        return Unreadable(why=f"modality {fact.modality}: not a report of what was so")
    if indicator.reading == "none":
        return Unreadable(why=f"{indicator.name} is kept as context, no rule reads it")
    if indicator.kind != "measure" or indicator.reading in {"statement", "occurs"}:
        return _occurrence(fact, indicator)
    number = _number(fact)
    if number is None:
        answer: float | str | Unreadable = _in_words(fact)
    else:
        unit = read_unit(fact.unit)
        measured = _Measured(
            fact=fact, number=number, unit=unit, setting=setting, others=others, baseline_days=baseline_days
        )
        answer = number if unit.kind == "sd" else _RULES[indicator.reading](measured)
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


def _number(fact: Fact) -> float | None:
    if fact.low is not None and fact.high is not None:
        return (fact.low + fact.high) / 2
    if isinstance(fact.value, (int, float)) and not isinstance(fact.value, bool):
        return float(fact.value)
    return None


def _sign(number: float) -> str:
    return "up" if number > 0 else "down" if number < 0 else "flat"


def _size(indicator: Indicator, *kinds: str) -> float | None:
    by_unit = {scale.unit: scale.size for scale in indicator.scales}
    return next((by_unit[kind] for kind in kinds if kind in by_unit), None)


def _return(it: _Measured) -> float | str | Unreadable:
    factor = {"percent": 1.0, "ratio": 100.0}.get(it.unit.kind)
    if factor is None:
        return Unreadable(why=f"a return in {it.fact.unit} cannot be scaled")
    return factor * it.number / (it.setting.asset_class.scale * math.sqrt(period(it.fact).length))


def _by_size(it: _Measured) -> float | str | Unreadable:
    indicator = it.setting.indicator
    size = _size(indicator, it.unit.kind, "any")
    ratio = _size(indicator, "ratio")
    if size is None and it.unit.kind == "percent" and ratio is not None and it.number > -100:
        return math.log1p(it.number / 100) / ratio
    if size is None:
        return Unreadable(why=f"no usual size of {indicator.name} in {it.unit.kind}")
    return it.number * it.unit.multiplier / size


def _percent(it: _Measured) -> float | str | Unreadable:
    return _by_size(it) if it.unit.kind in {"percent", "pp"} else _sign(it.number)


def _only_sign(it: _Measured) -> float | str | Unreadable:
    return _sign(it.number)


def _flow(it: _Measured) -> float | str | Unreadable:
    """Against the median size of at least three other days of the series, else against the usual size."""
    sizes = {
        period(other).first: abs(value) * read_unit(other.unit).multiplier
        for other in sorted(it.others, key=lambda other: other.id)
        if other.modality not in _UNREAL
        and read_unit(other.unit).kind == it.unit.kind
        and period(other).first != period(it.fact).first
        and (value := _number(other)) is not None
    }
    if len(sizes) >= 3 and (usual := median(sizes.values())) > 0:
        return it.number * it.unit.multiplier / usual
    z = _by_size(it)
    return _sign(it.number) if isinstance(z, Unreadable) else z


def _log_size(it: _Measured) -> float | str | Unreadable:
    indicator = it.setting.indicator
    size = _size(indicator, "ratio", "any")
    if it.unit.kind != "USD" or indicator.reference is None or size is None:
        return _log_ratio(it)
    amount = it.number * it.unit.multiplier
    if amount <= 0:
        return Unreadable(why="a size that is not positive")
    return math.log(amount / indicator.reference) / size


def _relative(it: _Measured) -> float | str | Unreadable:
    baseline = _baseline(it)
    if not baseline:
        return _sign(it.number)
    return (it.number - baseline) / (0.25 * abs(baseline))


def _log_ratio(it: _Measured) -> float | str | Unreadable:
    size = _size(it.setting.indicator, "ratio", "any")
    return _against_baseline(it, lambda change: _sign(change) if size is None else change / size)


def _price_level(it: _Measured) -> float | str | Unreadable:
    return _against_baseline(it, lambda change: 100 * change / it.setting.asset_class.scale)


def _against_baseline(it: _Measured, scaled: Callable[[float], float | str]) -> float | str | Unreadable:
    if it.fact.baseline_kind == "record" and it.fact.baseline_value:
        return _record(it.number, it.fact.baseline_value)
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    if it.number <= 0 or baseline <= 0:
        return _sign(it.number - baseline)
    return scaled(math.log(it.number / baseline))


def _surprise(it: _Measured) -> float | str | Unreadable:
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    size = _size(it.setting.indicator, "ratio", "any")
    if size is None or baseline == 0:
        return _sign(it.number - baseline)
    return (it.number - baseline) / (size * abs(baseline))


def _difference(it: _Measured) -> float | str | Unreadable:
    if it.fact.baseline_kind == "record" and it.fact.baseline_value:
        return _record(it.number, it.fact.baseline_value)
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    unit = it.unit
    kinds = {"percent": ("pp", "percent", "any"), "bp": ("bp", "any")}.get(unit.kind, (unit.kind, "points", "any"))
    size = _size(it.setting.indicator, *kinds)
    change = it.number - baseline
    return _sign(change) if size is None else change * unit.multiplier / size


def _baseline(it: _Measured) -> float | None:
    """The fact's own baseline, else the latest earlier reading of the same thing in the same unit."""
    fact = it.fact
    if fact.baseline_value is not None and fact.baseline_kind in _BASELINES:
        return fact.baseline_value
    start = period(fact).first
    earlier = [
        (period(other).last, other.id, number)
        for other in it.others
        if other.id != fact.id
        and other.unit == fact.unit
        and other.modality not in _UNREAL
        and period(other).last < start
        and (start - period(other).last).days <= it.baseline_days
        and (number := _number(other)) is not None
    ]
    return max(earlier)[2] if earlier else None


def _record(number: float, record: float) -> float:
    """z against an earlier extreme: 1.6 from 90% of it, .8 at half, straight lines between (evidence.md 2)."""
    share = number / record
    sign = 1.0 if record > 0 else -1.0
    if share <= 0:
        return 0.0
    size = 1.6 * share if share < 0.5 else min(1.6, 0.8 + (share - 0.5) * 2.0)
    return sign * size


_RULES: dict[str, Callable[[_Measured], float | str | Unreadable]] = {
    "return": _return,
    "price_level": _price_level,
    "value": _by_size,
    "percent": _percent,
    "log_ratio": _log_ratio,
    "difference": _difference,
    "surprise": _surprise,
    "flow": _flow,
    "log_size": _log_size,
    "relative": _relative,
    "sign": _only_sign,
}
