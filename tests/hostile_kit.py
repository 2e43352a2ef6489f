"""The hostile and harmless queries of `tests/hostile/queries`, and what a server is watched by while they run."""

from __future__ import annotations

import hashlib
import select
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from api.bundled import bundled_paths
from graph.analysts import Analysts
from graph.endpoint import Endpoint
from graph.model import Limits
from graph.store import GraphStore, open_store
from graph.watchdog import Watchdog
from ingest.casefile import load_case

FOLDER = Path(__file__).parent / "hostile" / "queries"
CASE = "2026-02-05-bitcoin-flash-crash"
_EVERYTHING = Limits(rows=100_000, seconds=60)
_NODES = (
    "MATCH (n) WITH labels(n) AS l, n RETURN size(l) AS labels, count(n) AS n, sum(size(keys(n))) AS keys,"
    " sum(size(n.id)) AS ids, sum(size(coalesce(n.name, ''))) AS names, sum(coalesce(n.n, 0)) AS ns ORDER BY labels"
)
_LINKS = "MATCH ()-[r]->() RETURN type(r) AS t, count(r) AS n, sum(size(keys(r))) AS keys ORDER BY t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One query of the list, and what has to become of it: refused, bounded or answered (with `rows` rows)."""

    id: str
    query: str
    expect: str
    behind: bool
    rows: int | None
    params: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, places: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """Query and parameters with the addresses and paths of this run."""
        query, params = self.query, dict(self.params)
        for name, place in places.items():
            query = query.replace(f"{{{name}}}", place)
            params = {key: place if value == f"{{{name}}}" else value for key, value in params.items()}
        return query, params


def load(expect: str) -> list[Hostile]:
    """The queries of which this is expected, from every file."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if content["expect"] == expect:
            found += [_hostile(path.stem, row, expect, content.get("behind", False)) for row in content["queries"]]
    return found


def _hostile(file: str, row: Mapping[str, Any], expect: str, behind: bool) -> Hostile:
    made = {name: _made(*how) for name, how in row.get("make", {}).items()}
    query = row["query"] if "query" in row else "".join(text * times for text, times in row["parts"])
    params = row.get("params", {}) | made
    return Hostile(
        id=f"{file}/{row['id']}", query=query, expect=expect, behind=behind, rows=row.get("rows"), params=params
    )


def _made(kind: str, size: int) -> object:
    if kind == "text":
        return "x" * size
    if kind == "list":
        return [0] * size
    deep: list[Any] = []
    for _ in range(size):
        deep = [deep]
    return deep


@dataclass(slots=True, kw_only=True)
class Stage:
    """One server with a real case in it, asked through the gate and past it, and watched."""

    watchdog: Watchdog
    gated: Analysts
    ungated: Analysts
    store: GraphStore
    listener: socket.socket
    outside: Path
    process: Callable[[], int] | None
    before: str = ""
    outline_before: object = None

    @property
    def places(self) -> dict[str, str]:
        """What the list's placeholders stand for."""
        port = self.listener.getsockname()[1]
        return {"url": f"http://127.0.0.1:{port}/x.csv", "file": str(self.outside / "out.csv")}

    async def digest(self) -> str:
        """A hash of every node, label, property and relationship."""
        nodes = await self.store.read("MATCH (n) RETURN labels(n) AS l, properties(n) AS p", limits=_EVERYTHING)
        links = await self.store.read(
            "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS t, b.id AS b, properties(r) AS p", limits=_EVERYTHING
        )
        texts = [repr([sorted(row[0]), sorted(row[1].items())]) for row in nodes.rows]  # type: ignore[call-overload, attr-defined]  # lists and maps
        texts += [repr([*row[:3], sorted(row[3].items())]) for row in links.rows]  # type: ignore[attr-defined]  # a map
        return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest()

    async def outline(self) -> object:
        """Numbers that change with each node, label, name, id or relationship: less than the digest, but quick."""
        nodes = await self.store.read(_NODES, limits=_EVERYTHING)
        links = await self.store.read(_LINKS, limits=_EVERYTHING)
        return nodes.rows, links.rows

    def reached_out(self) -> bool:
        """Whether anything connected to the listener."""
        return bool(select.select([self.listener], [], [], 0)[0])


@asynccontextmanager
async def staged(
    service: Endpoint,
    analyst: Endpoint,
    outside: Path,
    *,
    revive: Callable[[], object] | None = None,
    process: Callable[[], int] | None = None,
) -> AsyncIterator[Stage]:
    """A stage over an empty server."""
    store = open_store(service)
    await store.create_schema()
    await store.upsert(load_case(bundled_paths()[CASE]).batch)
    watchdog = Watchdog(service, revive)
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        stage = Stage(
            watchdog=watchdog,
            gated=Analysts(analyst, watchdog),
            ungated=Analysts(analyst, watchdog, gate=lambda query, _: query.rstrip().removesuffix(";")),
            store=store,
            listener=listener,
            outside=outside,
            process=process,
        )
        stage.before, stage.outline_before = await stage.digest(), await stage.outline()
        yield stage
    await stage.gated.close()
    await stage.ungated.close()
    await store.close()
