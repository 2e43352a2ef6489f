"""Looks a criterion up: true, false, or not decidable with what is missing (Kleene's three values).

A quantity is an interval: what reports leave open (several that differ, "at least", a range) stays open, and only a
comparison that holds for the whole interval is true. A daily series speaks before reports do. Nothing from before the
forecast or after its due day counts, but for the start of a change.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from ingest.checkmodel import Reading, World, shown
from ingest.criteria import Comparison, Criterion, Negation, Quantity
from ingest.units import base_value

# What is only supposed, wished or made of rhetoric tells nothing of what was so.
_SUPPOSED = frozenset(
    {"expected", "hypothetical", "counterfactual", "normative", "speculated", "rhetorical", "promotional"}
)
_WHOLE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Of what a criterion is asked: days from `since` (of the forecast, not included) to `due`; `names` of indicators.

    `about` is the subject where the criterion names none; `names` gives the name of an indicator by its id.
    """

    since: date
    due: date
    names: Mapping[str, str]
    about: str | None = None

    def place(self, quantity: Quantity) -> tuple[str, str] | None:
        """The indicator's name and the subject of a quantity; None where the subject is open."""
        subject = quantity.subject or self.about
        return None if subject is None else (self.names.get(quantity.indicator, quantity.indicator), subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a criterion came out; `outcome` is None where `missing` says what would be needed.

    `found` says what was read; `known_at` is when the last of it was known; `facts` are the keys of the reports used.
    """

    outcome: bool | None
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    known_at: datetime | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """What is known of a quantity: its bounds and unit, or why nothing is."""

    low: float = -math.inf
    high: float = math.inf
    unit: str | None = None
    of: str = ""
    missing: str = ""
    known: tuple[datetime, ...] = ()
    facts: tuple[str, ...] = field(default=())


def judge(criterion: Criterion, setting: Setting, world: World) -> Verdict:
    """How a criterion came out by what the world holds."""
    if isinstance(criterion, Comparison):
        return _compared(criterion, setting, world)
    if isinstance(criterion, Negation):
        inner = judge(criterion.of, setting, world)
        outcome = None if inner.outcome is None else not inner.outcome
        return _verdict(outcome, [inner])
    parts = [judge(part, setting, world) for part in criterion.parts]
    deciding = criterion.word == "OR"  # one true part decides OR, one false part AND
    outcomes = {part.outcome for part in parts}
    if deciding in outcomes:
        return _verdict(deciding, [part for part in parts if part.outcome is deciding])
    return _verdict(None if None in outcomes else not deciding, parts)


def _verdict(outcome: bool | None, parts: Sequence[Verdict]) -> Verdict:
    known = [part.known_at for part in parts if part.known_at is not None]
    return Verdict(
        outcome=outcome,
        found=tuple(dict.fromkeys(line for part in parts for line in part.found)),
        missing=tuple(dict.fromkeys(line for part in parts for line in part.missing)) if outcome is None else (),
        known_at=max(known, default=None),
        facts=tuple(dict.fromkeys(key for part in parts for key in part.facts)),
    )


def _compared(one: Comparison, setting: Setting, world: World) -> Verdict:
    value = _value(one.quantity, setting, world)
    if value.missing:
        return Verdict(outcome=None, missing=(f"{one.quantity}: {value.missing}",))
    number, unit = base_value(one.number, one.unit) if one.unit is not None else (one.number, value.unit)
    if unit != value.unit or number is None:
        why = f"it is told in {value.unit or 'no unit'}, the criterion asks in {one.unit}"
        return Verdict(outcome=None, missing=(f"{one.quantity}: {why}",))
    found = f"{one.quantity} = {_told(value)} ({value.of})"
    outcome = _holds(one.sign, value, number)
    missing = () if outcome is not None else (f"{one}: reports leave open which ({_told(value)}; {value.of})",)
    known = max(value.known, default=None)
    return Verdict(outcome=outcome, found=(found,), missing=missing, known_at=known, facts=value.facts)


def _holds(sign: str, value: _Value, number: float) -> bool | None:
    """Whether the comparison holds for all of the interval (True), for none of it (False), or for some (None)."""
    if sign in {"=", "!="}:
        inside = value.low <= number <= value.high
        equal = None if inside and value.low != value.high else inside
        return equal if equal is None or sign == "=" else not equal
    compare = _WHOLE[sign]
    ends = {compare(value.low, number), compare(value.high, number)}
    return ends.pop() if len(ends) == 1 else None


def _told(value: _Value) -> str:
    unit = "" if value.unit in {None, "1"} else f" {value.unit}"
    if value.low == value.high:
        return f"{shown(value.low)}{unit}"
    low = "anything" if math.isinf(value.low) else shown(value.low)
    return f"{low} to {'anything' if math.isinf(value.high) else shown(value.high)}{unit}"


def _value(quantity: Quantity, setting: Setting, world: World) -> _Value:
    place = setting.place(quantity)
    if place is None:
        return _Value(missing="of which subject? write it in brackets, or say what the forecast is about")
    if place in world.series:
        return _of_series(quantity.function, world, place, setting)
    readings = [
        one
        for key in sorted(world.readings)
        if (one := world.readings[key]).indicator == place[0]
        and place[1] in one.subjects
        and one.modality not in _SUPPOSED
    ]
    return _of_readings(quantity.function, readings, setting)


def _of_series(function: str, world: World, place: tuple[str, str], setting: Setting) -> _Value:
    series = world.series[place]
    last = max(series, default=date.min)
    if last < setting.due:
        return _Value(missing=f"the daily series ends on {last}, before the due day {setting.due}")
    inside = sorted(day for day in series if setting.since < day <= setting.due)
    before = max((day for day in series if day <= setting.since), default=None)
    if not inside:
        return _Value(missing=f"the daily series has no value after {setting.since} until {setting.due}")
    if function == "change" and before is None:
        return _Value(missing=f"the daily series has no value on or before {setting.since}")
    values = [series[day] for day in inside]
    found = {
        "last": values[-1],
        "change": values[-1] - series[before] if before is not None else 0.0,
        "sum": math.fsum(values),
        "mean": math.fsum(values) / len(values),
        "min": min(values),
        "max": max(values),
    }[function]
    of = f"daily series, {len(inside)} days to {inside[-1]}"
    known = tuple(world.known[place][day] for day in inside if day in world.known.get(place, {}))
    return _Value(low=found, high=found, unit=world.units.get(place), of=of, known=known)


def _of_readings(function: str, readings: Sequence[Reading], setting: Setting) -> _Value:
    """Reports are of some days only: no sum or mean can be made of them, and extremes are bounded on one side."""
    dated = [(one.last or one.first, one) for one in readings if one.first is not None]
    inside = [(day, one) for day, one in dated if day is not None and setting.since < day <= setting.due]
    if not inside:
        return _Value(missing=f"nobody tells of it after {setting.since} until {setting.due}, and there is no series")
    if function in {"sum", "mean"}:
        return _Value(missing=f"a {function} needs a daily series; there are only reports of single days")
    if function in {"min", "max"}:
        return _extreme(function, [one for _, one in inside])
    end = max(day for day, _ in inside)
    value = _hull([one for day, one in inside if day == end], str(end))
    if function == "last" or value.missing:
        return value
    return _change(value, [(day, one) for day, one in dated if day is not None and day <= setting.since], setting)


def _change(value: _Value, earlier: Sequence[tuple[date, Reading]], setting: Setting) -> _Value:
    """A value less the last one that was told of before the forecast."""
    begin = max((day for day, _ in earlier), default=None)
    if begin is None:
        return _Value(missing=f"nobody tells of it on or before {setting.since}, from which the change counts")
    start = _hull([one for day, one in earlier if day == begin], str(begin))
    if start.missing or start.unit != value.unit:
        return _Value(missing=start.missing or f"it is told in {start.unit} before and in {value.unit} after")
    return _Value(
        low=value.low - start.high,
        high=value.high - start.low,
        unit=value.unit,
        of=f"{value.of}, less {start.of}",
        known=value.known + start.known,
        facts=value.facts + start.facts,
    )


def _extreme(function: str, readings: Sequence[Reading]) -> _Value:
    each = [_hull([one], "") for one in readings]
    units = {one.unit for one in each if not one.missing}
    whole = [one for one in each if not one.missing]
    if len(units) != 1:
        return _Value(missing="no two reports of it are numbers in one unit" if units else "no report has a number")
    low = max(one.low for one in whole) if function == "max" else -math.inf
    high = math.inf if function == "max" else min(one.high for one in whole)
    facts = tuple(key for one in whole for key in one.facts)
    known = tuple(instant for one in whole for instant in one.known)
    return _Value(low=low, high=high, unit=units.pop(), of=f"{len(whole)} reports", known=known, facts=facts)


def _hull(readings: Sequence[Reading], day: str) -> _Value:
    """All that several reports of one day leave open."""
    bounds = [(one, found) for one in readings if (found := _bounds(one)) is not None]
    if not bounds:
        return _Value(missing=f"told in words only: {readings[0].told or readings[0].statement}")
    units = {one.unit for one, _ in bounds}
    if len(units) != 1:
        return _Value(missing=f"told in several units: {', '.join(sorted(str(unit) for unit in units))}")
    return _Value(
        low=min(low for _, (low, _) in bounds),
        high=max(high for _, (_, high) in bounds),
        unit=units.pop(),
        of=f"{', '.join(one.name for one, _ in bounds)}{f' of {day}' if day else ''}",
        known=tuple(one.known_at for one, _ in bounds),
        facts=tuple(one.key for one, _ in bounds),
    )


def _bounds(one: Reading) -> tuple[float, float] | None:
    if one.value is not None:
        return {"at least": (one.value, math.inf), "at most": (-math.inf, one.value)}.get(
            str(one.bound), (one.value, one.value)
        )
    if one.low is not None and one.high is not None:
        return one.low * one.multiplier, one.high * one.multiplier
    return None


def day_over(due: date | datetime, now: datetime) -> bool:
    """Whether the due day (in UTC) is over, so that a forecast can be judged."""
    day = due.date() if isinstance(due, datetime) else due
    return now.date() > day
