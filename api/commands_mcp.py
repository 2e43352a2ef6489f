"""`whymove mcp`: the way in for agents, by the Model Context Protocol."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from api.errors import InvalidAskError
from api.settings import load_settings

PORT = 8010


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("mcp")(mcp)


def mcp(
    http: Annotated[bool, typer.Option("--http", help="serve on this machine's loopback instead of the pipes")] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help=f"port of --http; {PORT} when left out")] = None,
) -> int:
    """Serve agents by the Model Context Protocol, over standard input and output or over HTTP."""
    if port is not None and not http:
        raise InvalidAskError("port", "it belongs to --http; add that, or leave the port out")
    settings = load_settings()
    # Imported here, because protocol and web stack take a second that other commands have no use for.
    from api.logs import set_up_logs
    from api.mcp_serving import serve_http, serve_pipes

    set_up_logs(settings.log_format, settings.log_level)
    if http:
        return asyncio.run(serve_http(settings, PORT if port is None else port))
    asyncio.run(serve_pipes(settings))
    return 0
