"""What goes over the wire of numeric series: what the graph says of each, and its values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Listing, Row


class SeriesRow(Row):
    """One series: an indicator of something over time. Its numbers stand under `/v1/series/{id}/values`."""

    id: str
    name: str | None
    indicator: str | None
    subjects: list[str] = Field(description="ids of the instruments and actors that it is about")
    unit: str | None
    frequency: str | None = Field(description="ISO 8601 duration, in words where a case wrote it so")
    tz: str | None
    cutoff: str | None = Field(description="time of day at which a day of it ends")
    session_calendar: str | None
    licence: str | None = Field(description="`private_use`, `may_show` or `may_redistribute`")
    source: str | None
    first: str | None
    last: str | None
    count: int | None = Field(description="rows, revisions counted each")
    publication_lag: str | None
    has_values: bool = Field(description="whether its numbers are stored")


class SeriesList(Listing):
    """One page of series."""

    items: list[SeriesRow]


SeriesValue = Annotated[list[str | float | None], Field(min_length=4, max_length=4)]


class SeriesValues(BaseModel):
    """Values of one series in order of time, one array a row with the columns of `fields`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    series: str
    indicator: str | None
    subjects: list[str]
    unit: str | None
    licence: str | None
    source: str | None
    as_of: str | None = Field(description="as it was asked for; null for what is known now")
    count: int = Field(description="rows of this answer")
    truncated: bool = Field(description="whether `limit` cut the answer")
    next_since: str | None = Field(description="`since` of the request that goes on, where it was cut")
    fields: list[str]
    values: list[SeriesValue]
