"""The service in a thread of this process, on a port of loopback, for programs that want a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from api.app import create_app
from api.settings import Settings
from graph.endpoint import Endpoint

_PATIENCE_SECONDS = 60


@contextmanager
def live_server(endpoint: Endpoint, data: Path) -> Iterator[str]:
    """The address of the service over a graph, ended at the end."""
    settings = Settings(
        data=data,
        graph_url=endpoint.url,
        graph_user=endpoint.user,
        graph_password=SecretStr(endpoint.password),
        graph_database=endpoint.database,
        log_level="error",
    )
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=0, access_log=False, log_level="error", ws="none"
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert server.ready.wait(_PATIENCE_SECONDS), "the service did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE_SECONDS)
        assert not thread.is_alive(), "the service did not end"


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        await super().startup(sockets)  # type: ignore[arg-type]
        self.ready.set()
