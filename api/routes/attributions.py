"""How much of a move comes from where, over REST: shares under the stories' graph, one story's, or a given one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query

from api.computations import Attribute
from api.deps import AS_AT, AS_OF, GivenServices, Services
from api.errors import InvalidAskError
from api.guarding import needs
from api.routes.answers import BAD_BODY, DOWN, UNREADABLE, failure
from api.routes.explanations import json_only
from api.schemas_attributions import ATTRIBUTION_EXAMPLES, AttributionBody, AttributionRequest
from causal.checkresults import FAST

router = needs("read")(APIRouter(tags=["explanations"]))
_UNKNOWN = failure(404, "the instrument or the case is not known; near names are proposed")
_OWN = {"narrative", "graph", "checks"}
When = Annotated[str | None, Query(max_length=40)]


async def _answer(body: AttributionRequest, services: Services) -> AttributionBody:
    if body.narrative is not None and body.graph is not None:
        raise InvalidAskError("graph", "give a narrative or a graph, not both")
    work = Attribute(
        question=body.model_dump(exclude=_OWN),
        edges=tuple(body.graph or ()),
        narrative=body.narrative,
        check_seconds=None if body.checks == "none" else services.settings.check_seconds,
        checks=FAST if body.checks == "fast" else (),
    )
    return AttributionBody.model_validate(await services.compute(work))


@router.post(
    "/v1/attributions",
    operation_id="createAttribution",
    summary="Share a move out over its series",
    responses=_UNKNOWN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
async def create_attribution(
    body: Annotated[AttributionRequest, Body(openapi_examples=ATTRIBUTION_EXAMPLES)], services: GivenServices
) -> AttributionBody:
    """Signed shares by node and by path with intervals, under a stated graph, or why they are not identifiable.

    Nothing is kept. Checks are ended when their budget of seconds is over, and those that were not run say so.
    """
    return await _answer(body, services)


@router.get(
    "/v1/attributions",
    operation_id="getAttribution",
    summary="The shares of a move",
    responses=_UNKNOWN | UNREADABLE | DOWN,
)
async def get_attribution(
    services: GivenServices,
    *,
    instrument: Annotated[str | None, Query(max_length=200, description="id, symbol or name of what moved")] = None,
    on: Annotated[When, Query(description="the day: from the close before to the close of it")] = None,
    start: Annotated[When, Query(description="instead: the close (or instant) from which the move runs")] = None,
    end: Annotated[When, Query(description="the close (or instant) to which it runs")] = None,
    case: Annotated[
        str | None, Query(max_length=200, description="id of a case; alone it means the case's own move")
    ] = None,
    no_case: Annotated[bool, Query(description="leave cases out: their moves, stories and facts")] = False,
    narrative: Annotated[str | None, Query(max_length=200, description="under the graph of this one alone")] = None,
    as_of: Annotated[When, Query(description=AS_OF)] = None,
    as_at: Annotated[When, Query(description=AS_AT)] = None,
) -> AttributionBody:
    """The same as POST, for one move without checks."""
    asked = {"instrument": instrument, "on": on, "start": start, "end": end, "case": case, "no_case": no_case}
    work = Attribute(question=asked | {"as_of": as_of, "as_at": as_at}, narrative=narrative)
    return AttributionBody.model_validate(await services.compute(work))
