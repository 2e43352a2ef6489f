"""`whymove ingest table`: tables of numbers into the series store, and what they are about into the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.graphs import open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working
from graph.model import Written

if TYPE_CHECKING:
    from graph.series import SeriesStore
    from ingest.tables import TableLoad


def ingest_table(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="tables, or folders of them")],
    mapping: Annotated[Path, typer.Option("--map", metavar="MAP", help="what the columns are (YAML)")],
) -> None:
    """Put tables of numbers (CSV, Parquet, Arrow) into the series store; one bad value stores nothing."""
    # Imported here, because columnar files take half a second to load that the other commands have no use for.
    from graph.series import SeriesStore
    from ingest.tablemap import load_map
    from ingest.tables import read_tables

    settings = load_settings()
    store = SeriesStore(settings.series_root)
    with (
        working("reading the mapping") as progress,
        read_tables(load_map(mapping), paths, store, progress) as load,
    ):
        written = asyncio.run(_store(load, store, settings, progress))
    for note in load.notes:
        say(f"note: {note}")
    _report(load, written)


async def _store(load: TableLoad, store: SeriesStore, settings: Settings, progress: Callable[[str], None]) -> Written:
    """First the graph answers, then the series appear, then the graph tells of them; another run mends a broken one."""
    async with open_graph(settings, progress=progress) as graph:
        progress(f"storing {len(load.staged)} series")
        await asyncio.to_thread(store.publish, load.staged)
        progress("storing what they are about")
        return await graph.store.upsert(load.batch)


def _report(load: TableLoad, written: Written) -> None:
    rows = [
        (one.id, one.rows, f"{one.first:%Y-%m-%d}", f"{one.last:%Y-%m-%d}", sum(one.left_out.values()))
        for one in load.reports
    ]
    print_table(answers(), ("series", "rows", "first", "last", "left out"), rows)
    say(
        f"graph: {written.created} created, {written.unchanged} unchanged, {written.corrected} corrected, "
        f"{written.links} links"
    )
