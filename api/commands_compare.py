"""`whymove precedents` and `whymove fit`: has this mechanism happened before, and which templates fit a pattern?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from api.ask import make_ask
from api.bundled import ensure_case
from api.clocks import chosen, chosen_of
from api.fitting import Fit, Pattern, as_rows, fits_of, in_words, parse_pattern
from api.fitting_moves import Told, moves_alike
from api.graphs import open_graph
from api.knowledge import load_knowledge
from api.precedents import Mechanism, Precedent, mechanisms_of, move_named
from api.precedents import as_rows as mechanism_rows
from api.settings import load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from api.wording import probability

FIRST = 8


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("precedents")(precedents)
    app.command("fit")(fit)


def precedents(
    move: Annotated[str, typer.Argument(metavar="CASE|MOVE", help="a case, or the key of a move")],
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    every: Annotated[bool, typer.Option("--all", help="every mechanism, also the least probable ones")] = False,
    json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """List other moves with the mechanisms of this one: those of the graph, and those that the templates name."""
    chosen(as_of, None)  # refused before a server is started
    with working("looking for moves of the same mechanisms"):
        found = asyncio.run(_precedents(move, as_of))
    if json:
        write_bytes(orjson.dumps(mechanism_rows(found), option=orjson.OPT_INDENT_2))
        return
    shown = found if every else found[:FIRST]
    rows = [row for one in shown for row in _mechanism_rows(one)]
    print_table(answers(), ("template", "here", "precedent", "from", "return", "there", "told by"), rows)
    if len(found) > len(shown):
        say(f"and {len(found) - len(shown)} more mechanisms (--all shows them)")
    if all(one.posterior is None for one in found):
        say(f"no explanation of {move} is kept, so nothing says which mechanism was at work: whymove explain keeps one")


def fit(
    *,
    move: Annotated[str, typer.Option("--move", help="which way it went: down or up")],
    size: Annotated[float | None, typer.Option(help="the least size of comparable moves: 0.1 for 10%")] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option(help="what was read: NAME=DIRECTION, NAME@after=DIRECTION; may be given several times"),
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="only moves that were known by then")] = None,
    as_at: Annotated[str | None, typer.Option(help="moves of the graph as it stood then")] = None,
    json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """Say which narrative templates fit a move with such a pattern, whoever moved, and why each does or does not."""
    knowledge = load_knowledge(load_settings().templates_root)
    pattern = parse_pattern(move, size, indicator or (), knowledge.indicators)
    found = fits_of(knowledge.library, pattern)
    chosen(as_of, as_at)  # refused also where no graph is asked
    told: Told = {}
    if size is not None:
        with working("looking for moves alike"):
            told = asyncio.run(_alike(pattern, as_of, as_at))
    if json:
        write_bytes(orjson.dumps(as_rows(found, told), option=orjson.OPT_INDENT_2))
        return
    print_table(answers(), ("template", "verdict", "why", "moves alike"), [_fit_row(one, told) for one in found])


async def _precedents(name: str, as_of: str | None) -> list[Mechanism]:
    settings = load_settings()
    knowledge = load_knowledge(settings.templates_root)
    async with open_graph(settings) as graph:
        await ensure_case(make_ask(case=name), graph.store)
        clocks = await chosen_of(as_of, None, graph.store.present)  # once a bundled case was recorded
        move = await move_named(graph.store, name, clocks)
        return await mechanisms_of(graph.store, move, knowledge.library, clocks)


async def _alike(pattern: Pattern, as_of: str | None, as_at: str | None) -> Told:
    async with open_graph(load_settings()) as graph:
        return await moves_alike(graph.store, pattern, await chosen_of(as_of, as_at, graph.store.present))


def _mechanism_rows(one: Mechanism) -> list[tuple[object, ...]]:
    head = (f"{one.template} {one.title}", "-" if one.posterior is None else probability(one.posterior))
    rows: list[tuple[object, ...]] = [_precedent_row(part) for part in one.precedents]
    rows += [(name, "", "", "", "the template") for name in one.named]
    rows = rows or [("none known", "", "", "", "")]
    return [(*(head if place == 0 else ("", "")), *row) for place, row in enumerate(rows)]


def _precedent_row(one: Precedent) -> tuple[object, ...]:
    change = "" if one.return_ is None else f"{one.return_:+.1%}"
    there = "" if one.posterior is None else probability(one.posterior)
    later = "" if one.earlier else " (later)"
    return one.move.removesuffix(":move"), f"{one.start[:10]}{later}", change, there, one.told_by


def _fit_row(one: Fit, told: Told) -> Sequence[object]:
    name = f"{one.template}{f' ({one.variant})' if one.variant else ''} {one.title}"
    moves = [f"{part['instrument']} {str(part['start'])[:10]}" for part in told.get(one.template, ())]
    return name, one.verdict, in_words(one), ", ".join(moves)
