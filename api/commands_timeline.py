"""`whymove timeline`: what was knowable when about a move, and how the belief came about as evidence arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.ask import Ask, make_ask
from api.asking import at_present
from api.bundled import ensure_case
from api.explaining import explain_move
from api.graphs import open_graph, open_series
from api.knowledge import load_knowledge
from api.pictures_belief import belief_picture
from api.rendering_timeline import Amount, print_timeline
from api.settings import Settings, load_settings
from api.terminal import answers, say, working, write_bytes
from api.timeline import Timeline, as_object, news_of, timeline_of


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("timeline")(timeline)


def timeline(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str | None, typer.Argument(help="id, symbol or name of what moved")] = None,
    on: Annotated[str | None, typer.Argument(metavar="[DAY]", help="from the close before to the close of it")] = None,
    case: Annotated[str | None, typer.Option(help="a case; alone it means the case's own move")] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    as_at: Annotated[str | None, typer.Option(help="use the graph as it stood then")] = None,
    svg: Annotated[Path | None, typer.Option(help="write the belief over time to this file, as a picture")] = None,
    json: Annotated[bool, typer.Option("--json", help="print the timeline as JSON")] = False,
    full: Annotated[bool, typer.Option("--full", help="every fact of every date, with all that it says")] = False,
) -> None:
    """Show by date what became public about a move, and what it did to the stories; nothing is kept."""
    asked = partial(make_ask, instrument=instrument, on=on, case=case, as_of=as_of, as_at=as_at)
    asked()
    with working("reading templates and indicators"):
        explanation, found = asyncio.run(_timeline(asked, as_at, load_settings()))
    if svg is not None:
        svg.write_text(belief_picture(explanation, news_of(found)).svg(), encoding="utf-8")
        say(f"Picture: {svg}")
    if json:
        write_bytes(orjson.dumps(as_object(found)))
    else:
        print_timeline(explanation, found, answers(), Amount.whole() if full else Amount())


async def _timeline(
    asked: Callable[[], Ask], as_at: str | None, settings: Settings
) -> tuple[dict[str, object], Timeline]:
    knowledge = load_knowledge(settings.templates_root, recalibration=settings.recalibration)
    async with open_graph(settings) as graph:
        await ensure_case(asked(), graph.store)
        explanation = await explain_move(
            await at_present(asked(), graph.store, as_at),  # only now, after the case was recorded
            graph.store,
            knowledge=knowledge,
            series=open_series(settings),
            record=False,
        )
        return explanation, await timeline_of(explanation, graph.store, knowledge)
