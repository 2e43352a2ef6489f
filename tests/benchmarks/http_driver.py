"""A client of HTTP/1.1 that costs next to nothing: so many requests over so many connections, then it stops.

What it measures is the server, so it sends bytes that were made before and reads no more of an answer than its length.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WAIT_SECONDS = 60.0
_MOST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: its status, its header as it came, its body."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header field, None where there is none."""
        for line in self.head.split(b"\r\n")[1:]:
            found, colon, value = line.partition(b":")
            if colon and found.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return None


@dataclass(slots=True, kw_only=True)
class Connection:
    """One connection that is kept, and opened again where the server has closed it."""

    port: int
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> Reply:
        """The answer to a request, sent once more where a connection that was kept turns out to be closed.

        Raises TimeoutError, OSError, and EOFError where the server hangs up.
        """
        kept = self._reader is not None
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                try:
                    return await self._ask(request)
                except (ConnectionError, asyncio.IncompleteReadError) as error:
                    if not kept or getattr(error, "partial", b""):
                        raise
                    self.close()
                    return await self._ask(request)
        except (TimeoutError, OSError, EOFError, asyncio.CancelledError):
            self.close()  # half of an answer may still be on its way
            raise

    async def _ask(self, request: bytes) -> Reply:
        if self._reader is not None and self._reader.at_eof():
            self.close()  # the server keeps a connection that is not used only so long
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port, limit=_MOST_HEAD)
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        reply = Reply(status=int(head[9:12]), head=head, body=b"")
        length = reply.header("content-length")
        if length is None:
            raise EOFError("the answer does not say how long it is")
        body = await self._reader.readexactly(int(length)) if length != "0" else b""
        if reply.header("connection") == "close":
            self.close()
        return Reply(status=reply.status, head=head, body=body)

    def close(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def get(path: str) -> bytes:
    """A GET as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: bytes, fields: Mapping[str, str] | None = None) -> bytes:
    """A POST of JSON as it is sent."""
    own = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(fields or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode() + body


@dataclass(slots=True, kw_only=True)
class Driven:
    """What came of a drive: statuses, and the seconds that each request took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


async def drive(port: int, requests: Sequence[bytes], count: int, connections: int) -> Driven:
    """Send `count` requests, each of `requests` in turn, as fast as `connections` connections take them."""
    driven, numbers, loop = Driven(), iter(range(count)), asyncio.get_running_loop()

    async def one() -> None:
        connection = Connection(port=port)
        for number in numbers:
            began = loop.time()
            reply = await connection.ask(requests[number % len(requests)])
            driven.seconds.append(loop.time() - began)
            driven.statuses[reply.status] += 1
        connection.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return driven
