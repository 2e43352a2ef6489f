"""Judgements of analysts on both servers: kept, corrected, ranked by how far they differ, and beside the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.ask import make_ask
from api.errors import InvalidAskError
from api.explaining import explain_move
from api.judgements import JUDGEMENTS, NewJudgement, add_judgement, cells, disagreements
from api.knowledge import load_knowledge
from api.questions import answer, question_of
from api.rendering_html import to_html
from api.rendering_judgements import HEADING, judged_lines
from api.rendering_markdown import to_markdown
from api.schemas_explanation import ExplanationBody
from graph.errors import NotInGraphError
from graph.reading import Clocks, ask
from graph.store import GraphStore
from tests.forecast_world import CASE, EVIDENCE, STEP, with_case

ANN = NewJudgement(evidence=EVIDENCE, step=STEP, bits=1.5, by="Ann Lee", note="far above the usual")
BOB = replace(ANN, by="Bob Ray", bits=-0.5, note=None)


def clocks() -> Clocks:
    now = datetime.now(UTC)
    return Clocks(as_of=now, as_at=now)


async def explained(store: GraphStore) -> dict[str, Any]:
    found: dict[str, Any] = await explain_move(make_ask(case=CASE), store, knowledge=load_knowledge(), record=False)
    return found


async def test_a_judgement_is_kept_and_corrected(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    kept = await add_judgement(ANN, store)
    again = await add_judgement(replace(ANN, evidence="volume", step="sold.1", by="ann lee"), store)
    assert (again.key, again.written.unchanged, again.written.corrected) == (kept.key, 1, 0)
    before = clocks()
    corrected = await add_judgement(replace(ANN, bits=2.0), store)
    assert (corrected.key, corrected.written.corrected) == (kept.key, 1)
    (row,) = await ask(store, JUDGEMENTS.one, {"id": kept.key, **clocks().params()})
    assert (row["bits"], row["by"], row["evidence"], row["step"]) == (2.0, "ann_lee", EVIDENCE, STEP)
    (old,) = await ask(store, JUDGEMENTS.one, {"id": kept.key, **before.params()})
    assert (old["bits"], old["note"]) == (1.5, "far above the usual")


IMPOSSIBLE: tuple[tuple[dict[str, Any], type[Exception], str], ...] = (
    ({"evidence": "volumes"}, NotInGraphError, f"did you mean {EVIDENCE}"),
    ({"step": "sold.2"}, NotInGraphError, f"did you mean {STEP}"),
    ({"bits": 21.0}, InvalidAskError, "-20 to 20"),
    ({"bits": float("nan")}, InvalidAskError, "-20 to 20"),
    ({"by": "Largest shareholders"}, NotInGraphError, "did you mean big_holder"),
    ({"note": "x" * 2001}, InvalidAskError, "2000"),
)


async def test_what_nobody_can_judge_is_refused(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    for changes, error, words in IMPOSSIBLE:
        with pytest.raises(error, match=words):
            await add_judgement(replace(ANN, **changes), store)
    assert await cells(store, clocks()) == []


async def test_cells_are_ranked_by_how_far_analysts_differ(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    near = replace(ANN, evidence="holder_sells", bits=1.0)
    for one in (ANN, BOB, near, replace(near, by=BOB.by, bits=1.25)):
        await add_judgement(one, store)
    first, second = await disagreements(store, clocks(), case=CASE)
    assert (first["evidence"], first["n"], first["mean"], first["opposite"]) == (EVIDENCE, 2, 0.5, True)
    assert first["spread"] == pytest.approx(2.0 / 2**0.5)
    assert (second["evidence"], second["opposite"]) == (f"{CASE}:holder_sells", False)
    assert await disagreements(store, clocks(), case="another") == []
    assert await disagreements(store, clocks(), move=f"{CASE}:move") == [first, second]
    assert await disagreements(store, Clocks(as_of=datetime(2026, 3, 1, tzinfo=UTC), as_at=datetime.now(UTC))) == []
    rows = (await answer(store, question_of("Q28"), {}, None, clocks().as_of)).records()
    assert [(row["evidence"], row["step"], row["n"], row["opposite"]) for row in rows] == [
        (EVIDENCE, STEP, 2, True),
        (f"{CASE}:holder_sells", STEP, 2, False),
    ]
    assert rows[0]["spread"] == pytest.approx(first["spread"])


async def test_an_answer_shows_where_analysts_differ_and_is_not_moved_by_it(store: GraphStore, tmp_path: Path) -> None:
    await with_case(store, tmp_path)
    without = await explained(store)
    assert "judged" not in without
    assert HEADING not in to_markdown(without)
    assert list(judged_lines(without)) == []
    await add_judgement(ANN, store)
    alone = await explained(store)
    assert next(judged_lines(alone)).startswith("Nowhere yet")
    await add_judgement(BOB, store)
    judged = await explained(store)
    ExplanationBody.model_validate(judged)
    assert [part["posterior"] for part in judged["narratives"]] == [part["posterior"] for part in without["narratives"]]
    (cell,) = judged["judged"]
    assert [one["bits"] for one in cell["judgements"]] == [1.5, -0.5]
    (told, beside) = judged_lines(judged)
    assert told.startswith("1.41 bits apart, in opposite directions: Ann Lee +1.50, Bob Ray -0.50.")
    assert "change none of its numbers" in beside
    for text in (to_markdown(judged), to_html(judged)):
        assert HEADING in text
        assert "Ann Lee +1.50" in text
