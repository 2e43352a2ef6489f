"""The statements of one batch, in the order that makes it whole: things, versions of facts, then links.

Everything runs in the caller's one transaction, in chunks of bounded rows and bytes, with labels, types and property
names taken from the ontology only. What is already so is not written again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node, Value, Written
from graph.schema import LABELS, RELATIONSHIPS
from graph.values import encode, iso
from graph.versions import (
    JOINED,
    OF_ONE_VERSION,
    content_hash,
    is_membership,
    is_version,
    joined_account,
    joined_properties,
    next_version,
    settle,
    settle_links,
)

Run = Callable[[str, Mapping[str, object]], Awaitable[Sequence[Mapping[str, object]]]]
Place = tuple[str, str]

CHUNK_ROWS = 1_000
CHUNK_BYTES = 4_000_000


class Writing:
    """One batch on its way into the graph; `run` sends one statement and gives its decoded rows."""

    def __init__(self, run: Run, batch: Batch, now: datetime) -> None:
        self._run = run
        self._now = iso(now)
        self._nodes = settle(batch.nodes)
        self._links = settle_links(batch.links)
        self._ids: dict[Place, str] = {}
        self._created = self._unchanged = self._corrected = 0

    async def run(self) -> Written:
        """Write the batch. Raises `NotInGraphError` for a link to what neither the batch nor the graph holds."""
        outgoing: dict[Place, list[Link]] = defaultdict(list)
        for link in self._links:
            outgoing[link.from_label, link.from_id].append(link)
        by_label: dict[str, list[Node]] = defaultdict(list)
        for node in self._nodes:
            by_label[node.label].append(node)
        carried: list[Link] = []
        for label, nodes in by_label.items():
            if LABELS[label].fact:
                carried += await self._facts(label, nodes, outgoing)
            else:
                await self._things(label, nodes)
        await self._find_ends()
        await self._join([self._resolved(link) for link in self._links])
        await self._join(carried)
        return Written(
            created=self._created, unchanged=self._unchanged, corrected=self._corrected, links=len(self._links)
        )

    # --- things ------------------------------------------------------------------------------------------------

    async def _things(self, label: str, nodes: Sequence[Node]) -> None:
        held = await self._held_things(label, [node.id for node in nodes])
        fresh: dict[str, list[dict[str, object]]] = defaultdict(list)
        changed: list[dict[str, object]] = []
        for node in nodes:
            self._ids[label, node.id] = node.id
            if node.id not in held:
                fresh[f"{label}:{node.sort}" if node.sort else label].append(_row(node.id, node.properties))
                continue
            after = joined_properties(held[node.id], node.properties)
            if after == held[node.id]:
                self._unchanged += 1
            else:
                changed.append(_row(node.id, after))
        self._created += sum(len(rows) for rows in fresh.values())
        self._corrected += len(changed)
        for labels, rows in fresh.items():
            await self._set(f"CREATE (n:{labels} {{id: row.id}})", rows, recorded=True)
        await self._set(f"MATCH (n:{label} {{id: row.id}})", changed, recorded=False)

    async def _held_things(self, label: str, ids: Sequence[str]) -> dict[str, dict[str, Value]]:
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

    # --- facts -------------------------------------------------------------------------------------------------

    async def _facts(self, label: str, nodes: Sequence[Node], outgoing: dict[Place, list[Link]]) -> list[Link]:
        held = await self._current(label, [node.id for node in nodes])
        if label in JOINED:
            nodes = [await self._accounts_joined(node, outgoing, held) for node in nodes]
        fresh: list[dict[str, object]] = []
        replaced: list[dict[str, object]] = []
        for node in nodes:
            hash_ = content_hash(node, outgoing.get((label, node.id), ()))
            current, current_hash = held.get(node.id, (None, None))
            if current is not None and current_hash == hash_:
                self._ids[label, node.id] = current
                self._unchanged += 1
                continue
            id_ = node.id if current is None else next_version(node.id, current)
            self._ids[label, node.id] = id_
            fresh.append(_row(id_, {**node.properties, "key": node.id, "content_hash": hash_}))
            if current is not None:
                replaced.append({"id": id_, "old": current})
        self._created += len(fresh) - len(replaced)
        self._corrected += len(replaced)
        await self._set(f"CREATE (n:{label} {{id: row.id}})", fresh, recorded=True)
        if not replaced:
            return []
        await self._each(
            f"UNWIND $rows AS row MATCH (n:{label} {{id: row.id}}) MATCH (o:{label} {{id: row.old}})"
            " SET o.recorded_to = datetime($now) CREATE (n)-[:SUPERSEDES]->(o)",
            replaced,
        )
        return await self._carried_over(label, replaced)

    async def _accounts_joined(
        self, node: Node, outgoing: dict[Place, list[Link]], held: Mapping[str, tuple[str, str]]
    ) -> Node:
        """The node with what the graph holds of it besides, properties and outgoing links."""
        links = outgoing[node.label, node.id]
        current, hash_ = held.get(node.id, (None, None))
        if current is None or hash_ == content_hash(node, links):
            return node
        properties = (await self._held_things(node.label, [current]))[current]
        rows = await self._each(
            f"UNWIND $rows AS row MATCH (n:{node.label} {{id: row}})-[r]->(x) RETURN type(r) AS type,"
            " labels(x) AS labels, coalesce(x.key, x.id) AS other, properties(r) AS properties",
            [current],
        )
        kept = [
            Link(
                type=str(row["type"]),
                from_label=node.label,
                from_id=node.id,
                to_label=next(n for n in cast("Sequence[str]", row["labels"]) if n in LABELS),
                to_id=str(row["other"]),
                properties=cast("Mapping[str, Value]", row["properties"]),
            )
            for row in rows
            if row["type"] not in OF_ONE_VERSION
        ]
        joined, all_links = joined_account(node, links, properties, kept)
        outgoing[node.label, node.id] = all_links
        if content_hash(joined, all_links) != hash_:
            self._links += all_links[len(links) :]
        return joined

    async def _current(self, label: str, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        rows = await self._each(
            f"UNWIND $rows AS row MATCH (n:{label} {{key: row}}) WHERE n.recorded_to IS NULL"
            " RETURN n.key AS key, n.id AS id, n.content_hash AS hash",
            keys,
        )
        return {str(row["key"]): (str(row["id"]), str(row["hash"])) for row in rows}

    async def _carried_over(self, label: str, replaced: Sequence[Mapping[str, object]]) -> list[Link]:
        """Links of a retired version that hold for the fact as such: those into it, and the cases that hold it."""
        match = f"UNWIND $rows AS row MATCH (o:{label} {{id: row.old}})"
        given = "row.id AS id, type(r) AS type, labels(x) AS labels, x.id AS other, properties(r) AS properties"
        into = await self._each(f"{match}<-[r]-(x) WHERE x.recorded_to IS NULL RETURN {given}", replaced)
        holders = await self._each(f"{match}-[r:PART_OF]->(x:Case) RETURN {given}", replaced)
        carried: list[Link] = []
        for rows, incoming in ((into, True), (holders, False)):
            for row in rows:
                other = (next(n for n in cast("Sequence[str]", row["labels"]) if n in LABELS), str(row["other"]))
                here = (label, str(row["id"]))
                (from_label, from_id), (to_label, to_id) = (other, here) if incoming else (here, other)
                link = Link(
                    type=str(row["type"]),
                    from_label=from_label,
                    from_id=from_id,
                    to_label=to_label,
                    to_id=to_id,
                    properties=cast("Mapping[str, Value]", row["properties"]),
                )
                if link.type not in OF_ONE_VERSION and (incoming or is_membership(link.type, link.to_label)):
                    carried.append(link)
        return carried

    # --- links -------------------------------------------------------------------------------------------------

    async def _find_ends(self) -> None:
        """Look up the ends that the batch itself does not hold."""
        keys: dict[str, set[str]] = defaultdict(set)
        exact: dict[str, set[str]] = defaultdict(set)
        for link in self._links:
            for label, id_ in ((link.from_label, link.from_id), (link.to_label, link.to_id)):
                if (label, id_) not in self._ids:
                    by_key = LABELS[label].fact and not is_version(label, id_)
                    (keys if by_key else exact)[label].add(id_)
        for label, wanted in keys.items():
            for key, (id_, _) in (await self._current(label, sorted(wanted))).items():
                self._ids[label, key] = id_
        for label, wanted in exact.items():
            rows = await self._each(
                f"UNWIND $rows AS row MATCH (n:{label} {{id: row}}) RETURN n.id AS id", sorted(wanted)
            )
            self._ids.update({(label, str(row["id"])): str(row["id"]) for row in rows})

    def _resolved(self, link: Link) -> Link:
        ends = []
        for label, id_ in ((link.from_label, link.from_id), (link.to_label, link.to_id)):
            if (label, id_) not in self._ids:
                raise NotInGraphError(f"{label} at an end of {link.type}", id_)
            ends.append(self._ids[label, id_])
        return Link(
            type=link.type,
            from_label=link.from_label,
            from_id=ends[0],
            to_label=link.to_label,
            to_id=ends[1],
            properties=link.properties,
        )

    async def _join(self, links: Sequence[Link]) -> None:
        groups: dict[tuple[str, str, str], list[dict[str, object]]] = defaultdict(list)
        for link in links:
            row: dict[str, object] = {"a": link.from_id, "b": link.to_id, "p": encode(link.properties).plain}
            groups[link.type, link.from_label, link.to_label].append(row)
        for (type_, from_label, to_label), rows in groups.items():
            merge = f"(b)<-[r:{type_}]-(a)" if RELATIONSHIPS[type_].crowded_from else f"(a)-[r:{type_}]->(b)"
            set_ = " SET r += row.p" if RELATIONSHIPS[type_].properties else ""
            await self._each(
                f"UNWIND $rows AS row MATCH (a:{from_label} {{id: row.a}}) MATCH (b:{to_label} {{id: row.b}})"
                f" MERGE {merge}{set_}",
                rows,
            )

    # --- sending -----------------------------------------------------------------------------------------------

    async def _set(self, find: str, rows: Sequence[dict[str, object]], *, recorded: bool) -> None:
        """Set the properties of rows found or made by `find`, those with the same clocks together."""
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, object]]] = defaultdict(list)
        for row in rows:
            t, d = cast("Mapping[str, str]", row["t"]), cast("Mapping[str, str]", row["d"])
            groups[tuple(sorted(t)), tuple(sorted(d))].append(row)
        for (instants, days), group in groups.items():
            sets = ["n += row.p", "n.recorded_from = datetime($now)"] if recorded else ["n += row.p"]
            sets += [f"n.`{name}` = datetime(row.t.`{name}`)" for name in instants]
            sets += [f"n.`{name}` = date(row.d.`{name}`)" for name in days]
            await self._each(f"UNWIND $rows AS row {find} SET {', '.join(sets)}", group)

    async def _each(self, cypher: str, rows: Sequence[object]) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        for chunk in chunks(rows):
            found += await self._run(cypher, {"rows": chunk, "now": self._now})
        return found


def chunks(rows: Iterable[object]) -> Iterator[list[object]]:
    """Rows in lists of at most `CHUNK_ROWS` rows and, but for a single larger one, `CHUNK_BYTES` of JSON."""
    chunk: list[object] = []
    size = 0
    for row in rows:
        bytes_ = len(json.dumps(row, ensure_ascii=False).encode())
        if chunk and (len(chunk) == CHUNK_ROWS or size + bytes_ > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(row)
        size += bytes_
    if chunk:
        yield chunk


def _row(id_: str, properties: Mapping[str, Value]) -> dict[str, object]:
    sent = encode(properties)
    return {"id": id_, "p": sent.plain, "t": sent.instants, "d": sent.days}
