"""Searches of case and document files: what may be said of one, and where it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.casefile import load_case
from ingest.documents import load_document
from ingest.errors import RecordRejectedError
from ingest.searches import SearchPart, search_properties
from tests.minimal_case import nodes, written
from tests.minimal_document import TEXT, described

CASE = "2026-03-12-example"
SEARCH = {
    "outcome": "not_found",
    "detection": 0.8,
    "at": date(2026, 3, 20),
    "by": "Court records",
    "how": "All courts.",
}
GAP = {"item": "a default", "why": "nobody asked", "indicator": "default", "subject": "big_holder", "search": SEARCH}
KNOWN = datetime(2026, 3, 14, tzinfo=UTC)


def test_the_search_of_a_gap_is_a_fact_of_its_own(tmp_path: Path) -> None:
    batch = load_case(written(tmp_path, lambda case: case.update(gaps=[GAP]))).batch
    name = f"{CASE}:gap.1"
    (search,) = nodes(batch, "Search").values()
    assert search.id == f"{name}.search"
    assert {key: search.properties[key] for key in ("outcome", "detection", "window", "how")} == {
        "outcome": "not_found",
        "detection": 0.8,
        "window": "during",
        "how": "All courts.",
    }
    assert search.properties["known_at"] == datetime(2026, 3, 21, tzinfo=UTC)
    ends = {(one.type, one.from_id, one.to_id) for one in batch.links if name in one.from_id or name in one.to_id}
    assert {("OF", search.id, name), ("ABOUT", name, "big_holder"), ("OF_INDICATOR", name, "default")} <= ends
    assert {one.from_label for one in batch.links if one.type == "MADE" and one.to_id == search.id} == {"Source"}


def test_a_watch_keeps_its_expected_outcome_in_words_beside_the_search(tmp_path: Path) -> None:
    watch = {"item": "a default", "outcome": "the holder fails", "search": {"outcome": "open"}}
    batch = load_case(written(tmp_path, lambda case: case.update(watch_next=[watch]))).batch
    (gap,) = nodes(batch, "DataGap").values()
    assert gap.properties["outcome"] == "the holder fails"
    assert nodes(batch, "Search")[f"{CASE}:watch.1.search"].properties["outcome"] == "open"


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"outcome": "maybe"}, "gaps[0].search.outcome", "Input should be"),
        ({"detection": 1.0}, "gaps[0].search.detection", "less than 1"),
        ({"outcome": "found"}, "gaps[0].search", "not_found"),
        ({"false_alarm": 0.8}, "gaps[0].search", "less than detection"),
        ({"window": "later"}, "gaps[0].search.window", "Input should be"),
    ],
)
def test_what_cannot_be_right_of_a_search_is_named_by_its_place(
    tmp_path: Path, change: dict[str, Any], path: str, reason: str
) -> None:
    gap = {**GAP, "search": {**SEARCH, **change}}
    with pytest.raises(RecordRejectedError) as caught:
        load_case(written(tmp_path, lambda case: case.update(gaps=[gap])))
    assert [(one.path, reason in one.reason) for one in caught.value.rejections] == [(path, True)]


def test_the_subject_of_a_gap_has_to_be_known(tmp_path: Path) -> None:
    with pytest.raises(RecordRejectedError, match="gaps"):
        load_case(written(tmp_path, lambda case: case.update(gaps=[{**GAP, "subject": "nobody"}])))


def test_a_document_tells_of_searches_too(tmp_path: Path) -> None:
    def change(told: dict[str, Any]) -> None:
        told["gaps"] = [{"id": "fails", "item": "a default", "search": {"outcome": "not_public", "how": "Asked."}}]

    batch = load_document(described(tmp_path, change), TEXT).batch
    (search,) = nodes(batch, "Search").values()
    assert (search.properties["outcome"], search.properties["how"]) == ("not_public", "Asked.")


def test_without_a_time_of_its_own_a_search_is_as_old_as_what_tells_of_it() -> None:
    told = search_properties(SearchPart(outcome="open"), KNOWN, "day")
    assert (told["known_at"], told["known_at_precision"]) == (KNOWN, "day")
    with pytest.raises(ValidationError, match="leave it out"):
        SearchPart(outcome="open", detection=0.5)
