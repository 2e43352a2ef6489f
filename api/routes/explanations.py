"""The main job over REST: explain a move, and give back an explanation that was kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Depends, Header, Path, Request, Response
from starlette.exceptions import HTTPException

from api.ask import make_ask
from api.computations import CHECK_FIELDS, Explain
from api.deps import GivenServices, Services
from api.errors import InvalidAskError
from api.freshness import made_of
from api.guarding import needs
from api.jobs.explanations import ONE
from api.jobs.model import Job
from api.jobs.runner import JobRunner
from api.preferences import LONGEST_WAIT, Preference, preference_of
from api.problems import MEDIA_TYPE
from api.routes.answers import BAD_BODY, DOWN, NOT_FOUND, Described, failure
from api.routes.forms import NO_FORM, OTHER_FORMS, in_form, wanted_form
from api.routes.jobs import ACCEPTED, GivenJobs, accepted_job
from api.schemas import ASK_EXAMPLES, ExplanationRequest
from api.schemas_explanation import ExplanationBody
from graph.reading import explanation_body

router = needs("read")(APIRouter(tags=["explanations"]))
GivenRequest = Annotated[ExplanationRequest, Body(openapi_examples=ASK_EXAMPLES)]
_JSON = "application/json"
_ANSWERS: Described = {
    201: {
        "model": ExplanationBody,
        "description": "explained and kept",
        "content": OTHER_FORMS,
        "headers": {"Location": {"description": "where it is kept", "schema": {"type": "string"}}},
    },
    200: {
        "model": ExplanationBody,
        "description": "explained, not kept (`store` was false)",
        "content": OTHER_FORMS,
    },
    **ACCEPTED,
    **failure(404, "the instrument or the case is not known; near names are proposed"),
    **failure(406, NO_FORM),
    **BAD_BODY,
    **DOWN,
}


async def json_only(request: Request) -> None:
    """Refuse a body that does not say that it is JSON (415)."""
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if kind != _JSON and not kind.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": _JSON})


GivenPreference = Annotated[
    str | None,
    Header(
        max_length=200,
        description="`respond-async`: answer with a job at once; `wait=N`: after N seconds"
        f" ({LONGEST_WAIT} at most); what is not to be kept is always waited for",
    ),
]


async def _explain(request: Request, body: ExplanationRequest, services: Services, jobs: JobRunner) -> Response:
    question = body.model_dump(exclude={"store", *CHECK_FIELDS})
    make_ask(**question)  # refused at once, also where a job would do the work
    preference = preference_of(request.headers.getlist("prefer")) if body.store else None
    if body.checks != "none":
        question |= {"checks": body.checks, "check_seconds": _budget(body, services.settings.check_seconds)}
    if body.checks == "all":
        if not body.store:
            raise InvalidAskError("store", "all checks are a job, which keeps its explanation; leave store out")
        preference = preference or Preference(wait=0, applied="")
    if preference is not None:
        return await _later(question, preference, request, services, jobs)
    explained = await services.compute(Explain(question=question, record=body.store))
    if not body.store:
        return Response(explained.body, HTTPStatus.OK, media_type=_JSON)
    return _created(explained.body, explained.id)


async def _later(
    question: dict[str, object], preference: Preference, request: Request, services: Services, jobs: JobRunner
) -> Response:
    """The explanation where it is there in the time that the client waits, else the job that makes it."""
    job = await jobs.submit(ONE, question, request.state.request_id)
    if preference.wait:
        job = await jobs.finished(job.id, preference.wait)
    answer = await _answer_of(job, services) if job.state in {"succeeded", "failed"} else accepted_job(job)
    if preference.applied:
        answer.headers["Preference-Applied"] = preference.applied
    return answer


def _budget(body: ExplanationRequest, most: float) -> float:
    """How many seconds checks may take: what is asked for, within what the service allows."""
    return most if body.check_seconds is None else min(body.check_seconds, most)


async def _answer_of(job: Job, services: Services) -> Response:
    if job.result is None:
        error = dict(job.error or {})
        return Response(orjson.dumps(error), int(str(error["status"])), media_type=MEDIA_TYPE)
    id_ = str(job.result["explanation"])
    return _created((await explanation_body(await services.graph(), id_)).encode(), id_)


def _created(content: bytes, id_: str) -> Response:
    return Response(content, HTTPStatus.CREATED, headers={"Location": f"/v1/explanations/{id_}"}, media_type=_JSON)


@router.post(
    "/v1/explanations",
    operation_id="createExplanation",
    summary="Explain a move",
    status_code=HTTPStatus.CREATED,
    response_class=Response,
    responses=_ANSWERS,
    dependencies=[Depends(json_only), Depends(wanted_form)],
)
async def create_explanation(
    request: Request,
    body: GivenRequest,
    services: GivenServices,
    jobs: GivenJobs,
    prefer: GivenPreference = None,
) -> Response:
    """Weigh the competing narratives of one move; too little evidence is an answer, not an error.

    With `checks` the structural model is checked as well: quickly within the request, or whole as a job (202).
    """
    return await in_form(request, await _explain(request, body, services, jobs))


@router.post(
    "/v1/explain",
    operation_id="explainMove",
    summary="Explain a move (alias of POST /v1/explanations)",
    status_code=HTTPStatus.CREATED,
    response_class=Response,
    responses=_ANSWERS,
    dependencies=[Depends(json_only), Depends(wanted_form)],
)
async def explain(
    request: Request,
    body: GivenRequest,
    services: GivenServices,
    jobs: GivenJobs,
    prefer: GivenPreference = None,
) -> Response:
    """The same as POST /v1/explanations, under the name that people look for."""
    return await in_form(request, await _explain(request, body, services, jobs))


@router.get(
    "/v1/explanations/{id}",
    operation_id="getExplanation",
    summary="Give back an explanation that was kept",
    response_class=Response,
    responses={
        200: {"model": ExplanationBody, "description": "byte for byte as it was kept", "content": OTHER_FORMS},
        **NOT_FOUND,
        **failure(406, NO_FORM),
        **DOWN,
    },
    dependencies=[Depends(wanted_form)],
)
@made_of("itself")
async def get_explanation(
    request: Request, explanation_id: Annotated[str, Path(alias="id", max_length=100)], services: GivenServices
) -> Response:
    """The object as it was answered when it was made; as Markdown or as a page of its own by `Accept`."""
    kept = await explanation_body(await services.graph(), explanation_id)
    return await in_form(request, Response(kept, media_type=_JSON))
