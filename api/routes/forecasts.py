"""Forecasts over REST: what was said of the future, by what it is judged, and how it turned out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.catalog import Row, list_page
from api.dates import parse_day, parse_instant, parse_when
from api.deps import GivenClocks, GivenServices, paged
from api.forecasts import FORECASTS, NewForecast, add_forecast, list_filters, one_forecast
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.resolving import Resolved, Ruling, resolve_forecast
from api.routes.answers import BAD_BODY, BAD_QUERY, DOWN, KEPT, NOT_FOUND, UNREADABLE, failure, listing
from api.routes.explanations import json_only
from api.schemas_forecasts import (
    FORECAST_EXAMPLES,
    RESOLUTION_EXAMPLES,
    ForecastList,
    ForecastRequest,
    ForecastRow,
    ResolutionBody,
    ResolutionRequest,
    State,
)
from graph.reading import Clocks

router = needs("read")(APIRouter(tags=["forecasts"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
GivenForecast = Annotated[ForecastRequest, Body(openapi_examples=FORECAST_EXAMPLES)]
GivenResolution = Annotated[ResolutionRequest, Body(openapi_examples=RESOLUTION_EXAMPLES)]
_UNKNOWN = failure(404, "somebody or something that is named is not known; near names are proposed")


@router.get(
    "/v1/forecasts", operation_id="listForecasts", summary="The forecasts of the graph", responses=BAD_QUERY | DOWN
)
async def get_forecasts(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("forecasts", "by", "due_before", "status", updates=True)],
    by: Annotated[str | None, Query(max_length=200, description="id of who made or published it")] = None,
    due_before: Annotated[str | None, Query(max_length=10, description="only those due on this day or earlier")] = None,
    status: Annotated[State | None, Query(description="how it stands")] = None,
) -> ForecastList:
    """What was said of the future, in order of when it became known; one that was resolved has been updated."""
    day = None if due_before is None else parse_day(due_before, "due_before")
    filters = list_filters(page.as_of, by=by, due_before=day, state=status)
    listed = await list_page(FORECASTS, page, await services.graph(), filters)
    return ForecastList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/forecasts/{id}", operation_id="getForecast", summary="One forecast", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_forecast(
    response: Response, forecast_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> ForecastRow:
    """A forecast by its key, by the id of one recorded version, or by another name of it."""
    response.headers.update(clocked.headers())
    return ForecastRow.model_validate(await one_forecast(await services.graph(), forecast_id, clocked.clocks))


@router.post(
    "/v1/forecasts",
    operation_id="createForecast",
    summary="Keep a forecast",
    status_code=HTTPStatus.CREATED,
    responses=KEPT | _UNKNOWN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
@needs("judge")
async def create_forecast(body: GivenForecast, response: Response, services: GivenServices) -> ForecastRow:
    """Keep a statement about the future; the same words of the same author correct what was kept of them."""
    given = body.model_dump(exclude={"due", "known_at"})
    new = NewForecast(
        **given,
        due=None if body.due is None else parse_when(body.due, "due"),
        known_at=None if body.known_at is None else parse_instant(body.known_at, "known_at"),
    )
    store = await services.graph()
    kept = await add_forecast(new, store)
    response.headers["Location"] = f"/v1/forecasts/{kept.key}"
    return ForecastRow.model_validate(await one_forecast(store, kept.key, Clocks.now()))


@router.post(
    "/v1/forecasts/{id}/resolution",
    operation_id="createForecastResolution",
    summary="Say or look up how a forecast turned out",
    responses={200: {"description": "resolved and kept, or not decidable yet"}, **NOT_FOUND, **BAD_BODY, **DOWN},
    dependencies=[Depends(json_only)],
)
@needs("judge")
async def resolve(body: GivenResolution, forecast_id: GivenId, services: GivenServices) -> ResolutionBody:
    """By hand with `outcome`, else by the criterion; what cannot be decided says what is missing and keeps nothing."""
    ruling = None
    if body.outcome is not None:
        known_at = None if body.known_at is None else parse_instant(body.known_at, "known_at")
        ruling = Ruling(outcome=body.outcome, by=body.by, why=body.why, known_at=known_at)
    resolved, row = await resolve_forecast(await services.graph(), services.series(), forecast_id, ruling)
    return ResolutionBody.model_validate(resolution_row(resolved, row))


def resolution_row(resolved: Resolved, forecast: Row) -> Row:
    """What came of resolving, beside the forecast as it stands then."""
    return {
        "outcome": resolved.outcome,
        "method": resolved.method,
        "found": list(resolved.found),
        "missing": list(resolved.missing),
        "forecast": forecast,
    }
