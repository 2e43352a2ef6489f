"""What can be seen of an explanation beside itself: its timeline, its pictures, and where it came from."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Response

from api.computations_reading import TellTime
from api.deps import GivenServices
from api.guarding import needs
from api.routes.answers import DOWN, NOT_FOUND, NOT_WRITTEN, Described
from api.routes.forms import JSON, VARY, offering
from api.schemas_views import ProvenanceBody, TimelineBody
from graph.reading import explanation_body

router = needs("read")(APIRouter(tags=["explanations"]))
GivenId = Annotated[str, Path(alias="id", max_length=100)]
SVG, PROV = "image/svg+xml", "application/provenance+json"
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_PICTURE: Described = {200: {"description": "the picture", "content": {SVG: {"schema": {"type": "string"}}}}}
_PROVENANCE: Described = {
    200: {
        "description": "PROV-JSON",
        "content": {PROV: {"schema": {"$ref": "#/components/schemas/ProvenanceBody"}}, JSON: {}},
        "model": ProvenanceBody,
    }
}


@router.get(
    "/v1/explanations/{id}/timeline",
    operation_id="getExplanationTimeline",
    summary="What was knowable when, and how the belief came about",
    responses=NOT_FOUND | DOWN,
)
async def get_timeline(explanation_id: GivenId, services: GivenServices) -> TimelineBody:
    """Facts by the date since when they were public, and the posteriors of each date that brought evidence."""
    kept = await explanation_body(await services.graph(), explanation_id)
    return TimelineBody.model_validate(await services.compute(TellTime(explanation=kept)))


@router.get(
    "/v1/explanations/{id}/pictures/{name}",
    operation_id="getExplanationPicture",
    summary="A picture of an explanation",
    response_class=Response,
    responses=_PICTURE | NOT_FOUND | NOT_WRITTEN | DOWN,
    dependencies=[offering(SVG)],
)
async def get_picture(
    explanation_id: GivenId,
    name: Literal["belief", "chain", "matrix", "waterfall"],
    services: GivenServices,
    narrative: Annotated[
        str | None, Query(max_length=200, description="of which narrative, for chain and waterfall; the first by rank")
    ] = None,
) -> Response:
    """The belief over time, the evidence matrix, or the waterfall or causal chain of one narrative, as SVG."""
    from api.pictures import picture

    explanation = orjson.loads(await explanation_body(await services.graph(), explanation_id))
    drawn = await asyncio.to_thread(picture, explanation, name, narrative)
    headers = {"Content-Security-Policy": SVG_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(drawn.svg(), media_type=SVG, headers=headers)


@router.get(
    "/v1/explanations/{id}/provenance",
    operation_id="getExplanationProvenance",
    summary="Where an explanation came from, as PROV-JSON",
    response_class=Response,
    responses=_PROVENANCE | NOT_FOUND | NOT_WRITTEN | DOWN,
)
async def get_provenance(
    explanation_id: GivenId, services: GivenServices, kind: Annotated[str, offering(PROV, JSON)]
) -> Response:
    """What it used, where that came from and who answers for it, in W3C PROV: one bundle."""
    from api.provenance import lineage_of, to_prov_json

    lineage = await lineage_of(await services.graph(), explanation_id)
    return Response(await asyncio.to_thread(to_prov_json, lineage), headers=VARY, media_type=kind)
