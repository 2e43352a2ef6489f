"""Whether the process is up, and whether it can answer."""

from __future__ import annotations

import time
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.deps import GivenServices
from api.guarding import needs
from api.schemas import Health, Readiness
from graph.errors import GraphUnavailableError

router = needs("public")(APIRouter(tags=["operations"]))


@router.get("/healthz", operation_id="getHealth", summary="Is the process up?")
async def get_health() -> Health:
    """Answers as long as the process does; asks nothing else."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Can it answer?",
    responses={503: {"model": Readiness, "description": "some check fails"}},
)
async def get_readiness(request: Request, services: GivenServices, response: Response) -> Readiness:
    """Asks the graph (at most once in two seconds) and lists the checks; a service that is ending is not ready."""
    graph = await _ask_graph(services)
    checks = {"graph": graph, "templates": f"{len(services.knowledge.library)} loaded"}
    draining: bool = request.app.state.draining
    if draining:
        checks["service"] = "ending"
    if graph == "ok" and not draining:
        return Readiness(status="ready", checks=checks)
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = "5"
    return Readiness(status="not_ready", checks=checks)


async def _ask_graph(services: GivenServices) -> str:
    now = time.monotonic()
    if services.asked_at is None or now - services.asked_at >= _FRESH:
        try:
            await (await services.graph()).ping()
            services.graph_said = "ok"
        except GraphUnavailableError as fault:
            services.graph_said = str(fault)
        services.asked_at = now
    return services.graph_said


_FRESH = 2.0
