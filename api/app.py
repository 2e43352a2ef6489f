"""The REST way in: makes the ASGI application from settings, and from a store where a test brings its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI

from api.admission import close_door, make_door
from api.computeparts import Place
from api.computing import Computing
from api.conditional import Conditional
from api.deprecation import Deprecations
from api.deps import Services
from api.describing import tidy
from api.describing_access import with_access
from api.describing_forms import with_forms
from api.eventstream import Streams
from api.failing import HANDLERS
from api.freshness import Freshness, places_of
from api.gate import Gate, guard
from api.graphs import find_endpoints, open_analysts
from api.guarding import guarded_routes
from api.heads import Heads
from api.hosts import KnownHosts
from api.idempotency import Idempotent
from api.jobs.explanations import ExplainMany, ExplainOne
from api.jobs.ingests import IngestRun
from api.jobs.runner import JobRunner
from api.jobs.store import JobStore
from api.knowledge import load_knowledge
from api.lasting import Lasting
from api.ledger import Ledger
from api.listforms import ListForms
from api.logs import set_up_logs
from api.middleware import RequestTrail
from api.own_templates import OwnTemplates
from api.routes import (
    attributions,
    batches,
    catalog,
    catalog_ones,
    changes,
    comparisons,
    counterfactuals,
    cypher,
    explanation_views,
    explanations,
    facts,
    forecasts,
    health,
    ingest_jobs,
    jobs,
    judgements,
    metrics,
    moves,
    problems,
    proposals,
    queries,
    query_api,
    readings,
    root_causes,
    searches,
    series,
    sources,
    templates,
    things,
)
from api.settings import Settings
from api.signposts import put_up
from api.strictjson import StrictJson
from api.telemetry import close_traces, trace
from graph.analysts import Analysts
from graph.store import GraphStore, open_store

if TYPE_CHECKING:
    from api.scheduling import Scheduler

BODY_LIMIT = 64 * 1024
BODY_LIMITS = {root_causes.PATH: root_causes.BODY_LIMIT}
LEDGER = "ledger.sqlite3"
ROUTERS = (
    changes.router,
    explanations.router,
    explanation_views.router,
    comparisons.router,
    attributions.router,
    counterfactuals.router,
    root_causes.router,
    batches.router,
    jobs.router,
    ingest_jobs.router,
    catalog.router,
    templates.router,
    catalog_ones.router,
    things.router,
    facts.router,
    forecasts.router,
    judgements.router,
    searches.router,
    sources.router,
    moves.router,
    readings.router,
    series.router,
    proposals.router,
    queries.router,
    cypher.router,
    query_api.router,
    problems.router,
    health.router,
    metrics.router,
)
_ABOUT = (
    "Competing narratives of a market move, weighed by exact Bayesian inference over a graph of facts."
    " One resource that is read without clocks may lag what another process writes by 0.2 seconds;"
    " `Cache-Control: no-cache` asks the graph."
)
_TAGS = [
    {"name": "explanations", "description": "Why a move happened: competing narratives, their odds and evidence."},
    {"name": "jobs", "description": "Long work that goes on without its client, and how far it is."},
    {"name": "ingest", "description": "What is fetched from sources, and how far it is."},
    {"name": "catalog", "description": "What the graph and the library hold."},
    {"name": "facts", "description": "What was observed, claimed, disputed and checked."},
    {"name": "forecasts", "description": "What was said of the future, how it turned out, and who was right before."},
    {
        "name": "judgements",
        "description": "What analysts hold of evidence, where they differ, and what they looked for.",
    },
    {"name": "moves", "description": "What moved: stated by cases, or found in series."},
    {"name": "series", "description": "Numeric series and their values."},
    {"name": "proposals", "description": "Claims that a model proposes and a person decides about; no facts."},
    {"name": "queries", "description": "Reviewed questions of analysts, and the words of the graph."},
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
        description=_ABOUT,
        version=version("whymove"),
        openapi_tags=_TAGS,
        servers=[{"url": "/", "description": "this service"}],
        contact={"name": "whymove maintainers"},
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=_lifespan(settings, store, analysts),
        exception_handlers=HANDLERS,
        docs_url="/docs",
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # `api.telemetry` does what is asked for
    )
    app.state.routes = tuple(route for router in ROUTERS for route in router.routes)
    app.state.ledger = Ledger(settings.data / LEDGER)
    app.state.streams = Streams()
    app.add_middleware(Conditional)
    app.add_middleware(Deprecations)
    app.add_middleware(ListForms)
    app.add_middleware(Idempotent)
    app.add_middleware(StrictJson)
    app.state.freshness = Freshness()
    app.add_middleware(Lasting, places=places_of(ROUTERS), freshness=app.state.freshness)
    app.state.draining = False
    app.state.door = make_door(settings, ROUTERS)
    said = "Sessions with the graph that are open or wait for a connection, and how many can have one"
    app.state.door.metrics.watch("whymove_graph_sessions", said, "which", lambda: _sessions(app))
    app.add_middleware(Heads)
    app.add_middleware(Gate, door=app.state.door)
    if settings.auth != "required":
        app.add_middleware(KnownHosts, bound=settings.host)
    app.add_middleware(RequestTrail, body_limit=BODY_LIMIT, body_seconds=settings.body_seconds, body_limits=BODY_LIMITS)
    # where nobody is asked, no route pays for asking
    guards = [Depends(guard(ROUTERS))] if settings.auth == "required" else []
    put_up(app, ROUTERS, guards)
    app.state.traces = None if settings.telemetry is None else trace(app, settings.telemetry)
    return app


def _sessions(app: FastAPI) -> dict[str, float]:
    services: Services | None = getattr(app.state, "services", None)
    return {} if services is None else {"open": services.store.sessions, "most": services.store.pool}


def _start_jobs(app: FastAPI) -> JobRunner:
    """What runs long work in this process; a new kind of job is one more of these."""
    services: Services = app.state.services
    kinds = (ExplainOne(means=services), ExplainMany(means=services), IngestRun(means=services))
    runner = JobRunner(JobStore(app.state.ledger), kinds)
    runner.start()
    return runner


def _start_computing(app: FastAPI, place: Place) -> Computing | None:
    """The processes that compute, being started meanwhile; None where this one is to compute."""
    if not place.settings.compute:
        return None
    computing = Computing(place, place.settings.compute)
    computing.start()
    said = "Pieces of work that run and wait, processes that compute and how often one was started again"
    app.state.door.metrics.watch("whymove_computing", said, "what", computing.told)
    return computing


def _start_schedules(settings: Settings, jobs: JobRunner) -> Scheduler:
    # Imported here, because what fetches takes half a second to load that a service without schedules has no use for.
    from api.scheduling import Scheduler

    schedules = Scheduler(settings, jobs)
    schedules.start()
    return schedules


def _described(made: dict[str, Any]) -> dict[str, Any]:
    """What the framework made of the routes, with all that lies around them."""
    routes = tuple(guarded_routes(ROUTERS))
    return with_access(with_forms(tidy(made), routes), routes)


class _Service(FastAPI):
    """The framework's application, with a description in which every failure is a problem."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI description, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _described(super().openapi())
        return self.openapi_schema


