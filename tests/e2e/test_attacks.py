"""Arguments that attack arguments, from the graph to the answer, on both servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.ask import make_ask
from api.gathering import gather
from api.knowledge import load_knowledge
from causal.binding import bind
from causal.explain import explain
from causal.model import Dossier
from causal.standing import ArgumentWeight
from graph.model import Batch, Link, Node
from graph.store import GraphStore
from ingest.casefile import bundled_cases, load_case

BITCOIN = "2026-02-05-bitcoin-flash-crash"
KNOWN = datetime(2026, 2, 20, 12, tzinfo=UTC)


def an_attack(name: str, kind: str, target: str) -> Batch:
    """One argument that attacks another, known on 20 February, of no case."""
    properties = {
        "statement": f"what {target} says does not follow",
        "kind": kind.lower(),
        "strength": "strong",
        "grade": "A",
        "credibility": 1,
        "known_at": KNOWN,
        "known_at_precision": "instant",
    }
    node = Node(label="Argument", id=name, properties=properties)
    return Batch(
        nodes=(node,),
        links=(Link(type=kind, from_label="Argument", from_id=name, to_label="Argument", to_id=target),),
    )


async def dossier_of(store: GraphStore, as_of: datetime) -> Dossier:
    return await gather(make_ask(case=BITCOIN, as_of=as_of.isoformat()), store, load_knowledge())


def standing(dossier: Dossier) -> dict[str, ArgumentWeight]:
    knowledge = load_knowledge()
    told = explain(dossier, bind(knowledge.library, dossier), knowledge.method)
    return {one.id: one for narrative in told.narratives for one in narrative.arguments}


async def test_an_argument_is_rejected_once_its_undercutter_is_known_and_reinstated_by_another(
    store: GraphStore,
) -> None:
    [path] = [path for path in bundled_cases() if path.stem == BITCOIN]
    await store.upsert(load_case(path).batch)
    before, after = KNOWN - timedelta(hours=1), KNOWN + timedelta(hours=1)
    whole = await dossier_of(store, after)
    target = next(one for one in whole.arguments if one.kind == "undercuts" and one.step is not None)
    plain = standing(whole)[target.id]
    assert (plain.status, plain.defeated_by) == ("accepted", ())

    await store.upsert(an_attack("objection", "UNDERCUTS", f"{BITCOIN}:{target.id}"))
    assert standing(await dossier_of(store, before))[target.id] == plain
    found = standing(await dossier_of(store, after))
    assert (found[target.id].status, found[target.id].weight_bits) == ("rejected", None)
    assert found[target.id].defeated_by == ("objection",)
    assert (found["objection"].status, found["objection"].attacks) == ("accepted", (target.id,))

    await store.upsert(an_attack("reply", "UNDERCUTS", "objection"))
    again = standing(await dossier_of(store, after))
    assert again[target.id].status == "accepted"
    assert again["objection"].status == "rejected"
    assert again[target.id].weight_bits == plain.weight_bits
