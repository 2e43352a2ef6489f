"""`whymove ingest saved`: an answer of a source that somebody saved by hand, where the source keeps programs out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.graphs import open_graph
from api.settings import load_settings
from api.terminal import answers, print_table, say


def add_to(ingest: typer.Typer) -> None:
    """Add the command to `whymove ingest`."""
    ingest.command("saved")(saved)


def saved(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="name of a source")],
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="the page or table")],
    symbol: Annotated[
        str | None, typer.Option(help="symbol or instrument that it is of, where there are several")
    ] = None,
) -> None:
    """Put a page or table that was saved from a source into the series, as if it had been fetched when it was saved."""
    from api.ingesting import do_run, open_ledger
    from api.saving import new_saved

    settings = load_settings()
    ledger = open_ledger(settings)
    run = new_saved(source, file, settings, ledger, symbol=symbol, now=datetime.now(UTC))

    async def store() -> None:
        async with open_graph(settings, progress=lambda line: say(f"{line} ...")) as graph:
            done = await do_run(run.id, settings, ledger, graph.store)
        print_table(answers(), ("counter", "count"), sorted(done.counters.items()))

    say(f"run {run.id}")
    asyncio.run(store())
