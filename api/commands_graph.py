"""`whymove stop`, `status`, `cypher`: the graph server, and questions to it in Cypher."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import orjson
import typer

from api.errors import InvalidAskError
from api.graphs import graph_folder, open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from api.values import as_json, as_text
from graph.errors import GraphUnavailableError
from graph.model import Limits, Table
from graph.server import status as server_status
from graph.server import stop as stop_server

ROWS = 1_000
Progress = Callable[[str], None]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("stop")(stop)
    app.command("status")(status)
    app.command("cypher")(cypher)


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


def cypher(
    statement: Annotated[str, typer.Argument(help='what to ask: "MATCH (n:Narrative) RETURN n.id"')],
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="a parameter as JSON, else as text; may be repeated")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=10_000, help="the most rows shown")] = ROWS,
    json: Annotated[bool, typer.Option("--json", help="print {fields, values, truncated} as JSON")] = False,
) -> None:
    """Ask the graph in Cypher, as a user who may only read."""
    params = dict(_param(text) for text in param or ())
    settings = load_settings()
    with working("asking the graph") as progress:
        table = asyncio.run(_read(settings, statement, params, Limits(rows=rows), progress))
    if json:
        values = [[as_json(value) for value in row] for row in table.rows]
        write_bytes(orjson.dumps({"fields": table.fields, "values": values, "truncated": table.truncated}))
        return
    print_table(answers(), table.fields, [[as_text(value) for value in row] for row in table.rows])
    say(f"{len(table.rows)} rows{' (there are more: raise --rows)' if table.truncated else ''}")


async def _read(
    settings: Settings, statement: str, params: dict[str, object], limits: Limits, progress: Progress
) -> Table:
    async with open_graph(settings, progress=progress) as graph:
        return await graph.analyst.read(statement, params, limits)


def _param(text: str) -> tuple[str, object]:
    name, mark, value = text.partition("=")
    if not mark or not name.isidentifier():
        raise InvalidAskError("param", f"{text!r} is not NAME=VALUE")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value
