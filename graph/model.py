"""What is written to the graph and what a read gives back, as plain frozen values.

A `Node` of a fact label names its fact by `id` = the fact's *key*; the store decides which recorded version
(`key`, `key@2`, ...) that is. A `Link` names its ends by label and id, facts again by their key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

Scalar = str | int | float | bool | datetime | date
Value = Scalar | None | tuple[str, ...] | tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing or fact: a first label of the ontology, its id (of a fact: its key), at most one second label."""

    label: str
    id: str
    sort: str | None = None
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One relationship between two nodes, each named by its first label and id (of a fact: its key)."""

    type: str
    from_label: str
    from_id: str
    to_label: str
    to_id: str
    properties: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is written in one transaction: whole or not at all."""

    nodes: tuple[Node, ...] = ()
    links: tuple[Link, ...] = ()

    def __add__(self, other: Batch) -> Batch:
        return Batch(nodes=self.nodes + other.nodes, links=self.links + other.links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an upsert did: counts of nodes created, unchanged and corrected, and of links written."""

    created: int = 0
    unchanged: int = 0
    corrected: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one read: rows, and seconds until it is ended."""

    rows: int = 10_000
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The answer to one read; datetimes are aware UTC; `truncated` when the row limit cut it."""

    fields: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    truncated: bool = False

    def records(self) -> list[dict[str, object]]:
        """The rows as dictionaries, in order."""
        return [dict(zip(self.fields, row, strict=True)) for row in self.rows]
