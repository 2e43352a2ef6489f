"""Opens the graph that the settings name: the Neo4j of `graph_url`, else the embedded server of the data folder.

The one place that decides which server is used; everything above it sees a store and the way of
analysts' Cypher.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from graph.analysts import Analysts
from graph.endpoint import Endpoint
from graph.schema import constraint_statements
from graph.server import ensure_running, restart
from graph.store import GraphStore, open_store
from graph.watchdog import Watchdog

if TYPE_CHECKING:
    from graph.series import SeriesStore

ALL_RUNNING, ALL_QUEUED = 4, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGraph:
    """A graph that answers: the product's own store, and the way of analysts' Cypher."""

    store: GraphStore
    analysts: Analysts


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the graph is, for the product and for analysts; `started` when this call started the server."""

    service: Endpoint
    analyst: Endpoint
    started: bool


def open_series(settings: Settings) -> SeriesStore | None:
    """The numeric series of the settings; None where a local folder holds none, so that nothing of them is loaded."""
    root = settings.series_root
    if isinstance(root, Path) and not (root.is_dir() and any(root.iterdir())):
        return None
    from graph.series import SeriesStore

    return SeriesStore(root)


def graph_folder(settings: Settings) -> Path:
    """The folder of the embedded server."""
    return settings.data / "graph"


def find_endpoints(settings: Settings, *, keep: bool) -> Endpoints:
    """Where the graph is; starts the embedded server or attaches to it (seconds), so call it in a thread.

    Raises GraphUnavailableError, InvalidSettingsError.
    """
    if settings.graph_url is None:
        running = ensure_running(graph_folder(settings), keep=keep, heap=settings.heap)
        return Endpoints(service=running.service, analyst=running.analyst, started=running.started)
    endpoint = Endpoint(
        url=settings.graph_url,
        user=settings.graph_user,
        password=settings.password(),
        database=settings.graph_database,
    )
    return Endpoints(service=endpoint, analyst=endpoint, started=False)


def open_analysts(endpoints: Endpoints, settings: Settings) -> Analysts:
    """The analysts' way to a graph; the embedded server is started again when a query cannot be ended otherwise."""
    revive = None
    if settings.embedded:
        folder = graph_folder(settings)
        revive = partial(restart, folder, url=endpoints.service.url, keep=True, heap=settings.heap)
    watchdog = Watchdog(endpoints.service, revive)
    if settings.auth != "required":
        return Analysts(endpoints.analyst, watchdog)
    # each caller has two turns of its own: more at a time, so that nobody waits for the queries of one other alone
    return Analysts(endpoints.analyst, watchdog, running=ALL_RUNNING, queued=ALL_QUEUED)


@asynccontextmanager
async def open_graph(
    settings: Settings, *, keep: bool = True, progress: Callable[[str], None] = lambda _: None
) -> AsyncIterator[OpenGraph]:
    """The graph, with its schema; closed at the end (an embedded server that is kept runs on).

    Raises GraphUnavailableError, InvalidSettingsError.
    """
    progress("starting or finding the graph server" if settings.embedded else f"connecting to {settings.graph_url}")
    endpoints = await asyncio.to_thread(find_endpoints, settings, keep=keep)
    store, analysts = open_store(endpoints.service), open_analysts(endpoints, settings)
    try:
        await create_schema_once(store, settings)
        yield OpenGraph(store=store, analysts=analysts)
    finally:
        await analysts.close()
        await store.close()


async def create_schema_once(store: GraphStore, settings: Settings) -> None:
    """Make the graph's constraints and indexes unless this server has had them. Raises GraphUnavailableError."""
    # Some sixty statements take a second: a mark in the data folder says that this server has had them.
    mark = _schema_mark(settings)
    if await asyncio.to_thread(mark.exists):
        return
    await store.create_schema()
    await asyncio.to_thread(_leave, mark)


def _schema_mark(settings: Settings) -> Path:
    where = (settings.graph_url or "", settings.graph_database if settings.graph_url else "")
    text = "\n".join([*where, *constraint_statements()])
    folder = graph_folder(settings) if settings.embedded else settings.data
    return folder / f"schema-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _leave(mark: Path) -> None:
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError:
        # A data folder that may not be written costs one second at each start and nothing else.
        return
