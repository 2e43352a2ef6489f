"""Stores a document as the commands and services do, and compares its figures with what else the graph holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from graph.model import Batch, Written
from graph.reading import Clocks, ask
from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.checkreading import read_world
from ingest.copies import Copy, with_copies
from ingest.disputeopening import open_disputes, opened_batch
from ingest.documents import DocumentLoad
from ingest.merging import merged
from ingest.settling import read_disputes, settle, settlement_batch
from ingest.toldmoves import with_known_moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What was written of a document, and of which publications it counts as a copy."""

    written: Written
    copies: tuple[Copy, ...]


async def store_document(store: GraphStore, load: DocumentLoad, beside: Batch | None = None) -> Stored:
    """Store it whole, tied to its copies and to known moves, under the names by which the graph knows things.

    What stands `beside` it is stored in the same write. Raises RecordRejectedError, OntologyError,
    GraphUnavailableError.
    """
    whole, copies = await with_copies(store, load)
    batch = await with_known_moves(store, await merged(store, whole.batch, load.title))
    written = await store.upsert(batch if beside is None else batch + beside)
    return Stored(written=written, copies=copies)


async def settle_figures(store: GraphStore, series: SeriesStore | None) -> tuple[str, ...]:
    """Open the disputes that there are, and keep what is found out about all of them; the new ones in words."""
    clocks = _now()
    world, cases = await read_world(store, series, clocks)
    opened = open_disputes(world, cases, await read_disputes(store, clocks))
    if opened:
        labels = {str(row["id"]): str(row["label"]) for row in await ask(store, "identities")}
        await store.upsert(opened_batch(opened, world, labels))
        clocks = _now()
        world, _ = await read_world(store, series, clocks)
    rows = await read_disputes(store, clocks)
    settled = settle(rows, world)
    if settled:
        await store.upsert(settlement_batch(settled, rows))
    return tuple(one.told for one in opened)


def _now() -> Clocks:
    """All that is known and on record by now."""
    now = datetime.now(UTC)
    return Clocks(as_of=now, as_at=now)
