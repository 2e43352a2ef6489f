"""What goes over the wire of searches for what was missing."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Listing, Name, Row
from ingest.searches import SearchOutcome

Window = Literal["before", "during", "after"]


class SearchRequest(BaseModel):
    """What somebody found who looked for a thing that is named as missing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    gap: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="key of what is missing (`/v1/moves/{id}/data-gaps`), or the last part of one"
    )
    outcome: SearchOutcome = Field(description="`open`: nobody has looked yet")
    by: Name = Field(description="id or name of who looked; a name that nobody has becomes a new one")
    detection: float | None = Field(
        default=None, gt=0, lt=1, description="of what was not found: the chance to find it, had it been there"
    )
    false_alarm: float = Field(
        default=0.0, ge=0, lt=1, description="the chance that such a search finds what is not there"
    )
    window: Window = Field(default="during", description="of which time it was, as seen from the move")
    how: Annotated[str, Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="where and how it was looked for"
    )
    new_author: bool = Field(
        default=False, description="whether `by` is somebody new although the name is nearly known"
    )


class SearchRow(Row):
    """What came of looking for a thing that was missing."""

    id: str = Field(description="of this recorded version")
    key: str = Field(description="of the search over all its versions")
    gap: str = Field(description="key of what was missing")
    item: str | None = Field(description="what was missing")
    indicator: str | None
    subject: str | None
    outcome: SearchOutcome
    detection: float | None = Field(description="the chance to find it, had it been there; without one nothing follows")
    false_alarm: float | None
    window: Window | None
    how: str | None
    by: str | None
    name: str | None
    known_at: str


class SearchList(Listing):
    """A page of searches."""

    items: list[SearchRow]


SEARCH_EXAMPLES: dict[str, Example] = {
    "not found": Example(
        summary="looked for and not found, though it would probably have been seen",
        value={
            "gap": "2026-02-05-bitcoin-flash-crash:gap.1",
            "outcome": "not_found",
            "detection": 0.8,
            "by": "desk analyst",
            "how": "the register of all filings of that week",
        },
    )
}
