"""`whymove moves`: the unusual moves of an instrument, found in its own stored series and kept to be asked about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import orjson
import typer

from api.dates import write_instant
from api.detecting import Listing, all_moves, batch_of
from api.graphs import open_graph, open_series
from api.settings import Settings, load_settings
from api.terminal import answers, print_plainly, print_table, say, working, write_bytes
from api.unusual import Shown, Wanted, wanted
from api.values import return_is
from api.wording import change_in_words
from causal.world import unit_of_return
from graph.model import Written
from graph.reading import find_instrument

FOREMOST = 20


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("moves")(moves)


def moves(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str, typer.Argument(help="id, symbol or name of what moved")],
    since: Annotated[str | None, typer.Option(help="only moves that end on this day or later")] = None,
    until: Annotated[str | None, typer.Option(help="only moves that end on this day or earlier")] = None,
    top: Annotated[int | None, typer.Option(min=1, help="how many at most (20; with --min all)")] = None,
    min_: Annotated[
        float | None, typer.Option("--min", metavar="SHARE", help="only moves of at least this share, 0.08 for 8%")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="do not keep them in the graph")] = False,
) -> None:
    """Find the moves of an instrument that were unusual for its time, the most unusual first, and keep them."""
    bounds = wanted(since, until, min_)
    most = top if top is not None else FOREMOST if min_ is None else None
    settings = load_settings()
    with working("reading series") as progress:
        listing, shown, written = asyncio.run(
            _find(instrument, bounds, most, settings=settings, record=not no_store, progress=progress)
        )
    if json:
        write_bytes(orjson.dumps(as_object(listing, shown), option=orjson.OPT_INDENT_2))
    else:
        _print(listing, shown)
    if written is not None:
        say(f"graph: {written.created} created, {written.unchanged} unchanged, {written.corrected} corrected")


async def _find(
    name: str,
    bounds: Wanted,
    most: int | None,
    *,
    settings: Settings,
    record: bool,
    progress: Callable[[str], None],
) -> tuple[Listing, Shown, Written | None]:
    async with open_graph(settings, progress=progress) as graph:
        instrument = await find_instrument(graph.store, name)
        progress("looking for unusual moves")
        listing = await all_moves(instrument, graph.store, open_series(settings))
        found = bounds.most_unusual(listing)[:most]
        if not record or not found:
            return listing, found, None
        return listing, found, await graph.store.upsert(batch_of(one for one, _ in found))


def as_object(listing: Listing, shown: Shown) -> dict[str, object]:
    """The moves as JSON can hold them, with the words of `SessionMove`."""
    return {
        "instrument": listing.instrument,
        "series": listing.series,
        "day_ends": listing.clock,
        "return_unit": "fraction",
        "return_is": return_is(unit_of_return(level=listing.level)),
        "moves": [
            {
                "id": found.key,
                "day": move.end,
                "start": move.start,
                "end": move.end,
                "return": move.change,
                "scale": move.scale,
                "score": move.score,
                "share_as_large": move.share,
                "known_at": write_instant(found.known_at),
            }
            for found, move in shown
        ],
    }


def _print(listing: Listing, shown: Shown) -> None:
    console = answers()
    every = listing.moves
    span = f", {every[0][1].start} to {every[-1][1].end}" if every else ""
    print_plainly(
        console,
        f"{listing.instrument}: {len(every)} moves from close to close of the series {listing.series}{span}.\n"
        f"A day ends {listing.clock}. Score: the size of a move in units of what was usual until the day before.\n",
    )
    if not shown:
        print_plainly(console, "None of them is as asked; try other days or a smaller --min.")
        return
    rows = [
        (
            move.end,
            move.start,
            change_in_words(move.change, return_is(found.return_unit)),
            f"{move.score:.1f}" if move.score is not None else "-",
            f"{100.0 * move.share:.2g} %",
        )
        for found, move in shown
    ]
    print_table(console, ("day", "close before", "return", "score", "days as large"), rows)
