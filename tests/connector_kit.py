"""A server on loopback that plays the endpoint of a source, with faults, and how connectors are run against it.

It writes bytes on a bare connection, so that it can also cut an answer off or hang up, which no framework would do.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from ingest.bodies import Held
from ingest.connecting import Fetched, Parsed, Payload, Point, Request, Window
from ingest.fetching import Fetcher, Reach
from ingest.pacing import Pacer
from ingest.payloads import PayloadStore, content_hash
from ingest.sourceformat import SourceFile
from ingest.sources import load_connector, load_source, sample_payloads

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
PAGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived; `path` without its query, names of headers in lower case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `sent` bytes of the body go out though its whole length is promised; None sends nothing at all."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = -1

    def cut(self) -> Reply:
        """The same, broken off in the middle."""
        return replace(self, sent=len(self.body) // 2)


Answer = Callable[[Asked], Reply]
BLOCKED = Reply(body=PAGE, content_type="text/html; charset=UTF-8")
HANGS_UP = Reply(sent=None)
LEGAL = Reply(status=451, body=b'{"code":0,"msg":"Service unavailable from a restricted location"}')
NOTHING = Reply(status=404, body=b"<Error><Code>NoSuchKey</Code></Error>", content_type="application/xml")


def busy(seconds: str) -> Reply:
    """429, to be asked again after so many seconds."""
    return Reply(status=429, body=b"{}", headers={"Retry-After": seconds})


def moved(location: str) -> Reply:
    """Sent on to another address."""
    return Reply(status=302, headers={"Location": location})


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """Answers every request; `faults` come first, each once. `asked` is what came in."""

    answer: Answer
    faults: deque[Reply] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def source(self, name: str) -> SourceFile:
        """The source with all its hosts here, each under its own name: `/api/...`."""
        source = load_source(name)
        return source.at({host: f"{self.url}/{host}" for host in source.hosts})

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request, one answer."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = await _read(reader)
            self.asked.append(asked)
            writer.write(_bytes(self.faults.popleft() if self.faults else self.answer(asked)))
            await writer.drain()
        writer.close()


@asynccontextmanager
async def playing(answer: Answer, *faults: Reply) -> AsyncIterator[Endpoint]:
    """An endpoint that plays faults and then answers."""
    endpoint = Endpoint(answer=answer, faults=deque(faults))
    server = await asyncio.start_server(endpoint.talk, "127.0.0.1", 0)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield endpoint


def samples_of(name: str) -> Answer:
    """Answers with the samples of a connector: those of the path that was asked for, else with 404.

    Of several the one with most of the params that were asked for.
    """
    payloads = sample_payloads(name)
    hosts = load_source(name).hosts

    def answer(asked: Asked) -> Reply:
        host, _, rest = asked.path.removeprefix("/").partition("/")
        found = [one for one in payloads if one.url == f"{hosts[host]}/{rest}"]
        if not found:
            return NOTHING
        best = max(found, key=lambda one: sum(asked.params.get(key) == value for key, value in one.params))
        return Reply(body=best.content, content_type=best.content_type)

    return answer


def reach(at: datetime = NOW) -> Reach:
    """Three attempts without a pause, at the time that a test says it is."""
    return Reach(key="k3y-of-a-test", attempts=3, pause=0.001, read_seconds=5.0, pacer=hasty(), now=lambda: at)


def hasty() -> Pacer:
    """A pacer that waits for nobody."""

    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0)

    return Pacer(sleep=sleep)


def span(since: str, until: str, *symbols: str) -> Window:
    """The window of two ISO dates or instants in UTC."""
    start, end = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (since, until))
    return Window(since=start, until=end, symbols=symbols)


async def fetch_all(
    endpoint: Endpoint, name: str, window: Window, folder: Path, *, cursor: str | None = None, at: datetime = NOW
) -> list[Fetched]:
    """All that a connector fetches of a window; of all symbols of the source where none is named."""
    source = endpoint.source(name)
    if not window.symbols:
        window = replace(window, symbols=tuple(source.symbols))
    async with Fetcher(source, PayloadStore(folder), reach(at)) as client:
        return [one async for one in load_connector(name).fetch(client, source, window, cursor)]


def question(endpoint: Endpoint, payload: Payload) -> Request:
    """The question of a sample, to be asked of the endpoint."""
    source, plain = endpoint.source(payload.source), load_source(payload.source)
    host = next(host for host, base in plain.hosts.items() if payload.url.startswith(base))
    url = source.hosts[host] + payload.url.removeprefix(plain.hosts[host])
    return Request(url=url, params=payload.params, context=payload.context)


def parse_all(name: str, fetched: Sequence[Fetched]) -> list[Parsed]:
    """What a connector reads of what it fetched."""
    source, connector = load_source(name), load_connector(name)
    return [connector.parse(one.payload, source) for one in fetched]


def points_of(parsed: Sequence[Parsed], series: str) -> list[Point]:
    """The points of one series, in the order in which they were read."""
    return [point for one in parsed for point in one.points if point.series == series]


def with_content(payload: Payload, content: bytes) -> Payload:
    """A payload with other bytes."""
    return replace(payload, body=Held(content), content_hash=content_hash(content))


live = pytest.mark.skipif(
    os.environ.get("WHYMOVE_LIVE") != "1",
    reason="asks a real source: set WHYMOVE_LIVE=1 where there is a network and you mean to",
)


async def fetch_live(name: str, window: Window, folder: Path) -> list[Fetched]:
    """What a source really answers, at its own pace."""
    source = load_source(name)
    key = os.environ.get(f"WHYMOVE_LIVE_KEY_{name.upper()}")
    async with Fetcher(source, PayloadStore(folder), Reach(key=key)) as client:
        return [one async for one in load_connector(name).fetch(client, source, window, None)]


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(method=method, path=parts.path, params=params, headers=headers, body=body)


def _bytes(reply: Reply) -> bytes:
    if reply.sent is None:
        return b""
    fields = {"Content-Type": reply.content_type, "Content-Length": str(len(reply.body)), **reply.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    body = reply.body if reply.sent < 0 else reply.body[: reply.sent]
    return f"HTTP/1.1 {reply.status} Played\r\n{head}Connection: close\r\n\r\n".encode("latin-1") + body
