"""The rules that turn a number into z, one small function a `reading` of the indicator files (evidence.md 2).

A rule answers with z, with a direction where only the sign can be used, or with why neither. A new rule is one
function and its row in `RULES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from causal.units import Unit, read_unit
from causal.windows import period
from causal.world import Fact, Indicator

_BASELINES = frozenset({"previous", "usual", "forecast", "claimed", "reference"})
UNREAL = frozenset({"expected", "hypothetical"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Why no reading can be made of a fact."""

    why: str


_NO_BASELINE = Unreadable(why="a level with no baseline, no earlier reading and no history")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A fact with a number, and what its rule may look at; `scale` is that of its subject's returns, in percent."""

    fact: Fact
    number: float
    unit: Unit
    indicator: Indicator
    scale: float
    others: Sequence[Fact]
    baseline_days: int


def number_of(fact: Fact) -> float | None:
    """The number of a fact, of a range its middle; None where it is not a number."""
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


def _return(it: Measured) -> float | str | Unreadable:
    factor = {"percent": 1.0, "ratio": 100.0}.get(it.unit.kind)
    if factor is None:
        return Unreadable(why=f"a return in {it.fact.unit} cannot be scaled")
    return factor * it.number / (it.scale * math.sqrt(period(it.fact).length))


def _by_size(it: Measured) -> float | str | Unreadable:
    indicator = it.indicator
    size = _size(indicator, it.unit.kind, "any")
    ratio = _size(indicator, "ratio")
    if size is None and it.unit.kind == "percent" and ratio is not None and it.number > -100:
        return math.log1p(it.number / 100) / ratio
    if size is None:
        return Unreadable(why=f"no usual size of {indicator.name} in {it.unit.kind}")
    return it.number * it.unit.multiplier / size


def _percent(it: Measured) -> float | str | Unreadable:
    return _by_size(it) if it.unit.kind in {"percent", "pp"} else _sign(it.number)


def _only_sign(it: Measured) -> float | str | Unreadable:
    """The sign, of what differs from its forecast that of the surprise: a rise by less than expected is a relief."""
    forecast = it.fact.baseline_value if it.fact.baseline_kind == "forecast" else None
    surprise = 0.0 if forecast is None else it.number - forecast
    return _sign(surprise or it.number)


def _flow(it: Measured) -> float | str | Unreadable:
    """Against the median size of at least three other days of the series, else against the usual size."""
    sizes = {
        period(other).first: abs(value) * read_unit(other.unit).multiplier
        for other in sorted(it.others, key=lambda other: other.id)
        if other.modality not in UNREAL
        and read_unit(other.unit).kind == it.unit.kind
        and period(other).first != period(it.fact).first
        and (value := number_of(other)) is not None
    }
    if len(sizes) >= 3 and (usual := median(sizes.values())) > 0:
        return it.number * it.unit.multiplier / usual
    z = _by_size(it)
    return _sign(it.number) if isinstance(z, Unreadable) else z


def _log_size(it: Measured) -> float | str | Unreadable:
    indicator = it.indicator
    size = _size(indicator, "ratio", "any")
    if it.unit.kind != "USD" or indicator.reference is None or size is None:
        return _log_ratio(it)
    amount = it.number * it.unit.multiplier
    if amount <= 0:
        return Unreadable(why="a size that is not positive")
    return math.log(amount / indicator.reference) / size


def _relative(it: Measured) -> float | str | Unreadable:
    baseline = _baseline(it)
    if not baseline:
        return _sign(it.number)
    return (it.number - baseline) / (0.25 * abs(baseline))


def _log_ratio(it: Measured) -> float | str | Unreadable:
    size = _size(it.indicator, "ratio", "any")
    return _against_baseline(it, lambda change: _sign(change) if size is None else change / size)


def _price_level(it: Measured) -> float | str | Unreadable:
    return _against_baseline(it, lambda change: 100 * change / it.scale)


def _against_baseline(it: Measured, scaled: Callable[[float], float | str]) -> float | str | Unreadable:
    if it.fact.baseline_kind == "record" and it.fact.baseline_value:
        return _record(it.number, it.fact.baseline_value)
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    if it.number <= 0 or baseline <= 0:
        return _sign(it.number - baseline)
    return scaled(math.log(it.number / baseline))


def _surprise(it: Measured) -> float | str | Unreadable:
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    change, points = it.number - baseline, _size(it.indicator, "pp")
    if points is not None and it.unit.kind in {"percent", "pp"}:
        return change / points  # a release in percent surprises by points: 7.7 for 7.9 as much as 1.7 for 1.9
    size = _size(it.indicator, "ratio", "any")
    if size is None or baseline == 0:
        return _sign(change)
    return change / (size * abs(baseline))


def _difference(it: Measured) -> float | str | Unreadable:
    if it.fact.baseline_kind == "record" and it.fact.baseline_value:
        return _record(it.number, it.fact.baseline_value)
    baseline = _baseline(it)
    if baseline is None:
        return _NO_BASELINE
    unit = it.unit
    kinds = {"percent": ("pp", "percent", "any"), "bp": ("bp", "any")}.get(unit.kind, (unit.kind, "points", "any"))
    size = _size(it.indicator, *kinds)
    change = it.number - baseline
    return _sign(change) if size is None else change * unit.multiplier / size


def _baseline(it: Measured) -> float | None:
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
        and other.modality not in UNREAL
        and period(other).last < start
        and (start - period(other).last).days <= it.baseline_days
        and (number := number_of(other)) is not None
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


RULES: dict[str, Callable[[Measured], float | str | Unreadable]] = {
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
