"""Timelines, provenance, reviews and precedents over the bundled cases, on both servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from prov.model import ProvActivity, ProvAgent, ProvDerivation, ProvDocument, ProvEntity, ProvUsage

from api.ask import make_ask
from api.claim_review import claim_review, rating_of, reviewed
from api.clocks import chosen_of
from api.explaining import explain_move
from api.fitting import parse_pattern
from api.fitting_moves import moves_alike
from api.knowledge import Knowledge, load_knowledge
from api.precedents import mechanisms_of, move_named
from api.provenance import lineage_of, to_prov, to_prov_json
from api.questions import answer, question_of
from api.timeline import timeline_of
from graph.endpoint import Endpoint
from graph.errors import NotInGraphError
from graph.model import Batch, Link, Node
from graph.reading import Clocks
from graph.store import GraphStore, open_store
from ingest.casefile import bundled_cases, load_case
from ingest.checkreading import read_world
from ingest.checks import check_all, check_batch
from ingest.documents import bundled_documents, load_document
from tests.conftest import clear
from tests.samples import KNOWN

CASE, YEN, VIX = "2026-02-05-bitcoin-flash-crash", "2024-08-05-yen-carry-unwind", "2018-02-05-volmageddon"
FAR = datetime(2099, 1, 1, tzinfo=UTC)
NOW = Clocks(as_of=FAR, as_at=FAR)
ARTICLE = "doc_ba2f99d77063bf39"
KNOWLEDGE: Knowledge = load_knowledge()


@pytest.fixture(scope="module")
async def graph(endpoint: Endpoint) -> AsyncIterator[tuple[GraphStore, dict[str, Any]]]:
    """Three cases, the article with its checks, and one kept explanation."""
    clear(endpoint)
    store = open_store(endpoint)
    await store.create_schema()
    for path in (path for path in bundled_cases() if path.stem in {CASE, YEN, VIX}):
        await store.upsert(load_case(path).batch)
    (article,) = (path for path in bundled_documents() if "techflow" in path.stem)
    await store.upsert(load_document(article).batch)
    world, _ = await read_world(store, None, NOW)
    await store.upsert(check_batch(check_all(world.readings.values(), world)))
    explanation = await explain_move(make_ask(case=CASE), store, knowledge=KNOWLEDGE, record=True)
    yield store, orjson.loads(orjson.dumps(explanation))
    await store.close()


Filled = tuple[GraphStore, dict[str, Any]]


@pytest.mark.parametrize(
    ("story", "template", "move", "named"),
    [
        (f"{CASE}:tradfi_degrossing", "T01", None, "August 2007"),
        (f"{CASE}:hk_yen_carry", "T02", f"{YEN}:move", "2 to 5 August 2024"),
        (f"{CASE}:move:T04", "T04", f"{VIX}:move", "5 February 2018"),
        (f"{CASE}:crypto_leverage", "T07", None, "10 October 2025"),
        (f"{CASE}:move:T14", "T14", None, "2022-09-28: pension funds sell gilts"),
    ],
)
async def test_q22_finds_where_a_mechanism_has_happened_before(
    graph: Filled, story: str, template: str, move: str | None, named: str
) -> None:
    rows = (await answer(graph[0], question_of("Q22"), {"narrative": story}, CASE, FAR)).records()
    assert {row["template"] for row in rows} == {template}
    assert any(named in str(row["named"]) for row in rows)
    assert move is None or move in {row["move"] for row in rows}
    assert f"{CASE}:move" not in {row["move"] for row in rows}


async def test_q22_hides_moves_that_were_not_known_yet(graph: Filled) -> None:
    early = datetime(2024, 1, 1, tzinfo=UTC)
    given = {"narrative": f"{CASE}:hk_yen_carry"}
    rows = (await answer(graph[0], question_of("Q22"), given, CASE, early)).records()
    assert f"{YEN}:move" not in {row["move"] for row in rows}


async def test_q29_leaves_out_what_predicts_redemptions(graph: Filled) -> None:
    given = {"indicator": "net_etf_flow", "direction": "down"}
    rows = (await answer(graph[0], question_of("Q29"), given, CASE, FAR)).records()
    assert {"T03", "T17"} <= {str(row["template"]) for row in rows}
    assert not {"T06", "T08"} & {str(row["template"]) for row in rows}


async def test_precedents_are_told_by_cases_and_named_by_templates(graph: Filled) -> None:
    store, explanation = graph
    move = await move_named(store, CASE, NOW)
    assert move["key"] == f"{CASE}:move"
    found = {one.template: one for one in await mechanisms_of(store, move, KNOWLEDGE.library, NOW)}
    first = next(iter(found.values()))
    assert (first.template, first.posterior) == ("T01", explanation["narratives"][0]["posterior"])
    (yen,) = found["T02"].precedents
    assert (yen.move, yen.instrument, yen.told_by, yen.earlier) == (f"{YEN}:move", "nikkei", "case", True)
    assert yen.return_ == pytest.approx(-0.124)
    assert any("August 2007" in name for name in found["T01"].named)
    back = {one.template: one for one in await mechanisms_of(store, await move_named(store, YEN, NOW), (), NOW)}
    assert [(one.move, one.earlier) for one in back["T02"].precedents] == [(f"{CASE}:move", False)]


async def test_a_move_that_is_not_there_is_refused_with_near_names(graph: Filled) -> None:
    with pytest.raises(NotInGraphError, match=YEN):
        await move_named(graph[0], "2024-08-05-yen-carry", NOW)


async def test_moves_alike_went_the_same_way_as_far(graph: Filled) -> None:
    pattern = parse_pattern("down", 0.13, [], KNOWLEDGE.indicators)
    told = await moves_alike(graph[0], pattern, NOW)
    moves = {str(one["move"]): one for rows in told.values() for one in rows}
    assert f"{CASE}:move" in moves
    assert f"{YEN}:move" not in moves
    assert f"{VIX}:move" in moves  # a rise of the VIX is a fall of what is held
    early = await moves_alike(graph[0], pattern, await chosen_of("2020-01-01", None, graph[0].present))
    assert {str(one["move"]) for rows in early.values() for one in rows} == {f"{VIX}:move"}
    rises = await moves_alike(graph[0], parse_pattern("up", 0.0001, [], KNOWLEDGE.indicators), NOW)
    assert not {str(one["move"]) for rows in rises.values() for one in rows} & set(moves)


async def test_a_timeline_has_every_fact_of_the_case_by_the_date_of_its_publication(graph: Filled) -> None:
    store, explanation = graph
    timeline = await timeline_of(explanation, store, KNOWLEDGE)
    known = [entry.known_at for entry in timeline.entries]
    assert known == sorted(known)
    weighed = {name for entry in timeline.entries for name in entry.evidence}
    assert weighed == {item["id"] for item in explanation["evidence"]}
    by_fact = {entry.facts[0]: entry for entry in timeline.entries}
    close = datetime(2026, 2, 5, 21, 0, tzinfo=UTC)
    assert by_fact["ibit_close_feb5"].known_at <= close
    assert by_fact["gs_zscore"].known_at > close
    assert by_fact["flow_feb5_ibit"].known_at > close
    came = [name for moment in timeline.moments for name in moment.evidence]
    assert sorted(came) == sorted(weighed)
    last = timeline.moments[-1].posteriors
    assert last["tradfi_degrossing"] == pytest.approx(explanation["narratives"][0]["posterior"])


async def test_the_provenance_of_an_explanation_is_valid_and_survives_a_round_trip(graph: Filled) -> None:
    store, explanation = graph
    lineage = await lineage_of(store, str(explanation["id"]))
    written = to_prov_json(lineage)
    read = ProvDocument.deserialize(content=written.decode(), format="json")
    assert read == to_prov(lineage)
    assert written == to_prov_json(await lineage_of(store, str(explanation["id"])))
    (bundle,) = read.bundles
    named = {str(one.identifier) for one in bundle.get_records((ProvEntity, ProvActivity, ProvAgent))}
    assert f"fact:{CASE}:flow_feb5_ibit" in named
    assert {"software:whymove", f"run:{explanation['id']}", f"explanation:{explanation['id']}"} <= named
    assert "actor:park" in named
    for relation in bundle.get_records((ProvUsage, ProvDerivation)):
        assert {str(value) for _, value in relation.formal_attributes if value is not None} <= named


async def test_ingest_runs_series_and_corrections_have_their_place_in_the_provenance(graph: Filled) -> None:
    store, _ = graph
    await store.upsert(Batch(nodes=(_a_reading(1.0),)))
    await store.upsert(_kept_by_hand())
    (bundle,) = ProvDocument.deserialize(
        content=to_prov_json(await lineage_of(store, "exp_x")).decode(), format="json"
    ).bundles
    text = bundle.get_provn()
    assert "wasGeneratedBy(fact:f@2, ingest:run1" in text
    assert "wasDerivedFrom(fact:f@2, series:s.close" in text
    assert "prov:Revision" in text
    assert "activity(ingest:run1, 2026-02-06T14:30:00+00:00, -" in text
    assert "hadPrimarySource" not in text
    assert "wasDerivedFrom(document:copy, document:first, -, -, -, [whymove:how=" in text


def _a_reading(value: float) -> Node:
    clocks: dict[str, Any] = {"known_at": KNOWN, "known_at_precision": "instant"}
    return Node(label="Observation", id="f", properties=clocks | {"value": value, "unit": "USD"})


def _kept_by_hand() -> Batch:
    body = {"id": "exp_x", "answer": "a", "move": {"id": "m"}, "as_of": "2026-02-06T14:30:00Z", "narratives": [],
            "as_at": "2026-02-06T14:30:00Z", "method_version": "1", "settings_hash": "sha256:0"}  # fmt: skip
    nodes = (
        Node(
            label="Explanation",
            id="exp_x",
            properties={"as_of": KNOWN, "as_at": KNOWN, "body": orjson.dumps(body).decode()},
        ),
        Node(label="Assessment", id="as", properties={"outcome": "met", "evidence_id": "ev_1"}),
        _a_reading(2.0),
        Node(label="Series", id="s.close", properties={"licence": "may_show"}),
        Node(label="IngestRun", id="run1", properties={"connector": "table", "started_at": KNOWN}),
        Node(label="Document", id="copy", properties={"title": "A copy"}),
        Node(label="Document", id="first", properties={"title": "The first"}),
    )

    def tie(type_: str, from_label: str, from_id: str, to_label: str, to_id: str) -> Link:
        return Link(type=type_, from_label=from_label, from_id=from_id, to_label=to_label, to_id=to_id)

    links = (
        tie("USED", "Explanation", "exp_x", "Assessment", "as"),
        tie("OF", "Assessment", "as", "Observation", "f"),
        tie("WAS_DERIVED_FROM", "Observation", "f", "Series", "s.close"),
        tie("WAS_GENERATED_BY", "Observation", "f", "IngestRun", "run1"),
        tie("REPORTED_BY", "Observation", "f", "Document", "copy"),
        tie("COPY_OF", "Document", "copy", "Document", "first"),
    )
    return Batch(nodes=nodes, links=links)


async def test_an_explanation_that_was_not_kept_has_no_provenance(graph: Filled) -> None:
    with pytest.raises(NotInGraphError):
        await lineage_of(graph[0], "exp_none")


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("tail", "Holds as far as it can be recomputed"),
        ("rarer", "Does not hold when recomputed"),
        ("barrier", "Not checkable"),
        ("carry_theory", "Allegation, not judged here"),
    ],
)
async def test_a_review_of_a_claim_of_the_article_says_what_its_checks_found(
    graph: Filled, claim: str, words: str
) -> None:
    found = await reviewed(graph[0], f"{ARTICLE}:{claim}", NOW)
    assert rating_of(found).words == words
    review: Any = claim_review(found)
    assert review["itemReviewed"]["author"]["@type"] == "Person"
    assert "techflowpost" in review["itemReviewed"]["appearance"][0]["url"]
    assert review["claimReviewed"].startswith("According to ")
