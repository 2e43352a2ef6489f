"""What a client prefers (RFC 7240): to be answered later, or after waiting so many seconds at most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WAIT = 60
_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,9})\"?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How long to hold the answer back, in seconds (0: not at all), before a job is handed out instead."""

    wait: int
    applied: str


def preference_of(fields: Sequence[str]) -> Preference | None:
    """What the `Prefer` fields of a request ask for; None where they ask for nothing that is honoured here.

    Of a preference that is given twice the first counts; one that cannot be read is left out, as the RFC has it.
    """
    parts = [part.split(";", 1)[0].strip().lower() for field in fields for part in field.split(",")]
    waits = [int(found[1]) for part in parts if (found := _WAIT.fullmatch(part))]
    later = "respond-async" in parts
    if not later and not waits:
        return None
    wait = min(waits[0], LONGEST_WAIT) if waits else 0
    applied = [*(["respond-async"] if later else []), *([f"wait={wait}"] if waits else [])]
    return Preference(wait=wait, applied=", ".join(applied))
