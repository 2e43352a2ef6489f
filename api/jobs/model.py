"""What a job is, and what a kind of job has to be able to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
Content = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of long work, as the ledger holds it; times are seconds since 1970.

    `place` is how far it came, in the words of its kind: whoever runs it next goes on from there. `error` is a problem
    body, `result` what its kind gave back.
    """

    id: str
    kind: str
    request: Content
    request_id: str
    state: State
    created_at: float
    started_at: float | None
    finished_at: float | None
    updated_at: float
    attempts: int
    done: int
    total: int | None
    counters: Mapping[str, int]
    place: Content | None
    result: Content | None
    error: Content | None

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINISHED

    @property
    def path(self) -> str:
        """Where it can be read."""
        return f"/v1/jobs/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """Something that happened in a job: `seq` counts from 1 within it."""

    seq: int
    event: Literal["progress", "log", "done"]
    at: float
    data: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a job came: `done` of `total` parts (None where nobody knows), counters by name, and the place."""

    done: int
    total: int | None = None
    counters: Mapping[str, int] = field(default_factory=dict)
    place: Content | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a running job is given: the job as it was claimed, and ways to say how far it is.

    `step` and `log` return when the ledger holds what they say; whatever a kind did before `step` it need not do again.
    """

    job: Job
    step: Callable[[Step], Awaitable[None]]
    log: Callable[[str], Awaitable[None]]


class JobKind(Protocol):
    """A kind of long work, listed by its name where the service starts."""

    @property
    def name(self) -> str:
        """What the ledger calls it."""

    async def run(self, context: JobContext) -> Content:
        """Do the work from `context.job.place` on, and give back what the job's `result` is to be.

        May be cancelled at any await, by a client or because the service stops; it is then run again from the last
        place it told, so what it does between two places has to bear being done twice. What it raises ends the job as
        failed.
        """
