"""The statements of one batch, in the order that makes it whole: things, versions of facts, then links.

Everything runs in the caller's one transaction, in chunks of bounded rows and bytes, with labels, types and property
names taken from the ontology only. What is already so is not written again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from graph.chunking import chunks
from graph.creating import Fresh, by_shape
from graph.errors import LostEndError, NotInGraphError
from graph.held import Held, meanwhile
from graph.model import Batch, Link, Node, Value, Written
from graph.schema import LABELS, RELATIONSHIPS
from graph.values import encode, iso
from graph.versions import (
    JOINED,
    OF_ONE_VERSION,
    content_hash,
    is_content,
    is_version,
    joined_account,
    joined_properties,
    next_version,
    settle,
    settle_links,
)

Run = Callable[[str, Mapping[str, object]], Awaitable[Sequence[Mapping[str, object]]]]
Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versions:
    """What is new of the facts of one label: ids and properties to be made, and which replace which (`id`, `old`)."""

    label: str
    fresh: list[tuple[str, Mapping[str, Value]]]
    replaced: list[dict[str, object]]


class Writing:
    """One batch on its way into the graph; `run` sends one statement and gives its decoded rows.

    `wrote` afterwards: whether the graph may say something else than before.
    """

    def __init__(self, run: Run, batch: Batch, now: datetime) -> None:
        self._run = run
        self._now = iso(now)
        self._held = Held(self._each)
        self._nodes = settle(batch.nodes)
        self._links = settle_links(batch.links)
        self._ids: dict[Place, str] = {}
        self._made: set[Place] = set()
        self._same: set[Place] = set()  # facts, by key, of which the graph holds this very version
        self._created = self._unchanged = self._corrected = 0
        self.wrote = False

    async def run(self) -> Written:
        """Write the batch. Raises `NotInGraphError` for a link to what neither the batch nor the graph holds."""
        outgoing: dict[Place, list[Link]] = defaultdict(list)
        for link in self._links:
            outgoing[link.from_label, link.from_id].append(link)
        by_label: dict[str, list[Node]] = defaultdict(list)
        for node in self._nodes:
            by_label[node.label].append(node)
        versions: list[_Versions] = []
        for label, nodes in by_label.items():
            if LABELS[label].fact:
                versions.append(await self._versions(label, nodes, outgoing))
            else:
                await self._things(label, nodes)
        links = [link for link in self._links if not self._is_held(link)]
        await self._find_ends(links)
        started_with, left = self._parted(self._resolved(links))
        carried: list[Link] = []
        for one in versions:
            left += await self._create(
                [
                    Fresh(labels=one.label, id=id_, properties=properties, links=started_with.get((one.label, id_), ()))
                    for id_, properties in one.fresh
                ]
            )
            carried += await self._superseded(one)
        await self._join(left, new=self._made)
        await self._join(carried, new=())  # some may have been among the others
        return Written(
            created=self._created, unchanged=self._unchanged, corrected=self._corrected, links=len(self._links)
        )

    # --- things ------------------------------------------------------------------------------------------------

    async def _things(self, label: str, nodes: Sequence[Node]) -> None:
        held = await self._held.things(label, [node.id for node in nodes])
        fresh: list[Fresh] = []
        changed: list[dict[str, object]] = []
        for node in nodes:
            self._ids[label, node.id] = node.id
            if node.id not in held:
                labels = f"{label}:{node.sort}" if node.sort else label
                fresh.append(Fresh(labels=labels, id=node.id, properties=node.properties))
                continue
            after = joined_properties(held[node.id], node.properties)
            if after == held[node.id]:
                self._unchanged += 1
            else:
                changed.append(_row(node.id, after))
        self._created += len(fresh)
        self._corrected += len(changed)
        self._made.update((label, one.id) for one in fresh)
        await self._create(fresh)
        await self._set(f"MATCH (n:{label} {{id: row.id}})", changed, recorded=False)

    # --- facts -------------------------------------------------------------------------------------------------

    async def _versions(self, label: str, nodes: Sequence[Node], outgoing: dict[Place, list[Link]]) -> _Versions:
        def hashed() -> list[str]:
            return [content_hash(node, outgoing.get((label, node.id), ())) for node in nodes]

        held, hashes = await meanwhile(self._held.current(label, [node.id for node in nodes]), hashed)
        if label in JOINED:
            nodes = [await self._accounts_joined(node, outgoing, held) for node in nodes]
            hashes = hashed()
        found = _Versions(label=label, fresh=[], replaced=[])
        for node, hash_ in zip(nodes, hashes, strict=True):
            current, current_hash = held.get(node.id, (None, None))
            if current is not None and current_hash == hash_:
                self._ids[label, node.id] = current
                self._same.add((label, node.id))
                continue
            id_ = node.id if current is None else next_version(node.id, current)
            self._ids[label, node.id] = self._ids[label, id_] = id_
            properties = {**node.properties, "key": node.id, "content_hash": hash_}
            found.fresh.append((id_, properties))
            if current is not None:
                found.replaced.append({"id": id_, "old": current})
        self._created += len(found.fresh) - len(found.replaced)
        self._corrected += len(found.replaced)
        self._unchanged += len(nodes) - len(found.fresh)
        self._made.update((label, id_) for id_, _ in found.fresh)
        return found

    async def _superseded(self, new: _Versions) -> list[Link]:
        """Retire the versions that were replaced; gives the links that hold for the new ones as well."""
        if not new.replaced:
            return []
        await self._each(
            f"UNWIND $rows AS row MATCH (n:{new.label} {{id: row.id}}) MATCH (o:{new.label} {{id: row.old}})"
            " SET o.recorded_to = datetime($now) CREATE (n)-[:SUPERSEDES]->(o)",
            new.replaced,
        )
        return await self._held.holding_on(new.label, new.replaced)

    async def _accounts_joined(
        self, node: Node, outgoing: dict[Place, list[Link]], held: Mapping[str, tuple[str, str]]
    ) -> Node:
        """The node with what the graph holds of it besides, properties and outgoing links."""
        links = outgoing[node.label, node.id]
        current, hash_ = held.get(node.id, (None, None))
        if current is None or hash_ == content_hash(node, links):
            return node
        properties = (await self._held.things(node.label, [current]))[current]
        kept = await self._held.links_from(node, current)
        joined, all_links = joined_account(node, links, properties, kept)
        outgoing[node.label, node.id] = all_links
        if content_hash(joined, all_links) != hash_:
            self._links += all_links[len(links) :]
        return joined

    # --- links -------------------------------------------------------------------------------------------------

    def _is_held(self, link: Link) -> bool:
        """Whether the graph has a link because it has the very version of the fact that it starts at."""
        return (
            (link.from_label, link.from_id) in self._same
            and is_content(link.type, link.to_label)
            and link.type not in OF_ONE_VERSION
        )

    async def _find_ends(self, links: Sequence[Link]) -> None:
        """Look up the ends that the batch itself does not hold."""
        keys: dict[str, set[str]] = defaultdict(set)
        exact: dict[str, set[str]] = defaultdict(set)
        for link in links:
            for label, id_ in ((link.from_label, link.from_id), (link.to_label, link.to_id)):
                if (label, id_) not in self._ids:
                    by_key = LABELS[label].fact and not is_version(label, id_)
                    (keys if by_key else exact)[label].add(id_)
        for label, wanted in keys.items():
            for key, (id_, _) in (await self._held.current(label, sorted(wanted))).items():
                self._ids[label, key] = id_
        for label, wanted in exact.items():
            self._ids.update({(label, id_): id_ for id_ in await self._held.ids(label, sorted(wanted))})

    def _resolved(self, links: Sequence[Link]) -> list[Link]:
        """Links between the nodes that are meant, each once, whether an end was named by key or by version."""
        found: dict[tuple[str, str, str, str, str], Link] = {}
        for link in links:
            ends = []
            for label, id_ in ((link.from_label, link.from_id), (link.to_label, link.to_id)):
                if (label, id_) not in self._ids:
                    raise NotInGraphError(f"{label} at an end of {link.type}", id_)
                ends.append(self._ids[label, id_])
            place = (link.type, link.from_label, ends[0], link.to_label, ends[1])
            known = found[place].properties if place in found else {}
            same = ends == [link.from_id, link.to_id] and not known
            properties = {**known, **link.properties}
            found[place] = link if same else replace(link, from_id=ends[0], to_id=ends[1], properties=properties)
        return list(found.values())

    def _parted(self, links: Sequence[Link]) -> tuple[dict[Place, list[Link]], list[Link]]:
        """Links from new versions of facts to things, by where they start, and all others."""
        starting: dict[Place, list[Link]] = defaultdict(list)
        others: list[Link] = []
        for link in links:
            place = (link.from_label, link.from_id)
            fits = LABELS[link.from_label].fact and place in self._made and not LABELS[link.to_label].fact
            (starting[place] if fits else others).append(link)
        return starting, others

    async def _join(self, links: Sequence[Link], *, new: Collection[Place]) -> None:
        """Make links that are not there yet; one that has a `new` end cannot be there."""
        self.wrote |= bool(links)
        groups: dict[tuple[str, str, str, bool], list[list[object]]] = defaultdict(list)
        for link in links:
            fresh = (link.from_label, link.from_id) in new or (link.to_label, link.to_id) in new
            row: list[object] = [link.from_id, link.to_id]
            if RELATIONSHIPS[link.type].properties:
                row.append(encode(link.properties).plain)
            groups[link.type, link.from_label, link.to_label, fresh].append(row)
        for (type_, from_label, to_label, fresh), rows in groups.items():
            turned = RELATIONSHIPS[type_].crowded_from and not fresh
            pattern = f"(b)<-[r:{type_}]-(a)" if turned else f"(a)-[r:{type_}]->(b)"
            set_ = " SET r += row[2]" if RELATIONSHIPS[type_].properties else ""
            await self._each(
                f"UNWIND $rows AS row MATCH (a:{from_label} {{id: row[0]}}) MATCH (b:{to_label} {{id: row[1]}})"
                f" {'CREATE' if fresh else 'MERGE'} {pattern}{set_}",
                rows,
            )

    # --- sending -----------------------------------------------------------------------------------------------

    async def _create(self, fresh: Sequence[Fresh]) -> list[Link]:
        """Make nodes; gives those of their links that are still to be made."""
        self.wrote |= bool(fresh)
        alike, few = by_shape(fresh)
        for one in alike:
            made = sum(cast("int", row["made"]) for row in await self._each(one.statement, one.rows, one.same))
            if made != len(one.rows):
                raise LostEndError(len(one.rows) - made)
        by_labels: dict[str, list[dict[str, object]]] = defaultdict(list)
        for node in few:
            by_labels[node.labels].append(_row(node.id, node.properties))
        for labels, unlike in by_labels.items():
            await self._set(f"CREATE (n:{labels} {{id: row.id}})", unlike, recorded=True)
        return [link for node in few for link in node.links]

    async def _set(self, find: str, rows: Sequence[dict[str, object]], *, recorded: bool) -> None:
        """Set the properties of rows found or made by `find`, those with the same clocks together."""
        self.wrote |= bool(rows)
        groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, object]]] = defaultdict(list)
        for row in rows:
            t, d = cast("Mapping[str, str]", row["t"]), cast("Mapping[str, str]", row["d"])
            groups[tuple(sorted(t)), tuple(sorted(d))].append(row)
        for (instants, days), group in groups.items():
            sets = ["n += row.p", "n.recorded_from = datetime($now)"] if recorded else ["n += row.p"]
            sets += [f"n.`{name}` = datetime(row.t.`{name}`)" for name in instants]
            sets += [f"n.`{name}` = date(row.d.`{name}`)" for name in days]
            await self._each(f"UNWIND $rows AS row {find} SET {', '.join(sets)}", group)

    async def _each(
        self, cypher: str, rows: Sequence[object], same: Sequence[object] = ()
    ) -> list[Mapping[str, object]]:
        found: list[Mapping[str, object]] = []
        for chunk in chunks(rows):
            found += await self._run(cypher, {"rows": chunk, "now": self._now, "same": same})
        return found


def _row(id_: str, properties: Mapping[str, Value]) -> dict[str, object]:
    sent = encode(properties)
    return {"id": id_, "p": sent.plain, "t": sent.instants, "d": sent.days}
