"""Maps the search that a file tells of, beside the gap that it was for."""

from __future__ import annotations

from datetime import datetime

from ingest.draft import WorldDraft
from ingest.identity import publisher_of, source_id
from ingest.searches import SearchPart, search_properties


def map_search(draft: WorldDraft, gap: str, part: SearchPart, known: datetime, precise: str) -> None:
    """The search as a node of its own on the gap `gap`, tied to who made it where that is said."""
    name = f"{gap}.search"
    draft.node("Search", name, search_properties(part, known, precise))
    draft.link("OF", "Search", name, "DataGap", gap)
    if part.by is not None:
        draft.node("Source", source_id(part.by), held=False, name=publisher_of(part.by))
        draft.link("MADE", "Source", source_id(part.by), "Search", name)
