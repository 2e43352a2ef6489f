"""Turns a plain unit (`USD billion`, `percent a year`) into a class of unit and a multiplier, to scale a reading.

Only the unit field is read; what a reader cannot turn into its own stays a class of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MULTIPLIERS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_CLASSES = {
    "percent": "percent",
    "percent a year": "percent",
    "percentage points": "pp",
    "basis points": "bp",
    "index points": "points",
    "volatility points": "points",
    "points": "points",
    "standard deviations": "sd",
    "ratio": "ratio",
    "bool": "bool",
    "text": "text",
    "date": "date",
    "datetime": "date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """`kind`: percent, pp, bp, points, sd, ratio, bool, text, date, a currency code, or what is counted."""

    kind: str
    multiplier: float


def read_unit(text: str) -> Unit:
    """The class and multiplier of a plain unit; never raises."""
    plain = " ".join(text.split())
    if plain in _CLASSES:
        return Unit(kind=_CLASSES[plain], multiplier=1.0)
    multiplier = 1.0
    words = []
    for word in plain.split(" "):
        if word in _MULTIPLIERS:
            multiplier *= _MULTIPLIERS[word]
        else:
            words.append(word)
    kind = " ".join(words) or "number"
    if re.fullmatch(r"[A-Z0-9]{2,6} per [A-Z0-9]{2,6}", kind):
        kind = "level"
    return Unit(kind=kind, multiplier=multiplier)
