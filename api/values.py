"""Values of the graph and of an explanation, as people and as JSON see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime

import orjson

from api.dates import write_instant
from causal.world import DIFFERENCE

_CELL = 400


def as_json(value: object) -> object:
    """A value as JSON can hold it: instants and dates as ISO texts, anything unknown by its own text.

    A dataclass becomes an object of its fields, their names without a trailing underscore.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date):
        return write_instant(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): as_json(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [as_json(part) for part in value]
    if is_dataclass(value):
        return {field.name.rstrip("_"): as_json(getattr(value, field.name)) for field in fields(value)}
    return str(value)


def as_text(value: object) -> str:
    """A value as it stands in a cell of a table."""
    plain = as_json(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, float):
        return f"{plain:.6g}"
    text = plain if isinstance(plain, str) else orjson.dumps(plain).decode()
    return text if len(text) <= _CELL else f"{text[: _CELL - 3]}..."


def return_is(unit: str) -> str:
    """What the return of a move tells, as an answer has it, by its unit in the graph."""
    return DIFFERENCE if unit == DIFFERENCE else "relative"
