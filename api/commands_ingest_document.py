"""`whymove ingest document`: a published text with what it claims into the graph, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.bundled import bundled_paths
from api.errors import UnknownResourceError
from api.graphs import open_graph, open_series
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working
from graph.model import Written

if TYPE_CHECKING:
    from ingest.documents import DocumentLoad
    from ingest.storing import Stored

ALL = "all"


def ingest_document(
    text: Annotated[Path | None, typer.Argument(metavar="FILE", help="the text (UTF-8), where it is at hand")] = None,
    meta: Annotated[Path | None, typer.Option("--meta", metavar="META", help="what the text says (YAML)")] = None,
    bundled: Annotated[str | None, typer.Option(help="id of a description that ships, or `all`")] = None,
    bundled_with: Annotated[str | None, typer.Option(help="the descriptions that ship with this bundled case")] = None,
) -> None:
    """Put a document into the graph: its passages as spans with hashes, its claims with voice and modality."""
    # Imported here, because the models of the file take a fifth of a second that `explain` has no use for.
    from ingest.documents import load_document

    if sum(one is not None for one in (meta, bundled, bundled_with)) != 1:
        raise typer.BadParameter("name a description by --meta META, or those that ship by --bundled or --bundled-with")
    paths = [meta] if meta is not None else _bundled(bundled) if bundled is not None else _with_case(str(bundled_with))
    if text is not None and len(paths) != 1:
        raise typer.BadParameter("one text goes with one description: name it by --meta META or --bundled ID")
    if not paths:
        say(f"no descriptions of documents ship with {bundled_with}")
        return
    settings = load_settings()
    with working("reading documents") as progress:
        # every description is read before the first is stored: a bad one is reported before anything has changed
        loads = [load_document(path, text) for path in paths]
        done, opened = asyncio.run(_store(loads, settings, progress))
    for load in loads:
        for note in load.notes:
            say(f"note: {note}" if len(loads) == 1 else f"note: {load.id}: {note}")
    for one in (copy for each in done for copy in each.copies):
        say(f"note: {one.copy} counts as a copy of {one.of} ({one.of_title}): {one.why}")
    for dispute in opened:
        say(f"note: opened a dispute: {dispute}")
    fields = ("document", "passages", "figures", "claims", "created", "unchanged", "corrected", "links")
    print_table(answers(), fields, [_row(load, each.written) for load, each in zip(loads, done, strict=True)])


def _row(load: DocumentLoad, written: Written) -> tuple[object, ...]:
    counts = [load.counts[name] for name in ("passages", "figures", "claims")]
    return (load.id, *counts, written.created, written.unchanged, written.corrected, written.links)


def _bundled(name: str) -> list[Path]:
    from ingest.documents import bundled_documents

    known = {path.stem: path for path in bundled_documents()}
    if name == ALL:
        return list(known.values())
    if name not in known:
        raise UnknownResourceError("bundled document", name, tuple(known))
    return [known[name]]


def _with_case(case: str) -> list[Path]:
    from ingest.documents import bundled_documents

    if case not in bundled_paths():
        raise UnknownResourceError("bundled case", case, tuple(bundled_paths()))
    return list(bundled_documents(case))


async def _store(
    loads: Sequence[DocumentLoad], settings: Settings, progress: Callable[[str], None]
) -> tuple[list[Stored], tuple[str, ...]]:
    """What became of each document, and the disputes that were opened, in words."""
    from ingest.storing import settle_figures, store_document

    async with open_graph(settings, progress=progress) as graph:
        done = []
        for load in loads:
            progress(f"storing {load.title}")
            done.append(await store_document(graph.store, load))
        progress("comparing its figures with others")
        return done, await settle_figures(graph.store, open_series(settings))
