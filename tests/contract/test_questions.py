"""The thirty questions: each can be asked by its number, and what is in the graph answers it, on both servers."""

from __future__ import annotations

import re
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
from graph.reading import Clocks, query_text
from graph.store import GraphStore
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from tests.bundled_graph import CASE, fill, the_case

YEN = "2024-08-05-yen-carry-unwind"
FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOW = Clocks(as_of=FAR, as_at=FAR)
DAY = "2026-02-05"
FLOWS = {"indicator": "net_etf_flow", "instrument": "ibit"}
ARTICLE = {"document": "SRC-01"}
DISPUTE = f"{CASE}:dispute.flow_feb5_ibit"
ORDER = (("sell", "ibit"), ("buy", "cme_btc_futures"))
SIDES = ("flow_feb5_ibit", "flow_feb5_ibit_seed", "flow_feb6_ibit")
Rows = list[dict[str, Any]]


def of(story: str) -> dict[str, str]:
    return {"narrative": f"{CASE}:{story}"}


async def filled(store: GraphStore) -> None:
    """Two cases, the documents that ship, their checks, and two explanations of the move."""
    await store.upsert(the_case(YEN).batch)
    await fill(store)
    world, _ = await read_world(store, None, NOW)
    await store.upsert(check_batch(check_all(world.readings.values(), world)))
    knowledge = load_knowledge()
    for as_of in ("2026-02-08", "2026-02-14"):
        await explain_move(make_ask(case=CASE, as_of=as_of), store, knowledge=knowledge, record=True)


async def rows_of(store: GraphStore, number: str, as_of: datetime = FAR, **given: str) -> Rows:
    return (await answer(store, question_of(number), given, CASE, as_of)).records()


def values(rows: Rows, name: str) -> list[Any]:
    return [row[name] for row in rows]


def outcomes(rows: Rows) -> set[tuple[str, str]]:
    return {(row["kind"], row["outcome"]) for row in rows}


def names(rows: Rows) -> set[str]:
    """Other names of what the rows are about, those of the inventory of the article."""
    return {name for row in rows for name in row["names"] or ()}


def attacked(rows: Rows, how: str) -> set[str]:
    """What arguments of the article attack so, without the key of the article."""
    return {row["what"].split(":")[1] for row in rows if row["how"] == how and row["what"].startswith("doc_")}


def forced(rows: Rows) -> set[tuple[str, str, str]]:
    return {(row["trigger"].split(":")[1], row["side"], row["instrument"]) for row in rows}


def zones(rows: Rows) -> set[tuple[str, float, float, bool | None]]:
    return {(row["id"], row["low"], row["high"], row["reached"]) for row in rows}


# number, what is given, what has to hold of the rows
EXPECTED: list[tuple[str, dict[str, str], Callable[[Rows], bool]]] = [
    ("Q1", {}, lambda rows: {"catalyst", "transmission", "amplifier"} <= set(values(rows, "slot"))),
    ("Q1", {}, lambda rows: "unknown" in values(rows, "narrative")),
    ("Q2", {"template": "T02"}, lambda rows: {"usdjpy", "Yahoo Finance"} & set(values(rows, "source")) != set()),
    ("Q2", {"template": "T02"}, lambda rows: "TechFlow" not in values(rows, "source")),
    ("Q3", {"actor": "park"}, lambda rows: ("REBUTS", f"{CASE}:hk_yen_carry") in [(r["how"], r["what"]) for r in rows]),
    ("Q3", {"actor": "park"}, lambda rows: "yen_carry" in attacked(rows, "REBUTS")),
    ("Q3", {"actor": "park"}, lambda rows: attacked(rows, "UNDERCUTS") == {"yen_long_calls.3"}),
    ("Q4", {"narrative": "HYP-8"}, lambda rows: names(rows) == {"HYP-8b", "HYP-8c"}),
    ("Q5", FLOWS, lambda rows: {-175.0, 230.0} <= set(values(rows, "value"))),
    ("Q5", FLOWS, lambda rows: "date_shift" in rows[0]["kinds"]),
    ("Q6", {"dispute": DISPUTE}, lambda rows: {f"{CASE}:{side}" for side in SIDES} <= set(values(rows, "reading"))),
    ("Q6", {"dispute": DISPUTE}, lambda rows: len(rows) == len({(r["reading"], r["narrative"]) for r in rows})),
    ("Q6", {"dispute": DISPUTE}, lambda rows: max(abs(row["delta"]) for row in rows) > 0.005),
    ("Q6", {"dispute": DISPUTE}, lambda rows: any(row["rank"] != row["rank_then"] for row in rows)),
    ("Q8", {}, lambda rows: {f"{CASE}:hk_yen_carry", f"{CASE}:tradfi_degrossing"} <= set(values(rows, "narrative"))),
    ("Q9", {}, lambda rows: abs(rows[0]["bits"]) >= abs(rows[-1]["bits"]) > 0),
    ("Q10", {}, lambda rows: bool(rows) and all(row["item"] for row in rows)),
    ("Q11", {"narrative": "STC-1"}, lambda rows: {"REL-10", "REL-11"} <= names(rows)),
    ("Q11", {"narrative": "STC-1"}, lambda rows: not {"REL-01", "REL-07", "REL-14", "REL-15"} & names(rows)),
    ("Q11", of("hk_yen_carry"), lambda rows: values(rows, "step") == [5]),
    ("Q12", of("tradfi_degrossing"), lambda rows: values(rows, "step") == [3]),
    ("Q13", {}, lambda rows: {("crypto_mm", 64e3, 71e3, True), ("option_mm", 66.9e3, 68.7e3, True)} <= zones(rows)),
    ("Q13", {}, lambda rows: ("option_mm", 38.0, 39.0, None) in zones(rows)),
    ("Q14", {}, lambda rows: {("risk_order", s, i) for s, i in ORDER} <= forced(rows)),
    ("Q14", {}, lambda rows: {("gamma_zone", "sell", "btcusd"), ("barrier_zone", "sell", "ibit")} <= forced(rows)),
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
    ("Q25", {}, lambda rows: [(row["identifiable"], row["instrument"]) for row in rows] == [(False, "ibit")]),
    ("Q26", {"actor": "park"}, lambda rows: len(rows) == 5),
    ("Q26", {"actor": "park"}, lambda rows: any("AND" in str(row["criterion"]) and row["due_at"] for row in rows)),
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


def test_every_question_has_a_title_and_its_parameters_are_those_of_its_query() -> None:
    assert len({one.title for one in questions()}) == 30
    for one in questions():
        assert 0 < len(one.title) <= 60
        assert set(re.findall(r"\$(\w+)", query_text(one.name))) == set(one.parameters), one.id


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
