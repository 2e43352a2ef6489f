"""A real HTTP server on this machine that plays a chat-completions endpoint with answers written down in advance.

Each request takes the next of the replies, the last one again and again; what was asked is kept.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ingest.extractionclient import ChatSettings

KEY = "sk-very-secret-key-0123456789"
Body = bytes | Callable[[dict[str, Any]], bytes]


@dataclass(slots=True, kw_only=True)
class Reply:
    """One reply: its body, or how it is made of the question; `repeat` sends it so often, `wait` seconds before it."""

    body: Body = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    repeat: int = 1
    wait: float = 0.0


def chat(content: object, *, finish: str = "stop") -> Reply:
    """A reply of the endpoint's own form; a content that is no text is written as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return Reply(body=json.dumps({"id": "c1", "object": "chat.completion", "choices": [choice]}).encode())


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """The running endpoint: its address, the questions (headers with small letters, body) and how much it has sent."""

    replies: Sequence[Reply]
    url: str = ""
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    sent: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def settings(self, **changes: Any) -> ChatSettings:
        """How it is asked, with short pauses."""
        return ChatSettings(url=self.url, **{"model": "small", "key": KEY, "seconds": 20.0, "pause": 0.001} | changes)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection with one reply and close it."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = [line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line]
            headers = {name.lower(): value for name, value in lines}
            body = json.loads(await reader.readexactly(int(headers.get("content-length", "0"))))
            reply = self.replies[min(len(self.asked), len(self.replies) - 1)]
            self.asked.append((headers, body))
            if reply.wait:  # ends at once when the client goes away
                with suppress(TimeoutError):
                    await asyncio.wait_for(reader.read(1), reply.wait)
            content = reply.body if isinstance(reply.body, bytes) else reply.body(body)
            more = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            size = len(content) * reply.repeat
            writer.write(f"HTTP/1.1 {reply.status} X\r\nContent-Length: {size}\r\n{more}\r\n".encode())
            for _ in range(reply.repeat):
                writer.write(content)
                await writer.drain()
                self.sent += len(content)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.done.set()


@asynccontextmanager
async def endpoint(*replies: Reply) -> AsyncIterator[Endpoint]:
    """The endpoint on a free port of the loopback address."""
    playing = Endpoint(replies=replies)
    server = await asyncio.start_server(playing.serve, "127.0.0.1", 0)
    async with server:
        playing.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        yield playing
