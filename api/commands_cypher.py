"""`whymove cypher`, `bolt-url`: questions to the graph in Cypher, and how to put them with a tool of one's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Annotated

import orjson
import typer

from api.cypher_question import Question, make_question
from api.errors import InvalidAskError, InvalidSettingsError
from api.graphs import find_endpoints, open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from api.values import as_text
from api.writing_cypher import as_object
from graph.analysts import Answer, QueryLimits

ROWS = 1_000
Progress = Callable[[str], None]


class Who(Enum):
    """The users whose access is given out: those who may only read."""

    ANALYST = "analyst"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("cypher")(cypher)
    app.command("bolt-url")(bolt_url)


def cypher(
    statement: Annotated[str, typer.Argument(help='what to ask: "MATCH (n:Narrative) RETURN n.id"')],
    *,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="a parameter as JSON, else as text; may be repeated")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="the value of $as_of: a date or an instant; now when left out")
    ] = None,
    as_at: Annotated[str | None, typer.Option(help="the value of $as_at; now when left out")] = None,
    rows: Annotated[int, typer.Option(min=1, max=10_000, help="the most rows shown")] = ROWS,
    json: Annotated[bool, typer.Option("--json", help="print {fields, values, truncated} as JSON")] = False,
) -> None:
    """Ask the graph in Cypher, as a user who may only read."""
    params = dict(_param(text) for text in param or ())
    question = make_question(statement, params, as_of=as_of, as_at=as_at, limits=QueryLimits(rows=rows), way="command")
    settings = load_settings()
    with working("asking the graph") as progress:
        answer = asyncio.run(_ask(settings, question, progress))
    if json:
        write_bytes(as_object(answer, truncated=answer.truncated))
        return
    values = answer.rows
    print_table(answers(), answer.fields, [[as_text(value) for value in row] for row in values])
    cut = f" (cut at the limit of {answer.truncated}: raise --rows, or ask for less)" if answer.truncated else ""
    say(f"{len(values)} rows{cut}")


async def _ask(settings: Settings, question: Question, progress: Progress) -> Answer:
    async with open_graph(settings, progress=progress) as graph:
        return await graph.analysts.ask(question.query, question.values, question.limits)


def _param(text: str) -> tuple[str, object]:
    name, mark, value = text.partition("=")
    if not mark or not name.isidentifier():
        raise InvalidAskError("param", f"{text!r} is not NAME=VALUE")
    try:
        return name, orjson.loads(value)
    except orjson.JSONDecodeError:
        return name, value


def bolt_url(
    user: Annotated[Who, typer.Option(help="whose access to print")] = Who.ANALYST,
    json: Annotated[bool, typer.Option("--json", help="print it as JSON")] = False,
) -> None:
    """Print how to reach the graph with a Bolt client, as a user who may only read (starts the server)."""
    settings = load_settings()
    if not settings.embedded:
        reason = f"the graph at {settings.graph_url} keeps its own users; make one there that may only read"
        raise InvalidSettingsError("WHYMOVE_GRAPH_URL", reason)
    with working("starting or finding the graph server"):
        found = find_endpoints(settings, keep=True).analyst
    reach = {"url": found.url, "user": found.user, "password": found.password, "database": found.database}
    if json:
        write_bytes(orjson.dumps(reach))
        return
    print_table(answers(), ("what", "value"), list(reach.items()))
