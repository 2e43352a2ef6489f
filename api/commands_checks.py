"""`whymove checks`: has DoWhy judge the structural model of a move, and prints what each check found."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import orjson
import typer

from api.ask import Ask, make_ask
from api.asking import at_present
from api.attributing import Attributed, attribute, attribution_object, checked
from api.bundled import bundled_paths, ensure_case
from api.checking import Checks
from api.clocks import chosen, chosen_of
from api.graphs import open_graph, open_series
from api.knowledge import load_knowledge
from api.precedents import move_named
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from api.wording_shares import checks_said
from causal.checkresults import FAST
from graph.store import GraphStore

ORDER = {"failed": 0, "passed": 1, "open": 2, "not run": 3}


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("checks")(checks)


def checks(
    move: Annotated[str, typer.Argument(metavar="CASE|MOVE", help="a case, or the key of a move")],
    fast: Annotated[bool, typer.Option("--fast", help="only those that take about a second")] = False,
    seconds: Annotated[
        float | None, typer.Option(min=0.01, max=3600, help="how long they may take; as the settings say when left out")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    json: Annotated[bool, typer.Option("--json", help="print shares and checks as JSON")] = False,
) -> None:
    """Check the structural model of a move by DoWhy: its graph, and how firm effects along it are; keeps nothing."""
    chosen(as_of, None)  # refused before anything is started
    settings = load_settings()
    budget = settings.check_seconds if seconds is None else seconds
    with working("reading templates and indicators") as progress:
        found, run = asyncio.run(_checks(move, as_of, settings, fast=fast, seconds=budget, progress=progress))
    told = attribution_object(found, run)
    if json:
        write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        return
    results = sorted(run.results, key=lambda one: ORDER[one.outcome])
    rows = [(one.outcome, one.name, one.subject, one.words) for one in results]
    print_table(answers(), ("outcome", "check", "of", "what it says"), rows)
    for sentence in checks_said(told["checks"]):
        say(sentence)


async def _checks(
    name: str, as_of: str | None, settings: Settings, *, fast: bool, seconds: float, progress: Callable[[str], None]
) -> tuple[Attributed, Checks]:
    knowledge = load_knowledge(settings.templates_root)
    async with open_graph(settings, progress=progress) as graph:
        ask = await at_present(await _ask(name, as_of, graph.store), graph.store)
        progress("sharing the move out")
        found = await attribute(ask, graph.store, knowledge, open_series(settings))
        progress(f"checking the structural model for at most {seconds:g} seconds")
        return found, await checked(found.shared, seconds, FAST if fast else ())


async def _ask(name: str, as_of: str | None, store: GraphStore) -> Ask:
    """The question after a move by its key, or after the own move of a case. Raises NotInGraphError."""
    if name in bundled_paths():
        await ensure_case(make_ask(case=name), store)
    move = await move_named(store, name, await chosen_of(as_of, None, store.present))
    if str(move["key"]) == f"{name}:move":
        return make_ask(case=name, as_of=as_of)
    start, end = move["start"], move["end"]
    return make_ask(instrument=str(move["instrument"]), start=start, end=end, as_of=as_of)  # type: ignore[arg-type]
