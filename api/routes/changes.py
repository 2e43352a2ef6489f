"""Which explanations are stored, and a stream of those that say something new of their move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from api.catalog import list_page
from api.changes import EXPLANATIONS, Mark, changes_after, start_mark
from api.deps import GivenServices, Services, paged
from api.eventstream import COMMENT, KEEP_ALIVE, MEDIA_TYPE, frame
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_WRITTEN, UNREADABLE, failure, listing
from api.routes.forms import offering
from api.routes.jobs import GivenStreams, ending
from api.schemas_changes import ExplanationList
from api.schemas_jobs import StreamEvent
from graph.errors import GraphUnavailableError
from graph.reading import find_instrument

router = needs("read")(APIRouter(tags=["explanations"]))
LOOK_SECONDS = 1.0
EVENT = "explanation.changed"


@router.get(
    "/v1/explanations",
    operation_id="listExplanations",
    summary="The stored explanations",
    responses=BAD_QUERY | DOWN | failure(404, "the instrument is not known; near names are proposed"),
)
async def get_explanations(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("explanations", "instrument", "move", updates=True)],
    instrument: Annotated[str | None, Query(max_length=200, description="id, symbol or name of what moved")] = None,
    move: Annotated[str | None, Query(max_length=200, description="key of a move")] = None,
) -> ExplanationList:
    """What was explained, in the order in which it was recorded; `updated_since` gives what came after an instant."""
    graph = await services.graph()
    thing = None if instrument is None else await find_instrument(graph, instrument)
    filters = {"instrument": thing and thing["id"], "move": move, "variants": True}
    return ExplanationList.model_validate(
        listing(request, response, await list_page(EXPLANATIONS, page, graph, filters), page)
    )


@router.get(
    "/v1/explanations/changes",
    operation_id="listExplanationChanges",
    summary="Explanations that say something new, as they are recorded",
    response_class=Response,
    responses={
        200: {
            "model": StreamEvent,
            "description": f"`{EVENT}`, as server-sent events without end",
            "content": {MEDIA_TYPE: {}},
        },
        **UNREADABLE,
        **NOT_WRITTEN,
        **failure(503, "the graph does not answer, or too many clients listen"),
    },
    dependencies=[offering(MEDIA_TYPE)],
)
async def get_changes(
    request: Request,
    services: GivenServices,
    streams: GivenStreams,
    last_event_id: Annotated[str | None, Header(max_length=200, description="go on after this event")] = None,
    updated_since: Annotated[
        str | None, Query(max_length=40, description="begin at this instant; now if left out")
    ] = None,
) -> Response:
    """An event for every stored explanation whose ranks or posteriors are not those of the one before of its move.

    The data names both, and in `changed` the narratives that differ. Answers under another reading of a dispute are
    left out.
    """
    mark = start_mark(last_event_id, updated_since, datetime.now(UTC))
    await services.graph()
    return streams.answer(_follow(services, mark, lambda: ending(request)))


async def _follow(services: Services, mark: Mark, stop: Callable[[], bool]) -> AsyncIterator[bytes]:
    clock = asyncio.get_running_loop().time
    told = clock()
    while not stop():
        try:
            found = await changes_after(await services.graph(), mark)
        except GraphUnavailableError:  # the stream outlives a graph that is started again
            found = []
        for change in found:
            mark = change.mark
            if change.data is not None:
                yield frame(mark.text(), EVENT, change.data)
                told = clock()
        if clock() - told >= KEEP_ALIVE:
            yield COMMENT
            told = clock()
        if not found:
            await asyncio.sleep(LOOK_SECONDS)
