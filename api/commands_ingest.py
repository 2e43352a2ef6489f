"""`whymove ingest case`: facts and narratives of case files into the graph, a whole file or nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import commands_runs, commands_saved
from api.bundled import bundled_paths
from api.commands_ingest_document import ingest_document
from api.commands_ingest_table import ingest_table
from api.errors import UnknownResourceError
from api.graphs import open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working
from graph.model import Written

if TYPE_CHECKING:
    from ingest.casefile import CaseLoad

ALL = "all"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    ingest = typer.Typer(help="Put facts into the graph.", no_args_is_help=True, rich_markup_mode=None)
    ingest.command("case")(ingest_case)
    ingest.command("table")(ingest_table)
    ingest.command("document")(ingest_document)
    commands_runs.add_to(ingest)
    commands_saved.add_to(ingest)
    commands_runs.add_trace_to(app)
    ingest.callback()(_ingest)
    app.add_typer(ingest, name="ingest")


def _ingest() -> None:
    """Put facts into the graph."""


def ingest_case(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="FILE...", help="case files (YAML)")] = None,
    bundled: Annotated[str | None, typer.Option(help="id of a case that ships with the product, or `all`")] = None,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="leave bad facts out and list them")] = False,
) -> None:
    """Put case files into the graph; a file with one bad value stores nothing unless --skip-bad."""
    # Imported here, because the models of a case file take a fifth of a second that `explain` has no use for.
    from ingest.casefile import load_case

    chosen = [*(paths or ()), *(_bundled(bundled) if bundled else ())]
    if not chosen:
        raise typer.BadParameter("name a case file, or one that is bundled by --bundled ID")
    settings = load_settings()
    with working("reading case files") as progress:
        # every file is read before the first is stored: a bad one is reported before anything has changed
        loads = [load_case(path, skip_bad=skip_bad) for path in chosen]
        written = asyncio.run(_store(loads, settings, progress))
    for load in loads:
        for rejection in load.rejections:
            say(f"left out: {rejection}")
        for note in load.notes:
            say(f"note: {note}")
    rows = [
        (load.case_id, done.created, done.unchanged, done.corrected, done.links, len(load.rejections))
        for load, done in zip(loads, written, strict=True)
    ]
    print_table(answers(), ("case", "created", "unchanged", "corrected", "links", "left out"), rows)


def _bundled(name: str) -> Sequence[Path]:
    known = bundled_paths()
    if name == ALL:
        return tuple(known.values())
    if name not in known:
        raise UnknownResourceError("bundled case", name, tuple(known))
    return (known[name],)


async def _store(loads: Sequence[CaseLoad], settings: Settings, progress: Callable[[str], None]) -> list[Written]:
    from ingest.casestoring import store_case

    written = []
    async with open_graph(settings, progress=progress) as graph:
        for load in loads:
            progress(f"storing {load.case_id}")
            written.append(await store_case(graph.store, load))
    return written
