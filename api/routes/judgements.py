"""Judgements of analysts over REST: what each holds of an item of evidence for a step, and where they differ."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.catalog import list_page
from api.dates import write_instant
from api.deps import GivenClocks, GivenServices, paged
from api.facts import one_of
from api.freshness import made_of
from api.guarding import needs
from api.judgements import BESIDE, JUDGEMENTS, NewJudgement, add_judgement, disagreements
from api.paging import Page
from api.routes.answers import BAD_BODY, BAD_QUERY, DOWN, KEPT, NOT_FOUND, UNREADABLE, failure, kept_row, listing
from api.routes.explanations import json_only
from api.schemas_judgements import (
    JUDGEMENT_EXAMPLES,
    DisagreementList,
    JudgementList,
    JudgementRequest,
    JudgementRow,
)

router = needs("read")(APIRouter(tags=["judgements"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
GivenJudgement = Annotated[JudgementRequest, Body(openapi_examples=JUDGEMENT_EXAMPLES)]
_UNKNOWN = failure(404, "the evidence, the step or the analyst is not known")


@router.get(
    "/v1/judgements", operation_id="listJudgements", summary="The judgements of analysts", responses=BAD_QUERY | DOWN
)
async def get_judgements(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("judgements", "by", "evidence", "step", updates=True)],
    by: Annotated[str | None, Query(max_length=200, description="id of the analyst")] = None,
    evidence: Annotated[str | None, Query(max_length=300, description="key of the item of evidence")] = None,
    step: Annotated[str | None, Query(max_length=300, description="id of the step")] = None,
) -> JudgementList:
    """What analysts hold of evidence, in order of when they said so."""
    filters = {"by": by, "evidence": evidence, "step": step}
    listed = await list_page(JUDGEMENTS.list, page, await services.graph(), filters)
    return JudgementList.model_validate(listing(request, response, listed, page))


@router.get(
    "/v1/judgements/disagreements",
    operation_id="listDisagreements",
    summary="Where analysts differ",
    responses=UNREADABLE | DOWN,
)
async def get_disagreements(
    response: Response,
    services: GivenServices,
    clocked: GivenClocks,
    case: Annotated[str | None, Query(max_length=200, description="only steps of the stories of this case")] = None,
    move: Annotated[str | None, Query(max_length=200, description="only those of this move (its key)")] = None,
) -> DisagreementList:
    """Evidence and steps that several analysts judged, by how far they differ; no number of an answer follows it."""
    response.headers.update(clocked.headers())
    items = await disagreements(await services.graph(), clocked.clocks, case=case, move=move)
    clocks = {"as_of": write_instant(clocked.clocks.as_of), "as_at": write_instant(clocked.clocks.as_at)}
    return DisagreementList.model_validate({"items": items, **clocks, "note": BESIDE})


@router.get(
    "/v1/judgements/{id}", operation_id="getJudgement", summary="One judgement", responses=NOT_FOUND | UNREADABLE | DOWN
)
@made_of("graph")
async def get_judgement(
    response: Response, judgement_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> JudgementRow:
    """A judgement by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return JudgementRow.model_validate(await one_of(JUDGEMENTS, await services.graph(), judgement_id, clocked.clocks))


@router.post(
    "/v1/judgements",
    operation_id="createJudgement",
    summary="Keep a judgement",
    status_code=HTTPStatus.CREATED,
    responses=KEPT | _UNKNOWN | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
@needs("judge")
async def create_judgement(body: GivenJudgement, response: Response, services: GivenServices) -> JudgementRow:
    """Keep what an analyst holds; of the same evidence and step it corrects what the analyst said before."""
    store = await services.graph()
    kept = await add_judgement(NewJudgement(**body.model_dump()), store)
    return JudgementRow.model_validate(await kept_row(JUDGEMENTS, kept, store, response))
