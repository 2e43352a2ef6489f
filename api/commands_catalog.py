"""`whymove templates`, `narratives`, `instruments`, `cases`: what the library and the graph hold, as tables."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from api.bundled import bundled_heads
from api.catalog import CASES, INSTRUMENTS, NARRATIVES, Resource, Row, list_page
from api.graphs import open_graph
from api.knowledge import with_own
from api.paging import MOST, page_of
from api.settings import load_settings
from api.template_sheet import template_sheet
from api.terminal import answers, print_plainly, print_table, working
from causal.library import get_template, load_library


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command("templates")(templates)
    app.command("narratives")(narratives)
    app.command("instruments")(instruments)
    app.command("cases")(cases)


def templates(template: Annotated[str | None, typer.Argument(metavar="[ID]", help="show one whole")] = None) -> None:
    """List the narrative templates of the library and your own, or show one."""
    library = with_own(load_library(), load_settings().templates_root)
    if template is None:
        rows = [(part.id, part.title, ", ".join(part.slots), part.move_direction) for part in library]
        print_table(answers(), ("id", "title", "slots", "moves"), rows)
        return
    print_plainly(answers(), template_sheet(get_template(library, template)))


def narratives() -> None:
    """List the narratives of the graph."""
    _print(NARRATIVES, ("id", "title", "slot", "origin", "template"))


def instruments() -> None:
    """List the instruments of the graph."""
    _print(INSTRUMENTS, ("id", "name", "kind", "symbol"))


def cases() -> None:
    """List the cases: those of the graph, and those that are bundled."""
    stored = {str(row["id"]): str(row["title"]) for row in _rows(CASES)}
    bundled = {head.id: head.title for head in bundled_heads()}
    rows = [
        (name, (stored | bundled)[name], "yes" if name in stored else "no", "yes" if name in bundled else "no")
        for name in sorted(stored | bundled)
    ]
    print_table(answers(), ("id", "title", "in the graph", "bundled"), rows)


def _print(resource: Resource, fields: tuple[str, ...]) -> None:
    print_table(answers(), fields, [[row[name] for name in fields] for row in _rows(resource)])


def _rows(resource: Resource) -> list[Row]:
    with working(f"reading {resource.name}"):
        return asyncio.run(_all(resource))


async def _all(resource: Resource) -> list[Row]:
    rows: list[Row] = []
    async with open_graph(load_settings()) as graph:
        cursor = None
        present = await graph.store.present()
        while True:
            page = page_of(resource.name, limit=MOST, cursor=cursor, as_of=None, as_at=None, present=present)
            listed = await list_page(resource, page, graph.store)
            rows += listed.items
            cursor = listed.next_cursor
            if cursor is None:
                return rows
