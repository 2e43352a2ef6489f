"""Numeric series: which there are, and their values as JSON, CSV or Arrow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.catalog import list_page
from api.dates import parse_when
from api.deps import GivenClocks, GivenServices, paged
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, Described, failure, listing
from api.routes.forms import form_among
from api.schemas_series import SeriesList, SeriesRow, SeriesValues
from api.series import SERIES, Stretch, check_span, one_series, stretch_of

router = needs("read")(APIRouter(tags=["series"]))
_JSON, _CSV, _ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"
DEFAULT_ROWS, MOST_ROWS = 10_000, 100_000
_WHEN = "a date, or an instant with its zone; included"
_TEXT = {"schema": {"type": "string"}}
_VALUES: Described = {
    200: {
        "model": SeriesValues,
        "description": "the values in order of time, with the licence under which they may be used",
        "content": {_CSV: _TEXT, _ARROW: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {
            "X-Licence": {"description": "the licence of the values", **_TEXT},
            "X-Truncated": {"description": "`rows` where `limit` cut the answer", **_TEXT},
            "X-Next-Since": {"description": "`since` of the request that goes on, where it was cut", **_TEXT},
        },
    },
    **DOWN,
    **failure(404, "the graph has no such series, or no values of it are stored; near ids are proposed"),
    **failure(406, "none of the media types of `Accept` is written here"),
    **UNREADABLE,
}
GivenId = Annotated[str, Path(alias="id", max_length=200)]


@router.get("/v1/series", operation_id="listSeries", summary="The numeric series", responses=BAD_QUERY | DOWN)
async def get_series_list(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("series", "subject", "indicator")],
    subject: Annotated[str | None, Query(max_length=200, description="id of an instrument or actor")] = None,
    indicator: Annotated[str | None, Query(max_length=200, description="id or name of an indicator")] = None,
) -> SeriesList:
    """The series that the graph lists, those of cases without their numbers included, in order of id."""
    filters = {"subject": subject, "indicator": indicator}
    listed = await list_page(SERIES, page, await services.graph(), filters)
    return SeriesList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/series/{id}",
    operation_id="getSeries",
    summary="One numeric series",
    responses=NOT_FOUND | UNREADABLE | DOWN,
)
@made_of("graph")
async def get_series(
    response: Response, series_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> SeriesRow:
    """What the graph says of a series: of what it is, by which clock, from where and under which licence."""
    response.headers.update(clocked.headers())
    return SeriesRow.model_validate(await one_series(await services.graph(), series_id, clocked.clocks))


@router.get(
    "/v1/series/{id}/values",
    operation_id="listSeriesValues",
    summary="The values of a numeric series",
    response_class=Response,
    responses=_VALUES,
)
async def get_series_values(
    request: Request,
    *,
    series_id: GivenId,
    services: GivenServices,
    clocked: GivenClocks,
    since: Annotated[str | None, Query(max_length=40, description=f"only values from then on: {_WHEN}")] = None,
    until: Annotated[str | None, Query(max_length=40, description=f"only values until then: {_WHEN}")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="rows at most")] = DEFAULT_ROWS,
) -> Response:
    """A stretch of values as they were known at `as_of`, as JSON, CSV or an Arrow stream, by `Accept`.

    A date means that day in UTC. Loading a series again replaces its values as a whole: `as_at` asks whether the graph
    listed the series by then, not for earlier values.
    """
    kind = form_among(request, (_JSON, _CSV, _ARROW))
    first, last = _start(since, "since"), _end(until, "until")
    check_span(first, last)
    series = await one_series(await services.graph(), series_id, clocked.clocks)
    as_of = clocked.clocks.as_of
    stretch = await stretch_of(series, services.series(), since=first, until=last, as_of=as_of, most=limit)
    content, media_type = await asyncio.to_thread(_written, kind, stretch, clocked.asked_as_of)
    return Response(content, headers=_headers(stretch) | clocked.headers(), media_type=media_type)


def _written(kind: str, stretch: Stretch, as_of: str | None) -> tuple[bytes, str]:
    from api.writing_series import as_arrow, as_csv, as_json

    if kind == _CSV:
        return as_csv(stretch), "text/csv; charset=utf-8; header=present"
    return (as_arrow(stretch, as_of), _ARROW) if kind == _ARROW else (as_json(stretch, as_of), _JSON)


def _headers(stretch: Stretch) -> dict[str, str]:
    from api.writing_series import about

    told = about(stretch, None)
    cut = {"X-Truncated": "rows", "X-Next-Since": str(told["next_since"])} if told["truncated"] else {}
    return {"Vary": "Accept", "X-Licence": str(told["licence"] or "private_use"), **cut}


def _start(text: str | None, field: str) -> datetime | None:
    when = None if text is None else parse_when(text, field)
    if when is None or isinstance(when, datetime):
        return when
    return datetime.combine(when, time.min, UTC)


def _end(text: str | None, field: str) -> datetime | None:
    when = None if text is None else parse_when(text, field)
    if when is None or isinstance(when, datetime):
        return when
    return datetime.combine(when, time.max, UTC)
