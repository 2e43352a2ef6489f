"""Ties the stories of a document to the move that the graph holds already, where the document tells of the same one.

The move of a case, or one that a series shows, and the move that a text tells of are one where instrument and days are:
then its stories explain that one, so that who asks about the move finds them. What the text itself says of it stays.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from graph.model import Batch
from graph.reading import Clocks, moves_of_instrument
from graph.store import GraphReader
from ingest.documentworldgraph import TOLD


async def with_known_moves(reader: GraphReader, batch: Batch) -> Batch:
    """The batch with its stories at the moves of the graph; those of cases before others."""
    now = datetime.now(UTC)
    clocks = Clocks(as_of=now, as_at=now).with_hindsight()
    own = {node.id: node for node in batch.nodes if node.label == "Move"}
    about = {link.from_id: link.to_id for link in batch.links if link.from_label == "Move" and link.type == "ABOUT"}
    known: dict[str, str] = {}
    for instrument in sorted(set(about.values())):
        rows = [row for row in await moves_of_instrument(reader, instrument, clocks) if row["origin"] != TOLD]
        rows.sort(key=lambda row: (row["case"] is None, str(row["key"])))
        for name, node in own.items():
            days = (node.properties["start"], node.properties["end"])
            same = [str(row["key"]) for row in rows if (row["start"], row["end"]) == days]
            if about[name] == instrument and same:
                known[name] = same[0]
    links = tuple(
        replace(link, to_id=known[link.to_id]) if link.type == "EXPLAINS" and link.to_id in known else link
        for link in batch.links
    )
    return replace(batch, links=links)
