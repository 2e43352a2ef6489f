"""`whymove watch`: tells why an instrument moved as soon as its sources show that it did."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands_explain import write_report
from api.dates import parse_day
from api.errors import ApiError
from api.graphs import open_graph
from api.knowledge import load_knowledge
from api.settings import Settings, load_settings
from api.terminal import answers, print_plainly, say
from causal.errors import CausalError
from graph.errors import GraphError
from ingest.errors import IngestError

if TYPE_CHECKING:
    from api.watching import Watch

LOOKED_BACK = timedelta(days=4)  # a long weekend


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("watch")(watch)


def watch(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str, typer.Argument(help="id, symbol or name of what is watched")],
    every: Annotated[int, typer.Option(min=1, help="minutes between two looks")] = 15,
    score: Annotated[float, typer.Option(min=0.1, help="size of a move in units of what is usual")] = 3.0,
    since: Annotated[str | None, typer.Option(help="moves that end on this day or later; else of four days")] = None,
    source: Annotated[list[str] | None, typer.Option(help="ask this source alone; may be given again")] = None,
    once: Annotated[bool, typer.Option("--once", help="look once and end")] = False,
) -> None:
    """Fetch the sources of an instrument, and explain each unusual move when it has happened, until interrupted."""
    first = parse_day(since, "since") if since is not None else datetime.now(UTC).date() - LOOKED_BACK
    settings = load_settings()
    pause = None if once else 60.0 * every
    asyncio.run(_watch(instrument, first, score, settings=settings, pause=pause, sources=tuple(source or ())))


async def _watch(
    name: str, since: date, score: float, *, settings: Settings, pause: float | None, sources: tuple[str, ...]
) -> None:
    # Imported here, because what fetches takes half a second to load that the other commands have no use for.
    from api.watching import Watch
    from ingest.sources import load_source

    for one in sources:
        load_source(one)

    knowledge = load_knowledge(settings.templates_root, recalibration=settings.recalibration)
    async with open_graph(settings, progress=lambda line: say(f"{line} ...")) as graph:
        watch = Watch(
            instrument=name,
            since=since,
            score=score,
            settings=settings,
            store=graph.store,
            knowledge=knowledge,
            sources=sources,
        )
        if pause is None:
            await _look(watch)
            return
        while True:
            await _look_on(watch)
            await asyncio.sleep(pause)


async def _look(watch: Watch) -> None:
    explained = await watch.look(datetime.now(UTC), say)
    for one in explained:
        print_plainly(answers(), str(one["answer"]))
        say(f"Report: {write_report(one, watch.settings)}")
    if not explained:
        say(f"no new unusual move of {watch.instrument} since {watch.since}")


async def _look_on(watch: Watch) -> None:
    """A look whose failure is told and not the end of the watch."""
    try:
        await _look(watch)
    except (ApiError, CausalError, GraphError, IngestError, OSError) as error:
        say(f"{error}; looking again later")
