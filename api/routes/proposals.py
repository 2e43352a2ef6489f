"""Proposed claims over REST, and the decisions of reviewers about them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response

from api.catalog import Row, list_page
from api.deps import GivenClocks, GivenServices, paged
from api.extracting import decide, proposal, quote_of
from api.guarding import needs
from api.paging import Page
from api.proposals import PROPOSALS, proposal_row, typed
from api.routes.answers import BAD_BODY, BAD_QUERY, DOWN, NOT_FOUND, UNREADABLE, failure, listing
from api.routes.explanations import json_only
from api.schemas_proposals import DECISION_EXAMPLES, DecisionRequest, ProposalList, ProposalRow
from api.settings import Settings
from graph.reading import Record
from ingest.proposals import Decision

router = needs("read")(APIRouter(tags=["proposals"]))
GivenId = Annotated[str, Path(alias="id", max_length=100)]
GivenDecision = Annotated[DecisionRequest, Body(openapi_examples=DECISION_EXAMPLES)]
State = Annotated[Literal["proposed", "accepted", "rejected"] | None, Query(description="what became of them")]
DocumentKey = Annotated[str | None, Query(max_length=300, description="key of the document")]
_SHOWABLE = frozenset({"may_show", "may_redistribute"})
_DECIDED = failure(409, "it was decided before")


@router.get("/v1/proposals", operation_id="listProposals", summary="The proposed claims", responses=BAD_QUERY | DOWN)
async def get_proposals(
    request: Request,
    response: Response,
    *,
    services: GivenServices,
    page: Annotated[Page, paged("proposals", "state", "document")],
    state: State = None,
    document: DocumentKey = None,
) -> ProposalList:
    """What models proposed, in order of when; they are no facts, and stand in no list of claims."""
    filters = {"state": state, "document": document}
    listed = await list_page(PROPOSALS, page, await services.graph(), filters)
    body = listing(request, response, listed, page)
    rows = await asyncio.to_thread(_with_quotes, services.settings, listed.items)
    return ProposalList.model_validate({**body, "items": rows})


@router.get(
    "/v1/proposals/{id}",
    operation_id="getProposal",
    summary="One proposed claim",
    responses=NOT_FOUND | UNREADABLE | DOWN,
)
async def get_proposal(
    response: Response, proposal_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> ProposalRow:
    """A proposal by its id, with what was decided about it."""
    response.headers.update(clocked.headers())
    held = await proposal(await services.graph(), proposal_id, clocked.clocks.as_at)
    return await _row(services.settings, held)


@needs("ingest")
@router.post(
    "/v1/proposals/{id}/decision",
    operation_id="createDecision",
    summary="Accept or reject a proposed claim",
    responses=NOT_FOUND | _DECIDED | BAD_BODY | DOWN,
    dependencies=[Depends(json_only)],
)
async def decide_proposal(proposal_id: GivenId, body: GivenDecision, services: GivenServices) -> ProposalRow:
    """An accepted one enters the graph as a claim of its document; the decision is kept with who made it and when."""
    decision = Decision(
        accept=body.decision == "accept",
        by=body.by,
        at=datetime.now(UTC),
        why=body.why,
        edits={key: typed(key, value) for key, value in body.edits.items()},
    )
    held, _ = await decide(await services.graph(), services.settings, proposal_id, decision)
    return await _row(services.settings, held)


async def _row(settings: Settings, held: Record) -> ProposalRow:
    (row,) = await asyncio.to_thread(_with_quotes, settings, (proposal_row(held),))
    return ProposalRow.model_validate(row)


def _with_quotes(settings: Settings, rows: tuple[Row, ...]) -> list[Row]:
    return [{**row, "quote": quote_of(settings, row) if row["licence"] in _SHOWABLE else None} for row in rows]
