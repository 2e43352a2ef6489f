"""Ties the stories of documents to the moves of cases and series that they tell of, whichever comes first.

The move of a case, or one that a series shows, and the move that a text tells of are one where instrument and days are:
then its stories explain that one, so that who asks about the move finds them. What the text itself says of it stays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from graph.model import Batch, Link, Node
from graph.reading import Clocks, ask, moves_of_instrument
from graph.store import GraphReader
from ingest.documentworldgraph import TOLD


async def with_known_moves(reader: GraphReader, batch: Batch) -> Batch:
    """The batch of a document with its stories at the moves of the graph; those of cases before others."""
    own, about = _moves(batch)
    known: dict[str, str] = {}
    for instrument in sorted(set(about.values())):
        rows = [row for row in await moves_of_instrument(reader, instrument, _all()) if row["origin"] != TOLD]
        rows.sort(key=lambda row: (row["case"] is None, str(row["key"])))
        for name, node in own.items():
            same = [str(row["key"]) for row in rows if (row["start"], row["end"]) == _days(node)]
            if about[name] == instrument and same:
                known[name] = same[0]
    links = tuple(
        replace(link, to_id=known[link.to_id]) if link.type == "EXPLAINS" and link.to_id in known else link
        for link in batch.links
    )
    return replace(batch, links=links)


async def with_told_stories(reader: GraphReader, batch: Batch) -> Batch:
    """The batch of a case with the stories that documents of the graph told of its moves, which explain them too."""
    own, about = _moves(batch)
    told: list[Link] = []
    for instrument in sorted(set(about.values())):
        rows = await ask(reader, "stories_told_of", {"instrument": instrument, **_all().params()})
        for name, node in own.items():
            if about.get(name) == instrument:
                stories = {str(row["narrative"]) for row in rows if (row["start"], row["end"]) == _days(node)}
                told += [_explains(story, name) for story in sorted(stories)]
    return replace(batch, links=(*batch.links, *told))


def _moves(batch: Batch) -> tuple[dict[str, Node], dict[str, str]]:
    """The moves of a batch by id, and the instrument that each is about."""
    own = {node.id: node for node in batch.nodes if node.label == "Move"}
    about = {link.from_id: link.to_id for link in batch.links if link.from_label == "Move" and link.type == "ABOUT"}
    return own, about


def _days(move: Node) -> tuple[object, object]:
    return move.properties["start"], move.properties["end"]


def _explains(story: str, move: str) -> Link:
    return Link(type="EXPLAINS", from_label="Narrative", from_id=story, to_label="Move", to_id=move)


def _all() -> Clocks:
    """All that is on record by now."""
    now = datetime.now(UTC)
    return Clocks(as_of=now, as_at=now).with_hindsight()
