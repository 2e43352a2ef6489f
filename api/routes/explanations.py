"""The main job over REST: explain a move, and give back an explanation that was kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Body, Depends, Path, Request, Response
from starlette.exceptions import HTTPException

from api.ask import make_ask
from api.bundled import ensure_case
from api.deps import GivenServices
from api.explaining import explain_move
from api.routes.answers import BAD_BODY, DOWN, NOT_FOUND, Described, failure
from api.schemas import ASK_EXAMPLES, ExplanationRequest
from api.schemas_explanation import ExplanationBody
from graph.reading import explanation_body

router = APIRouter(tags=["explanations"])
GivenRequest = Annotated[ExplanationRequest, Body(openapi_examples=ASK_EXAMPLES)]
_JSON = "application/json"
_ANSWERS: Described = {
    201: {
        "model": ExplanationBody,
        "description": "explained and kept",
        "headers": {"Location": {"description": "where it is kept", "schema": {"type": "string"}}},
    },
    200: {"model": ExplanationBody, "description": "explained, not kept (`store` was false)"},
    **failure(404, "the instrument or the case is not known; near names are proposed"),
    **BAD_BODY,
    **DOWN,
}


def json_only(request: Request) -> None:
    """Refuse a body that does not say that it is JSON (415)."""
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if kind != _JSON and not kind.endswith("+json"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": _JSON})


async def _explain(body: ExplanationRequest, services: GivenServices) -> Response:
    question = body.model_dump(exclude={"store"})
    ask = make_ask(**question)
    store = await services.graph()
    if await ensure_case(ask, store) is not None:
        ask = make_ask(**question)  # once more, as `now` has to lie after the case was recorded
    knowledge = services.knowledge
    explanation = await explain_move(
        ask,
        store,
        knowledge=knowledge,
        series=services.series(),
        record=body.store,
    )
    content = orjson.dumps(explanation)
    if not body.store:
        return Response(content, HTTPStatus.OK, media_type=_JSON)
    place = {"Location": f"/v1/explanations/{explanation['id']}"}
    return Response(content, HTTPStatus.CREATED, headers=place, media_type=_JSON)


@router.post(
    "/v1/explanations",
    operation_id="createExplanation",
    summary="Explain a move",
    status_code=HTTPStatus.CREATED,
    response_class=Response,
    responses=_ANSWERS,
    dependencies=[Depends(json_only)],
)
async def create_explanation(body: GivenRequest, services: GivenServices) -> Response:
    """Weigh the competing narratives of one move; too little evidence is an answer, not an error."""
    return await _explain(body, services)


@router.post(
    "/v1/explain",
    operation_id="explainMove",
    summary="Explain a move (alias of POST /v1/explanations)",
    status_code=HTTPStatus.CREATED,
    response_class=Response,
    responses=_ANSWERS,
    dependencies=[Depends(json_only)],
)
async def explain(body: GivenRequest, services: GivenServices) -> Response:
    """The same as POST /v1/explanations, under the name that people look for."""
    return await _explain(body, services)


@router.get(
    "/v1/explanations/{id}",
    operation_id="getExplanation",
    summary="Give back an explanation that was kept",
    response_class=Response,
    responses={200: {"model": ExplanationBody, "description": "byte for byte as it was kept"}, **NOT_FOUND, **DOWN},
)
async def get_explanation(
    explanation_id: Annotated[str, Path(alias="id", max_length=100)], services: GivenServices
) -> Response:
    """The object as it was answered when it was made."""
    return Response(await explanation_body(await services.graph(), explanation_id), media_type=_JSON)
