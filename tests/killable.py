"""Graph servers of a test's own that are killed with SIGKILL and started again on what they left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import psutil

from graph.endpoint import Endpoint
from graph.server import ensure_running, restart, status, stop
from tests.neo4j.server import Neo4jServer


class Killable(Protocol):
    """A server that may be killed at any time; all calls block."""

    def start(self) -> Endpoint:
        """Start it on a fresh folder."""

    def kill(self) -> None:
        """Kill it at once, and return when it is gone."""

    def again(self) -> None:
        """Start it again on the folder as it is, where whoever knows it finds it."""

    def stop(self) -> None:
        """End it."""


class KillableEmbedded:
    """The embedded server of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._url = ""

    def start(self) -> Endpoint:
        """Start it on a fresh folder."""
        endpoint = ensure_running(self._folder, keep=False, heap="512m").service
        self._url = endpoint.url
        return endpoint

    def kill(self) -> None:
        """Kill it at once, and return when it is gone."""
        running = status(self._folder)
        assert running is not None, "the server had ended by itself"
        process = psutil.Process(running.pid)
        process.kill()
        process.wait(30)

    def again(self) -> None:
        """Start it again on the folder as it is, where whoever knows it finds it."""
        restart(self._folder, url=self._url, keep=False, heap="512m")

    def stop(self) -> None:
        """End it."""
        stop(self._folder)


class KillableNeo4j:
    """A Neo4j of its own. `start` raises CannotStartError where none can be had."""

    def __init__(self) -> None:
        self._server = Neo4jServer()

    def start(self) -> Endpoint:
        """Start it on a fresh folder."""
        reach = self._server.start()
        return Endpoint(url=reach.url, user=reach.user, password=reach.password, database="neo4j")

    def kill(self) -> None:
        """Kill it at once, and return when it is gone."""
        self._server.kill()

    def again(self) -> None:
        """Start it again on the folder as it is, where whoever knows it finds it."""
        self._server.again()

    def stop(self) -> None:
        """End it."""
        self._server.stop()
