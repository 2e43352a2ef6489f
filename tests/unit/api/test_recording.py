"""What an explanation becomes in the graph, by the rules of the ontology and without a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from api.ask import make_ask
from api.gathering import Gathered, Place
from api.recording import to_batch
from api.recording_run import Run, choose
from causal.explain import explain
from causal.model import Dossier, Narrative, Template, TemplateStep
from causal.settings import Method
from graph.model import Batch
from graph.schema import validate
from tests.dossiers import NOW, a_dossier, a_fact, a_narrative, a_prediction

TEMPLATE = Template(
    id="T09",
    version="1",
    title="A template",
    summary="",
    slots=("catalyst",),
    move_direction="any",
    roles=(),
    steps=(TemplateStep(n=1, text="step 1"),),
)


def a_library_story(subject: str | None) -> Narrative:
    story = a_narrative("T09", [a_prediction("trading volume", subject, "up", role="fund")], origin="library")
    return replace(story, template="T09", template_version="1", recorded_from=None, roles={"fund": subject or ""})


def a_run(*, others: tuple[Narrative, ...] = (), places: Mapping[str, Place] | None = None) -> Run:
    told = a_narrative(
        "carry",
        [a_prediction("fx spot return", "usdjpy", "down")],
        [a_prediction("net ETF flow", "fund", "down"), a_prediction("trading volume", "coin", "up")],
    )
    facts = [
        a_fact("yen_up", "fx spot return", "usdjpy", 1.2),
        a_fact("outflow", "net ETF flow", "fund", -5e8, unit="USD"),
    ]
    dossier: Dossier = a_dossier(facts, [told])
    groups = ((told,), *((one,) for one in others))
    explanation = explain(dossier, groups, Method())
    known = {fact.id: Place(label="Observation", id=f"case:{fact.id}") for fact in dossier.facts}
    ask = make_ask(case="case", as_of=NOW, as_at=NOW, now=NOW)
    return Run(
        id="exp_1",
        body="{}",
        explanation=explanation,
        gathered=Gathered(ask=ask, dossier=dossier, stored=True, places=known if places is None else places),
        chosen=choose(explanation, groups),
        library=(TEMPLATE,),
    )


def links(batch: Batch, type_: str) -> list[tuple[str, str]]:
    return [(link.from_id, link.to_id) for link in batch.links if link.type == type_]


def outcomes(batch: Batch) -> dict[str, object]:
    return {node.id: node.properties["outcome"] for node in batch.nodes if node.label == "Assessment"}


def test_a_run_is_what_the_ontology_allows() -> None:
    batch = to_batch(a_run(others=(a_library_story("fund"),)), [])
    validate(batch)
    assert {node.label for node in batch.nodes} >= {"Explanation", "Assessment", "Narrative", "Step", "Prediction"}


def test_each_item_stands_against_its_step_and_ends_at_its_facts() -> None:
    batch = to_batch(a_run(), [])
    assert set(links(batch, "OF")) == {
        (f"exp_1:carry.1.p1.{item}", "case:yen_up") for item in _items_of(batch, "carry.1")
    } | {(f"exp_1:carry.2.p1.{item}", "case:outflow") for item in _items_of(batch, "carry.2")}
    assert outcomes(batch)["exp_1:carry.2.p2"] == "unobserved"
    assert ("exp_1:carry.2.p2", "case:carry.2") in links(batch, "ASSESSES")
    assert "exp_1:carry.2.p2" not in dict(links(batch, "OF"))
    assert len(links(batch, "USED")) == len(outcomes(batch))


def _items_of(batch: Batch, step: str) -> set[object]:
    nodes = [node for node in batch.nodes if node.label == "Assessment" and node.id.startswith(f"exp_1:{step}.")]
    return {node.properties["evidence_id"] for node in nodes if node.properties["evidence_id"] is not None}


def test_what_spoke_against_a_prediction_is_found_by_its_outcome() -> None:
    run = a_run()
    told = {name.split(".p", 1)[0]: outcome for name, outcome in outcomes(to_batch(run, [])).items() if ".ev_" in name}
    assert told == {"exp_1:carry.1": "contradicted", "exp_1:carry.2": "met"}


def test_the_numbers_on_the_links_are_those_of_the_explanation() -> None:
    run = a_run(others=(a_library_story(None),))
    scored = {link.to_id: link.properties["posterior"] for link in to_batch(run, []).links if link.type == "SCORED"}
    told = {one.id: one.posterior for one in run.explanation.narratives}
    assert scored["case:carry"] == told["carry"]
    assert scored["case:move:T09"] == told["T09"]
    assert scored["unknown"] == run.explanation.unknown.posterior
    assert scored["case:carry.1"] == run.explanation.narratives[0].steps[0].posterior


def test_what_an_item_does_is_kept_beside_it_and_once_a_story() -> None:
    run = a_run()
    kept = [node.properties for node in to_batch(run, []).nodes if node.label == "Assessment"]
    told = sorted(
        (item.id, part.leave_one_out_bits, part.shapley_bits)
        for item in run.explanation.evidence
        for part in item.contributions
        if part.narrative == "carry" and part.shapley_bits is not None
    )
    assert len(told) == 2
    assert told == sorted(
        (one["evidence_id"], one["leave_one_out_bits"], one["shapley_bits"])
        for one in kept
        if one["shapley_bits"] is not None
    )


def test_a_bound_template_is_a_narrative_of_the_move_under_its_own_id() -> None:
    batch = to_batch(a_run(others=(a_library_story("fund"),)), [])
    assert ("case:move:T09", "T09") in links(batch, "INSTANCE_OF")
    assert ("case:move:T09", "case:move") in links(batch, "EXPLAINS")
    assert ("case:move:T09.1", "case:move:T09.1.1.fund") in links(batch, "PREDICTS")
    assert not [link for link in batch.links if link.type == "EXPLAINS" and link.from_id == "case:carry"]


def test_another_binding_predicts_under_another_id() -> None:
    one = to_batch(a_run(others=(a_library_story("fund"),)), [])
    other = to_batch(a_run(others=(a_library_story("share"),)), [])
    assert links(one, "PREDICTS") == [("case:move:T09.1", "case:move:T09.1.1.fund")]
    assert links(other, "PREDICTS") == [("case:move:T09.1", "case:move:T09.1.1.share")]


def test_explanations_of_a_move_follow_one_another_by_their_clocks() -> None:
    days = {"exp_a": 1, "exp_b": 2, "exp_c": 3}
    earlier = [{"id": name, "as_of": datetime(2030, 5, day, tzinfo=UTC), "as_at": NOW} for name, day in days.items()]
    later = {"id": "exp_z", "as_of": datetime(2031, 1, 1, tzinfo=UTC), "as_at": NOW}
    same = {"id": "exp_1", "as_of": NOW, "as_at": NOW}
    batch = to_batch(a_run(), [*earlier, later, same])
    assert sorted(links(batch, "NEXT")) == [("exp_1", "exp_z"), ("exp_c", "exp_1")]


def test_what_was_lacking_is_a_gap_that_the_system_names() -> None:
    batch = to_batch(a_run(), [])
    gaps = [node for node in batch.nodes if node.label == "DataGap"]
    assert [gap.properties["item"] for gap in gaps] == ["trading volume of coin, during the move"]
    assert gaps[0].properties["named_by"] == "system"
    assert links(batch, "LACKED") == [("exp_1", gaps[0].id)]
    assert set(links(batch, "ABOUT")) >= {(gaps[0].id, "coin"), (gaps[0].id, "case:move")}


def test_a_move_known_only_from_the_question_is_put_on_record() -> None:
    run = a_run()
    kept = to_batch(run, [])
    asked = to_batch(replace(run, gathered=replace(run.gathered, stored=False)), [])
    validate(asked)
    assert not [node for node in kept.nodes if node.label == "Move"]
    assert [node.properties["origin"] for node in asked.nodes if node.label == "Move"] == ["asked"]


def test_variants_with_equal_roles_are_told_apart_by_what_they_predict() -> None:
    forced, waning = a_library_story("fund"), a_library_story("fund")
    step = replace(waning.steps[0], predictions=(a_prediction("holdings change", "fund", "down", role="fund"),))
    waning = replace(waning, steps=(step,))
    run = a_run()
    explanation = explain(run.dossier, ((forced, waning),), Method())
    shown = explanation.narratives[0].steps[0].predictions[0].indicator
    assert choose(explanation, ((forced, waning),))["T09"].steps[0].predictions[0].indicator == shown
    only = explain(run.dossier, ((waning,),), Method())
    assert choose(only, ((forced, waning),))["T09"] == waning
