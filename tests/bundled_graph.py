"""The graph as `make explain` leaves it before it explains: a bundled case and the documents that ship with it."""

from __future__ import annotations

from functools import cache

from graph.series import SeriesStore
from graph.store import GraphStore
from ingest.casefile import CaseLoad, bundled_cases, load_case
from ingest.documents import DocumentLoad, bundled_documents, load_document
from ingest.storing import settle_figures, store_document

CASE = "2026-02-05-bitcoin-flash-crash"


@cache
def the_case(name: str = CASE) -> CaseLoad:
    """A bundled case, read once."""
    return load_case(next(path for path in bundled_cases() if path.stem == name))


@cache
def the_documents(case: str = CASE) -> tuple[DocumentLoad, ...]:
    """The documents that ship with a case, read once."""
    return tuple(load_document(path) for path in bundled_documents(case))


async def fill(store: GraphStore, series: SeriesStore | None = None) -> tuple[str, ...]:
    """Case, documents, and what their figures say of one another; the disputes that were opened, in words."""
    await store.upsert(the_case().batch)
    for load in the_documents():
        await store_document(store, load)
    return await settle_figures(store, series)
