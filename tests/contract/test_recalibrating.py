"""Judged moves, from a table to what stands beside the posteriors of the next explanation, by every way in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from mcp import ClientSession

from api.ask import make_ask
from api.cli import main
from api.computations import Explain, quietly
from api.computeparts import Place
from api.computing import Computing
from api.digest import digest_of
from api.explaining import explain_move
from api.knowledge import Knowledge, load_knowledge
from api.rendering_markdown import to_markdown
from api.schemas_explanation import ExplanationBody
from api.settings import Settings
from causal.recalibration import LINE_MOVES, Recalibration, from_json
from graph.model import Batch
from graph.server import Running
from graph.store import GraphStore, open_store
from ingest.casefile import load_case
from tests.conftest import clear
from tests.e2e.rest_kit import serving
from tests.mcp_kit import called, in_memory, text_of
from tests.minimal_case import MINIMAL

STORY = """
narratives:
  - id: sold
    label: A holder sold
    claim: It sold.
    causal_steps:
      - {n: 1, text: sale, predicts: [{indicator: trading volume, subject: exmp, direction: up}]}
"""
LEARNED = {"recalibration", "recalibration_note"}


def day(number: int) -> date:
    """One session after another; no Thursday, as on those of that autumn the exchange was closed for holidays."""
    return date(2025, 9, 8) + timedelta(days=7 * (number // 4) + (0, 1, 2, 4)[number % 4])


def case(folder: Path, number: int) -> Batch:
    """The minimal case on a day of its own, with one story; turnover was small where that was no cause."""
    text = (MINIMAL + STORY).replace("2026-03-12", f"{day(number)}")
    text = text.replace("2026-03-11", f"{day(number) - timedelta(days=1)}")
    file = folder / f"{day(number)}-example.yaml"
    file.write_text(text if was_cause(number) else text.replace("value: 41.0", "value: 2.0"), encoding="utf-8")
    return load_case(file).batch


def was_cause(number: int) -> bool:
    return number % 3 != 0


def table(folder: Path, moves: int, *more: str) -> Path:
    """A table of so many judged moves, in each the story of the case and one of the library, which was no cause."""
    lines = ["case,instrument,on,narrative,true"]
    for number in range(moves):
        id_ = f"{day(number)}-example"
        lines += [f"{id_},,,sold,{str(was_cause(number)).lower()}", f"{id_},,,T01,false"]
    file = folder / "judged.csv"
    file.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return file


@pytest.fixture
async def moves(embedded: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[GraphStore]:
    """The embedded graph with as many moves as are needed, as the one that the command finds."""
    clear(embedded.service)
    store = open_store(embedded.service)
    await store.create_schema()
    batches = [case(tmp_path, number) for number in range(LINE_MOVES)]
    nodes = {(node.label, node.id): node for batch in batches for node in batch.nodes}
    links = tuple(link for batch in batches for link in batch.links)
    await store.upsert(Batch(nodes=tuple(nodes.values()), links=links))
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    for name in ("url", "user", "password", "database"):
        monkeypatch.setenv(f"WHYMOVE_GRAPH_{name.upper()}", getattr(embedded.service, name))
    try:
        yield store
    finally:
        await store.close()


async def explained(store: GraphStore, knowledge: Knowledge) -> dict[str, Any]:
    ask = make_ask(case=f"{day(1)}-example", as_of="2026-04-01")
    found: dict[str, Any] = await explain_move(ask, store, knowledge=knowledge, record=False)
    assert ExplanationBody.model_validate(orjson.loads(orjson.dumps(found)))
    return found


def without(explanation: dict[str, Any]) -> dict[str, Any]:
    """What has to be the same whether anything was learned or not."""
    kept = {name: value for name, value in explanation.items() if name not in LEARNED | {"id", "as_at", "took_ms"}}
    plain = [{name: x for name, x in one.items() if name != "recalibrated"} for one in explanation["narratives"]]
    return {**kept, "narratives": plain}


async def computed_beside(question: dict[str, str], graph: Running, data: Path) -> dict[str, Any]:
    """The explanation by the process that computes for a service."""
    computing = Computing(Place(settings=Settings(data=data, log_level="error"), endpoint=graph.service), 1)
    computing.start()
    try:
        async with asyncio.timeout(120.0):
            body = (await computing.do(Explain(question=question, record=False), quietly)).body
    finally:
        await computing.close()
    found: dict[str, Any] = orjson.loads(body)
    return found


async def test_fifty_judged_moves_are_learned_from_and_every_way_in_tells_both_numbers(
    moves: GraphStore, embedded: Running, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "recalibration.json"
    assert await asyncio.to_thread(main, ["recalibrate", str(table(tmp_path, LINE_MOVES))]) == 0
    out, err = capfd.readouterr()
    assert "Learned from 100 judged narratives of 50 moves." in out
    assert "150 more" in out
    assert f"weighing move 50 of 50: {day(49)}-example" in err
    knowledge = load_knowledge()
    taught = from_json(file.read_text(encoding="utf-8"), settings_hash=knowledge.method.settings_hash())
    assert (len(taught.moves), taught.log_loss_after < taught.log_loss_before) == (LINE_MOVES, True)

    plain = await explained(moves, knowledge)
    assert "recalibrated" not in orjson.dumps(plain).decode()
    found = await explained(moves, replace(knowledge, recalibration=file))
    assert without(found) == without(plain)
    assert found["recalibration"] == {
        "version": 2,
        "moves": LINE_MOVES,
        "log_loss_before": taught.log_loss_before,
        "log_loss_after": taught.log_loss_after,
    }
    for one in found["narratives"]:
        name = one["template"] or one["id"]
        assert one["recalibrated"] == pytest.approx(taught.apply(name, one["posterior"])), name
    assert "Recalibrated by 50 judged moves" in to_markdown(found)

    question = {"case": f"{day(1)}-example", "as_of": "2026-04-01"}
    beside = await computed_beside(question, embedded, tmp_path)
    async with serving(moves, tmp_path) as client:
        answer = (await client.post("/v1/explanations", json=question)).json()
        kept = (await client.get(f"/v1/explanations/{answer['id']}")).json()
    async with in_memory(moves, tmp_path) as client:
        await told_to_an_agent(client, answer, question)
    for one in (beside, answer, kept):
        assert without(one) == without(plain)
        assert one["recalibration"] == found["recalibration"]
        assert [part["recalibrated"] for part in one["narratives"]] == [
            part["recalibrated"] for part in found["narratives"]
        ]


async def told_to_an_agent(client: ClientSession, answer: dict[str, Any], question: dict[str, str]) -> None:
    """The tools of agents tell both numbers as the answer over REST does."""
    why = await called(client, "explain", **question)
    assert why["recalibration"].items() <= answer["recalibration"].items()
    by_id = {one["id"]: one["recalibrated"] for one in answer["narratives"]}
    assert {one["id"]: one["recalibrated"] for one in why["stories"]}.items() <= by_id.items()
    first = why["stories"][0]["id"]
    behind = await called(client, "evidence", explanation=why["explanation"], story=first)
    assert behind["recalibrated"] == by_id[first]
    told = text_of(await client.call_tool("explain", question))
    assert "recalibrated" in told.splitlines()[2]
    assert f"Recalibrated by {LINE_MOVES} judged moves." in told


async def test_what_cannot_be_used_is_told_of_and_changes_nothing(moves: GraphStore, tmp_path: Path) -> None:
    file = tmp_path / "recalibration.json"
    knowledge = replace(load_knowledge(), recalibration=file)
    plain = await explained(moves, knowledge)
    other = Recalibration(
        settings_hash="sha256:other",
        moves=("m",),
        alpha=0.0,
        beta=1.0,
        common={},
        corrections={},
        log_loss_before=0.5,
        log_loss_after=0.4,
    )
    for text, why in ((other.to_json(), "made for settings sha256:other"), ("{", "not a whymove recalibration")):
        file.write_text(text, encoding="utf-8")
        found = await explained(moves, knowledge)
        assert why in found["recalibration_note"]
        assert "learn it anew" in found["recalibration_note"]
        assert "recalibration" not in found
        assert (digest_of(found).recalibration_note, digest_of(found).recalibration) == (
            found["recalibration_note"],
            None,
        )
        assert without(found) == without(plain)
        assert f"Note: {file.name} is not used".replace("_", "\\_") in to_markdown(found)


async def test_a_line_that_fits_nothing_is_named_and_nothing_is_written(
    moves: GraphStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("causal.recalibration.LINE_MOVES", 2)
    more = (f"{day(0)}-example,,,soled,true", "2020-01-01-nothing,,,sold,true", f",exmp,{day(0)},sold,false")
    labels = table(tmp_path, 2, *more)
    assert await asyncio.to_thread(main, ["recalibrate", str(labels)]) == 2
    said = capfd.readouterr().err
    assert f"line 6: 'soled' of {day(0)}-example: no narrative of this move; did you mean sold" in said
    assert "line 7: 2020-01-01-nothing cannot be explained: " in said
    assert f"line 8: judges sold of {day(0)}-example:move again, as line 2 does" in said
    assert "nothing learned and nothing written, 3 faults" in said
    assert not (tmp_path / "recalibration.json").exists()


async def test_too_few_judged_moves_say_how_many_more_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHYMOVE_DATA", str(tmp_path))
    assert await asyncio.to_thread(main, ["recalibrate", str(table(tmp_path, 3))]) == 2
    assert "3 judged moves, a recalibration needs 50: judge 47 more" in capfd.readouterr().err
    assert not (tmp_path / "recalibration.json").exists()
