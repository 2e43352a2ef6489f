"""A second article, about another day in other words, goes the same way as the first without a line of code."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.knowledge import load_knowledge
from api.precedents import mechanisms_of, move_named
from api.questions import answer, question_of
from graph.reading import Clocks
from graph.store import GraphStore
from ingest.casestoring import store_case
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from ingest.documents import load_document
from ingest.storing import Stored, settle_figures, store_document
from tests.bundled_graph import the_case

FOLDER = Path(__file__).parents[1] / "data" / "second_article"
YEN = "2024-08-05-yen-carry-unwind"
FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOW = Clocks(as_of=FAR, as_at=FAR)
Rows = list[dict[str, Any]]


async def put(store: GraphStore, name: str) -> Stored:
    return await store_document(store, load_document(FOLDER / f"{name}.yaml", FOLDER / f"{name}.txt"))


async def rows_of(store: GraphStore, number: str, **given: str) -> Rows:
    return (await answer(store, question_of(number), given, YEN, FAR)).records()


async def test_it_is_told_apart_from_its_copy_doubted_checked_and_asked_about(store: GraphStore) -> None:
    await store.upsert(the_case(YEN).batch)
    assert (await put(store, "article")).copies == ()
    assert (await put(store, "translation")).copies == ()
    (copied,) = (await put(store, "copy")).copies
    assert copied.of_title == "The day Tokyo fell, and what the yen had to do with it"
    (told,) = await settle_figures(store, None)
    assert told.startswith("spot return of nikkei, 2024-08-05: ")
    assert "-7.2 percent (Quick Market Digest)" in told
    world, _ = await read_world(store, None, NOW)
    await store.upsert(check_batch(check_all(world.readings.values(), world)))
    await _asked(store)


async def _asked(store: GraphStore) -> None:
    """What the questions say of it."""
    sides = await rows_of(store, "Q5", instrument="nikkei", indicator="spot_return")
    assert {row["value"] for row in sides} == {-12.4, -7.2}
    assert {row["preferred"] for row in sides} != {None}
    assert {row["status"] for row in sides} == {"open"}
    checks = await rows_of(store, "Q19", document="SECOND")
    assert ("ratio", "ok") in {(row["kind"], row["outcome"]) for row in checks}
    left = await rows_of(store, "Q4", narrative="SECOND-1")
    assert [row["names"] for row in left] == [["SECOND-1b"]]
    objections = await rows_of(store, "Q3", actor="letter_author")
    assert {row["how"] for row in objections} == {"REBUTS", "UNDERCUTS"}
    (holds,) = await rows_of(store, "Q13")
    assert (holds["id"], holds["low"], holds["high"]) == ("carry_funds", 140.0, 145.0)
    assert {(row["side"], row["instrument"]) for row in await rows_of(store, "Q14")} == {
        ("sell", "nikkei"),
        ("sell", "usdjpy"),
    }
    (forecast,) = await rows_of(store, "Q26", actor="letter_author")
    assert str(forecast["due_at"]).startswith("2024-08-12")
    without = await rows_of(store, "Q11", narrative="SECOND-1", explanation="none yet")
    assert [row["step"] for row in without] == [2]


async def test_its_stories_explain_the_move_of_the_case(store: GraphStore) -> None:
    await store.upsert(the_case(YEN).batch)
    await put(store, "article")
    asked = "MATCH (n:Narrative {origin: 'document'})-[:EXPLAINS]->(m:Move) RETURN DISTINCT m.key AS move"
    assert [row["move"] for row in (await store.read(asked)).records()] == [f"{YEN}:move"]


async def test_its_stories_explain_the_move_of_a_case_that_comes_later(store: GraphStore) -> None:
    await put(store, "article")
    first = await store_case(store, the_case(YEN))
    asked = "MATCH (n:Narrative {origin: 'document'})-[:EXPLAINS]->(m:Move) RETURN DISTINCT m.key AS move"
    moves = [row["move"] for row in (await store.read(asked + " ORDER BY move")).records()]
    assert f"{YEN}:move" in moves
    assert len(moves) == 2  # the move of the text's own telling stays explained as well
    again = await store_case(store, the_case(YEN))
    assert (again.created, again.corrected) == (0, 0)
    assert first.created > 0


@pytest.mark.parametrize("case_first", [True, False])
async def test_the_move_that_a_document_tells_of_is_no_precedent_of_itself(store: GraphStore, case_first: bool) -> None:
    if case_first:
        await store_case(store, the_case(YEN))
    await put(store, "article")
    await store_case(store, the_case(YEN))
    now = datetime.now(UTC)
    clocks = Clocks(as_of=now, as_at=now)
    (told,) = (await store.read("MATCH (m:Move {origin: 'document'}) RETURN m.key AS key")).records()
    library = load_knowledge().library
    for name in (YEN, str(told["key"])):
        move = await move_named(store, name, clocks)
        found = await mechanisms_of(store, move, library, clocks)
        assert found or name != YEN
        assert not [one for each in found for one in each.precedents]


async def test_without_a_case_its_stories_explain_the_move_that_it_tells_of(store: GraphStore) -> None:
    await put(store, "article")
    asked = "MATCH (n:Narrative)-[:EXPLAINS]->(m:Move) RETURN DISTINCT m.origin AS origin, m.return AS return"
    assert (await store.read(asked)).records() == [{"origin": "document", "return": -0.124}]
