"""Moves: those that the graph holds, and on request those that the series of an instrument tells of."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.catalog import list_page
from api.catalog_ones import data_gaps_of_move
from api.computations_reading import DetectMoves
from api.deps import GivenClocks, GivenServices, paged
from api.errors import InvalidAskError
from api.freshness import made_of
from api.guarding import needs
from api.moves import MOVES, one_move
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, failure, listing
from api.schemas_moves import MoveList, MoveRow
from api.schemas_queries import DataGapList
from api.unusual import wanted
from graph.reading import find_instrument

router = needs("read")(APIRouter(tags=["moves"]))
_FILTERS = ("instrument", "since", "until", "origin", "detect", "min")
Day = Annotated[str | None, Query(max_length=10)]


@router.get(
    "/v1/moves",
    operation_id="listMoves",
    summary="The moves of the graph, or of a series",
    responses=BAD_QUERY | DOWN | failure(404, "the instrument is not known; near names are proposed"),
)
async def get_moves(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("moves", *_FILTERS, updates=True)],
    instrument: Annotated[str | None, Query(max_length=200, description="id, symbol or name of what moved")] = None,
    since: Annotated[Day, Query(description="only moves that end on this day or later")] = None,
    until: Annotated[Day, Query(description="only moves that end on this day or earlier")] = None,
    origin: Annotated[Literal["case", "detected"] | None, Query(description="who tells of them")] = None,
    detect: Annotated[bool, Query(description="look in the series of the instrument, and store nothing")] = False,
    least: Annotated[
        float | None, Query(alias="min", description="with `detect`: the least share, 0.08 for 8%")
    ] = None,
) -> MoveList:
    """Stored moves in order of time and id; with `detect` what a series tells of, the most unusual first."""
    bounds = wanted(since, until, least)
    _check(instrument, origin, detect, least)
    graph = await services.graph()
    thing = None if instrument is None else await find_instrument(graph, instrument)
    if detect and thing is not None:
        listed = await services.compute(DetectMoves(instrument=thing, bounds=bounds, page=page))
    else:
        days = {"first_day": since, "last_day": until}
        filters = {"instrument": thing and thing["id"], "origin": origin, **days}
        listed = await list_page(MOVES, page, graph, filters)
    return MoveList.model_validate(listing(request, response, listed, page))


def _check(instrument: str | None, origin: str | None, detect: bool, least: float | None) -> None:
    """Raises InvalidAskError for what does not go together."""
    if detect and instrument is None:
        raise InvalidAskError("instrument", "missing: say in whose series moves are to be looked for")
    if detect and origin == "case":
        raise InvalidAskError("origin", "what is looked for in a series is of no case; leave origin or detect out")
    if least is not None and not detect:
        raise InvalidAskError("min", "it bounds what is looked for in a series; add detect=true, or leave it out")


@router.get("/v1/moves/{id}", operation_id="getMove", summary="One move", responses=NOT_FOUND | UNREADABLE | DOWN)
@made_of("graph")
async def get_move(
    response: Response,
    move_id: Annotated[str, Path(alias="id", max_length=200)],
    services: GivenServices,
    clocked: GivenClocks,
) -> MoveRow:
    """A stored move as it was known by the clocks: by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return MoveRow.model_validate(await one_move(await services.graph(), move_id, clocked.clocks))


@router.get(
    "/v1/moves/{id}/data-gaps",
    operation_id="listDataGaps",
    summary="What is missing about a move",
    responses=NOT_FOUND | UNREADABLE | DOWN,
)
async def get_data_gaps(
    response: Response,
    move_id: Annotated[str, Path(alias="id", max_length=200)],
    services: GivenServices,
    clocked: GivenClocks,
) -> DataGapList:
    """What its cases name as missing or to be watched, and what explanations of it lacked; the most telling first."""
    response.headers.update(clocked.headers())
    items = await data_gaps_of_move(await services.graph(), move_id, clocked.clocks)
    return DataGapList.model_validate({"items": items})
