"""Searches over REST: who looked for what was missing, and what came of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.catalog import list_page
from api.deps import GivenClocks, GivenServices, paged
from api.facts import one_of
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_BODY, BAD_QUERY, DOWN, KEPT, NOT_FOUND, UNREADABLE, failure, kept_row, listing
from api.routes.explanations import json_only
from api.schemas_searches import SEARCH_EXAMPLES, SearchList, SearchRequest, SearchRow
from api.searched import SEARCHES, add_search, search_part
from ingest.searches import SearchOutcome

router = needs("read")(APIRouter(tags=["judgements"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
GivenSearch = Annotated[SearchRequest, Body(openapi_examples=SEARCH_EXAMPLES)]
_UNKNOWN = failure(404, "what is missing or who looked is not known; near names are proposed")


@router.get(
    "/v1/searches", operation_id="listSearches", summary="Searches for what was missing", responses=BAD_QUERY | DOWN
)
async def get_searches(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("searches", "move", "gap", "outcome", "by", updates=True)],
    move: Annotated[str | None, Query(max_length=200, description="key of the move that it was missing about")] = None,
    gap: Annotated[str | None, Query(max_length=300, description="key of what was missing")] = None,
    outcome: Annotated[SearchOutcome | None, Query(description="what came of it")] = None,
    by: Annotated[str | None, Query(max_length=200, description="id of who looked")] = None,
) -> SearchList:
    """What was looked for, in order of when what came of it could be known."""
    filters = {"move": move, "gap": gap, "outcome": outcome, "by": by}
    listed = await list_page(SEARCHES.list, page, await services.graph(), filters)
    return SearchList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/searches/{id}", operation_id="getSearch", summary="One search", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_search(
    response: Response, search_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> SearchRow:
    """A search by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return SearchRow.model_validate(await one_of(SEARCHES, await services.graph(), search_id, clocked.clocks))


@router.post(
    "/v1/searches",
    operation_id="createSearch",
    summary="Keep what came of a search",
    status_code=HTTPStatus.CREATED,
    responses=KEPT | _UNKNOWN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
@needs("judge")
async def create_search(body: GivenSearch, response: Response, services: GivenServices) -> SearchRow:
    """Keep what somebody found; the same person's next search for the same thing corrects it.

    What was not found, and would have been seen, speaks against the steps that predict it in explanations made later.
    """
    part = search_part(body.model_dump(exclude={"gap", "by", "new_author"}))
    store = await services.graph()
    kept = await add_search(body.gap, part, body.by, store, new_author=body.new_author)
    return SearchRow.model_validate(await kept_row(SEARCHES, kept, store, response))
