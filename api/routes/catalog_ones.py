"""One thing of the catalog by its id: an instrument, an event, a narrative, a template of the library."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.catalog import template_row
from api.catalog_ones import EVENT, INSTRUMENT, NARRATIVE
from api.deps import GivenClocks, GivenServices
from api.facts import one_of
from api.freshness import made_of
from api.guarding import needs
from api.routes.answers import DOWN, NOT_FOUND, UNREADABLE
from api.schemas import EventRow, InstrumentRow, NarrativeRow, TemplateRow
from causal.library import get_template

router = needs("read")(APIRouter(tags=["catalog"]))
GivenId = Annotated[str, Path(alias="id", max_length=300)]
_ONE = NOT_FOUND | UNREADABLE | DOWN


@router.get("/v1/instruments/{id}", operation_id="getInstrument", summary="One instrument", responses=_ONE)
@made_of("graph")
async def get_instrument(
    response: Response, instrument_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> InstrumentRow:
    """An instrument by its id."""
    response.headers.update(clocked.headers())
    return InstrumentRow.model_validate(await one_of(INSTRUMENT, await services.graph(), instrument_id, clocked.clocks))


@router.get("/v1/events/{id}", operation_id="getEvent", summary="One event", responses=_ONE)
@made_of("graph")
async def get_event(response: Response, event_id: GivenId, services: GivenServices, clocked: GivenClocks) -> EventRow:
    """An event by its key, or by the id of one recorded version."""
    response.headers.update(clocked.headers())
    return EventRow.model_validate(await one_of(EVENT, await services.graph(), event_id, clocked.clocks))


@router.get("/v1/narratives/{id}", operation_id="getNarrative", summary="One narrative", responses=_ONE)
@made_of("graph")
async def get_narrative(
    response: Response, narrative_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> NarrativeRow:
    """A case's own narrative, or a template bound to a move, by its id."""
    response.headers.update(clocked.headers())
    return NarrativeRow.model_validate(await one_of(NARRATIVE, await services.graph(), narrative_id, clocked.clocks))


@router.get(
    "/v1/templates/{id}",
    operation_id="getTemplate",
    summary="One narrative template of the library",
    responses=NOT_FOUND | UNREADABLE,
)
@made_of("library")
async def get_template_row(
    response: Response, template_id: GivenId, services: GivenServices, clocked: GivenClocks
) -> TemplateRow:
    """A template by its id, such as T02; the library has no clocks, and those of the request are echoed."""
    response.headers.update(clocked.headers())
    return TemplateRow.model_validate(
        template_row(get_template(services.knowledge.library, template_id), services.own_ids())
    )
