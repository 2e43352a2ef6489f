"""Stories, what is said of them, what is missing and the hindsight: each has its place in the graph."""

from __future__ import annotations

from functools import cache
from typing import Any

from graph.model import Batch, Link
from ingest.casefile import bundled_cases, load_case, map_case
from ingest.caseformat import CaseFile
from ingest.catalog import load_indicators
from ingest.yamlfile import read_mapping

CASE = "2026-02-05-bitcoin-flash-crash"


@cache
def raw(case: str) -> dict[str, Any]:
    return read_mapping(next(file for file in bundled_cases() if file.stem == case))


@cache
def batch(case: str) -> Batch:
    return load_case(next(file for file in bundled_cases() if file.stem == case)).batch


def changed(**more: object) -> Batch:
    """The case with other parts; tuples as the reader gives them."""
    case = CaseFile.model_validate({**raw(CASE), **more})
    return map_case(case, {one.name: one for one in load_indicators()})


def links(of: Batch, kind: str) -> list[Link]:
    return [link for link in of.links if link.type == kind]


def test_one_physical_step_is_one_node_with_two_stories() -> None:
    for file in bundled_cases():
        shared = {
            (f"{file.stem}:{one['id']}", f"{file.stem}:{step['same_as']}")
            for one in raw(file.stem)["narratives"]
            for step in one["causal_steps"]
            if "same_as" in step
        }
        held = {(link.from_id, link.to_id) for link in links(batch(file.stem), "HAS_STEP")}
        assert shared <= held


def test_every_objection_hangs_on_the_step_that_it_attacks() -> None:
    wanted = sum(
        one.get("kind") == "undercuts" and "step" in one
        for narrative in raw(CASE)["narratives"]
        for one in (*narrative.get("arguments_for", ()), *narrative.get("arguments_against", ()))
        if isinstance(one, dict)
    )
    found = links(batch(CASE), "UNDERCUTS")
    assert len(found) == wanted > 0
    assert {(link.from_label, link.to_label) for link in found} == {("Argument", "Step")}


def test_facts_brought_for_and_against_a_story_are_linked_to_it() -> None:
    wanted = {
        ("SUPPORTS", f"{CASE}:{one}", f"{CASE}:{narrative['id']}")
        for narrative in raw(CASE)["narratives"]
        for one in narrative.get("arguments_for", ())
        if isinstance(one, str)
    } | {
        ("REBUTS", f"{CASE}:{one['fact']}", f"{CASE}:{narrative['id']}")
        for narrative in raw(CASE)["narratives"]
        for one in narrative.get("arguments_against", ())
        if "fact" in one
    }
    assert wanted <= {(link.type, link.from_id, link.to_id) for link in batch(CASE).links}


def test_a_window_of_two_dates_keeps_both() -> None:
    predictions = [node.properties for node in batch(CASE).nodes if node.label == "Prediction"]
    dated = [one for one in predictions if one["window"] == "dates"]
    assert all(("window_start" in one) == (one["window"] == "dates") for one in predictions)
    assert all(one["stated_window"] is True for one in dated)
    assert any(one["stated_window"] is False and one["window"] == "during" for one in predictions)


def test_what_is_watched_says_whom_it_would_favour_and_hurt() -> None:
    watched = raw(CASE)["watch_next"]
    found = links(batch(CASE), "WOULD_INFORM")
    assert sum(link.properties["sign"] == 1 for link in found) == sum(len(one["would_favour"]) for one in watched)
    assert sum(link.properties["sign"] == -1 for link in found) == sum(len(one["would_hurt"]) for one in watched)


def test_proponents_made_their_story() -> None:
    made = {link.to_id for link in links(batch(CASE), "MADE") if link.to_label == "Narrative"}
    assert made == {f"{CASE}:{one['id']}" for one in raw(CASE)["narratives"] if one.get("proponents")}


def test_a_consensus_keeps_its_order_and_its_reports() -> None:
    found = [
        node.properties
        for node in batch(CASE).nodes
        if node.label == "Hindsight" and node.properties["kind"] == "consensus"
    ]
    assert [one["rank"] for one in found] == list(range(1, len(raw(CASE)["consensus"]["narratives"]) + 1))


def test_a_consensus_on_nothing_is_kept_with_its_reports() -> None:
    report = {"publisher": "A court", "title": "Ruling", "url": "https://example.org/r", "official": False}
    nobody = {"narratives": (), "strength": "contested", "by": (report,)}
    held = [node for node in changed(consensus=nobody).nodes if node.id == f"{CASE}:hindsight.consensus.1"]
    assert held[0].properties["by"] == ("A court: Ruling <https://example.org/r> (not official)",)


def test_hindsight_reaches_nothing_but_its_own_label() -> None:
    kept = batch(CASE)
    stripped = changed(consensus=None, discriminating_facts=(), narratives=without_outcomes())
    apart = {node for node in map(repr, kept.nodes) if "label='Hindsight'" not in node and "label='Case'" not in node}
    assert apart == {repr(node) for node in stripped.nodes if node.label != "Case"}


def without_outcomes() -> tuple[dict[str, Any], ...]:
    return tuple({k: v for k, v in one.items() if k != "outcome"} for one in raw(CASE)["narratives"])


def test_who_plays_a_role_is_a_dated_fact_between_two_links() -> None:
    played = [one for one in raw(CASE)["relations"] if one["type"] == "plays"]
    roles = [node for node in batch(CASE).nodes if node.label == "Role"]
    assert len(roles) == len(played) == len(links(batch(CASE), "PLAYS")) == len(links(batch(CASE), "FOR"))
    assert all(node.properties["known_at"] for node in roles)


def test_a_claim_is_attributed_to_who_published_it() -> None:
    claims = {node.id for node in batch(CASE).nodes if node.label == "Claim"}
    assert claims == {link.from_id for link in links(batch(CASE), "WAS_ATTRIBUTED_TO")}


def test_two_relays_of_one_report_have_one_source() -> None:
    names = {node.properties["name"] for node in batch(CASE).nodes if node.label == "Source"}
    assert not any(str(name).endswith("(copy)") for name in names)
