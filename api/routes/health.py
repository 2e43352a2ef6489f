"""Whether the process is up, and whether it can answer."""

from __future__ import annotations

import time
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request, Response

from api.deps import GivenServices
from api.guarding import needs
from api.schemas import Health, Readiness
from graph.errors import GraphUnavailableError

router = needs("public")(APIRouter(tags=["operations"]))
OK, UNTOLD = "ok", "does not answer; the log says why"
_FRESH = 2.0
_log = structlog.get_logger("health")


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
    """Asks the graph (at most once in two seconds) and lists the checks; a service that is ending is not ready.

    Anybody may ask. Where callers have to be known, the log alone says where the graph is and what it answered.
    """
    graph = await _ask_graph(services)
    if graph != OK and services.settings.auth == "required":
        graph = UNTOLD
    checks = {"graph": graph, "templates": f"{len(services.knowledge.library)} loaded"}
    draining: bool = request.app.state.draining
    if draining:
        checks["service"] = "ending"
    if graph == OK and not draining:
        return Readiness(status="ready", checks=checks)
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = "5"
    return Readiness(status="not_ready", checks=checks)


async def _ask_graph(services: GivenServices) -> str:
    now = time.monotonic()
    if services.asked_at is None or now - services.asked_at >= _FRESH:
        try:
            await (await services.graph()).ping()
            services.graph_said = OK
        except GraphUnavailableError as fault:
            services.graph_said = str(fault)
            _log.warning("ready.fail", reason=services.graph_said)
        services.asked_at = now
    return services.graph_said
