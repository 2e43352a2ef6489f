"""What goes over the wire of readings: what series say of a move."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Row


class ReadingRow(Row):
    """One derived reading of a series around a move, and its place among comparable days."""

    subject: str
    reading: str
    window: Literal["before", "during", "after"]
    value: float
    unit: str | None
    percentile: float = Field(description="among days on which the same thing moved as far the same way, 0 to 100")
    comparable_days: float = Field(description="how many such days it is judged by, as they are weighed")
    spread: Annotated[list[float], Field(description="quantiles of the reading on such days")]
    series: str | None
    known_at: str | None
    statement: str | None


class ReadMove(BaseModel):
    """The move that was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    instrument: str
    start: str
    end: str


class ReadingList(BaseModel):
    """The readings of one move, the most unusual first; not paged, as all are made at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    move: ReadMove
    as_of: str
    as_at: str
    count: int = Field(description="how many readings there are, those that were not asked for included")
    items: list[ReadingRow]
    truncated: bool = Field(description="whether `limit` cut the answer")
