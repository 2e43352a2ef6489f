"""`whymove stop`, `status`: the graph server."""

from __future__ import annotations

import asyncio

import typer

from api.graphs import graph_folder, open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say
from graph.errors import GraphUnavailableError
from graph.server import status as server_status
from graph.server import stop as stop_server


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("stop")(stop)
    app.command("status")(status)


def stop() -> None:
    """End the embedded graph server of the data folder, if one runs."""
    settings = load_settings()
    if not settings.embedded:
        say(f"The graph at {settings.graph_url} is not ours to stop.")
        return
    ended = stop_server(graph_folder(settings))
    say("The graph server has stopped." if ended else "No graph server was running.")


def status() -> None:
    """Say where the data lie and whether the graph answers (starts nothing)."""
    settings = load_settings()
    rows = [("data folder", str(settings.data)), ("reports", str(settings.reports))]
    if settings.embedded:
        rows += [("graph", "embedded"), ("server", _server(settings))]
    else:
        rows += [("graph", str(settings.graph_url)), ("server", asyncio.run(_answers(settings)))]
    print_table(answers(), ("what", "how it stands"), rows)


def _server(settings: Settings) -> str:
    found = server_status(graph_folder(settings))
    return f"runs as process {found.pid} at {found.service.url}" if found else "not running (a question starts it)"


async def _answers(settings: Settings) -> str:
    try:
        async with open_graph(settings) as graph:
            await graph.store.ping()
    except GraphUnavailableError as fault:
        return f"does not answer: {fault}"
    return "answers"
