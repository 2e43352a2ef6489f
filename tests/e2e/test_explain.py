"""The whole path over a graph: the same answer each time, kept so that Cypher can ask about it, and no hindsight."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from api.ask import Ask, make_ask
from api.explaining import explain_move
from api.knowledge import Knowledge, load_knowledge
from graph.endpoint import Endpoint
from graph.errors import NotInGraphError
from graph.model import Batch
from graph.reading import ask as read
from graph.reading import explanation_body
from graph.server import Running
from graph.store import GraphStore, open_store
from ingest.casefile import bundled_cases, load_case
from tests.conftest import clear

BITCOIN = "2026-02-05-bitcoin-flash-crash"
VOLMAGEDDON = "2018-02-05-volmageddon"
MOVE = f"{BITCOIN}:move"
PATHS = {path.stem: path for path in bundled_cases()}
Answer = dict[str, Any]


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="module")
def batches() -> dict[str, Batch]:
    return {name: load_case(PATHS[name]).batch for name in (BITCOIN, VOLMAGEDDON)}


async def explain(ask: Ask, store: GraphStore, knowledge: Knowledge, *, record: bool = False) -> Answer:
    return await explain_move(
        ask,
        store,
        knowledge=knowledge,
        record=record,
    )


def lasting(answer: Answer) -> Answer:
    """The answer without what belongs to one request: its id, its clock of the record and the time it took."""
    return {name: value for name, value in answer.items() if name not in {"id", "as_at", "took_ms"}}


def posteriors(answer: Answer) -> dict[str, float]:
    return {one["id"]: one["posterior"] for one in answer["narratives"]} | {"unknown": answer["unknown"]["posterior"]}


async def test_the_same_question_gives_the_same_answer_and_one_record(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    ask = make_ask(case=BITCOIN)
    first = await explain(ask, store, knowledge, record=True)
    again = await explain(ask, store, knowledge, record=True)
    assert first["id"] == again["id"]
    assert lasting(first) == lasting(again)
    found = await store.read("MATCH (e:Explanation) WHERE NOT (e)-[:VARIANT_OF]->() RETURN count(e) AS n")
    assert found.rows == ((1,),)
    assert first["ask"] == {"instrument": "btcusd", "start": "2026-02-04", "end": "2026-02-05", "case": BITCOIN}
    assert first["move"]["return"] == pytest.approx(-0.132)
    assert set(posteriors(first)) >= {"tradfi_degrossing", "hk_yen_carry", "unknown"}


async def test_a_stored_explanation_comes_back_byte_for_byte(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    answer = await explain(make_ask(case=BITCOIN), store, knowledge, record=True)
    assert (await explanation_body(store, answer["id"])).encode() == orjson.dumps(answer)
    with pytest.raises(NotInGraphError):
        await explanation_body(store, "exp_0000000000000000")


async def test_an_answer_that_is_not_to_be_kept_leaves_nothing(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    count = "MATCH (n) RETURN count(n) AS n"
    before = (await store.read(count)).rows
    await explain(make_ask(case=BITCOIN), store, knowledge)
    assert (await store.read(count)).rows == before


async def test_cypher_finds_every_number_of_an_explanation(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    ask = make_ask(case=BITCOIN)
    answer = await explain(ask, store, knowledge, record=True)
    clocks = {"as_of": ask.as_of, "as_at": datetime.now(UTC), "explanation": answer["id"]}
    why = {
        row["narrative"]: row["posterior"] for row in await read(store, "q01_why_did_it_move", {"move": MOVE, **clocks})
    }
    prefix = {one["id"]: MOVE if one["origin"] == "library" else BITCOIN for one in answer["narratives"]}
    told = posteriors(answer)
    assert why.pop("unknown") == told.pop("unknown")
    assert why == {f"{prefix[name]}:{name}": posterior for name, posterior in told.items()}
    mattered = await read(store, "q09_what_mattered_most", clocks)
    effects = [part for item in answer["evidence"] for part in item["contributions"]]
    largest = max(abs(part["leave_one_out_bits"] or 0.0) for part in effects)
    assert abs(float(str(mattered[0]["bits"]))) == pytest.approx(largest)
    weakest = await read(store, "q12_weakest_link", {"narrative": f"{BITCOIN}:hk_yen_carry", **clocks})
    carry = next(one for one in answer["narratives"] if one["id"] == "hk_yen_carry")
    assert weakest[0]["bits"] == min(step["bits"] for step in carry["steps"])
    gaps = await read(store, "q10_look_next", clocks)
    assert len(gaps) == len({(g["indicator"], g["subject"] or g["role"], g["window"]) for g in answer["look_next"]})


async def test_the_readings_against_the_yen_carry_are_found_with_who_reported_them(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    ask = make_ask(case=BITCOIN)
    answer = await explain(ask, store, knowledge, record=True)
    params = {"explanation": answer["id"], "template": "T02", "as_of": ask.as_of, "as_at": datetime.now(UTC)}
    rows = await read(store, "q02_what_contradicts", params)
    told = {
        fact
        for one in answer["narratives"]
        if one["template"] == "T02"
        for step in one["steps"]
        for part in step["predictions"]
        if part["outcome"] == "contradicted"
        for item in answer["evidence"]
        if item["id"] in part["evidence"]
        for fact in item["fact_ids"]
    }
    assert {str(row["fact"]).removeprefix(f"{BITCOIN}:") for row in rows} == told
    assert told
    assert all(row["source"] for row in rows)
    objections = await read(store, "q03_objections_of", {"actor": "park", **params})
    attacked = {(row["how"], str(row["what"]).removeprefix(f"{BITCOIN}:")) for row in objections}
    assert {("REBUTS", "hk_yen_carry"), ("UNDERCUTS", "hk_yen_carry.1")} <= attacked


async def test_both_readings_of_the_fund_flow_stand_in_the_dispute(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    clocks = {"as_of": datetime.now(UTC), "as_at": datetime.now(UTC)}
    rows = await read(store, "q05_which_reading", {"instrument": "ibit", "indicator": "net_etf_flow", **clocks})
    values = {float(str(row["value"])) for row in rows}
    assert min(values) < 0 < max(values)
    answer = await explain(make_ask(case=BITCOIN), store, knowledge)
    flow = [one for one in answer["disputes"] if one["indicator"] == "net ETF flow" and one["subject"] == "ibit"]
    assert flow
    assert all("unknown" in under["posteriors"] for one in flow for under in one["under_each"])


async def test_neither_order_nor_repetition_nor_another_case_changes_a_posterior(
    store: GraphStore, endpoint: Endpoint, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:

    def ask() -> Ask:
        return make_ask(case=BITCOIN, as_of="2026-06-01")

    for name in (BITCOIN, VOLMAGEDDON):
        await store.upsert(batches[name])
    one = await explain(ask(), store, knowledge)
    await store.upsert(batches[BITCOIN])
    twice = await explain(ask(), store, knowledge)
    clear(endpoint)
    for name in (VOLMAGEDDON, BITCOIN):
        await store.upsert(Batch(nodes=batches[name].nodes[::-1], links=batches[name].links[::-1]))
    other = await explain(ask(), store, knowledge)
    clear(endpoint)
    await store.upsert(batches[BITCOIN])
    alone = await explain(ask(), store, knowledge)
    for answer in (twice, other, alone):
        assert posteriors(answer) == pytest.approx(posteriors(one), rel=0, abs=1e-12)
    assert lasting(one) == lasting(twice) == lasting(other)


async def test_an_early_clock_gives_an_answer_from_less(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    early = await explain(make_ask(case=BITCOIN, as_of="2026-02-06T00:00:00Z"), store, knowledge, record=True)
    late = await explain(make_ask(case=BITCOIN, as_of="2026-02-12T00:00:00Z"), store, knowledge, record=True)
    assert early["as_of"] == "2026-02-06T00:00:00Z"
    assert early["not_scored"]["not_yet_known"] > late["not_scored"]["not_yet_known"] > 0
    assert len(early["evidence"]) < len(late["evidence"])
    assert all(item["known_at"] <= early["as_of"] for item in early["evidence"])
    after = await store.read(
        "MATCH (a:Explanation)-[:NEXT]->(b:Explanation) RETURN a.id AS first, b.id AS second ORDER BY first"
    )
    assert after.rows == ((early["id"], late["id"]),)


async def test_hindsight_is_stored_and_never_read(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch], tmp_path: Path
) -> None:
    await store.upsert(batches[BITCOIN])
    before = await explain(make_ask(case=BITCOIN, as_of="2026-06-01"), store, knowledge)
    case = yaml.load(PATHS[BITCOIN].read_text(encoding="utf-8"), yaml.CSafeLoader)
    swap = {"supported": "refuted", "partly supported": "refuted", "refuted": "supported", "unsupported": "supported"}
    for narrative in case["narratives"]:
        verdict = narrative["outcome"]["verdict"]
        narrative["outcome"]["verdict"] = swap.get(verdict, verdict)
    case["consensus"]["narratives"] = ["junk_ai", "hk_yen_carry"]
    case["discriminating_facts"] = []
    swapped = tmp_path / f"{BITCOIN}.yaml"
    swapped.write_text(yaml.safe_dump(case, sort_keys=False, allow_unicode=True), encoding="utf-8")
    await store.upsert(load_case(swapped).batch)
    verdicts = await store.read(
        "MATCH (h:Hindsight {kind: 'outcome'})-[:ABOUT]->(n:Narrative) WHERE n.id ENDS WITH ':junk_ai'"
        " RETURN h.verdict AS verdict"
    )
    assert verdicts.rows == (("supported",),)
    after = await explain(make_ask(case=BITCOIN, as_of="2026-06-01"), store, knowledge)
    assert posteriors(after) == posteriors(before)
    assert lasting(after) == lasting(before)


async def test_no_facts_is_an_answer_that_leaves_much_to_something_else(
    store: GraphStore, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    await store.upsert(batches[BITCOIN])
    ask = make_ask(instrument="btcusd", start="2023-05-01", end="2023-05-02")
    answer = await explain(ask, store, knowledge, record=True)
    assert answer["ask"]["case"] is None
    assert answer["evidence"] == []
    assert "not enough evidence" in answer["answer"].casefold()
    assert answer["unknown"]["posterior"] >= answer["unknown"]["prior"]
    again = await explain(ask, store, knowledge, record=True)
    assert again["id"] == answer["id"]
    asked = await store.read(
        "MATCH (:Explanation)-[:ABOUT]->(m:Move)-[:ABOUT]->(i:Instrument)"
        " RETURN m.id AS id, m.origin AS origin, i.id AS instrument"
    )
    assert asked.rows == (("asked:btcusd.2023-05-01.2023-05-02", "asked", "btcusd"),)


async def test_both_servers_give_the_same_numbers(
    embedded: Running, neo4j_endpoint: Endpoint, knowledge: Knowledge, batches: dict[str, Batch]
) -> None:
    answers = []
    for place in (embedded.service, neo4j_endpoint):
        clear(place)
        store = open_store(place)
        await store.create_schema()
        await store.upsert(batches[BITCOIN])
        answers.append(await explain(make_ask(case=BITCOIN, as_of="2026-06-01"), store, knowledge))
        await store.close()
    assert posteriors(answers[0]) == pytest.approx(posteriors(answers[1]), rel=0, abs=1e-9)
    assert lasting(answers[0]) == lasting(answers[1])
