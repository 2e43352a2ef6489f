"""What every series says of a move, over REST."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.computations_reading import TakeReadings
from api.deps import AS_AT, AS_OF, GivenServices
from api.guarding import needs
from api.readings import MOST_UNUSUAL
from api.routes.answers import DOWN, UNREADABLE, failure
from api.schemas_readings import ReadingList

router = needs("read")(APIRouter(tags=["moves"]))
DEFAULT_ROWS, MOST_ROWS = 500, 5_000
When = Annotated[str | None, Query(max_length=40)]


@router.get(
    "/v1/readings",
    operation_id="listReadings",
    summary="What every series says of a move",
    responses=failure(404, "the instrument is not known; near names are proposed") | UNREADABLE | DOWN,
)
async def get_readings(
    services: GivenServices,
    *,
    instrument: Annotated[str, Query(max_length=200, description="id, symbol or name of what moved")],
    on: Annotated[When, Query(description="the day: from the close before to the close of it")] = None,
    start: Annotated[When, Query(description="instead: the close (or instant) from which the move runs")] = None,
    end: Annotated[When, Query(description="the close (or instant) to which it runs")] = None,
    subject: Annotated[str | None, Query(max_length=200, description="only readings of this subject")] = None,
    unusual: Annotated[
        float, Query(gt=0, le=MOST_UNUSUAL, description="only those in so many outermost percent of either side")
    ] = MOST_UNUSUAL,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows at most")] = DEFAULT_ROWS,
    as_of: Annotated[When, Query(description=AS_OF)] = None,
    as_at: Annotated[When, Query(description=AS_AT)] = None,
) -> ReadingList:
    """Every derived reading around a move: its value and its place among comparable days, the most unusual first."""
    asked = {"instrument": instrument, "on": on, "start": start, "end": end, "as_of": as_of, "as_at": as_at}
    work = TakeReadings(question=asked, subject=subject, unusual=unusual, limit=limit)
    return ReadingList.model_validate(await services.compute(work))
