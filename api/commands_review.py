"""`whymove review`: proposals that nobody has decided about, one whole with its quote, and decisions with their why."""

from __future__ import annotations

import asyncio
import getpass
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from api.catalog import Row, list_page
from api.graphs import open_graph
from api.paging import MOST, page_of
from api.proposals import PROPOSALS, edits_from, proposal_row
from api.settings import Settings, load_settings
from api.terminal import answers, print_plainly, print_table, working

if TYPE_CHECKING:
    from graph.model import Written
    from graph.reading import Record

GivenId = Annotated[str, typer.Argument(metavar="ID", help="id of the proposal")]
By = Annotated[str | None, typer.Option(help="who decides; your user name when left out")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    review = typer.Typer(help="Decide about proposed claims.", no_args_is_help=True, rich_markup_mode=None)
    review.command("list")(list_proposals)
    review.command("show")(show)
    review.command("accept")(accept)
    review.command("reject")(reject)
    app.add_typer(review, name="review")


def list_proposals(
    state: Annotated[str, typer.Option(help="proposed, accepted, rejected or all")] = "proposed",
    document: Annotated[str | None, typer.Option(help="key of a document")] = None,
) -> None:
    """List proposals, the oldest first."""
    if state not in {"proposed", "accepted", "rejected", "all"}:
        raise typer.BadParameter("give proposed, accepted, rejected or all", param_hint="--state")
    with working("reading proposals"):
        rows = asyncio.run(_all({"state": None if state == "all" else state, "document": document}))
    fields = ("id", "state", "modality", "statement", "title")
    print_table(answers(), fields, [[row.get(name) or row["proposed"][name] for name in fields] for row in rows])


def show(proposal: GivenId) -> None:
    """Show one proposal: what is proposed, by which model, and the words it was read from."""
    settings = load_settings()
    with working("reading the proposal"):
        row, words = asyncio.run(_one(proposal, settings))
    print_plainly(answers(), Text("\n".join(_sheet(row, words))))


def accept(
    proposal: GivenId,
    edit: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="another value, as in YAML")] = None,
    by: By = None,
    why: Annotated[str | None, typer.Option(help="a note")] = None,
) -> None:
    """Accept a proposal: it enters the graph as a claim of its document, with its passage and provenance."""
    _decide(proposal, accepted=True, by=by, why=why, edits=edits_from(edit or ()))


def reject(proposal: GivenId, why: Annotated[str, typer.Option(help="the reason")], by: By = None) -> None:
    """Reject a proposal; it is kept with the reason and not proposed again."""
    _decide(proposal, accepted=False, by=by, why=why, edits={})


def _decide(proposal: str, *, accepted: bool, by: str | None, why: str | None, edits: Mapping[str, object]) -> None:
    from ingest.proposals import Decision

    decision = Decision(accept=accepted, by=by or getpass.getuser(), at=datetime.now(UTC), why=why, edits=edits)
    settings = load_settings()
    with working("deciding") as progress:
        held, written = asyncio.run(_decided(proposal, decision, settings, progress))
    fields = ("id", "state", "claim", "created", "unchanged", "corrected", "links")
    row = (held["id"], held["state"], held["claim"])
    print_table(answers(), fields, [(*row, written.created, written.unchanged, written.corrected, written.links)])


async def _decided(
    proposal: str, decision: Any, settings: Settings, progress: Callable[[str], None]
) -> tuple[Record, Written]:
    from api.extracting import decide

    async with open_graph(settings, progress=progress) as graph:
        return await decide(graph.store, settings, proposal, decision)


async def _one(id_: str, settings: Settings) -> tuple[Row, str | None]:
    from api.extracting import proposal, quote_of

    async with open_graph(settings) as graph:
        held = await proposal(graph.store, id_)
        return proposal_row(held), await asyncio.to_thread(quote_of, settings, held)


async def _all(filters: Mapping[str, object]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = None
    async with open_graph(load_settings()) as graph:
        present = await graph.store.present()
        while True:
            page = page_of("proposals", limit=MOST, cursor=cursor, as_of=None, as_at=None, present=present)
            listed = await list_page(PROPOSALS, page, graph.store, filters)
            rows += listed.items
            cursor = listed.next_cursor
            if cursor is None:
                return rows


def _sheet(row: Row, words: str | None) -> list[str]:
    proposed = row["proposed"]
    assert isinstance(proposed, dict)
    span = f"characters {row['start']} to {row['end']}, SHA-256 {row['span_sha256']}"
    claim = [f"  {name}: {_told(value)}" for name, value in proposed.items() if value not in (None, [])]
    decided = [f"{name}: {_told(row[name])}" for name in ("decided_by", "decided_at", "why", "edits", "claim")]
    doubts = row["doubts"] if isinstance(row["doubts"], list) else []
    return [
        f"{row['id']} ({row['state']})",
        f"document: {row['title']} [{row['document']}]",
        f"read by {row['model']} (prompt {row['prompt_version']}) at {row['proposed_at']}, run {row['run']}",
        f"the text says ({span}):",
        f"  {words}" if words is not None else "  (the text is not in this data folder)",
        "proposed:",
        *claim,
        *(f"look at: {one}" for one in doubts),
        *(line for line in decided if not line.endswith((": null", ": []"))),
    ]


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
