"""`whymove explain`: the main job on the command line.

Nothing of the web stack is imported on this path: with a warm server two seconds pass from start to answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.ask import Ask, make_ask
from api.asking import at_present
from api.bundled import ensure_case
from api.explaining import explain_move
from api.graphs import open_graph, open_series
from api.knowledge import load_knowledge
from api.rendering import Drawing
from api.rendering_markdown import to_markdown
from api.rendering_terminal import print_explanation
from api.settings import Settings, load_settings
from api.terminal import answers, say, working, write_bytes


def add_to(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("explain")(explain)


def _placed(out: Path | None) -> Path | None:
    """The file to write to, refused before any work where it cannot be one."""
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        what = "is a folder; name a file in it" if out.is_dir() else "lies in a folder that is not there; make it first"
        raise typer.BadParameter(f"{out} {what}")
    return out


def explain(  # noqa: PLR0917 - one parameter an option is how typer reads a command
    instrument: Annotated[str | None, typer.Argument(help="id, symbol or name of what moved")] = None,
    on: Annotated[str | None, typer.Option(help="the day: from the close before to the close of it")] = None,
    start: Annotated[str | None, typer.Option(help="the close (or instant) from which the move runs")] = None,
    end: Annotated[str | None, typer.Option(help="the close (or instant) to which it runs")] = None,
    case: Annotated[str | None, typer.Option(help="a case; alone it means the case's own move")] = None,
    no_case: Annotated[bool, typer.Option("--no-case", help="series and templates alone: nothing of a case")] = False,
    as_of: Annotated[str | None, typer.Option(help="use only what was known by then")] = None,
    as_at: Annotated[str | None, typer.Option(help="use the graph as it stood then")] = None,
    json: Annotated[bool, typer.Option("--json", help="print the whole object as JSON")] = False,
    md: Annotated[bool, typer.Option("--md", help="print the report as Markdown")] = False,
    html: Annotated[bool, typer.Option("--html", help="print the report as a page with pictures")] = False,
    checks: Annotated[bool, typer.Option("--checks", help="check the structural model by DoWhy as well")] = False,
    fetch: Annotated[bool, typer.Option("--fetch", help="fetch what is lacking, and explain again")] = False,
    full: Annotated[bool, typer.Option("--full", help="every narrative in full, with its predictions")] = False,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="keep nothing: neither in the graph nor a report")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="write the answer to this file instead", callback=_placed)] = None,
) -> None:
    """Explain a move: which narratives compete, how likely each is, and what speaks against and for them."""
    if json + md + html > 1:
        raise typer.BadParameter("give one of --json, --md and --html")
    ask = partial(
        make_ask,
        instrument=instrument,
        start=start,
        end=end,
        on=on,
        case=case,
        no_case=no_case,
        as_of=as_of,
        as_at=as_at,
    )
    ask()
    with working("reading templates and indicators") as progress:
        explanation = asyncio.run(_explain(ask, record=not no_store, checks=checks, fetch=fetch, progress=progress))
    _show(explanation, json=json, md=md, html=html, full=full, out=out)
    if not no_store:
        say(f"Report: {write_report(explanation, load_settings())}")


def _show(explanation: dict[str, object], *, json: bool, md: bool, html: bool, full: bool, out: Path | None) -> None:
    """To the file that is named (as Markdown, unless another form is wanted), else to the terminal."""
    content = None
    if json:
        content = orjson.dumps(explanation)
    elif html:
        content = _page(explanation)
    elif md:
        content = to_markdown(explanation).encode()
    if out is not None:
        out.write_bytes(content if content is not None else to_markdown(explanation).encode())
    elif content is not None:
        write_bytes(content)
    else:
        print_explanation(explanation, answers(), Drawing.whole() if full else Drawing())


def _page(explanation: dict[str, object]) -> bytes:
    from api.rendering_html import to_html

    return to_html(explanation).encode()


async def _explain(
    ask: partial[Ask], *, record: bool, checks: bool, fetch: bool, progress: Callable[[str], None]
) -> dict[str, object]:
    settings = load_settings()
    knowledge = load_knowledge(settings.templates_root, recalibration=settings.recalibration)
    async with open_graph(settings, progress=progress) as graph:
        ingested = await ensure_case(ask(), graph.store, progress)
        if ingested is not None:
            say(f"Put the bundled case {ingested} into the graph.")

        async def explain() -> dict[str, object]:
            return await explain_move(
                await at_present(ask(), graph.store, ask.keywords["as_at"]),  # only now, after the case was recorded
                graph.store,
                knowledge=knowledge,
                series=open_series(settings),
                record=record,
                check_seconds=settings.check_seconds if checks else None,
                progress=progress,
            )

        first = await explain()
        if not fetch:
            return first
        # Imported here, because what fetches takes half a second to load that an explanation has no use for.
        from api.explaining_fetched import explain_again

        return await explain_again(
            first,
            explain,
            settings=settings,
            store=graph.store,
            knowledge=knowledge,
            now=datetime.now(UTC),
            tell=say,
        )


def write_report(explanation: dict[str, object], settings: Settings) -> Path:
    """Write the report of an explanation into the folder of reports; gives its path."""
    settings.reports.mkdir(parents=True, exist_ok=True)
    path = settings.reports / f"{explanation['id']}.md"
    path.write_text(to_markdown(explanation), encoding="utf-8")
    return path
