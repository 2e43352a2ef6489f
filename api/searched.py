"""What a reviewer found out about a gap: whether it was looked for, what came of it, and how surely it would be seen.

It is a fact of its own on the gap; what was looked for and not found speaks in the explanations that are made after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from api.calling import Called, author_called
from api.catalog import Resource, plain_row
from api.errors import InvalidAskError
from api.facts import Kind
from api.forecasts import Kept
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node
from graph.reading import Clocks, ask
from graph.store import GraphReader, GraphStore
from ingest.knownkeys import in_words
from ingest.searches import SearchPart, search_properties

SEARCHES = Kind(word="search", list=Resource(name="searches", query="list_searches", shape=plain_row), one="one_search")


def search_part(given: Mapping[str, Any]) -> SearchPart:
    """What came of a search, in the fields of `SearchPart`. Raises InvalidAskError for the first that does not fit."""
    try:
        return SearchPart.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidAskError(
            str(first["loc"][0]) if first["loc"] else "detection", in_words(first, SearchPart)
        ) from error


async def add_search(gap: str, part: SearchPart, by: str, store: GraphStore, *, new_author: bool = False) -> Kept:
    """Keep what came of a search for a gap (its key, or the last part of one); another of the same person corrects it.

    What says nothing new is known since it was first said, and is no other version.

    Raises InvalidAskError for a name of several gaps, and NotInGraphError for a gap that the graph does not hold.
    """
    now = datetime.now(UTC)
    called = await _gap_called(store, gap, Clocks.now().with_hindsight())
    author = await author_called(store, by, new=new_author)
    digest = hashlib.sha256("\x1f".join((author.id, called.id)).encode()).hexdigest()
    key = f"search:{digest[:16]}"
    since = await _said_before(store, key, part)
    told = search_properties(part, since or now, "instant")
    given = {name: value for name, value in told.items() if value is not None}
    links = (
        Link(type="OF", from_label="Search", from_id=key, to_label="DataGap", to_id=called.id),
        Link(type="MADE", from_label=author.label, from_id=author.id, to_label="Search", to_id=key),
    )
    batch = author.made + Batch(nodes=(Node(label="Search", id=key, properties=given),), links=links)
    return Kept(key=key, written=await store.upsert(batch))


async def _said_before(reader: GraphReader, key: str, part: SearchPart) -> datetime | None:
    """Since when the graph holds of a search what `part` says; None where it holds something else, or nothing."""
    rows = await ask(reader, SEARCHES.one, {"id": key, **Clocks.now().params()})
    said = (part.outcome, part.detection, part.false_alarm, part.window, part.how)
    for row in rows:
        known = row["known_at"]
        held = (row["outcome"], row["detection"], row["false_alarm"] or 0.0, row["window"], row["how"])
        if held == said and isinstance(known, datetime):
            return known
    return None


async def _gap_called(reader: GraphReader, name: str, clocks: Clocks) -> Called:
    """The gap of this key, or of this last part of one."""
    rows = await ask(reader, "gaps_called", {"name": name, "ending": f":{name}", **clocks.params()})
    found = [str(row["id"]) for row in rows]
    exact = [one for one in found if one == name] or found
    if len(exact) > 1:
        raise InvalidAskError("gap", f"{name!r} may be {', '.join(exact[:3])}; give the whole key")
    if not exact:
        every = await ask(reader, "gaps_called", {"name": None, "ending": "", **clocks.params()})
        near = get_close_matches(name, [str(row["id"]) for row in every], n=3, cutoff=0.5)
        raise NotInGraphError("gap", name, tuple(near))
    return Called(label="DataGap", id=exact[0])
