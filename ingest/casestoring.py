"""Stores a case as the commands and services do: what documents told of its moves before it came explains them now."""

from __future__ import annotations

from graph.model import Written
from graph.store import GraphStore
from ingest.casefile import CaseLoad
from ingest.merging import merged
from ingest.toldmoves import with_told_stories


async def store_case(store: GraphStore, load: CaseLoad) -> Written:
    """Store it whole, under the names by which the graph knows things, with the stories that were told of its moves.

    Raises RecordRejectedError, OntologyError, GraphUnavailableError.
    """
    return await store.upsert(await with_told_stories(store, await merged(store, load.batch, load.case_id)))
