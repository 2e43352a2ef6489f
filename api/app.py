"""The REST way in: makes the ASGI application from settings, and from a store where a test brings its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from api.conditional import Conditional
from api.deps import Services
from api.describing import tidy
from api.failing import HANDLERS
from api.graphs import find_endpoints, open_analysts
from api.knowledge import load_knowledge
from api.logs import set_up_logs
from api.middleware import RequestTrail
from api.routes import (
    catalog,
    cypher,
    explanations,
    facts,
    health,
    moves,
    problems,
    query_api,
    readings,
    series,
    things,
)
from api.settings import Settings
from graph.analysts import Analysts
from graph.store import GraphStore, open_store

BODY_LIMIT = 64 * 1024
ROUTERS = (
    explanations.router,
    catalog.router,
    things.router,
    facts.router,
    moves.router,
    readings.router,
    series.router,
    cypher.router,
    query_api.router,
    problems.router,
    health.router,
)
_TAGS = [
    {"name": "explanations", "description": "Why a move happened: competing narratives, their odds and evidence."},
    {"name": "catalog", "description": "What the graph and the library hold."},
    {"name": "facts", "description": "What was observed, claimed, disputed and checked."},
    {"name": "moves", "description": "What moved: stated by cases, or found in series."},
    {"name": "series", "description": "Numeric series and their values."},
    {"name": "cypher", "description": "Questions to the graph in Cypher, for analysts: reads alone, within limits."},
    {"name": "problems", "description": "What each kind of failure means."},
    {"name": "operations", "description": "Whether the service is up and can answer."},
]


def create_app(settings: Settings, store: GraphStore | None = None, analysts: Analysts | None = None) -> FastAPI:
    """The application; with `store` it uses that graph and leaves it open, else it opens the one of the settings.

    `analysts` goes with `store`: how analysts' Cypher reaches that graph.
    """
    app = _Service(
        title="whymove",
        summary="Why did this market move happen?",
        description="Competing narratives of a market move, weighed by exact Bayesian inference over a graph of facts.",
        version=version("whymove"),
        openapi_tags=_TAGS,
        servers=[{"url": "/", "description": "this service"}],
        contact={"name": "whymove maintainers"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=_lifespan(settings, store, analysts),
        exception_handlers=HANDLERS,
        docs_url="/docs",
        redoc_url=None,
    )
    app.add_middleware(Conditional)
    app.add_middleware(RequestTrail, body_limit=BODY_LIMIT)
    for router in ROUTERS:
        app.include_router(router)
    return app


class _Service(FastAPI):
    """The framework's application, with a description in which every failure is a problem."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = tidy(super().openapi())
        return self.openapi_schema


def _lifespan(
    settings: Settings, given: GraphStore | None, analysts: Analysts | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        set_up_logs(settings.log_format, settings.log_level)
        knowledge = await asyncio.to_thread(load_knowledge)
        store, queries = given, analysts
        if store is None:
            endpoints = await asyncio.to_thread(find_endpoints, settings, keep=True)
            store, queries = open_store(endpoints.service), open_analysts(endpoints, settings)
        app.state.services = Services(
            settings=settings, knowledge=knowledge, store=store, queries=queries, schema_ready=given is not None
        )
        try:
            yield
        finally:
            if given is None:
                await store.close()
                if queries is not None:
                    await queries.close()

    return lifespan
