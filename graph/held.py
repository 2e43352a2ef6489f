"""What the graph holds of the nodes of a batch, asked in the transaction that writes it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast

from graph.model import Link, Node, Value
from graph.schema import LABELS
from graph.versions import OF_ONE_VERSION, is_membership

T = TypeVar("T")
U = TypeVar("U")
Row = Mapping[str, object]
Each = Callable[[str, Sequence[object]], Awaitable[list[Row]]]


async def meanwhile(asking: Coroutine[Any, Any, T], work: Callable[[], U]) -> tuple[T, U]:
    """What `asking` and `work` give, the second done while the server answers the first. Raises what either raises."""
    asked = asyncio.ensure_future(asking)
    try:
        await asyncio.sleep(0)  # the question goes out
        done = work()
        return await asked, done
    except BaseException:
        asked.cancel()  # of what failed or is cancelled already nothing is left to wait for
        with contextlib.suppress(BaseException):
            await asked
        raise


class Held:
    """Questions about many nodes at once; `each` runs a statement over `$rows`, however many there are."""

    def __init__(self, each: Each) -> None:
        self._each = each

    async def ids(self, label: str, ids: Sequence[str]) -> list[str]:
        """Those of the ids that are there."""
        rows = await self._each(f"UNWIND $rows AS row MATCH (n:{label} {{id: row}}) RETURN collect(n.id) AS found", ids)
        return [id_ for row in rows for id_ in cast("list[str]", row["found"])]

    async def things(self, label: str, ids: Sequence[str]) -> dict[str, dict[str, Value]]:
        """What the graph says of them; a second label stays, as the embedded server cannot add one afterwards."""
        rows = await self._each(
            f"UNWIND $rows AS row MATCH (n:{label} {{id: row}}) RETURN n.id AS id, properties(n) AS properties",
            ids,
        )
        known = LABELS[label].properties
        held: dict[str, dict[str, Value]] = {}
        for row in rows:
            given = cast("Mapping[str, object]", row["properties"])
            held[str(row["id"])] = {
                name: cast("Value", tuple(value) if isinstance(value, list) else value)
                for name, value in given.items()
                if name in known
            }
        return held

    async def current(self, label: str, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Of keys the id and the hash of the version that is not retired; one list, as a record each costs more."""
        rows = await self._each(
            f"UNWIND $rows AS row MATCH (n:{label} {{key: row}}) WHERE n.recorded_to IS NULL"
            " RETURN collect([n.key, n.id, n.content_hash]) AS found",
            keys,
        )
        return {key: (id_, hash_) for row in rows for key, id_, hash_ in cast("list[list[str]]", row["found"])}

    async def links_from(self, node: Node, version: str) -> list[Link]:
        """The links that start at a version of a node and hold for other versions of it as well."""
        rows = await self._each(
            f"UNWIND $rows AS row MATCH (n:{node.label} {{id: row}})-[r]->(x) RETURN type(r) AS type,"
            " labels(x) AS labels, coalesce(x.key, x.id) AS other, properties(r) AS properties",
            [version],
        )
        return [_link(row, (node.label, node.id), _end(row)) for row in rows if row["type"] not in OF_ONE_VERSION]

    async def holding_on(self, label: str, replaced: Sequence[Row]) -> list[Link]:
        """Links of a retired version that hold for the fact as such: those into it, and the cases that hold it."""
        match = f"UNWIND $rows AS row MATCH (o:{label} {{id: row.old}})"
        given = "row.id AS id, type(r) AS type, labels(x) AS labels, x.id AS other, properties(r) AS properties"
        into = await self._each(f"{match}<-[r]-(x) WHERE x.recorded_to IS NULL RETURN {given}", replaced)
        holders = await self._each(f"{match}-[r:PART_OF]->(x:Case) RETURN {given}", replaced)
        links = [_link(row, _end(row), (label, str(row["id"]))) for row in into]
        kept = [_link(row, (label, str(row["id"])), _end(row)) for row in holders]
        return [link for link in links if link.type not in OF_ONE_VERSION] + [
            link for link in kept if is_membership(link.type, link.to_label)
        ]


def _end(row: Row) -> tuple[str, str]:
    return next(name for name in cast("Sequence[str]", row["labels"]) if name in LABELS), str(row["other"])


def _link(row: Row, from_: tuple[str, str], to: tuple[str, str]) -> Link:
    return Link(
        type=str(row["type"]),
        from_label=from_[0],
        from_id=from_[1],
        to_label=to[0],
        to_id=to[1],
        properties=cast("Mapping[str, Value]", row["properties"]),
    )
