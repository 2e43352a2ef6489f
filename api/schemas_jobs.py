"""Jobs over the wire: what they are, how far they are, and what a batch of explanations asks for."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Name, ProblemBody, When

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
JobId = Annotated[str, Field(max_length=40)]
BATCH_EXAMPLES: dict[str, Example] = {
    "large moves": Example(
        summary="every day of two years on which the share moved by a tenth",
        value={"instrument": "btcusd", "min": 0.1, "since": "2024-01-01", "until": "2025-12-31"},
    ),
    "by the close": Example(
        summary="each day by what was known once its close was public, without cases",
        value={"instrument": "btcusd", "min": 0.1, "as_of_close": True, "no_case": True},
    ),
    "carry on": Example(summary="go on where a batch failed", value={"resume_token": "job_0123456789abcdef0123"}),
}


class BatchRequest(BaseModel):
    """Which moves of an instrument to explain, one after another; or which batch to carry on with."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    instrument: Name | None = Field(default=None, description="id, symbol or name of what moved")
    min: float | None = Field(default=None, gt=0.0, le=1000.0, description="moves of at least this share, 0.08 for 8%")
    since: When | None = Field(default=None, description="only moves that end on this day or later")
    until: When | None = Field(default=None, description="only moves that end on this day or earlier")
    as_of: When | None = Field(default=None, description="use only what was known by then")
    as_of_close: bool = Field(default=False, description="use of each day only what was known once its close was")
    as_at: When | None = Field(default=None, description="use the graph as it stood then")
    no_case: bool = Field(default=False, description="leave cases out: series and templates alone")
    resume_token: JobId | None = Field(
        default=None, description="`resume_token` of a batch that ended early; given alone, it is carried on with"
    )


class JobProgress(BaseModel):
    """How far a job is: `done` of `total` parts, null where nobody knows yet."""

    done: int
    total: int | None


class JobRequest(BaseModel):
    """What was asked for, in the fields of the request of that kind."""

    model_config = ConfigDict(extra="allow")


class JobCounters(BaseModel):
    """What was counted, by the names of that kind of job."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, int]


class BatchDay(BaseModel):
    """What became of one day of a batch: its explanation, or why there is none."""

    day: str
    explanation: str | None
    refused: str | None


class JobResult(BaseModel):
    """What a job gave: `location` of what it made, or the `items` of a batch, and further fields of its kind."""

    model_config = ConfigDict(extra="allow")

    location: str | None = None
    explanation: str | None = None
    items: list[BatchDay] | None = None


class JobBody(BaseModel):
    """One job: long work that goes on without its client."""

    id: str
    kind: str = Field(description="what sort of work it is, such as `explanation` or `explanations`")
    state: JobState
    created_at: str
    started_at: str | None
    finished_at: str | None
    updated_at: str
    attempts: int = Field(description="how often it was begun; more than once where the service stopped meanwhile")
    progress: JobProgress
    counters: JobCounters
    request: JobRequest
    result: JobResult | None = Field(description="what it gave, once it has succeeded")
    error: ProblemBody | None = Field(description="why it failed")
    resume_token: str | None = Field(description="with it a job that ended early can be carried on, where it can")


class StreamEvent(BaseModel):
    """One server-sent event: its id, with which a client goes on, what it is, and its data as one line of JSON."""

    id: str
    event: str
    data: str


class JobList(BaseModel):
    """One page of jobs, the youngest first."""

    items: list[JobBody]
    next_cursor: str | None
