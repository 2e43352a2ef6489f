"""A service behind a real connection on loopback, over a graph in memory, and what to send it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.patience import MOST_HEADER_BYTES, PatientProtocol
from api.problems import MEDIA_TYPE

WAIT = 30.0
SECRET = "s3cret-of-somebody-else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service on a port, and the folder whose name must not leak."""

    server: uvicorn.Server
    data: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.server.servers[0].sockets[0].getsockname()[1]
        return port

    async def send(self, *parts: bytes, close: bool = False) -> bytes:
        """All that comes back for these bytes until the connection is closed, by the service or for want of more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            if close:
                writer.write_eof()
            return await asyncio.wait_for(reader.read(), WAIT)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def healthy(self) -> None:
        """The service answers as if nothing had been."""
        answer = await self.send(request("GET /healthz HTTP/1.1"))
        assert answer.startswith(b"HTTP/1.1 200 "), answer


class Patient(PatientProtocol):
    """With deadlines that a test can wait for."""

    header_seconds = 0.4
    reader_seconds = 0.4


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[uvicorn.Server]:
    """The application behind a real server."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        http=Patient,
        ws="none",
        access_log=False,
        log_level="critical",
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_keep_alive=1,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await running


def request(line: str, body: bytes = b"", *fields: str, kind: str = "application/json") -> bytes:
    """A request that asks to close the connection after its answer."""
    head = [line, "Host: 127.0.0.1", "Connection: close", *fields]
    if body:
        head += [f"Content-Length: {len(body)}", f"Content-Type: {kind}"]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


def problem(answer: bytes, status: int, service: Service) -> dict[str, object]:
    """The problem of an answer, after a look at what it must not hold."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert f"content-type: {MEDIA_TYPE}".encode() in head.lower(), head
    found: dict[str, object] = json.loads(body)
    assert found["status"] == status
    for leak in (str(service.data), "Traceback", ".py", "site-packages", SECRET, "0x7"):
        assert leak not in answer.decode("utf-8", "replace")
    return found
