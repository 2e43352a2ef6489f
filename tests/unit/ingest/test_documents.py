"""A document and its description: what is kept of it, with the text and without, and what is refused."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph.model import Batch, Node
from graph.schema import validate
from ingest.documents import load_document
from ingest.errors import RecordRejectedError
from tests.minimal_document import META, TEXT, claim, hashed, load, refused

WORDS = TEXT.read_text(encoding="utf-8")


def nodes(batch: Batch, label: str) -> dict[str, Node]:
    return {node.id.split(":")[-1]: node for node in batch.nodes if node.label == label}


def links(batch: Batch, kind: str) -> set[tuple[str, str]]:
    return {(one.from_id.split(":")[-1], one.to_id.split(":")[-1]) for one in batch.links if one.type == kind}


def test_the_example_is_within_the_ontology_and_says_what_it_holds() -> None:
    done = load_document(META, TEXT)
    validate(done.batch)
    assert dict(done.counts) == {"passages": 6, "figures": 0, "claims": 6}
    assert done.notes[0] == "left out: the last paragraph: disclaimer and advertisement"
    assert done.notes[-1].startswith("2 of 5 paragraphs are cited by no passage")


def test_a_passage_is_a_span_with_the_hash_of_its_words() -> None:
    for one in nodes(load_document(META, TEXT).batch, "Passage").values():
        start, end = one.properties["start"], one.properties["end"]
        assert isinstance(start, int)
        assert isinstance(end, int)
        words = WORDS[start:end]
        assert one.properties["text"] == words
        assert one.properties["content_hash"] == hashlib.sha256(words.encode()).hexdigest()


@pytest.mark.parametrize("licence", ["private_use", "may_show"])
def test_words_that_may_not_be_passed_on_stay_out_of_the_graph(tmp_path: Path, licence: str) -> None:
    done = load(tmp_path, lambda data: data["document"].update(licence=licence))
    kept = {str(value) for node in done.batch.nodes for value in node.properties.values()}
    assert all("text" not in node.properties for node in nodes(done.batch, "Passage").values())
    assert not any("fell 20 percent" in value for value in kept)


def test_without_its_text_a_document_gives_the_same_spans_and_claims(tmp_path: Path) -> None:
    def quiet(data: dict[str, Any]) -> None:
        hashed(data)
        data["document"]["licence"] = "private_use"

    assert load(tmp_path, quiet, text=None).batch == load(tmp_path, quiet, text=TEXT).batch


def test_a_claim_has_its_voice_its_firmness_and_who_made_it() -> None:
    batch = load_document(META, TEXT).batch
    seller = nodes(batch, "Claim")["forced_seller"].properties
    assert (seller["modality"], seller["voice"], seller["sensitive"]) == ("speculated", "author", True)
    assert seller["hedges"] == ("may", "asked not to be named")
    made = links(batch, "MADE")
    assert ("some_broker", "forced_seller") in made
    assert ("ada_muster", "fall") in made
    assert ("ada_muster", "forced_seller") not in made


def test_what_the_editor_says_is_not_the_authors(tmp_path: Path) -> None:
    batch = load(tmp_path, lambda data: claim(data, "fall").update(voice="editor")).batch
    assert [who for who, what in links(batch, "MADE") if what == "fall"] == ["src_example_shipping_letter"]


def test_the_authors_interest_is_kept_with_its_sign() -> None:
    (interest,) = (one for one in load_document(META, TEXT).batch.links if one.type == "HAS_INTEREST_IN")
    assert (interest.from_id, interest.to_id, dict(interest.properties)) == (
        "ada_muster",
        "harbour_lines",
        {"sign": -1},
    )


def test_a_translation_names_its_original() -> None:
    done = load_document(META, TEXT)
    ((_, original),) = links(done.batch, "TRANSLATION_OF")
    assert nodes(done.batch, "Document")[original].properties["publisher"] == "Hafenblatt"


def test_only_what_is_put_forward_as_so_is_a_reading(tmp_path: Path) -> None:
    def doubt(data: dict[str, Any]) -> None:
        claim(data, "turnover")["modality"] = "counterfactual"

    batch = load(tmp_path, doubt).batch
    read = {name for name, _ in links(batch, "OF_INDICATOR")} & set(nodes(batch, "Claim"))
    assert read == {"fall", "usual_turnover", "three_times"}


def test_a_claim_is_known_when_its_document_is_public() -> None:
    for one in nodes(load_document(META, TEXT).batch, "Claim").values():
        assert one.properties["known_at"] == datetime(2026, 3, 4, 19, 30, tzinfo=UTC)


def test_a_former_name_keeps_when_it_was_used() -> None:
    line = nodes(load_document(META, TEXT).batch, "Instrument")["harbour_lines"].properties
    assert line["aliases"] == ("Harbour Shipping",)
    assert line["alias_periods"] == ("Harbour Shipping|/2021-06-30",)


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        (lambda d: d["document"].update(langauge="en"), "document.langauge", "did you mean language?"),
        (lambda d: d["document"].update(published="2026-03"), "document.known_at", "names no day"),
        (lambda d: d["document"].update(authors=["nobody"]), "document.authors[0]", "no actor of this file"),
        (lambda d: d["document"].update(url="letter"), "document.url", "write it whole"),
        (lambda d: d["document"].update(sha256="0" * 64), "document.sha256", "not the one described"),
        (lambda d: d["passages"][0].update(find="Harbour Lines"), "passages[0].find", "stand in the text 2 times"),
        (lambda d: d["passages"][0].update(find="no such words"), "passages[0].find", "stand in the text 0 times"),
        (lambda d: d["passages"][0].update(start=1, end=5), "passages[0].find", "either find or start"),
        (lambda d: d["passages"].__setitem__(0, {"id": "fall", "start": 9, "end": 9999}), "passages[0].end", "no span"),
        (
            lambda d: d["passages"].__setitem__(0, {"id": "fall", "start": 0, "end": 7, "sha256": "0" * 64}),
            "passages[0].sha256",
            "another hash",
        ),
        (lambda d: d["claims"][0].update({"in": "nowhere"}), "claims[0].in", "no passage or figure"),
        (lambda d: d["claims"][0].update(about="nothing"), "claims[0].about", "no instrument or actor"),
        (lambda d: d["claims"][0].update(modality="surely"), "claims[0].modality", "Input should be"),
        (lambda d: d["claims"][0].pop("at"), "claims[0].at", "needs a time"),
        (lambda d: d["claims"][0].pop("unit"), "claims[0].unit", "a value has a unit"),
        (lambda d: d["claims"][0].pop("indicator"), "claims[0].value", "name the indicator"),
        (lambda d: d["claims"][0].update(unit="USD"), "claims[0].unit", "write it in percent"),
        (lambda d: d["claims"][0].update(about=["some_fund", "harbour_lines"]), "claims[0].about", "about one"),
        (lambda d: d["claims"][3].update(checks=[{"rule": "rato"}]), "claims[3].checks[0].rule", "no rule"),
        (lambda d: d["claims"][3].update(checks=[{"rule": "ratio"}]), "claims[3].checks[0].of", "needs 2 of them"),
        (lambda d: d["claims"].append(deepcopy(d["claims"][0])), "claims[6].id", "used before"),
        (
            lambda d: d["actors"][0]["interests"][0].update(instrument="x"),
            "actors[0].interests[0].instrument",
            "no ins",
        ),
        (
            lambda d: d.update(doubts=[{"id": "D", "what": "w", "claim": "fall"}]),
            "doubts[0].check",
            "name either the check",
        ),
    ],
)
def test_what_cannot_be_right_is_named_by_its_place(tmp_path: Path, change: Any, path: str, reason: str) -> None:
    found = refused(tmp_path, change)
    assert reason in found[path]


def test_without_a_text_every_passage_needs_its_hash(tmp_path: Path) -> None:
    found = refused(tmp_path, lambda _: None, text=None)
    assert {"document.sha256", "passages[0].find", "passages[0].sha256"} <= found.keys()


@pytest.mark.parametrize(
    ("content", "reason"), [(b"  \n", "holds no text"), (b"\xff\xfe", "not UTF-8"), (None, "cannot be read")]
)
def test_a_text_that_is_none_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "text.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RecordRejectedError, match=reason):
        load_document(META, file)
