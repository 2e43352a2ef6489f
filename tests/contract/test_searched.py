"""What was looked for and not found, on both servers: from a case file, from reviewers, and by the clocks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.ask import make_ask
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.knowledge import load_knowledge
from api.searched import add_search
from graph.errors import NotInGraphError
from graph.store import GraphStore
from ingest.casefile import load_case
from ingest.searches import SearchPart
from tests.minimal_case import told, written

CASE = "2026-03-12-example"
STEP = {
    "n": 1,
    "text": "a default",
    "predicts": [{"indicator": "default", "subject": "big_holder", "direction": "occurs"}],
}
GAP = {"item": "a default of the holder", "why": "nobody asked", "indicator": "default", "subject": "big_holder"}
FOUND_NOTHING = {
    "outcome": "not_found",
    "detection": 0.9,
    "at": date(2026, 3, 20),
    "by": "Court records",
    "how": "All courts.",
}


async def with_gap(store: GraphStore, folder: Path, **search: Any) -> None:
    gap = {**GAP, **({"search": search} if search else {})}
    story = told(causal_steps=[STEP])
    await store.upsert(load_case(written(folder, lambda case: case.update(narratives=[story], gaps=[gap]))).batch)


async def explained(store: GraphStore, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = await explain_move(
        make_ask(case=CASE, **asked), store, knowledge=load_knowledge(), record=False
    )
    return found


def posterior(found: dict[str, Any]) -> float:
    return float(next(one["posterior"] for one in found["narratives"] if one["id"] == "sold"))


def asks(found: dict[str, Any]) -> bool:
    """Whether it still asks to look for a default of the holder."""
    return ("default", "big_holder") in {(one["indicator"], one["subject"]) for one in found["look_next"]}


async def test_a_search_of_a_case_speaks_from_the_day_on_which_it_was_made(store: GraphStore, tmp_path: Path) -> None:
    await with_gap(store, tmp_path)
    silent = await explained(store)
    await with_gap(store, tmp_path, **FOUND_NOTHING)
    after = await explained(store)
    assert posterior(after) < posterior(silent)
    (item,) = [one for one in after["evidence"] if one["indicator"] == "default"]
    assert item["statement"] == "Looked for and not found: a default of the holder. All courts."
    assert item["source"]["publisher"] == "Court records"
    before = await explained(store, as_of="2026-03-19")
    assert not [one for one in before["evidence"] if one["indicator"] == "default"]


async def test_a_reviewer_records_a_search_and_corrects_it(store: GraphStore, tmp_path: Path) -> None:
    await with_gap(store, tmp_path)
    silent = posterior(await explained(store))
    part = SearchPart(outcome="not_found", detection=0.8, how="The register.")
    kept = await add_search("gap.1", part, "Ann Lee", store)
    assert (kept.written.created > 0, posterior(await explained(store)) < silent) == (True, True)
    twice = await add_search("gap.1", part, "ann lee", store)
    assert (twice.key, twice.written.created, twice.written.corrected) == (kept.key, 0, 0)
    again = await add_search(f"{CASE}:gap.1", SearchPart(outcome="not_public"), "ann lee", store)
    assert (again.key, again.written.corrected) == (kept.key, 1)
    assert posterior(await explained(store)) == silent
    await with_gap(store, tmp_path, **FOUND_NOTHING)  # reading the file again takes nothing back
    assert posterior(await explained(store)) == silent


async def test_a_gap_that_an_explanation_found_can_be_searched_for(store: GraphStore, tmp_path: Path) -> None:
    await with_gap(store, tmp_path)
    first = await explain_move(make_ask(case=CASE), store, knowledge=load_knowledge())
    assert asks(first)
    named = "look.default.big_holder.during"
    await add_search(named, SearchPart(outcome="not_found", detection=0.7), "Ann Lee", store)
    then = await explained(store)
    assert posterior(then) < posterior(first)
    assert not asks(then)


async def test_what_is_no_gap_is_refused(store: GraphStore, tmp_path: Path) -> None:
    await with_gap(store, tmp_path)
    with pytest.raises(NotInGraphError, match=f"{CASE}:gap.1"):
        await add_search(f"{CASE}:gap.7", SearchPart(outcome="open"), "Ann Lee", store)
    with pytest.raises(InvalidAskError, match="name"):
        await add_search("gap.1", SearchPart(outcome="open"), " ", store)
