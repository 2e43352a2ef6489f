"""The thirty questions: each can be asked by its number, and what is in the graph answers it, on both servers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from api.ask import make_ask
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.knowledge import load_knowledge
from api.questions import answer, question_of, questions
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node
from graph.reading import Clocks
from graph.store import GraphStore
from ingest.casefile import bundled_cases, load_case
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from ingest.documents import bundled_documents, load_document
from ingest.settling import read_disputes, settle, settlement_batch
from tests.samples import KNOWN, a_link, a_node

CASE = "2026-02-05-bitcoin-flash-crash"
YEN = "2024-08-05-yen-carry-unwind"
FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOW = Clocks(as_of=FAR, as_at=FAR)
DAY = "2026-02-05"
FLOWS = {"indicator": "net_etf_flow", "instrument": "ibit"}
ARTICLE = {"document": "SRC-01"}
DISPUTE = f"{CASE}:dispute.flow_feb5_ibit"
Rows = list[dict[str, Any]]


def of(story: str) -> dict[str, str]:
    return {"narrative": f"{CASE}:{story}"}


async def filled(store: GraphStore) -> None:
    """Two cases, the documents that ship, their checks, and two explanations of the move."""
    for path in bundled_cases():
        if path.stem in {CASE, YEN}:
            await store.upsert(load_case(path).batch)
    for path in bundled_documents():
        await store.upsert(load_document(path).batch)
    world, _ = await read_world(store, None, NOW)
    disputes = await read_disputes(store, NOW)
    await store.upsert(check_batch(check_all(world.readings.values(), world)))
    await store.upsert(settlement_batch(settle(disputes, world), disputes))
    knowledge = load_knowledge()
    for as_of in ("2026-02-08", "2026-02-14"):
        await explain_move(make_ask(case=CASE, as_of=as_of), store, knowledge=knowledge, record=True)


async def rows_of(store: GraphStore, number: str, as_of: datetime = FAR, **given: str) -> Rows:
    return (await answer(store, question_of(number), given, CASE, as_of)).records()


def values(rows: Rows, name: str) -> list[Any]:
    return [row[name] for row in rows]


def outcomes(rows: Rows) -> set[tuple[str, str]]:
    return {(row["kind"], row["outcome"]) for row in rows}


# number, what is given, what has to hold of the rows
EXPECTED: list[tuple[str, dict[str, str], Callable[[Rows], bool]]] = [
    ("Q1", {}, lambda rows: {"catalyst", "transmission", "amplifier"} <= set(values(rows, "slot"))),
    ("Q1", {}, lambda rows: "unknown" in values(rows, "narrative")),
    ("Q2", {"template": "T02"}, lambda rows: {"usdjpy", "Yahoo Finance"} & set(values(rows, "source")) != set()),
    ("Q2", {"template": "T02"}, lambda rows: "TechFlow" not in values(rows, "source")),
    ("Q3", {"actor": "park"}, lambda rows: ("REBUTS", f"{CASE}:hk_yen_carry") in [(r["how"], r["what"]) for r in rows]),
    ("Q5", FLOWS, lambda rows: {-175.0, 230.0} <= set(values(rows, "value"))),
    ("Q5", FLOWS, lambda rows: "date_shift" in rows[0]["kinds"]),
    ("Q8", {}, lambda rows: {f"{CASE}:hk_yen_carry", f"{CASE}:tradfi_degrossing"} <= set(values(rows, "narrative"))),
    ("Q9", {}, lambda rows: abs(rows[0]["bits"]) >= abs(rows[-1]["bits"]) > 0),
    ("Q10", {}, lambda rows: bool(rows) and all(row["item"] for row in rows)),
    ("Q12", of("tradfi_degrossing"), lambda rows: values(rows, "step") == [3]),
    ("Q15", {"instrument": "ibit", "role": "authorised_participant"}, lambda rows: any(r["since"] for r in rows)),
    ("Q16", {}, lambda rows: {"jpm", "cme"} <= set(values(rows, "id"))),
    ("Q17", ARTICLE, lambda rows: rows[0]["sign"] == 1 and rows[0]["through"] == ["Bitwise", "ProCap"]),
    ("Q18", {"dispute": DISPUTE, "day": DAY}, lambda rows: rows == [{"origins": 1, "documents": 1}]),
    ("Q19", ARTICLE, lambda rows: ("rarer_than", "failed") in outcomes(rows)),
    ("Q19", ARTICLE, lambda rows: ("normal_tail", "ok") in outcomes(rows)),
    ("Q20", ARTICLE, lambda rows: values(rows, "translated_from") == [["Post on X about 5 February 2026"]]),
    ("Q21", of("tradfi_degrossing"), lambda rows: bool(rows) and all(row["in_order"] for row in rows)),
    ("Q22", of("hk_yen_carry"), lambda rows: f"{YEN}:move" in values(rows, "move")),
    ("Q23", of("tradfi_degrossing"), lambda rows: {"met"} <= {one for row in rows for one in row["outcomes"]}),
    ("Q24", of("dealer_gamma"), lambda rows: len(rows) == 4),
    ("Q29", {"indicator": "net_etf_flow", "direction": "down"}, lambda rows: {"T03"} <= set(values(rows, "template"))),
    ("Q29", {"indicator": "net_etf_flow", "direction": "down"}, lambda rows: "T08" not in values(rows, "template")),
    ("Q30", {"since": "2020-01-01"}, lambda rows: {"Explanation"} <= set(values(rows, "what"))),
    ("Q30", {"since": "2090-01-01"}, lambda rows: rows == []),
]  # fmt: skip


async def test_the_case_and_the_article_answer_what_they_hold(store: GraphStore) -> None:
    await filled(store)
    wrong = []
    for number, given, holds in EXPECTED:
        rows = await rows_of(store, number, **given)
        if not (rows or number == "Q30") or not holds(rows):
            wrong.append((number, given, rows[:5]))
    assert wrong == []
    at_the_close = await rows_of(store, "Q7", datetime(2026, 2, 5, 21, 0, tzinfo=UTC))
    facts = {str(row["fact"]).removeprefix(f"{CASE}:") for row in at_the_close}
    assert "ibit_close_feb5" in facts
    assert not facts & {"oi_feb5", "flow_feb5_ibit", "gs_zscore", "flow_feb5_ibit_seed"}
    steps = await rows_of(store, "Q11", **of("hk_yen_carry"))
    assert {row["step"] for row in steps} <= {1, 2, 3, 4, 5}


def by_hand() -> Batch:
    """What no case holds yet: positions, triggers, variants, forecasts, judgements."""
    actor, fund = a_node("Actor", "mm", name="Market makers"), a_node("Actor", "fund", name="Fund")
    coin, zone = a_node("Instrument", "btcusd"), a_node("StrikeZone", "z", low=64000.0, high=71000.0)
    held, leg = a_node("Position", "p", known_at=KNOWN), a_node("Leg", "l", side="sell")
    order = a_node("Event", "order", known_at=KNOWN)
    base, variant = (a_node("Explanation", name, as_of=KNOWN, as_at=KNOWN) for name in ("exp_a", "exp_b"))
    taken, quarrel = a_node("Observation", "o", known_at=KNOWN), a_node("Dispute", "quarrel", known_at=KNOWN)
    story, other = a_node("Narrative", "n"), a_node("Narrative", "n2")
    without = a_node("Scenario", "s", kind="without_step", identifiable=False)
    told = a_node(
        "Forecast", "f", known_at=KNOWN, statement="Inflows without more basis", criterion="both", status="open"
    )
    turned_out = a_node("Resolution", "r", known_at=KNOWN, outcome="yes", score=0.04)
    step = a_node("Step", "st")
    said = [a_node("Judgement", name, known_at=KNOWN, weight_bits=bits) for name, bits in (("j1", 2.0), ("j2", -1.0))]
    links: list[Link] = [
        a_link("HOLDS", actor, held), a_link("IN_ZONE", held, zone), a_link("ABOUT", zone, coin),
        a_link("HAS_LEG", held, leg), a_link("ABOUT", leg, coin), a_link("SUBJECT_TO", fund, order),
        a_link("FORCES", order, leg), a_link("VARIANT_OF", variant, base), a_link("UNDER", variant, taken),
        a_link("SIDE_OF", taken, quarrel), a_link("SCORED", base, story, posterior=0.5, rank=1),
        a_link("SCORED", variant, story, posterior=0.2, rank=2), a_link("UNDER", variant, without),
        a_link("MADE", actor, told), a_link("RESOLVED_BY", told, turned_out), a_link("VARIANT_OF", other, story),
        *(a_link("ASSESSES", one, step) for one in said), *(a_link("OF", one, taken) for one in said),
    ]  # fmt: skip
    nodes: list[Node] = [
        actor, fund, coin, zone, held, leg, order, base, variant, taken, quarrel, story, other, without, told,
        turned_out, step, *said,
    ]  # fmt: skip
    return Batch(nodes=tuple(nodes), links=tuple(links))


async def test_what_no_case_holds_yet_is_answered_once_it_is_there(store: GraphStore) -> None:
    await store.upsert(by_hand())

    async def rows(number: str, **given: str) -> Rows:
        return (await answer(store, question_of(number), given, None, FAR)).records()

    assert values(await rows("Q4", narrative="n"), "variant") == ["n2"]
    (under,) = await rows("Q6", explanation="exp_a", dispute="quarrel")
    assert (round(under["delta"], 3), under["rank"], under["rank_then"]) == (-0.3, 1, 2)
    (zone,) = await rows("Q13", move="none")
    assert (zone["actor"], zone["low"], zone["high"], zone["spot_in_zone"]) == ("Market makers", 64000, 71000, False)
    assert await rows("Q14") == [{"actor": "Fund", "trigger": "order", "side": "sell", "instrument": "btcusd"}]
    assert values(await rows("Q25", explanation="exp_a"), "identifiable") == [False]
    (forecast,) = await rows("Q26", actor="mm")
    assert (forecast["criterion"], forecast["outcome"]) == ("both", "yes")
    (record,) = await rows("Q27")
    assert (record["who"], record["n"], record["brier"], record["note"]) == ("Market makers", 1, 0.04, "n too small")
    (apart,) = await rows("Q28")
    assert (apart["evidence"], apart["n"], round(apart["spread"], 3)) == ("o", 2, 2.121)


def test_there_are_thirty_questions_in_order() -> None:
    assert [one.id for one in questions()] == [f"Q{n}" for n in range(1, 31)]
    assert all(one.text.endswith((".", "?", ")")) for one in questions())
    assert question_of("q02").id == question_of("2").id == "Q2"
    for wrong in ("Q0", "Q31", "why"):
        with pytest.raises(InvalidAskError, match="Q1 to Q30"):
            question_of(wrong)


async def test_what_is_missing_or_not_asked_for_is_said(store: GraphStore) -> None:
    with pytest.raises(InvalidAskError, match="write template=T02"):
        await answer(store, question_of("Q2"), {"explanation": "x"}, None, FAR)
    with pytest.raises(InvalidAskError, match="did you mean template"):
        await answer(store, question_of("Q2"), {"templates": "T02"}, None, FAR)
    with pytest.raises(InvalidAskError, match="or give --case"):
        await answer(store, question_of("Q1"), {}, None, FAR)
    with pytest.raises(NotInGraphError):
        await answer(store, question_of("Q1"), {}, "no-such-case", FAR)
    with pytest.raises(NotInGraphError):
        await answer(store, question_of("Q17"), {"document": "nothing"}, None, FAR)
    with pytest.raises(InvalidAskError):
        await answer(store, question_of("Q30"), {"move": "m", "since": "lately"}, None, FAR)
