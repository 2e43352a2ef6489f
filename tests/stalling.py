"""A way to a server that can be stalled: connections stand and are taken, and nothing goes through."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from graph.endpoint import Endpoint


class Way:
    """Forwards bytes to `endpoint`, while it is not stalled."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._to = int(endpoint.url.rsplit(":", 1)[1])
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    def stall(self) -> None:
        """Let nothing through."""
        self._open.clear()

    def go_on(self) -> None:
        """Let through what waits, and all that comes."""
        self._open.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers += (back, writer)
        self._tasks |= {asyncio.create_task(self._pass(*ends)) for ends in ((reader, back), (there, writer))}

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                await self._open.wait()
                sink.write(data)
                await sink.drain()
        sink.close()

    async def end(self) -> None:
        """End every connection."""
        self.go_on()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def a_way_to(endpoint: Endpoint) -> AsyncIterator[tuple[Way, Endpoint]]:
    """A way to a server, and the endpoint at its beginning."""
    way = Way(endpoint)
    listener = await asyncio.start_server(way.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield way, replace(endpoint, url=f"bolt://127.0.0.1:{port}")
        await way.end()
