"""The files of derived readings: each names what exists, and nothing that exists is left without a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from causal.derived import DERIVED
from ingest.catalog import load_asset_classes, load_derivations, load_indicators
from ingest.errors import RecordRejectedError

WHOLE = """
name: return
function: log_return
reads: [price level]
answers: [price]
indicator: spot return
unit: percent
clock: close
lag: none
formula: 100 ln(x)
"""


def test_every_file_names_a_function_and_every_function_has_a_file() -> None:
    assert {one.function for one in load_derivations()} == set(DERIVED)


def test_what_is_read_and_what_the_reading_is_called_are_indicators() -> None:
    known = {one.name for one in load_indicators()}
    for one in load_derivations():
        assert {*one.reads, one.indicator} <= known, one.id


def test_what_is_answered_for_are_families_of_indicators() -> None:
    families = {one.family for one in load_indicators()}
    for one in load_derivations():
        assert set(one.answers) <= families, one.id
        assert one.answers, one.id


def test_the_reading_is_called_by_an_indicator_of_a_family_that_it_answers_for() -> None:
    families = {one.name: one.family for one in load_indicators()}
    assert [one.id for one in load_derivations() if families[one.indicator] not in one.answers] == []


def test_kinds_are_kinds_of_instruments() -> None:
    known = {kind for one in load_asset_classes() for kind in one.kinds}
    for one in load_derivations():
        assert set(one.kinds) <= known, one.id


def test_every_reading_says_its_clock_its_lag_and_its_formula() -> None:
    for one in load_derivations():
        assert one.clock, one.id
        assert one.lag, one.id
        assert one.formula, one.id
        assert min(one.before, one.after, one.usual) > 0, one.id


def test_only_readings_that_compare_with_peers_ask_for_them() -> None:
    compared = {"realised_correlation", "co_movement", "spread_to_peers", "difference_to_peers", "slope_change"}
    assert {one.function for one in load_derivations() if one.peers == "peer_of"} == compared


def test_no_two_files_answer_the_same_question_from_the_same_series() -> None:
    asked: dict[tuple[str, str, str, str], str] = {}
    for one in load_derivations():
        for window in one.windows or ("before", "during", "after"):
            for read in one.reads:
                for answer in one.answers:
                    for kind in one.kinds or ("",):
                        assert asked.setdefault((window, read, answer, kind), one.id) == one.id


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ("unit: percent\n", "unit"),
        ("peers: friends\n", "peers"),
        ("windows: [yesterday]\n", "windows.0"),
        ("colour: red\n", "colour"),
        ("kinds: [a: b\n", "not readable as YAML"),
    ],
)
def test_a_bad_file_is_named_with_path_and_reason(tmp_path: Path, changed: str, reason: str) -> None:
    text = WHOLE.replace(changed, "") if changed in WHOLE else WHOLE + changed
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RecordRejectedError, match=r"x\.yaml") as caught:
        load_derivations(tmp_path)
    assert reason in str(caught.value)


def test_a_file_that_holds_together_has_its_own_name_as_id(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(WHOLE, encoding="utf-8")
    found = load_derivations(tmp_path)
    assert [(one.id, one.before, one.after, one.usual, one.peers) for one in found] == [("x", 5, 3, 20, "none")]
