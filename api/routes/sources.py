"""Sources and authors over REST, with how right they were before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.deps import GivenClocks, GivenServices, paged
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, listing
from api.schemas_forecasts import SourceDetail, SourceList
from api.trackrecords import list_sources, one_source

router = needs("read")(APIRouter(tags=["forecasts"]))


@router.get(
    "/v1/sources", operation_id="listSources", summary="Sources and authors of forecasts", responses=BAD_QUERY | DOWN
)
async def get_sources(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("sources")],
) -> SourceList:
    """Who publishes and who forecasts, with track records, in order of id."""
    return SourceList.model_validate(listing(request, response, await list_sources(await services.graph(), page), page))


@router.get(
    "/v1/sources/{id}",
    operation_id="getSource",
    summary="One source or author",
    responses=NOT_FOUND | UNREADABLE | DOWN,
)
@made_of("graph")
async def get_source(
    response: Response,
    source_id: Annotated[str, Path(alias="id", max_length=300)],
    services: GivenServices,
    clocked: GivenClocks,
) -> SourceDetail:
    """A source or author by id, alias or name, with its track record and the checks of what it said."""
    response.headers.update(clocked.headers())
    return SourceDetail.model_validate(await one_source(await services.graph(), source_id, clocked.clocks))
