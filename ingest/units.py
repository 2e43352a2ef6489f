"""Reads plain units: which sort they are, and the same number in whole units for queries (percent as fraction)."""

from __future__ import annotations

import re

_MULTIPLIERS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_FRACTIONS = {"percent": 0.01, "percent a year": 0.01, "percentage points": 0.01, "basis points": 0.0001}
_CODE = re.compile(r"^[A-Z][A-Z0-9]{1,5}$")
_RATE = re.compile(r"^[A-Z][A-Z0-9]{1,5} per [A-Z][A-Z0-9]{1,5}$")


def base_value(value: object, unit: str) -> tuple[float | None, str | None]:
    """(number, unit) normalised: percent as a fraction, money in whole units; (None, None) where it is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None, None
    if unit in _FRACTIONS:
        return value * _FRACTIONS[unit], "1"
    multiplier, words = 1.0, []
    for word in unit.split():
        if word in _MULTIPLIERS:
            multiplier *= _MULTIPLIERS[word]
        else:
            words.append(word)
    return value * multiplier, " ".join(words) or "1"


def sort_of(unit: str) -> str:
    """`rate`, `money`, `price`, `points`, `count`, or one of the words bool, date, datetime, text, ratio."""
    if unit in _FRACTIONS:
        return "rate"
    if unit in {"bool", "date", "datetime", "text", "ratio"}:
        return unit
    words = [word for word in unit.split() if word not in _MULTIPLIERS]
    if _RATE.match(unit):
        return "price"
    if len(words) == 1 and _CODE.match(words[0]):
        return "money"
    if words[-1:] == ["points"] or unit == "standard deviations":
        return "points"
    return "count"
