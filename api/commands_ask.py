"""`whymove ask`: the thirty questions of analysts by their number, as a table or as JSON."""

from __future__ import annotations

import asyncio
from typing import Annotated

import orjson
import typer

from api.clocks import chosen, chosen_of
from api.graphs import open_graph
from api.questions import Question, answer, question_of, questions
from api.settings import load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from graph.model import Table


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("ask")(ask)


def ask(
    question: Annotated[
        str | None, typer.Argument(metavar="[Q]", help="its number, such as Q2; none lists all")
    ] = None,
    values: Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="what it needs")] = None,
    case: Annotated[str | None, typer.Option(help="a case, for its move, instrument and latest explanation")] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    json: Annotated[bool, typer.Option("--json", help="print the rows as JSON")] = False,
) -> None:
    """Ask one of the thirty questions, or list them."""
    if question is None:
        rows = [(one.id, one.text, ", ".join(_given(one))) for one in questions()]
        print_table(answers(), ("question", "what it asks", "needs"), rows)
        return
    chosen(as_of, None)  # refused before a server is started
    about, given = question_of(question), dict(map(_pair, values or ()))
    with working(f"asking {about.id}"):
        table = asyncio.run(_ask(about, given, case, as_of))
    if json:
        write_bytes(orjson.dumps(table.records(), default=str, option=orjson.OPT_INDENT_2))
    else:
        print_table(answers(), table.fields, [[_shown(value) for value in row] for row in table.rows])
    if not table.rows:
        say(f"{about.id} has no answer in this graph")


def _given(question: Question) -> list[str]:
    return [name for name in question.parameters if name not in {"as_of", "as_at"}]


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"{text!r} is no NAME=VALUE")
    return name, value


async def _ask(question: Question, given: dict[str, str], case: str | None, as_of: str | None) -> Table:
    async with open_graph(load_settings()) as graph:
        clocks = await chosen_of(as_of, None, graph.store.present)
        return await answer(graph.store, question, given, case, clocks.as_of, as_at=clocks.as_at)


def _shown(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value
