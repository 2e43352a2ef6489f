"""Turns what pydantic says of a file into rejections that name the place as its author would: `files[3].clock.tz`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from ingest.errors import Rejection


def refusals(path: Path, data: object, error: ValidationError) -> list[Rejection]:
    """One rejection a place; what several alternatives say of one place is joined."""
    reasons: dict[str, list[str]] = {}
    for one in error.errors():
        reason = one["msg"].removeprefix("Value error, ")
        known = reasons.setdefault(_place(data, one["loc"]), [])
        if reason not in known:
            known.append(reason)
    return [Rejection(file=str(path), path=at, reason="; or ".join(why)) for at, why in reasons.items()]


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
