"""What the service counts of itself, in the text format of Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.gate import Door
from api.guarding import needs
from api.metrics import CONTENT_TYPE

router = needs("read")(APIRouter(tags=["operations"]))


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="What the service counts of itself",
    response_class=Response,
    responses={
        200: {"description": "counters and histograms", "content": {"text/plain": {"schema": {"type": "string"}}}}
    },
)
async def get_metrics(request: Request) -> Response:
    """Requests by route and class of status, durations, what is being served, verdicts of queries, for Prometheus."""
    door: Door = request.app.state.door
    return Response(door.metrics.text(), media_type=CONTENT_TYPE)
