"""Runs of sources over REST: begun, looked at and cancelled; their events are those of the job that does them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, time
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.dates import parse_clock, parse_when, write_instant
from api.deps import GivenServices, Services
from api.errors import InvalidAskError
from api.guarding import needs
from api.jobs.ingests import INGEST
from api.paging import DEFAULT_LIMIT, MOST, before_of, cursor_before
from api.problems import RETRY_AFTER
from api.routes.answers import BAD_BODY, BAD_QUERY, NOT_FOUND, UNREADABLE, accepted, failure, link_next
from api.routes.explanations import json_only
from api.routes.jobs import NO_LEDGER, GivenJobs
from api.schemas_ingest import INGEST_EXAMPLES, IngestJob, IngestJobList, IngestRequest
from api.settings import Settings
from ingest.ledger import Run, RunLedger

router = needs("ingest")(APIRouter(tags=["ingest"]))
Result = TypeVar("Result")
GivenRun = Annotated[str, Path(alias="id", max_length=100)]
_ACCEPTED = accepted(IngestJob, "run") | failure(502, "the source needs a key that is not set")


def run_body(run: Run) -> IngestJob:
    """A run as it goes over the wire."""
    times = {name: getattr(run, name) for name in ("created_at", "started_at", "updated_at", "finished_at")}
    return IngestJob.model_validate(
        {
            **{name: getattr(run, name) for name in ("id", "source", "kind", "state", "phase", "fetched", "stored")},
            **{name: getattr(run, name) for name in ("counters", "error", "attempts")},
            **{
                name: None if at is None else write_instant(datetime.fromtimestamp(at, UTC))
                for name, at in times.items()
            },
            "since": write_instant(run.window.since),
            "until": write_instant(run.window.until),
            "symbols": list(run.window.symbols),
        }
    )


async def _in_ledger(services: Services, act: Callable[[RunLedger], Result]) -> Result:
    """What `act` gives, in a thread: the ledger is a file."""

    def whole() -> Result:
        with closing(RunLedger(services.settings.runs)) as ledger:
            return act(ledger)

    return await asyncio.to_thread(whole)


@needs("read")
@router.get("/v1/ingest-jobs", operation_id="listIngestJobs", summary="The runs", responses=BAD_QUERY | NO_LEDGER)
async def get_runs(
    response: Response,
    request: Request,
    *,
    services: GivenServices,
    source: Annotated[str | None, Query(max_length=60, description="only runs of this source")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows of a page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")] = None,
) -> IngestJobList:
    """What was fetched from sources and what is being fetched, the youngest first."""
    listed = f"ingest-jobs?{source}"
    before = before_of(listed, cursor)
    found = await _in_ledger(services, lambda ledger: ledger.page(source=source, before=before, limit=limit + 1))
    shown = found[:limit]
    following = cursor_before(listed, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    link_next(request, response, following, limit)
    return IngestJobList(items=[run_body(run) for run in shown], next_cursor=following)


@needs("read")
@router.get(
    "/v1/ingest-jobs/{id}", operation_id="getIngestJob", summary="One run", responses=NOT_FOUND | UNREADABLE | NO_LEDGER
)
async def get_run(response: Response, run_id: GivenRun, services: GivenServices) -> IngestJob:
    """How far a run is; `Retry-After` says when it is worth while to look again."""
    run = await _in_ledger(services, lambda ledger: ledger.get(run_id))
    if not run.ended:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    return run_body(run)


@router.post(
    "/v1/ingest-jobs",
    operation_id="createIngestJob",
    summary="Fetch a source",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses={**_ACCEPTED, **failure(404, "there is no such source"), **BAD_BODY, **NO_LEDGER},
    dependencies=[Depends(json_only)],
)
async def create_run(
    request: Request,
    body: Annotated[IngestRequest, Body(openapi_examples=INGEST_EXAMPLES)],
    jobs: GivenJobs,
    services: GivenServices,
) -> Response:
    """A run that fetches, checks and stores; what falls short of the source's expectations stores nothing.

    With `resume` a run that was interrupted, cancelled or failed is carried on from where it stands.
    """
    run = await _in_ledger(services, lambda ledger: _new_run(body, services.settings, ledger))
    await jobs.submit(INGEST, {"run": run.id}, request.state.request_id)
    headers = {"Location": f"/v1/ingest-jobs/{run.id}", "Retry-After": str(RETRY_AFTER)}
    content = run_body(run).model_dump_json()
    return Response(content, HTTPStatus.ACCEPTED, headers=headers, media_type="application/json")


@router.delete(
    "/v1/ingest-jobs/{id}",
    operation_id="cancelIngestJob",
    summary="Cancel a run",
    responses=NOT_FOUND | UNREADABLE | NO_LEDGER,
)
async def cancel_run(run_id: GivenRun, services: GivenServices) -> IngestJob:
    """Ask a run to end; what it has stored stays. One that has ended is left as it is."""
    return run_body(await _in_ledger(services, lambda ledger: ledger.ask_cancel(run_id)))


def _new_run(body: IngestRequest, settings: Settings, ledger: RunLedger) -> Run:
    from api.ingesting import new_run

    if body.resume is not None:
        if body.model_fields_set != {"resume"}:
            raise InvalidAskError("resume", "it stands for the whole request; leave the other fields out")
        return ledger.requeue(body.resume)
    if body.source is None:
        raise InvalidAskError("source", "missing: name a source, or a run to resume")
    now = datetime.now(UTC)
    since = None if body.since is None else _start(body.since)
    until = None if body.until is None else parse_clock(body.until, "until", now)
    return new_run(body.source, settings, ledger, since=since, until=until, symbols=body.symbols)


def _start(text: str) -> datetime:
    when = parse_when(text, "since")
    return when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)
