"""Runs the application until it is told to end, and ends it so that nothing that was accepted is lost.

On SIGTERM the service says that it is not ready any more and takes requests for a while yet, so that whoever sends them
can look elsewhere; then it takes none, and those that run have their time to end. A second signal ends it at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import create_app
from api.errors import ApiError
from api.patience import MOST_HEADER_BYTES, PatientProtocol
from api.settings import Settings
from graph.errors import GraphError

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SWITCH_SECONDS = 0.0005
_CLOSE = (b"connection", b"close")
_FROM_OUTSIDE = (ApiError, GraphError, OSError)


class DrainingServer(uvicorn.Server):
    """uvicorn's server with an end in two steps; `drain` is called when the first begins.

    `watched` says that a parent tells it what to do, which kills it where it has to hurry: what a terminal or a
    service manager tells the whole group comes twice then, and means nothing more.
    """

    def __init__(
        self, config: uvicorn.Config, *, drain: Callable[[], None], drain_seconds: float, watched: bool = False
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._drain_seconds = drain_seconds
        self._watched = watched
        self._ends_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve; what is there by then stays, so that no collection of garbage looks through it again."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Listen to signals while serving; an end that was asked for is a success, so none is raised again."""
        before = {one: signal.signal(one, self.handle_exit) for one in SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end; at a second signal end at once, unless a parent sees to that."""
        if self.should_exit or self._ends_at is not None:
            if self._watched:
                return
            os._exit(128 + sig)
        self._drain()
        if sig == signal.SIGTERM and self.started:
            self._ends_at = time.monotonic() + self._drain_seconds
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop taking requests."""
        if self._ends_at is not None:
            self.should_exit = self.should_exit or time.monotonic() >= self._ends_at
        ended = await super().on_tick(counter)
        if self._ends_at is not None and _CLOSE not in self.server_state.default_headers:
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]
        return ended


class ToldShortly:
    """An application whose start says in one line why it failed, where that is no fault of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the application."""

        async def send_short(message: Message) -> None:
            error = sys.exc_info()[1]
            if message["type"] == "lifespan.startup.failed" and isinstance(error, _FROM_OUTSIDE):
                message = {**message, "message": " ".join(str(error).split())}
            await send(message)

        await self._app(scope, receive, send_short if scope["type"] == "lifespan" else send)


def server_of(settings: Settings, *, watched: bool = False) -> DrainingServer:
    """A server of the application of these settings, in this process; `watched` by a parent or not."""
    app = create_app(settings)

    def drain() -> None:
        app.state.draining = True

    config = uvicorn.Config(
        ToldShortly(app),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_level=settings.log_level,
        http=PatientProtocol,
        ws="none",
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_graceful_shutdown=max(1, round(settings.grace_seconds)),
        server_header=False,
    )
    return DrainingServer(config, drain=drain, drain_seconds=settings.drain_seconds, watched=watched)


def run_here(settings: Settings) -> int:
    """Serve in this process until told to end; the exit code."""
    return run(server_of(settings), settings)


def run(server: DrainingServer, settings: Settings, sockets: list[socket.socket] | None = None) -> int:
    """Serve with a server of these settings until it is told to end; the exit code."""
    if not settings.compute:  # what is heavy runs in threads: the loop waits so long for its turn at each of its reads
        sys.setswitchinterval(SWITCH_SECONDS)
    server.run(sockets)
    return 0 if server.started else 3
