"""Finds instruments, actors, events and documents by what they are called, for those who do not know an id yet."""

from __future__ import annotations

import asyncio

from api.catalog import Row, plain_row
from api.errors import InvalidAskError
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

_QUERIES = {
    "instrument": "search_things",
    "actor": "search_things",
    "event": "search_events",
    "document": "search_documents",
}
KINDS = tuple(_QUERIES)
MOST_WORDS = 8
_READ = 500


async def search(
    reader: GraphReader, text: str, clocks: Clocks, *, kinds: tuple[str, ...] = KINDS, limit: int = 20
) -> list[Row]:
    """What is called so, at most `limit` of it: names that hold every word, the same name and its beginning first.

    Raises InvalidAskError where there is no word, or more than eight.
    """
    words = text.casefold().split()
    if not 1 <= len(words) <= MOST_WORDS:
        raise InvalidAskError("text", f"give one to {MOST_WORDS} words of a name, such as ibit")
    params = {"words": words, "limit": _READ, **clocks.params()}
    wanted = sorted({_QUERIES[kind] for kind in kinds})
    groups = await asyncio.gather(*(ask(reader, query, params) for query in wanted))
    records = [record for group in groups for record in group if record["kind"] in kinds]
    whole = " ".join(words)
    found = sorted(records, key=lambda record: _order(record, whole))
    return [_row(record) for record in found[:limit]]


def _order(record: Record, whole: str) -> tuple[int, int, int, str]:
    """The same name before one that begins so before one that holds it; then by kind, then the shorter, then by id."""
    names = [name.casefold() for name in _names(record)]
    if whole in names:
        nearness = 0
    elif any(name.startswith(whole) for name in names):
        nearness = 1
    else:
        nearness = 2
    return nearness, KINDS.index(str(record["kind"])), len(str(record["name"])), str(record["id"])


def _names(record: Record) -> list[str]:
    aliases = record["aliases"]
    return [str(record["id"]), str(record["name"]), *(map(str, aliases) if isinstance(aliases, list) else ())]


def _row(record: Record) -> Row:
    row = plain_row(record)
    return {**row, "aliases": sorted(_names(record)[2:]), "known_at": row.get("known_at")}
