"""Searches for what was missing: what came of one, and how it is kept, whoever recorded it.

A search is a fact of its own on the gap that it was for, so that it has its own clocks, and reading a file again does
not undo what a reviewer found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from graph.model import Value
from ingest.caseparts import Moment, Part, Text
from ingest.clocks import UTC_CLOCK, known_from

SearchOutcome = Literal["open", "found", "not_found", "not_public"]


class SearchPart(Part):
    """Whether anybody looked for a thing (`open`: nobody did), and what came of it; `at` is when.

    Of what was `not_found`, `detection` is the chance that the search would have found it, had it been there, and
    `false_alarm` the chance that it finds what is not there; without the first nothing follows. `window` says of which
    time, as seen from the move, the search was.
    """

    outcome: SearchOutcome
    detection: Annotated[float, Field(gt=0, lt=1)] | None = None
    false_alarm: Annotated[float, Field(ge=0, lt=1)] = 0.0
    window: Literal["before", "during", "after"] = "during"
    at: Moment | None = None
    by: Text | None = None
    how: Text | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Chances belong to what was not found, and a search that finds more where nothing is finds nothing out."""
        if self.detection is not None and self.outcome != "not_found":
            raise ValueError(f"detection is of what was not_found, not of what is {self.outcome}; leave it out")
        if self.detection is not None and self.false_alarm >= self.detection:
            raise ValueError("false_alarm has to be less than detection, else the search says nothing; correct one")
        return self


def search_properties(part: SearchPart, known: datetime, precise: str) -> Mapping[str, Value]:
    """The properties of its node; without a time of its own it was known since `known`."""
    if part.at is not None:
        known, precise = known_from(part.at, UTC_CLOCK), "instant" if isinstance(part.at, datetime) else "day"
    return {
        "outcome": part.outcome,
        "detection": part.detection,
        "false_alarm": part.false_alarm or None,
        "window": part.window,
        "how": part.how,
        "known_at": known,
        "known_at_precision": precise,
    }
