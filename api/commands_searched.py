"""`whymove searched`: what a reviewer found when looking for what an explanation or a case names as missing."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from api.forecasts import Kept
from api.graphs import open_graph
from api.searched import add_search, search_part
from api.settings import load_settings
from api.terminal import answers, print_plainly, say, working
from ingest.searches import SearchPart


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("searched")(searched)


def searched(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    gap: Annotated[str, typer.Argument(help="key of a gap, or the last part of one")],
    outcome: Annotated[str, typer.Argument(help="open, found, not_found or not_public")],
    by: Annotated[str, typer.Option(help="who looked: id or name; a new name becomes a new analyst")],
    detection: Annotated[
        float | None, typer.Option(help="of what was not found: the chance that it would have been, had it been there")
    ] = None,
    false_alarm: Annotated[float, typer.Option(help="the chance that such a search finds what is not there")] = 0.0,
    window: Annotated[str, typer.Option(help="of which time it was: before, during or after the move")] = "during",
    how: Annotated[str | None, typer.Option(help="where and how it was looked for")] = None,
    new: Annotated[bool, typer.Option("--new", help="the analyst is new although the name is nearly known")] = False,
) -> None:
    """Keep what came of looking for a gap; what was not found, and would have been seen, speaks against its steps."""
    given = {"outcome": outcome, "detection": detection, "false_alarm": false_alarm, "window": window, "how": how}
    part = search_part(given)
    with working("keeping the search"):
        kept = asyncio.run(_keep(gap, part, by, new=new))
    print_plainly(answers(), kept.key)
    done = kept.written
    say(f"graph: {done.created} created, {done.unchanged} unchanged, {done.corrected} corrected")
    if part.outcome == "not_found" and part.detection is None:
        say("note: without --detection nothing follows from it")


async def _keep(gap: str, part: SearchPart, by: str, *, new: bool) -> Kept:
    async with open_graph(load_settings()) as graph:
        return await add_search(gap, part, by, graph.store, new_author=new)
