"""`whymove explain-all`: all large moves of an instrument in one run, each explained into a folder, with a table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.detecting import Listing, all_moves
from api.graphs import open_graph, open_series
from api.knowledge import load_knowledge
from api.settings import Settings, load_settings
from api.terminal import BAD_INPUT, answers, say
from api.unusual import Wanted, wanted
from api.wording import change_in_words
from graph.reading import find_instrument

if TYPE_CHECKING:
    from api.explaining_all import Done, Plan, Row

LABEL = 34  # letters of a narrative's title and id in a line, which then has a hundred


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("explain-all")(explain_all)


def explain_all(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str, typer.Argument(help="id, symbol or name of what moved")],
    min_: Annotated[float, typer.Option("--min", metavar="SHARE", help="moves of at least this share, 0.08 for 8%")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="the folder for the answers and the table")],
    since: Annotated[str | None, typer.Option(help="only moves that end on this day or later")] = None,
    until: Annotated[str | None, typer.Option(help="only moves that end on this day or earlier")] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    as_of_close: Annotated[
        bool, typer.Option("--as-of-close", help="use of each day only what was known once its close was public")
    ] = False,
    as_at: Annotated[str | None, typer.Option(help="use the graph as it stood then")] = None,
    no_case: Annotated[bool, typer.Option("--no-case", help="leave cases out: series and templates alone")] = False,
    again: Annotated[bool, typer.Option("--again", help="do the days anew whose answer is in the folder")] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="keep nothing in the graph, only in the folder")] = False,
) -> None:
    """Explain every day with a move of at least a given size; a run that was stopped is carried on with."""
    if as_of is not None and as_of_close:
        raise typer.BadParameter("give --as-of or --as-of-close, not both")
    from api.explaining_all import Plan  # Arrow, which writes the table, takes a tenth of a second to load

    bounds = wanted(since, until, min_)
    settings = load_settings()
    plan = Plan(
        folder=out, as_of=as_of, as_of_close=as_of_close, as_at=as_at, no_case=no_case, again=again, record=not no_store
    )
    done: list[Done] = []
    try:
        listing = asyncio.run(_run(instrument, bounds, plan, settings, done))
    except BaseException:
        if done:
            say(f"stopped after {len(done)} days, which lie whole in {out}; the same command carries on")
        raise
    _sum_up(done, listing, bounds, plan)


async def _run(name: str, bounds: Wanted, plan: Plan, settings: Settings, done: list[Done]) -> Listing:
    from api.explaining_all import Means
    from api.explaining_all import explain_all as explain_each

    knowledge, series = (
        load_knowledge(settings.templates_root, recalibration=settings.recalibration),
        open_series(settings),
    )
    async with open_graph(settings, progress=lambda line: say(f"{line} ...")) as graph:
        instrument = await find_instrument(graph.store, name)
        listing = await all_moves(instrument, graph.store, series)
        moves = [found for found, _ in bounds.of(listing)]
        say(f"{listing.instrument}: {len(moves)} moves of at least {bounds.least} in the series {listing.series}")
        means = Means(store=graph.store, series=series, knowledge=knowledge)
        with _counting(len(moves)) as tell:
            async for one in explain_each(moves, plan, means):
                done.append(one)
                tell(line_of(one))
    return listing


@contextmanager
def _counting(total: int) -> Iterator[Callable[[str], None]]:
    """Prints a line for each thing that is done; on a terminal with a bar below, which goes away at the end."""
    console, out = Console(stderr=True, highlight=False), answers()
    if not console.is_terminal or not total:
        number = iter(range(1, total + 1))

        def tell_plainly(line: str) -> None:
            out.file.write(f"{next(number):>{len(str(total))}}/{total}  {line}\n")
            out.file.flush()

        yield tell_plainly
        return
    columns = (TextColumn("explaining"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as progress:
        task = progress.add_task("", total=total)

        def tell(line: str) -> None:
            (progress.console if out.is_terminal else out).print(line, markup=False, soft_wrap=True)
            progress.advance(task)

        yield tell


def line_of(one: Done) -> str:
    """What became of one day, in one line."""
    row = one.row
    if row is None:
        return f"{one.day}  refused: {one.refused}"
    change = change_in_words(row["return"], row["return_is"]) if row["return"] is not None else "?"
    first = f"{row['probability']:.2f} {_label(row)}" if row["narrative"] else "no narrative"
    kept = "  (kept)" if one.kept else ""
    return (
        f"{one.day}  {change:>9}  {first:<{LABEL + 5}}  something else {row['something_else']:.2f}"
        f"  {row['answered']:>2}/{row['predictions']} answered{kept}"
    )


def _label(row: Row) -> str:
    id_, title = f" [{row['narrative']}]", str(row["title"])
    room = max(8, LABEL - len(id_))
    return (title if len(title) <= room else f"{title[: room - 3].rstrip()}...") + id_


def _sum_up(done: Sequence[Done], listing: Listing, bounds: Wanted, plan: Plan) -> None:
    from api.explaining_all import TABLE, write_all

    rows = [one.row for one in done if one.row is not None]
    refused = len(done) - len(rows)
    if rows:
        title = f"Moves of {listing.instrument} of at least {bounds.least}, {rows[0]['day']} to {rows[-1]['day']}"
        write_all(plan.folder, title, rows)
        say(f"Explained {len(rows)} days, {sum(one.kept for one in done)} of them before.")
        say(f"Table: {plan.folder / TABLE}.csv, .parquet and .md")
    if refused:
        say(f"whymove: {refused} days could not be explained; their lines say why")
        raise typer.Exit(BAD_INPUT)
