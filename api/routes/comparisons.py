"""Comparison over REST: precedents of a move by mechanism, templates that fit a pattern, and reviews of claims."""

from __future__ import annotations

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Response

from api.dates import write_instant
from api.deps import GivenClocks, GivenServices
from api.guarding import needs
from api.routes.answers import DOWN, NOT_FOUND, NOT_WRITTEN, UNREADABLE, Described
from api.routes.forms import JSON, VARY, offering
from api.schemas_views import ClaimReviewBody, FitList, MechanismList

router = needs("read")(APIRouter())
LD_JSON = "application/ld+json"
_REVIEW: Described = {
    200: {
        "description": "the review",
        "content": {LD_JSON: {"schema": {"$ref": "#/components/schemas/ClaimReviewBody"}}, JSON: {}},
        "model": ClaimReviewBody,
    }
}


@router.get(
    "/v1/moves/{id}/precedents",
    operation_id="listMovePrecedents",
    summary="Other moves with the mechanisms of this one",
    responses=NOT_FOUND | UNREADABLE | DOWN,
    tags=["moves"],
)
async def get_precedents(
    response: Response,
    move_id: Annotated[str, Path(alias="id", max_length=200)],
    services: GivenServices,
    clocked: GivenClocks,
) -> MechanismList:
    """For each template that was tried on the move: moves of which a case, or an explanation, tells such a story."""
    from api.precedents import as_rows, mechanisms_of, move_named

    graph = await services.graph()
    move = await move_named(graph, move_id, clocked.clocks)
    found = await mechanisms_of(graph, move, services.knowledge.library, clocked.clocks)
    response.headers.update(clocked.headers())
    return MechanismList.model_validate({"items": as_rows(found)})


@router.get(
    "/v1/template-fits",
    operation_id="listTemplateFits",
    summary="Which templates fit a move with a given pattern",
    responses=UNREADABLE | DOWN,
    tags=["catalog"],
)
async def get_template_fits(
    *,
    services: GivenServices,
    clocked: GivenClocks,
    move: Annotated[Literal["down", "up"], Query(description="which way it went")],
    size: Annotated[
        float | None, Query(gt=0, lt=10, description="with it moves alike are listed, of this share at least")
    ] = None,
    indicator: Annotated[
        list[str] | None,
        Query(
            max_length=20, description="what was read: `net_etf_flow=up`, or `net_etf_flow@after=up`; may be repeated"
        ),
    ] = None,
) -> FitList:
    """Whoever moved: what is borne out, what is open, what is ruled out, and by which step.

    The clocks are those of the moves alike; templates are those of now.
    """
    from api.fitting import as_rows, fits_of, parse_pattern
    from api.fitting_moves import moves_alike

    knowledge = services.knowledge
    pattern = parse_pattern(move, size, indicator or (), knowledge.indicators)
    clocks = clocked.clocks
    told = {} if size is None else await moves_alike(await services.graph(), pattern, clocks)
    fits = as_rows(fits_of(knowledge.library, pattern), told)
    said = {"as_of": write_instant(clocks.as_of), "as_at": write_instant(clocks.as_at)}
    return FitList.model_validate({"items": fits, **said})


@router.get(
    "/v1/claims/{id}/review",
    operation_id="getClaimReview",
    summary="What was found out about a claim, as ClaimReview",
    response_class=Response,
    responses=_REVIEW | NOT_FOUND | NOT_WRITTEN | UNREADABLE | DOWN,
    tags=["facts"],
)
async def get_claim_review(
    claim_id: Annotated[str, Path(alias="id", max_length=300)],
    services: GivenServices,
    clocked: GivenClocks,
    kind: Annotated[str, offering(LD_JSON, JSON)],
) -> Response:
    """Checks and disputes as a rating in words; nothing is rated that nobody could check, and no allegation."""
    from api.claim_review import claim_review, reviewed

    found = await reviewed(await services.graph(), claim_id, clocked.clocks)
    return Response(orjson.dumps(claim_review(found)), media_type=kind, headers=VARY | clocked.headers())
