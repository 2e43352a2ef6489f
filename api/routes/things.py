"""What facts are about and where they come from, over REST: indicators, actors, documents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.catalog import list_page
from api.deps import GivenClocks, GivenServices, paged
from api.facts import ACTORS, DOCUMENTS, INDICATORS, one_of
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, listing
from api.schemas_facts import (
    ActorList,
    ActorRow,
    DocumentList,
    DocumentRow,
    IndicatorList,
    IndicatorRow,
)

router = needs("read")(APIRouter(tags=["catalog"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
SourceId = Annotated[str | None, Query(max_length=200, description="id of who published it")]


@router.get(
    "/v1/indicators", operation_id="listIndicators", summary="The indicators of the graph", responses=BAD_QUERY | DOWN
)
async def get_indicators(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("indicators")],
) -> IndicatorList:
    """What can be measured, happen or be said, in order of id."""
    listed = await list_page(INDICATORS.list, page, await services.graph())
    return IndicatorList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/indicators/{id}", operation_id="getIndicator", summary="One indicator", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_indicator(
    response: Response, indicator_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> IndicatorRow:
    """An indicator by its id."""
    response.headers.update(clocked.headers())
    return IndicatorRow.model_validate(await one_of(INDICATORS, await services.graph(), indicator_id, clocked.clocks))


@router.get("/v1/actors", operation_id="listActors", summary="The actors of the graph", responses=BAD_QUERY | DOWN)
async def get_actors(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("actors")],
) -> ActorList:
    """Firms, persons and classes of them, in order of id."""
    listed = await list_page(ACTORS.list, page, await services.graph())
    return ActorList.model_validate(listing(request, response, listed, page))


@router.get("/v1/actors/{id}", operation_id="getActor", summary="One actor", responses=NOT_FOUND | UNREADABLE | DOWN)
@made_of("graph")
async def get_actor(response: Response, actor_id: GivenId, services: GivenServices, clocked: GivenClocks) -> ActorRow:
    """An actor by its id."""
    response.headers.update(clocked.headers())
    return ActorRow.model_validate(await one_of(ACTORS, await services.graph(), actor_id, clocked.clocks))


@router.get(
    "/v1/documents", operation_id="listDocuments", summary="The documents of the graph", responses=BAD_QUERY | DOWN
)
async def get_documents(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("documents", "source", updates=True)],
    source: SourceId = None,
) -> DocumentList:
    """What was published, in order of its date and id; without a date it is known since it was recorded."""
    listed = await list_page(DOCUMENTS.list, page, await services.graph(), {"source": source})
    return DocumentList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/documents/{id}", operation_id="getDocument", summary="One document", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_document(
    response: Response, document_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> DocumentRow:
    """A document by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return DocumentRow.model_validate(await one_of(DOCUMENTS, await services.graph(), document_id, clocked.clocks))
