"""Lists of what the graph and the library hold: templates, narratives, instruments, events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.catalog import EVENTS, INSTRUMENTS, NARRATIVES, list_page, list_templates
from api.deps import GivenServices, paged
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, listing
from api.schemas import EventList, InstrumentList, NarrativeList, TemplateList

router = needs("read")(APIRouter(tags=["catalog"]))


@router.get(
    "/v1/templates", operation_id="listTemplates", summary="The narrative templates of the library", responses=BAD_QUERY
)
async def get_templates(
    request: Request,
    response: Response,
    services: GivenServices,
    page: Annotated[Page, paged("templates", recorded=False)],
) -> TemplateList:
    """The library that every explanation draws on, in order of id."""
    listed = list_templates(services.knowledge.library, page, services.own_ids())
    return TemplateList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/narratives", operation_id="listNarratives", summary="The narratives of the graph", responses=BAD_QUERY | DOWN
)
async def get_narratives(
    request: Request, response: Response, services: GivenServices, page: Annotated[Page, paged("narratives")]
) -> NarrativeList:
    """Cases' own narratives and the templates bound to moves, in order of id."""
    listed = await list_page(NARRATIVES, page, await services.graph())
    return NarrativeList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/instruments",
    operation_id="listInstruments",
    summary="The instruments of the graph",
    responses=BAD_QUERY | DOWN,
)
async def get_instruments(
    request: Request, response: Response, services: GivenServices, page: Annotated[Page, paged("instruments")]
) -> InstrumentList:
    """Everything with a price that the graph knows, in order of id."""
    listed = await list_page(INSTRUMENTS, page, await services.graph())
    return InstrumentList.model_validate(listing(request, response, listed, page))


@router.get("/v1/events", operation_id="listEvents", summary="The events of the graph", responses=BAD_QUERY | DOWN)
async def get_events(
    request: Request, response: Response, services: GivenServices, page: Annotated[Page, paged("events", updates=True)]
) -> EventList:
    """What happened, as it was known by the two clocks, in order of time and id."""
    listed = await list_page(EVENTS, page, await services.graph())
    return EventList.model_validate(listing(request, response, listed, page))
