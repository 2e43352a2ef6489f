"""Carries the Model Context Protocol: over the pipes of the process, or over HTTP on this machine's loopback.

Over HTTP every request stands alone (no session to keep, any worker could answer it), passes the same door as REST, and
is refused where another site's page sends it. Its answer is a stream, in which what is told of a call's progress comes
before the answer; who takes no stream gets the answer alone, as JSON.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from io import TextIOWrapper
from typing import TextIO

import anyio
import uvicorn
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp, Receive, Scope, Send

from api.admission import close_door, make_door
from api.calls import CALL
from api.deps import Services
from api.errors import MissingScopeError
from api.gate import Gate
from api.graphs import find_endpoints
from api.knowledge import load_knowledge
from api.mcp_server import mcp_server
from api.middleware import RequestTrail
from api.own_templates import OwnTemplates
from api.patience import MOST_HEADER_BYTES, PatientProtocol
from api.problems import problem_of_status
from api.refusals import send_error, send_problem
from api.scopes import allows
from api.serving import DrainingServer
from api.settings import Settings
from graph.store import GraphStore, open_store

PATH = "/mcp"
LOOPBACK = "127.0.0.1"
BODY_LIMIT = 64 * 1024
_SAME_MACHINE = TransportSecuritySettings(
    allowed_hosts=["127.0.0.1:*", "localhost:*"],
    allowed_origins=["http://127.0.0.1:*", "http://localhost:*"],
)


@asynccontextmanager
async def open_services(settings: Settings, given: GraphStore | None = None) -> AsyncIterator[Services]:
    """The library and the graph of the settings (`given` where a test brings its own, which stays open)."""
    knowledge = await asyncio.to_thread(load_knowledge, recalibration=settings.recalibration)
    own = OwnTemplates.beside(knowledge, settings.templates_root)
    store = given
    if store is None:
        endpoints = await asyncio.to_thread(find_endpoints, settings, keep=True)
        store = open_store(endpoints.service)
    try:
        yield Services(
            settings=settings,
            knowledge=knowledge,
            store=store,
            schema_ready=given is not None,
            own=own,
        )
    finally:
        if given is None:
            await store.close()


async def serve_pipes(settings: Settings) -> None:
    """Answer over standard input and output until the input ends; nothing else is ever written to the output."""
    with _own_pipes() as (source, sink):
        async with open_services(settings) as services:
            server = mcp_server(services)
            async with stdio_server(anyio.wrap_file(source), anyio.wrap_file(sink)) as (read, write):
                await server.run(read, write, server.create_initialization_options())


@contextmanager
def _own_pipes() -> Iterator[tuple[TextIO, TextIO]]:
    """The pipes of the protocol, taken from everybody else: what prints goes to standard error, who reads gets nothing.

    The embedded graph server is a child of this process and would inherit them.
    """
    sys.stdout.flush()
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    reader = TextIOWrapper(os.fdopen(source, "rb"), encoding="utf-8", errors="replace")
    writer = TextIOWrapper(os.fdopen(sink, "wb"), encoding="utf-8")
    try:
        yield reader, writer
    finally:
        os.dup2(sink, 1)
        os.dup2(source, 0)
        writer.close()
        reader.close()


class Doorway:
    """ASGI: the one path, for holders of `read` where somebody has to be known."""

    def __init__(
        self, streams: StreamableHTTPSessionManager, whole: StreamableHTTPSessionManager, *, asks: bool
    ) -> None:
        self._streams = streams
        self._whole = whole
        self._asks = asks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["path"].rstrip("/") != PATH:
            problem = problem_of_status(HTTPStatus.NOT_FOUND)
            await send_problem(scope, send, problem, f"there is {PATH} here and nothing else")
            return
        if scope["method"] != "POST":  # there is no stream to listen to and no session to end
            problem = problem_of_status(HTTPStatus.METHOD_NOT_ALLOWED)
            await send_problem(scope, send, problem, "send messages by POST", [(b"allow", b"POST")])
            return
        call = CALL.get()
        if self._asks and (call is None or call.caller is None or not allows(call.caller.scopes, "read")):
            await send_error(scope, send, MissingScopeError("read"))
            return
        manager = self._streams if _takes_streams(scope) else self._whole
        await manager.handle_request(scope, receive, send)


def _takes_streams(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/event-stream" in value for name, value in scope["headers"])


@asynccontextmanager
async def mcp_app(settings: Settings, services: Services) -> AsyncIterator[ASGIApp]:
    """The ASGI application, ready for requests; it takes no lifespan messages."""
    server = mcp_server(services)
    streams, whole = (
        StreamableHTTPSessionManager(
            server,
            json_response=json_response,
            stateless=True,
            security_settings=_SAME_MACHINE,
            max_request_body_size=BODY_LIMIT,
        )
        for json_response in (False, True)
    )
    door = make_door(settings, ())
    gate = Gate(Doorway(streams, whole, asks=settings.auth == "required"), door)
    try:
        async with streams.run(), whole.run():
            yield RequestTrail(gate, body_limit=BODY_LIMIT, body_seconds=settings.body_seconds)
    finally:
        await close_door(door)


async def serve_http(settings: Settings, port: int) -> int:
    """Answer over HTTP on the loopback until told to end; the exit code."""
    # a stream here ends with its answer, which is not to be cut off
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
    async with open_services(settings) as services, mcp_app(settings, services) as app:
        config = uvicorn.Config(
            app,
            host=LOOPBACK,
            port=port,
            access_log=False,
            log_level=settings.log_level,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            h11_max_incomplete_event_size=MOST_HEADER_BYTES,
            timeout_graceful_shutdown=max(1, round(settings.grace_seconds)),
            server_header=False,
        )
        server = DrainingServer(config, drain=lambda: None, drain_seconds=settings.drain_seconds)
        await server.serve()
        return 0 if server.started else 3
