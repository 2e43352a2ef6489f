"""What the graph holds of facts and things, one by one: the rows that lists page through, and each by its id.

A fact is found by its key, which gives the version that the clocks mean, or by the id of one recorded version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.catalog import Resource, Row, plain_row
from graph.errors import NotInGraphError
from graph.reading import Clocks, ask
from graph.store import GraphReader

_LISTS = ("subjects", "documents", "sides", "of", "copy_of", "aliases", "identifiers", "hedges", "kinds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing or fact: its word, its list, and the query that finds one of them by id."""

    word: str
    list: Resource
    one: str


def fact_row(record: Mapping[str, object]) -> Row:
    """A record as a row: lists in order, and empty rather than missing."""
    row = plain_row(record)
    for name in _LISTS:
        if name in row:
            held = row[name]
            row[name] = sorted(map(str, held)) if isinstance(held, list | tuple) else []
    return row


def _kind(word: str, plural: str) -> Kind:
    return Kind(word=word, list=Resource(name=plural, query=f"list_{plural}", shape=fact_row), one=f"one_{word}")


OBSERVATIONS = _kind("observation", "observations")
CLAIMS = _kind("claim", "claims")
DISPUTES = _kind("dispute", "disputes")
CHECKS = _kind("check", "checks")
DOCUMENTS = _kind("document", "documents")
INDICATORS = _kind("indicator", "indicators")
ACTORS = _kind("actor", "actors")


async def one_of(kind: Kind, reader: GraphReader, name: str, clocks: Clocks) -> Row:
    """One of a kind as it was known by the clocks. Raises NotInGraphError."""
    rows = await ask(reader, kind.one, {"id": name, **clocks.params()})
    if not rows:
        raise NotInGraphError(kind.word, name)
    return fact_row(rows[0])
