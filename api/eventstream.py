"""Server-sent events: frames, comments that keep a connection, and an end for clients that do not read.

Nothing is queued for a client: each stream reads on where it is when the client has taken what came before. A client
that takes nothing for `PATIENCE` seconds is dropped, and can go on from its last event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.errors import TooManyStreamsError

PATIENCE = 30.0
KEEP_ALIVE = 15.0
MOST_STREAMS = 100
MEDIA_TYPE = "text/event-stream"
COMMENT = b": keep-alive\n\n"


def frame(id_: str, event: str, data: Mapping[str, object]) -> bytes:
    """One event; the data is one line of JSON."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id_.encode(), event.encode(), orjson.dumps(data))


class Streams:
    """Counts the open streams of this process."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self.most = most
        self.open = 0

    def answer(self, frames: AsyncIterator[bytes]) -> EventStream:
        """A stream of these frames. Raises TooManyStreamsError."""
        if self.open >= self.most:
            raise TooManyStreamsError(f"{self.most} streams are open, which is all that this process serves")
        return EventStream(frames, self)


class EventStream(Response):
    """The answer that sends frames until they end, the client leaves or stops to read."""

    media_type = MEDIA_TYPE

    def __init__(self, frames: AsyncIterator[bytes], streams: Streams, patience: float = PATIENCE) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.frames = frames
        self.streams = streams
        self.patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it."""
        self.streams.open += 1
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.streams.open -= 1
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait({sending, leaving})
        if not sending.cancelled() and sending.exception() is not None:
            raise sending.exception()  # type: ignore[misc]

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with suppress(TimeoutError):
            # the first comment tells the client that it is heard, before anything happens
            await self._piece(send, b": open\n\n")
            async for piece in self.frames:
                await self._piece(send, piece)
            await send({"type": "http.response.body", "body": b""})

    async def _piece(self, send: Send, piece: bytes) -> None:
        async with asyncio.timeout(self.patience):
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
