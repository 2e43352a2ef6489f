"""`whymove readings`: what every series says of a move, whether a story asks for it or not."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import orjson
import typer

from api.ask import Ask, make_ask
from api.graphs import open_graph, open_series
from api.knowledge import Knowledge, load_knowledge
from api.readings import dossier_with_series, outermost, table_of
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from causal.model import Dossier


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("readings")(readings)


def readings(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str, typer.Argument(help="id, symbol or name of what moved")],
    on: Annotated[str | None, typer.Option(help="the day: from the close before to the close of it")] = None,
    start: Annotated[str | None, typer.Option(help="the close (or instant) from which the move runs")] = None,
    end: Annotated[str | None, typer.Option(help="the close (or instant) to which it runs")] = None,
    of: Annotated[str | None, typer.Option(help="only readings of this subject")] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    unusual: Annotated[float, typer.Option(help="only those in so many outermost percent of either side")] = 50.0,
    json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """Every derived reading of every series around a move: its value and its place among comparable days."""
    if not 0.0 < unusual <= 50.0:
        raise typer.BadParameter("give --unusual a number of percent between 0 and 50")
    ask = partial(make_ask, instrument=instrument, on=on, start=start, end=end, as_of=as_of)
    ask()
    settings = load_settings()
    with working("reading series") as progress:
        knowledge = load_knowledge(settings.templates_root)
        dossier = asyncio.run(_gather(ask(), settings, knowledge, progress))
    found = [row for row in table_of(dossier, knowledge.method) if of is None or row["subject"] == of]
    shown = outermost(found, unusual)
    if json:
        write_bytes(orjson.dumps(shown))
        return
    columns = ("subject", "reading", "window", "value", "unit", "percentile", "days")
    rows = [
        (
            row["subject"],
            row["reading"],
            row["window"],
            f"{row['value']:+.4g}",
            row["unit"],
            f"{row['percentile']:.0f}",
            f"{row['comparable_days']:.0f}",
        )
        for row in shown
    ]
    print_table(answers(), columns, rows)
    say(f"{len(shown)} of {len(found)} readings; percentile among days on which {dossier.move.instrument} moved as far")


async def _gather(ask: Ask, settings: Settings, knowledge: Knowledge, progress: Any) -> Dossier:
    async with open_graph(settings, progress=progress) as graph:
        return await dossier_with_series(ask, graph.store, knowledge, open_series(settings))
