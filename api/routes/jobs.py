"""Jobs over REST: how long work is handed out, looked at, listened to and cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from api.dates import write_instant
from api.eventstream import COMMENT, KEEP_ALIVE, MEDIA_TYPE, Streams, frame
from api.guarding import needs
from api.jobs.model import Job
from api.jobs.runner import JobRunner
from api.paging import DEFAULT_LIMIT, MOST, before_of, cursor_before
from api.problems import RETRY_AFTER
from api.routes.answers import BAD_QUERY, NOT_FOUND, NOT_WRITTEN, UNREADABLE, accepted, failure, link_next
from api.routes.forms import offering
from api.schemas_jobs import JobBody, JobList, JobProgress, JobState, StreamEvent

router = needs("read")(APIRouter(tags=["jobs"]))
_JSON = "application/json"
NO_LEDGER = failure(503, "the ledger of jobs cannot be used; `Retry-After` says when to ask again")
ACCEPTED = accepted(JobBody, "job")


async def _runner(request: Request) -> JobRunner:
    runner = request.app.state.jobs
    assert isinstance(runner, JobRunner)
    return runner


async def _streams(request: Request) -> Streams:
    streams = request.app.state.streams
    assert isinstance(streams, Streams)
    return streams


GivenJobs = Annotated[JobRunner, Depends(_runner)]
GivenStreams = Annotated[Streams, Depends(_streams)]
GivenId = Annotated[str, Path(alias="id", max_length=40)]


def job_body(job: Job) -> JobBody:
    """A job as it goes over the wire."""
    times = {name: getattr(job, name) for name in ("created_at", "started_at", "finished_at", "updated_at")}
    return JobBody.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            **{name: None if at is None else _instant(at) for name, at in times.items()},
            "attempts": job.attempts,
            "progress": JobProgress(done=job.done, total=job.total),
            "counters": job.counters,
            "request": job.request,
            "result": job.result,
            "error": job.error,
            "resume_token": job.id if job.place is not None else None,
        }
    )


def accepted_job(job: Job) -> Response:
    """The answer to a request that became a job: 202, where it is and when to look."""
    headers = {"Location": job.path, "Retry-After": str(RETRY_AFTER)}
    return Response(job_body(job).model_dump_json(), HTTPStatus.ACCEPTED, headers=headers, media_type=_JSON)


@router.get("/v1/jobs", operation_id="listJobs", summary="The jobs", responses=BAD_QUERY | NO_LEDGER)
async def get_jobs(
    response: Response,
    request: Request,
    *,
    jobs: GivenJobs,
    state: Annotated[JobState | None, Query(description="only jobs in this state")] = None,
    kind: Annotated[str | None, Query(max_length=100, description="only jobs of this kind")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows of a page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before")] = None,
) -> JobList:
    """Long work of the last week and what waits, the youngest first."""
    listed = f"jobs?{state}&{kind}"
    found = await jobs.jobs.page(state=state, kind=kind, before=before_of(listed, cursor), limit=limit + 1)
    shown = found[:limit]
    following = cursor_before(listed, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    link_next(request, response, following, limit)
    return JobList(items=[job_body(job) for job in shown], next_cursor=following)


@router.get("/v1/jobs/{id}", operation_id="getJob", summary="One job", responses=NOT_FOUND | UNREADABLE | NO_LEDGER)
async def get_job(response: Response, job_id: GivenId, jobs: GivenJobs) -> JobBody:
    """How far a job is; `Retry-After` says when it is worth while to look again."""
    job = await jobs.jobs.get(job_id)
    if not job.finished:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return job_body(job)


@router.delete(
    "/v1/jobs/{id}", operation_id="cancelJob", summary="Cancel a job", responses=NOT_FOUND | UNREADABLE | NO_LEDGER
)
async def cancel_job(job_id: GivenId, jobs: GivenJobs) -> JobBody:
    """End a job that waits or runs; what it has done stays. One that has ended is left as it is."""
    return job_body(await jobs.cancel(job_id))


@router.get(
    "/v1/jobs/{id}/events",
    operation_id="listJobEvents",
    summary="What happens in a job, as it happens",
    response_class=Response,
    responses={
        200: {
            "model": StreamEvent,
            "description": "`progress`, `log` and at last `done`, as server-sent events with rising ids",
            "content": {MEDIA_TYPE: {}},
        },
        **NOT_FOUND,
        **UNREADABLE,
        **NOT_WRITTEN,
        **failure(503, "too many clients listen, or the ledger cannot be used"),
    },
    dependencies=[offering(MEDIA_TYPE)],
)
async def get_job_events(
    request: Request,
    job_id: GivenId,
    jobs: GivenJobs,
    streams: GivenStreams,
    last_event_id: Annotated[int, Header(ge=0, le=2**53, description="go on after this event")] = 0,
) -> Response:
    """All events of a job from its first on, or from `Last-Event-ID`; the stream ends with the job."""
    await jobs.jobs.get(job_id)
    return streams.answer(_follow(jobs, job_id, last_event_id, lambda: ending(request)))


def ending(request: Request) -> bool:
    """Whether the service is about to stop: streams end then, and their clients go on elsewhere or later."""
    return bool(request.app.state.draining)


async def _follow(jobs: JobRunner, job_id: str, after: int, stop: Callable[[], bool]) -> AsyncIterator[bytes]:
    silent = 0.0
    while not stop():
        ended = (await jobs.jobs.get(job_id)).finished  # asked first: what ends it is then among its events
        events = await jobs.jobs.events(job_id, after)
        for one in events:
            after, silent = one.seq, 0.0
            yield frame(str(one.seq), one.event, {"at": _instant(one.at), **one.data})
        if ended and not events:
            return
        if not events:
            silent += await jobs.jobs.change()
        if silent >= KEEP_ALIVE:
            silent = 0.0
            yield COMMENT


def _instant(seconds: float) -> str:
    return write_instant(datetime.fromtimestamp(seconds, UTC))
