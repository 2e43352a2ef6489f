"""What a day of requests looks like: kinds of requests and how often each comes, drawn with a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from tests.benchmarks.http_driver import Connection, get, post
from tests.bundled_graph import CASE

AS_OF = "2026-11-01"
EXPLANATIONS = "POST /v1/explanations"
CYPHER = orjson.dumps({"query": "MATCH (x:Instrument {id: $id}) RETURN x.id, x.name", "params": {"id": "btcusd"}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of request: its name, its share of all, its bytes."""

    name: str
    weight: int
    request: bytes


async def mixed(port: int) -> tuple[Kind, ...]:
    """Mostly reads of one thing, some lists and queries, now and then an explanation; one is kept here to be read."""
    connection = Connection(port=port)
    reply = await connection.ask(post("/v1/explanations", orjson.dumps({"case": CASE, "as_of": AS_OF})))
    connection.close()
    assert reply.status == 201, reply.body
    kept = orjson.loads(reply.body)["id"]
    question = orjson.dumps({"case": CASE, "as_of": AS_OF, "store": False})
    return (
        Kind(name="GET an explanation", weight=300, request=get(f"/v1/explanations/{kept}")),
        Kind(name="GET an instrument", weight=300, request=get("/v1/instruments/btcusd")),
        Kind(name="GET a template", weight=150, request=get("/v1/templates/T02")),
        Kind(name="GET a list of facts", weight=100, request=get("/v1/observations?limit=20")),
        Kind(name="GET a list of moves", weight=100, request=get("/v1/moves?limit=20")),
        Kind(name="POST /v1/cypher", weight=45, request=post("/v1/cypher", CYPHER)),
        Kind(name=EXPLANATIONS, weight=5, request=post("/v1/explanations", question)),
    )


def drawn(kinds: tuple[Kind, ...], seed: int) -> Iterator[Kind]:
    """Kinds without end, each as often as its weight says."""
    chance = random.Random(seed)
    while True:
        yield from chance.choices(kinds, [kind.weight for kind in kinds], k=1000)
