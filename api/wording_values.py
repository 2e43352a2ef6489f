"""How a value of an explanation is written: its digits, its sign, its unit, and how it compares with other days."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

Part = Mapping[str, Any]

UNITS = {
    "percent": "%",
    "percent a year": "% a year",
    "percent p.a.": "% a year",
    "pp": "percentage points",
    "bp": "basis points",
    "sd": "standard deviations",
    "none": "",
    "boolean": "",
    "bool": "",
    "text": "",
    "date": "",
}
USUAL = {
    1: "much lower than usual",
    2: "lower than usual",
    3: "about as usual",
    4: "higher than usual",
    5: "much higher than usual",
}
_CHANGES = ("change", "return", "performance", "flow")
_ALIKE, _ROUGHLY = 0.5, 1.5  # widths of the kernel over ln |move|: up to here, days of this size, and of roughly it
_PAIR = 2


def reading(value: object, unit: str | None, *, signed: bool = False) -> str:
    """A reported value with its unit and all the digits that the source gives.

    A range is `low to high`, an occurrence yes or no, a fraction a percentage; `signed` shows a plus too.
    """
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "fraction" and isinstance(value, int | float):
        return reading(value * 100.0, "percent", signed=signed)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == _PAIR:
        return _with_unit(" to ".join(_as_given(part, signed=signed) for part in value), unit)
    return _with_unit(_as_given(value, signed=signed), unit)


def measured(value: float, unit: str | None) -> str:
    """A computed value, which is a change or a distance: signed, with three digits that count."""
    return _with_unit(rounded(value), unit)


def rounded(value: float, scale: float | None = None) -> str:
    """A number with its sign and thousands apart: three digits that count, two below one, whole from a hundred on.

    `scale` is the size that decides how many, so that numbers of one scale are rounded alike; its own without.
    """
    size = abs(value) if scale is None else abs(scale)
    digits = next((n for n, least in ((0, 99.95), (1, 9.995), (2, 0.995)) if size >= least), None)
    if digits is None:
        digits = 1 - math.floor(math.log10(size)) if size else 0
    text = f"{abs(value):,.{digits}f}"
    return f"{'-' if value < 0 else '+'}{text}" if text.strip("0.") else "0"


def _with_unit(text: str, unit: str | None) -> str:
    named = UNITS.get(unit, unit) if unit else ""
    return f"{text} {named}" if named else text


def _as_given(value: object, *, signed: bool) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:{'+' if signed and value else ''},.10g}"
    text = str(value)
    return _named_parts(text) if text.startswith("{") else text


def _named_parts(text: str) -> str:
    """`gold from 6, gold to 8` of a value with several named parts, which the object holds as JSON."""
    try:
        parts = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return ", ".join(f"{str(name).replace('_', ' ')} {_as_given(part, signed=False)}" for name, part in parts.items())


def is_change(item: Part) -> bool:
    """Whether an item's value is a change of something, so that its sign is shown."""
    return str(item.get("indicator") or "").endswith(_CHANGES)


def value_of(item: Part) -> str:
    """What was read, with its unit: rounded if it was computed from a series, as the source gives it otherwise."""
    value, unit = item["value"], item.get("unit")
    if item.get("series") and isinstance(value, int | float) and not isinstance(value, bool):
        return measured(value, unit)
    return reading(value, unit, signed=is_change(item))


def measure_of(item: Part) -> str:
    """What was computed from the series, as its statement says: `turnover against the usual`.

    Empty where the indicator's own name says as much, and where no series was read.
    """
    subject, _, rest = str(item["statement"]).partition(": ")
    found = re.match(r"(.*?) [+-][0-9]", rest)
    if not item.get("series") or found is None or subject != item.get("subject"):
        return ""
    known = {*str(item["indicator"]).split(), "of", "the", "over", "window"}
    return found[1] if set(found[1].split()) - known else ""


def compared(item: Part) -> str:
    """How a reading compares: with comparable days if a series gave it, else with what is usual; empty if neither.

    `higher than 90% of 104 comparable days`; the percentages are rounded down, so that none of them is ever 100.
    """
    series = item.get("series")
    if series:
        share = float(series["percentile"])
        side, whole = ("higher", share) if share >= 50.0 else ("lower", 100.0 - share)
        return f"{side} than {int(whole)}% of {series['comparable_days']:,.0f} comparable days"
    reason, found = str(item.get("bin_reason") or ""), item.get("bin")
    if found is None or reason.startswith(("occurs", "absent", "the move itself")) or isinstance(item["value"], bool):
        return ""
    if reason.endswith("direction only"):
        return f"read as {reason.partition(':')[0]}"
    return USUAL.get(found, "")


def comparable(item: Part, move: Part) -> str:
    """Which days are comparable: `days on which btcusd fell about as much`; empty without a series."""
    series, change = item.get("series"), move.get("return")
    if not series:
        return ""
    verb = "moved the same way" if not change else "rose" if change > 0 else "fell"
    width = series.get("bandwidth")
    if width is None or width > _ROUGHLY:
        size = "by any amount"
    else:
        size = "about as much" if width <= _ALIKE else "very roughly as much"
    return f"days on which {move['instrument']} {verb} {size}"


def points(series: Part) -> str:
    """The numbers that a strip is drawn from, without their unit."""
    p5, _, p50, _, p95 = series["spread"]
    scale = max(abs(p5), abs(p95))
    return f"5% {rounded(p5, scale)}, median {rounded(p50, scale)}, 95% {rounded(p95, scale)}"
