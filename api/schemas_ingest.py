"""Runs of sources over the wire: what one is asked to fetch, and how far it is."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import When
from api.schemas_jobs import JobCounters

SourceName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9_-]+$")]
Symbol = Annotated[str, Field(min_length=1, max_length=100)]
RunId = Annotated[str, Field(min_length=1, max_length=100)]
INGEST_EXAMPLES: dict[str, Example] = {
    "carry on": Example(
        summary="what is new of all symbols since the last run of the source", value={"source": "coinbase"}
    ),
    "a span": Example(
        summary="two years of one instrument",
        value={"source": "coinbase", "symbols": ["btcusd"], "since": "2024-01-01", "until": "2025-12-31"},
    ),
    "resume": Example(summary="go on where a run was interrupted", value={"resume": "coinbase-0123456789ab"}),
}


class IngestRequest(BaseModel):
    """What to fetch of a source, or which run to carry on."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: SourceName | None = Field(default=None, description="name of a source")
    since: When | None = Field(default=None, description="day or instant from which on; else where the last run ended")
    until: When | None = Field(default=None, description="last day, or instant before which; else now")
    symbols: list[Symbol] = Field(
        default_factory=list, max_length=100, description="as the source calls them, or instruments; else all"
    )
    resume: RunId | None = Field(default=None, description="a run that ended early; given alone, it is carried on")


class IngestJob(BaseModel):
    """One run of a source."""

    id: str
    source: str
    kind: Literal["fetch", "reparse"]
    state: Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
    phase: Literal["fetching", "checking", "storing", "done"]
    since: str
    until: str
    symbols: list[str]
    fetched: int = Field(description="answers that are kept")
    stored: int = Field(description="of them those whose facts and values are stored")
    counters: JobCounters
    error: str | None = Field(description="why it failed, or was interrupted")
    attempts: int
    created_at: str
    started_at: str | None
    updated_at: str
    finished_at: str | None


class IngestJobList(BaseModel):
    """One page of runs, the youngest first."""

    items: list[IngestJob]
    next_cursor: str | None
