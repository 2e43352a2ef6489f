"""Facts over REST: what was observed and claimed, where that contradicts itself, and what was recomputed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from api.catalog import list_page
from api.deps import GivenClocks, GivenServices, paged
from api.facts import CHECKS, CLAIMS, DISPUTES, OBSERVATIONS, one_of
from api.freshness import made_of
from api.guarding import needs
from api.paging import Page
from api.routes.answers import BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, listing
from api.schemas_facts import (
    CheckList,
    CheckRow,
    ClaimList,
    ClaimRow,
    DisputeList,
    DisputeRow,
    ObservationList,
    ObservationRow,
)

router = needs("read")(APIRouter(tags=["facts"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
Subject = Annotated[str | None, Query(max_length=200, description="id of the instrument or actor that it is about")]
IndicatorName = Annotated[str | None, Query(max_length=200, description="id or name of its indicator")]
Outcome = Annotated[Literal["ok", "failed", "not_checkable"] | None, Query(description="how it came out")]
FactKey = Annotated[str | None, Query(max_length=300, description="key of the fact that was checked")]


@router.get(
    "/v1/observations",
    operation_id="listObservations",
    summary="The observations of the graph",
    responses=BAD_QUERY | DOWN,
)
async def get_observations(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("observations", "subject", "indicator", updates=True)],
    subject: Subject = None,
    indicator: IndicatorName = None,
) -> ObservationList:
    """What was observed, as it was known by the two clocks, in order of time and id."""
    listed = await list_page(
        OBSERVATIONS.list, page, await services.graph(), {"subject": subject, "indicator": indicator}
    )
    return ObservationList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/observations/{id}",
    operation_id="getObservation",
    summary="One observation",
    responses=NOT_FOUND | UNREADABLE | DOWN,
)
@made_of("graph")
async def get_observation(
    response: Response, observation_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> ObservationRow:
    """An observation by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return ObservationRow.model_validate(
        await one_of(OBSERVATIONS, await services.graph(), observation_id, clocked.clocks)
    )


@router.get("/v1/claims", operation_id="listClaims", summary="The claims of the graph", responses=BAD_QUERY | DOWN)
async def get_claims(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("claims", "subject", "indicator", updates=True)],
    subject: Subject = None,
    indicator: IndicatorName = None,
) -> ClaimList:
    """What somebody said, in order of time and id."""
    listed = await list_page(CLAIMS.list, page, await services.graph(), {"subject": subject, "indicator": indicator})
    return ClaimList.model_validate(listing(request, response, listed, page))


@router.get("/v1/claims/{id}", operation_id="getClaim", summary="One claim", responses=NOT_FOUND | UNREADABLE | DOWN)
@made_of("graph")
async def get_claim(response: Response, claim_id: GivenId, services: GivenServices, clocked: GivenClocks) -> ClaimRow:
    """A claim by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return ClaimRow.model_validate(await one_of(CLAIMS, await services.graph(), claim_id, clocked.clocks))


@router.get(
    "/v1/disputes", operation_id="listDisputes", summary="The disputes of the graph", responses=BAD_QUERY | DOWN
)
async def get_disputes(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("disputes", "subject", updates=True)],
    subject: Subject = None,
) -> DisputeList:
    """Facts that cannot all be right, in the order in which that could be known."""
    listed = await list_page(DISPUTES.list, page, await services.graph(), {"subject": subject})
    return DisputeList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/disputes/{id}", operation_id="getDispute", summary="One dispute", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_dispute(
    response: Response, dispute_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> DisputeRow:
    """A dispute by its key, or by the id of one recorded version; what was found out of it is told from then on."""
    response.headers.update(clocked.headers())
    return DisputeRow.model_validate(await one_of(DISPUTES, await services.graph(), dispute_id, clocked.clocks))


@router.get("/v1/checks", operation_id="listChecks", summary="The checks of the graph", responses=BAD_QUERY | DOWN)
async def get_checks(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("checks", "outcome", "fact", updates=True)],
    outcome: Outcome = None,
    fact: FactKey = None,
) -> CheckList:
    """Claims recomputed, in the order in which that could be known."""
    listed = await list_page(CHECKS.list, page, await services.graph(), {"outcome": outcome, "fact": fact})
    return CheckList.model_validate(listing(request, response, listed, page))


@router.get("/v1/checks/{id}", operation_id="getCheck", summary="One check", responses=NOT_FOUND | UNREADABLE | DOWN)
@made_of("graph")
async def get_check(response: Response, check_id: GivenId, services: GivenServices, clocked: GivenClocks) -> CheckRow:
    """A check by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return CheckRow.model_validate(await one_of(CHECKS, await services.graph(), check_id, clocked.clocks))
