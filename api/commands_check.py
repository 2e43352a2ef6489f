"""`whymove check`: recomputes what can be recomputed of the claims in the graph, keeps it, and prints it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from api.clocks import chosen, chosen_of
from api.graphs import open_graph, open_series
from api.settings import Settings, load_settings
from api.terminal import answers, print_plainly, say, working, write_bytes
from graph.reading import ask, moves_of_case

if TYPE_CHECKING:
    from ingest.checks import Checked

STYLES = {"failed": "bold red", "not_checkable": "bold", "ok": "bold green"}
ORDER = {"failed": 0, "not_checkable": 1, "ok": 2}


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("check")(check)


def check(
    case: Annotated[
        str | None, typer.Option(help="only claims of this case and of the documents that it cites")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="show only what failed")] = False,
    json: Annotated[bool, typer.Option("--json", help="print the checks as JSON")] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="keep nothing in the graph")] = False,
) -> None:
    """Recompute what claims say: numbers, signs, records, dates, causes; what no rule can find says why."""
    settings = load_settings()
    chosen(as_of, None)  # refused before a server is started
    with working("reading claims") as progress:
        found = asyncio.run(_check(settings, case, as_of, store=not no_store, progress=progress))
    found = sorted(found, key=lambda one: (ORDER[one.finding.outcome], one.finding.claim.key))
    shown = [one for one in found if not failed or one.finding.outcome == "failed"]
    if json:
        write_bytes(orjson.dumps([_object(one) for one in shown], option=orjson.OPT_INDENT_2))
    else:
        print_plainly(answers(), Group(*(part for one in shown for part in _lines(one))))
    counts = {name: sum(one.finding.outcome == name for one in found) for name in ORDER}
    say(f"{counts['failed']} failed, {counts['ok']} ok, {counts['not_checkable']} not checkable")


async def _check(
    settings: Settings, case: str | None, as_of: str | None, *, store: bool, progress: Callable[[str], None]
) -> list[Checked]:
    from ingest.checkreading import read_world
    from ingest.checks import check_all, check_batch
    from ingest.settling import read_disputes, settle, settlement_batch

    async with open_graph(settings, progress=progress) as graph:
        clocks = await chosen_of(as_of, None, graph.store.present)
        world, cases = await read_world(graph.store, open_series(settings), clocks)
        claims = list(world.readings.values())
        if case is not None:
            await moves_of_case(graph.store, case, clocks.with_hindsight())  # names near cases where there is none
            cited = {str(row["key"]) for row in await ask(graph.store, "documents_of_case", {"case": case})}
            claims = [
                one for one in claims if cases.get(one.key) == case or (one.key not in cases and one.document in cited)
            ]
        progress(f"checking {len(claims)} claims and readings")
        found = check_all(claims, world)
        if store:
            disputes = await read_disputes(graph.store, clocks)
            settled = settlement_batch(settle(disputes, world), disputes)
            await graph.store.upsert(check_batch(found) + settled)
    return found


def _lines(one: Checked) -> tuple[Text, Padding]:
    """What was claimed and, indented below it, what was told, what was found, and why."""
    found = one.finding
    ids = ", ".join((*one.ids, *(name for name in found.claim.aliases if name not in one.ids)))
    told = "" if found.kind == "by_hand" else f"told {found.expected}"
    parts = (told, f"found {found.found}" if found.found else "", found.why or "")
    head = f"{found.outcome} {found.kind}: {ids or found.claim.key}"
    body = f"{found.claim.statement}\n{'; '.join(part for part in parts if part)}"
    return Text(head, style=STYLES[found.outcome]), Padding(Text(body), (0, 0, 0, 4))


def _object(one: Checked) -> dict[str, object]:
    found = one.finding
    return {
        "key": one.key,
        "check": found.kind,
        "outcome": found.outcome,
        "claim": found.claim.key,
        "statement": found.claim.statement,
        "expected": found.expected,
        "found": found.found,
        "why": found.why,
        "compared_with": [other.key for other in found.of],
        "ids": [*one.ids],
    }
