"""`whymove extract`: has a model read a text and keeps what it proposes, which counts for nothing until reviewed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.graphs import open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working

if TYPE_CHECKING:
    from api.extracting import Extracted

_FIELDS = ("run", "parts", "unread", "proposed", "new", "dropped")


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("extract")(extract)


def extract(
    text: Annotated[Path, typer.Argument(metavar="FILE", help="the text (UTF-8)")],
    meta: Annotated[Path, typer.Option("--meta", metavar="META", help="who published it, and what it is about (YAML)")],
    again: Annotated[bool, typer.Option("--again", help="ask anew, though this model has read this text")] = False,
) -> None:
    """Propose claims of a text by a model; nothing of them is a fact until `whymove review` accepts it."""
    from api.extracting import chat_settings
    from api.logs import set_up_logs

    settings = load_settings()
    chat_settings(settings)  # says what is not set before a graph is started for it
    set_up_logs(settings.log_format, settings.log_level)
    with working("reading the text") as progress:
        done = asyncio.run(_extract(text, meta, settings, again, progress))
    if done.extraction is None:
        say(f"note: {done.run.model} has read this text before; --again asks anew, `whymove review list` shows it")
        return
    for one in done.extraction.dropped:
        say(f"dropped: {one.what}: {one.why}")
    for place in done.extraction.unread:
        say(f"not read: {place}")
    counts = [pair.partition("=")[2] for pair in done.extraction.counters(done.fresh)]
    print_table(answers(), _FIELDS, [(done.run.id, *counts)])


async def _extract(
    text: Path, meta: Path, settings: Settings, again: bool, progress: Callable[[str], None]
) -> Extracted:
    from api.extracting import extract_file

    async with open_graph(settings, progress=progress) as graph:
        return await extract_file(graph.store, settings, text, meta, again=again, progress=progress)
