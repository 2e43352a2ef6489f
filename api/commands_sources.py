"""`whymove sources`: who was right before, and the grade that this would speak for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import orjson
import typer

from api.catalog import Row
from api.clocks import chosen, chosen_of
from api.graphs import open_graph
from api.paging import MOST, page_of
from api.settings import load_settings
from api.terminal import answers, print_table, say, working, write_bytes
from api.trackrecords import list_sources, one_source

AsOf = Annotated[str | None, typer.Option(help="use only what was known by then")]
Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
PROPOSED = "a grade is proposed to whoever reviews sources, and never applied by itself"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(no_args_is_help=True, help="Sources and authors, and how right they were.")
    group.command("list")(list_)
    group.command("show")(show)
    app.add_typer(group, name="sources")


def list_(
    all_: Annotated[bool, typer.Option("--all", help="also those of whom no forecast is kept")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """List sources and authors with the track records of their forecasts."""
    with working("reading sources"):
        every = asyncio.run(_list(as_of))
    rows = [row for row in every if all_ or _forecasts(row)]
    if json:
        write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2))
        return
    fields = ("id", "role", "forecasts", "resolved", "right", "Brier", "log score", "in use", "proposed", "note")
    print_table(answers(), fields, [list(_cells(row)) for row in rows])
    if len(rows) < len(every):
        say(f"{len(every) - len(rows)} sources of whom no forecast is kept (--all shows them)")
    say(PROPOSED)


def _forecasts(row: Mapping[str, Any]) -> bool:
    return bool(row["record"]["forecasts"])


def _cells(row: Mapping[str, Any]) -> Iterator[object]:
    record = row["record"]
    yield from (row["id"], row["role"], record["forecasts"], record["resolved"])
    yield f"{record['right']} of {record['judged']}"
    yield from (_mean(record[name]) for name in ("brier", "log_score"))
    yield from (row["grade"], record["proposed_grade"], record["note"])


def _mean(part: Mapping[str, Any]) -> str:
    """A mean score with its interval and its n."""
    if part["mean"] is None:
        return ""
    interval = f" ({part['low']:.3f} to {part['high']:.3f})" if part["low"] is not None else ""
    return f"{part['mean']:.3f}{interval}, n {part['n']}"


async def _list(as_of: str | None) -> list[Row]:
    rows: list[Row] = []
    cursor: str | None = None
    async with open_graph(load_settings()) as graph:
        present = await graph.store.present()
        while True:
            page = page_of(
                "sources", limit=MOST, cursor=cursor, as_of=None if cursor else as_of, as_at=None, present=present
            )
            listed = await list_sources(graph.store, page)
            rows += listed.items
            cursor = listed.next_cursor
            if cursor is None:
                return rows


def show(
    source: Annotated[str, typer.Argument(metavar="ID", help="id or name of a source or an author")],
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show one source or author: scores with their n and intervals, checks, and the grade that is proposed."""
    chosen(as_of, None)  # refused before a server is started
    with working("reading the source"):
        row = asyncio.run(_one(source, as_of))
    if json:
        write_bytes(orjson.dumps(row, option=orjson.OPT_INDENT_2))
        return
    print_table(answers(), ("", str(row["name"])), list(_lines(row)))
    say(PROPOSED)


async def _one(name: str, as_of: str | None) -> Row:
    async with open_graph(load_settings()) as graph:
        return await one_source(graph.store, name, await chosen_of(as_of, None, graph.store.present))


def _lines(row: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    record, checks = row["record"], row["checks"]
    yield "id", f"{row['id']} ({row['role']})"
    told = f"{record['forecasts']} ({record['undated']} without a due day, {record['void']} void)"
    yield "forecasts", told
    yield "resolved", f"{record['resolved']} {record['note']}".strip()
    share = f" (95 % interval {record['share_low']:.2f} to {record['share_high']:.2f})" if record["judged"] else ""
    yield "right", f"{record['right']} of {record['judged']}{share}"
    yield "Brier score", _mean(record["brier"]) or "no probability was stated"
    yield "log score, bits", _mean(record["log_score"]) or "no probability was stated"
    yield "checks", f"{checks['ok']} held, {checks['failed']} failed, {checks['not_checkable']} not checkable"
    yield "grade in use", row["grade"] or "none"
    yield "proposed", f"{record['proposed_grade']}: {record['proposed_why']}"
