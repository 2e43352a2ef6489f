"""Many explanations in one request, which is always a job."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request, Response

from api.clocks import chosen
from api.errors import InvalidAskError
from api.guarding import needs
from api.jobs.explanations import MANY
from api.jobs.model import Job
from api.jobs.runner import JobRunner
from api.routes.answers import BAD_BODY, failure
from api.routes.explanations import json_only
from api.routes.jobs import ACCEPTED, NO_LEDGER, GivenJobs, accepted_job
from api.schemas_jobs import BATCH_EXAMPLES, BatchRequest
from api.unusual import wanted

router = needs("read")(APIRouter(tags=["explanations"]))


@router.post(
    "/v1/explanations/batch",
    operation_id="createExplanationBatch",
    summary="Explain all large moves of an instrument",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses={
        **ACCEPTED,
        **failure(404, "there is no job of this resume token"),
        **BAD_BODY,
        **NO_LEDGER,
    },
    dependencies=[Depends(json_only)],
)
async def create_batch(
    request: Request, body: Annotated[BatchRequest, Body(openapi_examples=BATCH_EXAMPLES)], jobs: GivenJobs
) -> Response:
    """A job that explains, one after another, every day on which an instrument moved by a given share or more.

    Each explanation is kept; the result lists them, and a day that cannot be explained says why in its row.
    """
    if body.resume_token is not None:
        return accepted_job(await _carry_on(body, jobs, request.state.request_id))
    _check(body)
    asked = body.model_dump(exclude={"resume_token"})
    return accepted_job(await jobs.submit(MANY, asked, request.state.request_id))


async def _carry_on(body: BatchRequest, jobs: JobRunner, request_id: str) -> Job:
    if body.model_fields_set != {"resume_token"}:
        raise InvalidAskError("resume_token", "it stands for the whole request; leave the other fields out")
    before = await jobs.jobs.get(str(body.resume_token))
    if before.kind != MANY or not before.finished:
        raise InvalidAskError("resume_token", f"{before.id} is no batch that has ended; its state is {before.state}")
    return await jobs.submit(MANY, before.request, request_id, before.place)


def _check(body: BatchRequest) -> None:
    """Raises InvalidAskError for what no job could do."""
    if body.instrument is None:
        raise InvalidAskError("instrument", "missing: say whose moves are to be explained")
    if body.min is None:
        raise InvalidAskError("min", "missing: say how large a move has to be, such as 0.08 for 8%")
    wanted(body.since, body.until, body.min)
    if body.as_of is not None and body.as_of_close:
        raise InvalidAskError("as_of", "give as_of or as_of_close, not both")
    chosen(body.as_of, body.as_at)
