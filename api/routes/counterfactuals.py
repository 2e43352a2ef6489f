"""What would have happened without a step, or with other values, over REST: scenarios of a move."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.catalog import list_page
from api.computations import Suppose
from api.deps import GivenServices, paged
from api.errors import UnknownResourceError
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_BODY, BAD_QUERY, DOWN, NOT_FOUND, failure, listing
from api.routes.explanations import json_only
from api.schemas_attributions import (
    COUNTERFACTUAL_EXAMPLES,
    CounterfactualBody,
    CounterfactualRequest,
    ScenarioBody,
    ScenarioList,
)
from api.supposing import SCENARIOS, Change, Supposition
from graph.reading import scenario

router = needs("read")(APIRouter(tags=["explanations"]))
_OWN = {"changes", "narrative", "step", "outcome", "store"}


@router.post(
    "/v1/counterfactuals",
    operation_id="createCounterfactual",
    summary="Ask what would have been",
    status_code=HTTPStatus.CREATED,
    responses={
        201: {
            "description": "answered and kept as a scenario",
            "headers": {"Location": {"description": "where it is kept", "schema": {"type": "string"}}},
        },
        200: {"model": CounterfactualBody, "description": "answered, not kept (`store` was false)"},
        **failure(404, "the instrument or the case is not known; near names are proposed"),
        **BAD_BODY,
        **DOWN,
    },
    dependencies=[Depends(json_only)],
)
async def create_counterfactual(
    body: Annotated[CounterfactualRequest, Body(openapi_examples=COUNTERFACTUAL_EXAMPLES)],
    services: GivenServices,
    response: Response,
) -> CounterfactualBody:
    """An estimate with an interval under a stated graph, or that it is not identifiable, and why.

    A kept scenario hangs on the newest explanation of its move; Q25 reads it from there.
    """
    asked = Supposition(
        changes=tuple(Change(node=one.node, to=one.to) for one in body.changes),
        narrative=body.narrative,
        step=body.step,
        outcome=body.outcome,
    )
    work = Suppose(question=body.model_dump(exclude=_OWN), asked=asked, record=body.store)
    answer = CounterfactualBody.model_validate(await services.compute(work))
    if answer.id is None:
        response.status_code = HTTPStatus.OK
    else:
        response.headers["Location"] = f"/v1/counterfactuals/{answer.id}"
    return answer


@router.get(
    "/v1/counterfactuals",
    operation_id="listCounterfactuals",
    summary="Scenarios that were kept",
    responses=BAD_QUERY | DOWN,
)
async def get_counterfactuals(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("counterfactuals", "explanation")],
    explanation: Annotated[str | None, Query(max_length=100, description="id of the explanation they hang on")] = None,
) -> ScenarioList:
    """What was supposed, with the estimates, in order of id; its explanation says what was known."""
    listed = await list_page(SCENARIOS, page, await services.graph(), {"explanation": explanation})
    return ScenarioList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/counterfactuals/{id}",
    operation_id="getCounterfactual",
    summary="Give back a scenario that was kept",
    responses=NOT_FOUND | DOWN,
)
@made_of("graph")
async def get_counterfactual(
    scenario_id: Annotated[str, Path(alias="id", max_length=100)], services: GivenServices
) -> ScenarioBody:
    """What was supposed, and the estimate with its interval."""
    found = await scenario(await services.graph(), scenario_id)
    if found is None:
        raise UnknownResourceError("counterfactual", scenario_id, ())
    return ScenarioBody.model_validate({**found, "changes": found["changes"] or []})
