"""The tables of indicators and asset classes: whole, named after their files, and clear about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingest.casefile import bundled_cases
from ingest.catalog import asset_class_of, indicator_id, load_asset_classes, load_indicators
from ingest.errors import RecordRejectedError


def test_every_indicator_of_the_bundled_cases_has_a_file() -> None:
    known = {one.name for one in load_indicators()}
    for file in bundled_cases():
        case = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert {fact["indicator"] for fact in case["facts"]} <= known


def test_names_are_unique_and_equal_their_files() -> None:
    indicators = load_indicators()
    assert len({one.name for one in indicators}) == len(indicators) > 100
    assert all(one.id == indicator_id(one.name) for one in indicators)


def test_what_is_measured_against_a_size_names_one_and_its_width() -> None:
    for one in load_indicators():
        if one.reading in {"value", "log_size", "surprise"}:
            assert one.scales, one.name
        assert all(scale.size > 0 for scale in one.scales)
        assert not one.scales or one.width is not None
        assert one.source


def test_kinds_belong_to_one_class_only() -> None:
    kinds = [kind for one in load_asset_classes() for kind in one.kinds]
    assert len(kinds) == len(set(kinds))
    assert asset_class_of("equity index") == "equity_index"
    assert asset_class_of("tulip bulb") == "other"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: x\nkind: measure\nfamily: x\nreading: wish\nusual_size: 1\nsource: s\n", "reading"),
        ("name: x\nkind: measure\n", "family"),
        ("name: x: y\n", "not readable as YAML"),
        ("name: y\nkind: measure\nfamily: x\nreading: sign\nusual_size: s\nsource: s\n", "y.yaml"),
        ("name: x\nkind: measure\nfamily: x\nreading: sign\nusual_size: s\nsource: s\ncolour: red\n", "colour"),
    ],
)
def test_a_bad_indicator_file_is_named_with_path_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RecordRejectedError, match=r"x\.yaml") as caught:
        load_indicators(tmp_path)
    assert reason in str(caught.value)
