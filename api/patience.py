"""HTTP connections that wait for a client only so long: for its next header, and for it to take what was sent.

The server as it comes waits forever for both, and answers what is no HTTP in plain text. Nothing here runs while
requests come and go as they should.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import h11
import orjson
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.problems import MEDIA_TYPE, Problem, body_of

HEADER_SECONDS = 15.0
READER_SECONDS = 60.0
MOST_HEADER_BYTES = 32 * 1024
_BAD = Problem(slug="malformed-request", status=400, title="This is not HTTP", text="The request could not be read.")
_LONG = Problem(
    slug="header-too-large",
    status=int(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    title="The header is too large",
    text=f"Address and header fields have to fit into {MOST_HEADER_BYTES // 1024} kB.",
)


class PatientProtocol(H11Protocol):
    """The HTTP/1.1 of uvicorn with two deadlines, and problems for what is no HTTP."""

    header_seconds = HEADER_SECONDS
    reader_seconds = READER_SECONDS

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first header."""
        super().connection_made(transport)
        self._slow_reader: asyncio.TimerHandle | None = None
        self._late: asyncio.TimerHandle | None = self.loop.call_later(self.header_seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop("_late", "_slow_reader")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; while a header is in parts, the deadline of the first part holds."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE or not self.conn.trailing_data[0]:
            self._stop("_late")
        elif self._late is None:
            self._late = self.loop.call_later(self.header_seconds, self._give_up)

    def pause_writing(self) -> None:
        """The client does not take what was sent: it has `reader_seconds` to catch up."""
        super().pause_writing()
        self._slow_reader = self.loop.call_later(self.reader_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has caught up."""
        self._stop("_slow_reader")
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """A problem where the request was no HTTP, or its header too large; then the connection is closed."""
        long = len(self.conn.trailing_data[0]) >= MOST_HEADER_BYTES
        problem = _LONG if long else _BAD
        body = orjson.dumps(body_of(problem, problem.text, instance="", request_id=""))
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        try:
            parts: list[Any] = [
                h11.Response(status_code=problem.status, headers=headers, reason=b""),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ]
            for part in parts:
                self.transport.write(self.conn.send(part) or b"")
        except h11.LocalProtocolError:  # an answer is under way: nothing can be said any more
            self.transport.abort()
            return
        self.transport.close()

    def _give_up(self) -> None:
        self._late = None
        self.transport.close()

    def _stop(self, *names: str) -> None:
        for name in names:
            timer: asyncio.TimerHandle | None = getattr(self, name)
            if timer is not None:
                timer.cancel()
                setattr(self, name, None)