def _lifespan(
    settings: Settings, given: GraphStore | None, analysts: Analysts | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        set_up_logs(settings.log_format, settings.log_level)
        knowledge = await asyncio.to_thread(load_knowledge, recalibration=settings.recalibration)
        store, queries, computing = given, analysts, None
        if store is None:
            endpoints = await asyncio.to_thread(find_endpoints, settings, keep=True)
            store, queries = open_store(endpoints.service), open_analysts(endpoints, settings)
            computing = _start_computing(app, Place(settings=settings, endpoint=endpoints.service))
        app.state.services = Services(
            settings=settings,
            knowledge=knowledge,
            store=store,
            queries=queries,
            schema_ready=given is not None,
            own=OwnTemplates.beside(knowledge, settings.templates_root),
            computing=computing,
            freshness=app.state.freshness,
        )
        app.state.jobs = _start_jobs(app)
        schedules = _start_schedules(settings, app.state.jobs) if settings.jobs else None
        try:
            yield
        finally:
            if schedules is not None:
                await schedules.stop()
            await app.state.jobs.stop()
            if computing is not None:
                await computing.close()
            if given is None:
                await store.close()
                if queries is not None:
                    await queries.close()
            await asyncio.to_thread(close_traces, app)
            await close_door(app.state.door)

    return lifespan
