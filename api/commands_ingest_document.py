"""`whymove ingest document`: a published text with what it claims into the graph, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.errors import UnknownResourceError
from api.graphs import open_graph
from api.settings import Settings, load_settings
from api.terminal import answers, print_table, say, working
from graph.model import Written

if TYPE_CHECKING:
    from ingest.copies import Copy
    from ingest.documents import DocumentLoad


def ingest_document(
    text: Annotated[Path | None, typer.Argument(metavar="FILE", help="the text (UTF-8), where it is at hand")] = None,
    meta: Annotated[Path | None, typer.Option("--meta", metavar="META", help="what the text says (YAML)")] = None,
    bundled: Annotated[str | None, typer.Option(help="id of a description that ships with the product")] = None,
) -> None:
    """Put a document into the graph: its passages as spans with hashes, its claims with voice and modality."""
    # Imported here, because the models of the file take a fifth of a second that `explain` has no use for.
    from ingest.documents import load_document

    if (meta is None) == (bundled is None):
        raise typer.BadParameter("name a description by --meta META, or one that ships by --bundled ID")
    path = meta if meta is not None else _bundled(str(bundled))
    settings = load_settings()
    with working("reading the document") as progress:
        load = load_document(path, text)
        written, copies = asyncio.run(_store(load, settings, progress))
    for note in load.notes:
        say(f"note: {note}")
    for one in copies:
        say(f"note: {one.copy} counts as a copy of {one.of} ({one.of_title}): {one.why}")
    fields = ("document", "passages", "figures", "claims", "created", "unchanged", "corrected", "links")
    counts = [load.counts[name] for name in ("passages", "figures", "claims")]
    row = (load.id, *counts, written.created, written.unchanged, written.corrected, written.links)
    print_table(answers(), fields, [row])


def _bundled(name: str) -> Path:
    from ingest.documents import bundled_documents

    known = {path.stem: path for path in bundled_documents()}
    if name not in known:
        raise UnknownResourceError("bundled document", name, tuple(known))
    return known[name]


async def _store(
    load: DocumentLoad, settings: Settings, progress: Callable[[str], None]
) -> tuple[Written, tuple[Copy, ...]]:
    from ingest.copies import with_copies
    from ingest.merging import merged

    async with open_graph(settings, progress=progress) as graph:
        progress("looking for copies of it")
        whole, copies = await with_copies(graph.store, load)
        progress("storing the document")
        return await graph.store.upsert(await merged(graph.store, whole.batch, load.title)), copies
