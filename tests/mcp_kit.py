"""The SDK's own client of the Model Context Protocol, over each way in."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.memory import create_connected_server_and_client_session
from mcp.shared.session import ProgressFnT
from mcp.types import CallToolResult, TextContent

from api.mcp_server import mcp_server
from api.mcp_serving import PATH, open_services
from api.settings import Settings
from graph.store import GraphStore

COMMAND = "import sys; from api.cli import main; sys.exit(main())"
PATIENCE = timedelta(seconds=120)


@asynccontextmanager
async def in_memory(store: GraphStore, data: Path) -> AsyncIterator[ClientSession]:
    """A client of the server over a graph, in this process."""
    async with (
        open_services(Settings(data=data, log_level="error"), store) as services,
        create_connected_server_and_client_session(mcp_server(services)) as client,
    ):
        yield client


@asynccontextmanager
async def over_pipes(log: Path, **settings: str) -> AsyncIterator[ClientSession]:
    """A client of `whymove mcp` as a process; its standard error goes to `log`."""
    line = StdioServerParameters(command=sys.executable, args=["-c", COMMAND, "mcp"], env=_environment(settings))
    with log.open("w", encoding="utf-8") as errors:
        async with stdio_client(line, errlog=errors) as (read, write), ClientSession(read, write, PATIENCE) as client:
            await client.initialize()
            yield client


@asynccontextmanager
async def http_server(**settings: str) -> AsyncIterator[str]:
    """The address of `whymove mcp --http` as a process."""
    async with http_process(**settings) as (address, _):
        yield address


@asynccontextmanager
async def http_process(**settings: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """The address of `whymove mcp --http`, and its process, which ends well when it is told to, if need be by us."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        "mcp",
        "--http",
        "--port",
        str(port),
        env=_environment(settings),
        stderr=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        await _answering(address, process)
        yield address + PATH, process
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answering(address: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=address) as client:
        for _ in range(300):
            assert process.returncode is None, "the server ended by itself"
            try:
                assert (await client.get("/elsewhere")).status_code in {401, 404}
            except httpx.TransportError:
                await asyncio.sleep(0.2)
            else:
                return
    raise AssertionError("the server does not answer")


@asynccontextmanager
async def over_http(address: str, key: str | None = None) -> AsyncIterator[ClientSession]:
    """A client over streamable HTTP, with a key where one is given."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=PATIENCE.total_seconds()) as http,
        streamable_http_client(address, http_client=http) as (read, write, _),
        ClientSession(read, write, PATIENCE) as client,
    ):
        await client.initialize()
        yield client


def _environment(settings: dict[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WHYMOVE_")}
    return plain | {f"WHYMOVE_{name.upper()}": value for name, value in settings.items()}


def text_of(result: CallToolResult) -> str:
    """The text beside the structured answer."""
    (part,) = result.content
    assert isinstance(part, TextContent)
    return part.text


async def called(client: ClientSession, tool: str, told: ProgressFnT | None = None, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a call that succeeds; the client checks it against the tool's output schema.

    With `told` the client asks for the progress of the call, and hands it on.
    """
    result = await client.call_tool(tool, arguments, progress_callback=told)
    assert not result.isError, text_of(result)
    assert result.structuredContent is not None
    assert text_of(result)
    return result.structuredContent


async def refused(client: ClientSession, tool: str, **arguments: Any) -> str:
    """The words of a call that is refused."""
    result = await client.call_tool(tool, arguments)
    assert result.isError, result.structuredContent
    assert result.structuredContent is None
    return text_of(result)
