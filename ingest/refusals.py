"""Turns what pydantic says of a file into rejections as its author would put them: `files[3].clock.tz`, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.errors import Rejection
from ingest.knownkeys import in_words

_WANTED = {
    "bool": "true or false",
    "date": "a date",
    "datetime": "an instant",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "mapping": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
    "string": "a text",
    "tuple": "a list",
}
_ID = "^[a-z0-9_-]+$"
_SHOWN = 60  # characters of a value


def refusals(path: Path, data: object, error: ValidationError, kind: object) -> list[Rejection]:
    """One rejection a place of what was to be a `kind`; what several alternatives say of one place is joined."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in error.errors():
        said: Mapping[str, Any] = {**one, "msg": in_words(one, kind)}
        found.setdefault(_place(data, one["loc"]), []).append(said)
    return [
        Rejection(file=str(path), path=at, reason=_reason(said))
        for at, said in found.items()
        if not (_counts_alone(said) and any(other.startswith(f"{at}[") for other in found))
    ]


def _counts_alone(said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is only said to be too short, which it is also where its entries are refused."""
    return all(one["type"] == "too_short" for one in said)


def _reason(said: Sequence[Mapping[str, Any]]) -> str:
    wanted = list(dict.fromkeys(word for one in said if (word := _sort_of(one["type"])) is not None))
    rest = list(dict.fromkeys(_words(one) for one in said if _sort_of(one["type"]) is None))
    if wanted:
        rest.insert(0, f"{' or '.join(wanted)} is wanted, not {_shown(said[0]['input'])}")
    return "; or ".join(rest)


def _sort_of(kind: str) -> str | None:
    return next((_WANTED.get(kind.removesuffix(end)) for end in ("_type", "_parsing") if kind.endswith(end)), None)


def _words(one: Mapping[str, Any]) -> str:
    told = str(one["msg"]).removeprefix("Value error, ")
    context = one.get("ctx", {})
    match one["type"]:
        case "too_short":
            return f"at least {context['min_length']} wanted, there are {context['actual_length']}"
        case "string_pattern_mismatch" if context["pattern"] == _ID:
            return f"lower-case letters, digits, _ and - are wanted, not {_shown(one['input'])}"
        case "finite_number":
            return "a finite number is wanted; leave out what is not known"
        case "missing" | "value_error" | "extra_forbidden":
            return told
    return f"{told}, not {_shown(one['input'])}"


def _shown(value: object) -> str:
    """A value as its author knows it."""
    if value is None:
        return "nothing"
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _place(data: object, place: Sequence[int | str]) -> str:
    """`facts[3].unit`; names of alternatives, which pydantic adds to the place, are left out."""
    text, here = "", data
    for position, part in enumerate(place):
        if isinstance(part, int) and isinstance(here, tuple):
            text += f"[{part}]"
            here = here[part] if part < len(here) else None
        elif isinstance(part, str) and isinstance(here, dict) and (part in here or position == len(place) - 1):
            text += f".{part}" if text else part
            here = here.get(part)
    return text or "(file)"
