"""`whymove forecasts`: statements about the future, kept, judged by their criterion or by hand, and listed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
import typer
from rich.text import Text

from api.catalog import Row, list_page
from api.clocks import chosen, chosen_of
from api.dates import parse_day, parse_instant, parse_when
from api.forecasts import FORECASTS, Kept, NewForecast, add_forecast, list_filters, one_forecast
from api.graphs import open_graph, open_series
from api.paging import MOST, page_of
from api.resolving import Outcome, Resolved, Ruling, resolve_forecast
from api.settings import load_settings
from api.terminal import answers, print_plainly, print_table, say, working, write_bytes

State = Literal["open", "due", "undated", "resolved", "void"]
AsOf = Annotated[str | None, typer.Option(help="use only what was known by then")]
Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
GivenId = Annotated[str, typer.Argument(metavar="ID", help="key or other name of the forecast")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(no_args_is_help=True, help="Statements about the future: keep, judge and list them.")
    group.command("list")(list_)
    group.command("show")(show)
    group.command("add")(add)
    group.command("resolve")(resolve)
    app.add_typer(group, name="forecasts")


def list_(
    by: Annotated[str | None, typer.Option(help="only those of this author or source (id)")] = None,
    due_before: Annotated[str | None, typer.Option(metavar="DAY", help="only those due by then, included")] = None,
    status: Annotated[State | None, typer.Option(help="only those that stand so")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """List forecasts with their day and how they turned out."""
    day = None if due_before is None else parse_day(due_before, "due_before")
    filters = list_filters(chosen(as_of, None).as_of, by=by, due_before=day, state=status)
    with working("reading forecasts"):
        rows = asyncio.run(_list(filters, as_of))
    if json:
        write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    fields = ("key", "by", "due", "stands", "probability", "brier", "statement")
    print_table(answers(), fields, [_cells(row) for row in rows])
    undated = sum(row["state"] == "undated" for row in rows)
    if undated:
        say(f"{undated} without a due day: they cannot be scored")


def _cells(row: Row) -> Sequence[object]:
    by, brier = row["by"], row["brier"]
    stands = row["outcome"] if row["state"] == "resolved" else row["state"]
    due = None if row["due_at"] is None else str(row["due_at"])[:10]
    score = f"{brier:.3f}" if isinstance(brier, float) else None
    names = ", ".join(map(str, by)) if isinstance(by, list) else by
    return (row["key"], names, due, stands, row["probability"], score, row["statement"])


async def _list(filters: dict[str, object], as_of: str | None) -> list[Row]:
    rows: list[Row] = []
    cursor: str | None = None
    async with open_graph(load_settings()) as graph:
        present = await graph.store.present()
        while True:
            page = page_of(
                "forecasts", limit=MOST, cursor=cursor, as_of=None if cursor else as_of, as_at=None, present=present
            )
            listed = await list_page(FORECASTS, page, graph.store, filters)
            rows += listed.items
            cursor = listed.next_cursor
            if cursor is None:
                return rows


def show(forecast: GivenId, as_of: AsOf = None, json: Json = False) -> None:
    """Show one forecast whole: criterion, day, outcome, scores, and what was read to decide it."""
    chosen(as_of, None)  # refused before a server is started
    with working("reading the forecast"):
        row = asyncio.run(_one(forecast, as_of))
    _print(row, json)


async def _one(name: str, as_of: str | None) -> Row:
    async with open_graph(load_settings()) as graph:
        return await one_forecast(graph.store, name, await chosen_of(as_of, None, graph.store.present))


def add(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    statement: Annotated[str, typer.Argument(help="what is said, in one sentence")],
    by: Annotated[str, typer.Option(help="who says so: id or name; a new name becomes a new author")],
    due: Annotated[
        str | None, typer.Option(metavar="DAY", help="when it can be judged; without it there is no score")
    ] = None,
    criterion: Annotated[str | None, typer.Option(help="what has to hold then (docs/forecasts.md)")] = None,
    probability: Annotated[float | None, typer.Option(help="as the author states it, between 0 and 1")] = None,
    about: Annotated[str | None, typer.Option(help="id, symbol or name of what it is about")] = None,
    document: Annotated[str | None, typer.Option(help="key of the document that it stands in")] = None,
    known_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="when it was made public; now if not given")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="a key of its own")] = None,
    new: Annotated[bool, typer.Option("--new", help="the author is new although the name is nearly known")] = False,
) -> None:
    """Keep a forecast; the same words of the same author correct what was kept of them."""
    forecast = NewForecast(
        by=by,
        statement=statement,
        due=None if due is None else parse_when(due, "due"),
        criterion=criterion,
        probability=probability,
        about=about,
        document=document,
        known_at=None if known_at is None else parse_instant(known_at, "known_at"),
        id=id_,
        new_author=new,
    )
    with working("keeping the forecast"):
        kept = asyncio.run(_add(forecast))
    print_plainly(answers(), kept.key)
    done = kept.written
    say(f"graph: {done.created} created, {done.unchanged} unchanged, {done.corrected} corrected")
    if due is None:
        say("note: it has no due day, so it can never fail and is not scored (--due DAY gives it one)")


async def _add(forecast: NewForecast) -> Kept:
    async with open_graph(load_settings()) as graph:
        return await add_forecast(forecast, graph.store)


def resolve(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    forecast: GivenId,
    outcome: Annotated[Outcome | None, typer.Option(help="by hand; without it its criterion is looked up")] = None,
    by: Annotated[str | None, typer.Option(help="who says so")] = None,
    why: Annotated[str | None, typer.Option(help="by what")] = None,
    known_at: Annotated[str | None, typer.Option(metavar="INSTANT", help="since when that could be known")] = None,
    json: Json = False,
) -> None:
    """Say how a forecast turned out, or have its criterion looked up in facts and series; a later word corrects."""
    at = None if known_at is None else parse_instant(known_at, "known_at")
    if outcome is None and (by or why or at):
        raise typer.BadParameter("--by, --why and --known-at go with --outcome")
    ruling = None if outcome is None else Ruling(outcome=outcome, by=by, why=why, known_at=at)
    with working("resolving the forecast"):
        resolved, row = asyncio.run(_resolve(forecast, ruling))
    if resolved.outcome is not None:
        _print(row, json)
        return
    if json:
        write_bytes(orjson.dumps({"outcome": None, "missing": resolved.missing}, option=orjson.OPT_INDENT_2))
    else:
        for text in ("not decidable, and nothing kept", *(f"missing: {one}" for one in resolved.missing)):
            print_plainly(answers(), Text(text))
    say("judge it by hand with --outcome, or load what is missing and ask again")


async def _resolve(name: str, ruling: Ruling | None) -> tuple[Resolved, Row]:
    settings = load_settings()
    async with open_graph(settings) as graph:
        return await resolve_forecast(graph.store, open_series(settings), name, ruling)


def _print(row: Row, json: bool) -> None:
    if json:
        write_bytes(orjson.dumps(row, option=orjson.OPT_INDENT_2))
        return
    rows = [(name, ", ".join(map(str, value)) if isinstance(value, list) else value) for name, value in row.items()]
    print_table(answers(), ("", str(row["key"])), [pair for pair in rows if pair[1] not in {None, ""}])
