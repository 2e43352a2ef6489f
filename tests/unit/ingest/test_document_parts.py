"""The world and the stories of a document: what is kept of them, and what is refused with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.model import Batch
from graph.schema import validate
from ingest.documents import bundled_documents, load_document
from ingest.errors import RecordRejectedError

FOLDER = Path(__file__).parents[2] / "data" / "second_article"
TEXT = FOLDER / "article.txt"
Change = Callable[[dict[str, Any]], object]


def changed(folder: Path, change: Change) -> Path:
    """The second article with a change."""
    data: dict[str, Any] = yaml.safe_load((FOLDER / "article.yaml").read_text(encoding="utf-8"))
    change(data)
    path = folder / "article.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def batch() -> Batch:
    return load_document(FOLDER / "article.yaml", TEXT).batch


def ends(batch: Batch, kind: str) -> set[tuple[str, str]]:
    return {(one.from_id.split(":")[-1], one.to_id.split(":")[-1]) for one in batch.links if one.type == kind}


def properties(batch: Batch, label: str, name: str) -> dict[str, Any]:
    (found,) = (node for node in batch.nodes if node.label == label and node.id.split(":")[-1] == name)
    return dict(found.properties)


def test_all_that_it_tells_is_within_the_ontology(batch: Batch) -> None:
    validate(batch)
    labels = {node.label for node in batch.nodes}
    assert labels >= {
        "Role",
        "Venue",
        "Leg",
        "Strategy",
        "StrikeZone",
        "Position",
        "Event",
        "Move",
        "Scenario",
        "Series",
    }
    assert labels >= {"Narrative", "Step", "Prediction", "Argument", "Forecast", "DataGap"}


def test_who_is_bound_and_forced_and_how_is_kept(batch: Batch) -> None:
    assert ("carry_funds", "margin_zone") in ends(batch, "SUBJECT_TO")
    assert {("margin_zone", "sell_nikkei"), ("rate_rise", "sell_usdjpy")} <= ends(batch, "FORCES")
    assert ("boj", "rate_rise") in ends(batch, "MADE")
    assert ("rate_rise", "fall_of_tokyo") in ends(batch, "NEXT")
    assert ends(batch, "IN_ZONE") == {("carry", "margin_zone")}
    assert ends(batch, "RESOLVED_TO") == {("closed_fund", "carry_funds")}
    assert ("nikkei", "xtks") in ends(batch, "LISTED_ON")


def test_a_step_that_two_stories_share_is_one_node_with_the_lag_on_its_link(batch: Batch) -> None:
    assert {("carry_story", "carry_story.2"), ("by_loans", "carry_story.2")} <= ends(batch, "HAS_STEP")
    lags = {link.to_id.split(":")[-1]: dict(link.properties) for link in batch.links if link.type == "LEADS_TO"}
    assert lags == {"carry_story.2": {"lag": "P1D"}, "carry_story.3": {}}
    assert ("margin", "carry_story.2") in ends(batch, "SUPPORTS")


def test_a_story_of_a_document_is_its_tellers_and_of_no_case(batch: Batch) -> None:
    story = properties(batch, "Narrative", "carry_story")
    assert story["origin"] == "document"
    assert ("letter_author", "carry_story") in ends(batch, "MADE")
    assert not [link for link in batch.links if link.to_label == "Case"]


def test_an_argument_says_what_it_attacks_on_what_it_rests_and_whether_it_holds(batch: Batch) -> None:
    assert ends(batch, "UNDERCUTS") == {("no_margin", "by_options.1")}
    assert ("before", "jobs") in ends(batch, "WAS_DERIVED_FROM")
    argument = properties(batch, "Argument", "no_margin")
    assert (argument["status"], argument["basis"], argument["strength"]) == ("accepted", "logic", "strong")


def test_a_story_in_the_voice_of_the_describer_is_put_forward_by_nobody_in_the_text(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        del data["narratives"][0]["by"]
        data["narratives"][0]["voice"] = "describer"

    made = ends(load_document(changed(tmp_path, change), TEXT).batch, "MADE")
    assert not [who for who, what in made if what == "carry_story"]


def test_a_doubted_claim_is_found_by_the_name_of_the_doubt(batch: Batch) -> None:
    assert properties(batch, "Claim", "fell")["aliases"] == ("SECOND-D",)


def test_documents_without_a_case_are_none() -> None:
    assert bundled_documents("2018-02-05-volmageddon") == ()
    assert set(bundled_documents("2026-02-05-bitcoin-flash-crash")) <= set(bundled_documents())


def step(data: dict[str, Any], story: int, n: int) -> dict[str, Any]:
    found: dict[str, Any] = data["narratives"][story]["steps"][n - 1]
    return found


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        (lambda d: d["roles"][0].update(actor="nobody"), "roles[0].actor", "no actor of this file"),
        (lambda d: d["venues"][0].update(mic="XTK"), "venues[0].mic", "MIC"),
        (lambda d: d["venues"][0].update(lists=["x"]), "venues[0].lists", "no instrument"),
        (lambda d: d["legs"][0].update(side="hold"), "legs[0].side", "'buy' or 'sell'"),
        (lambda d: d["strategies"][0].update(id="nikkei"), "strategies[0].id", "used before"),
        (lambda d: d["zones"][0].update(high=1.0), "zones[0].high", "lies below the low"),
        (lambda d: d["positions"][0].update(holder="boj"), "positions[0].holder", "is a claim with `sensitive: true`"),
        (lambda d: d["positions"][0].update(zones=["x"]), "positions[0].zones", "no zone"),
        (lambda d: d["events"][0].update(then=["rate_rise"]), "events[0].then", "no other event or move"),
        (lambda d: d["events"][0].pop("at"), "events[0].at", "Field required"),
        (lambda d: d["moves"][0].update({"return": -12.4}), "moves[0].return", "is no fraction"),
        (lambda d: d["scenarios"][0].update(without="carry_story.9"), "scenarios[0].without", "no step"),
        (lambda d: step(d, 0, 2).update(n=3), "narratives[0].steps[1].n", "2 is expected"),
        (lambda d: step(d, 0, 2).update(supported_by=["x"]), "narratives[0].steps[1].supported_by", "no claim"),
        (lambda d: step(d, 2, 1).update(same_as="x.1"), "narratives[2].steps[0].same_as", "no step of an earlier"),
        (
            lambda d: d["narratives"][1].update(variant_of="by_options"),
            "narratives[1].variant_of",
            "no other narrative",
        ),
        (lambda d: d["narratives"][0].update(id="fell"), "narratives[0].id", "used before"),
        (lambda d: d["narratives"][0].update(slot="cause"), "narratives[0].slot", "Input should be"),
        (lambda d: d["arguments"][0].update(undercuts=["fell"]), "arguments[0].undercuts", "rebut it instead"),
        (lambda d: d["arguments"][1].update(rebuts=[]), "arguments[1].supports", "for or against something"),
        (lambda d: d["arguments"][1].update(rebuts=["x"]), "arguments[1].rebuts", "no claim, argument, story or step"),
        (lambda d: d["forecasts"][0].update(probability=2.0), "forecasts[0].probability", "less than or equal to 1"),
        (lambda d: d["gaps"][0].update(about="x"), "gaps[0].about", "no instrument or actor"),
        (lambda d: d["claims"][4].update(indicator="statement"), "claims[4].about", "about one instrument or actor"),
    ],
)
def test_what_cannot_be_right_is_named_by_its_place(tmp_path: Path, change: Change, path: str, reason: str) -> None:
    with pytest.raises(RecordRejectedError) as caught:
        load_document(changed(tmp_path, change), TEXT)
    assert reason in "; ".join(one.reason for one in caught.value.rejections if one.path == path)


def test_steps_that_lead_to_themselves_are_refused(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["narratives"][2]["steps"] = [
            {"n": 1, "text": "They sell.", "same_as": "carry_story.3"},
            {"n": 2, "text": "The yen rises.", "same_as": "carry_story.1"},
        ]

    with pytest.raises(RecordRejectedError, match="unroll what feeds back by time"):
        load_document(changed(tmp_path, change), TEXT)
