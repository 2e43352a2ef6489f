"""The tables that ship with the program hold together with one another and with the words of the exchange format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.casefile import bundled_cases
from ingest.catalog import load_asset_classes, load_derivations, load_indicators
from ingest.sessions import close_on_or_before
from ingest.sources import load_source, source_names
from ingest.yamlfile import read_mapping

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "cases"
FOLDER = ROOT / "ingest" / "indicators"
DURATION = re.compile(r"^P(\d+D|T\d+[HM])$")


def documented() -> str:
    if not (SHARED / "README.md").exists():
        pytest.skip("the description of the exchange format is not beside the repository")
    return (SHARED / "README.md").read_text(encoding="utf-8")


def test_there_is_one_file_for_every_indicator_of_the_exchange_format() -> None:
    listed = set(re.findall(r"`([^`]+)`", documented().split("## Indicator names")[1].split("###")[0]))
    derived = {one.indicator for one in load_derivations()}
    known = {one.name for one in load_indicators()}
    assert listed <= known
    fetched = {one.indicator for name in source_names() for one in load_source(name).series}
    assert known - listed <= derived | fetched  # what series alone can tell has a name of its own


def test_the_bundled_cases_are_those_of_the_library() -> None:
    documented()
    for file in bundled_cases():
        assert file.read_bytes() == (SHARED / file.name).read_bytes()


def test_every_kind_of_instrument_of_the_exchange_format_has_a_class() -> None:
    words = re.search(r"^Instruments: (.+)\.$", documented().split("## Types in use")[1], re.MULTILINE)
    assert words is not None
    classed = {kind for one in load_asset_classes() for kind in one.kinds}
    assert set(words[1].split(", ")) == classed


def test_every_indicator_that_a_bundled_case_names_has_a_file() -> None:
    known = {one.name for one in load_indicators()}
    for file in bundled_cases():
        assert set(indicators_in(read_mapping(file))) <= known


def indicators_in(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["indicator"]] if isinstance(part.get("indicator"), str) else []
        return own + [name for one in part.values() for name in indicators_in(one)]
    return [name for one in part for name in indicators_in(one)] if isinstance(part, tuple) else []


def test_every_number_has_a_source_a_width_and_a_lag() -> None:
    for one in load_indicators():
        assert DURATION.match(one.publication_lag), one.name
        assert one.source, one.name
        assert (one.width is not None) == bool(one.scales), one.name
        assert one.width is None or one.width > 1, one.name
    for entry in load_asset_classes():
        assert entry.scale > 0
        assert entry.width > 1
        assert entry.source


def test_events_and_statements_are_read_as_what_happened() -> None:
    for one in load_indicators():
        expected = {"event": {"occurs"}, "statement": {"statement"}}.get(one.kind)
        assert expected is None or one.reading in expected, one.name
        assert one.kind != "measure" or one.reading not in {"occurs", "statement"}, one.name


def test_readings_of_one_family_agree_about_the_day() -> None:
    """One observable has one event shift, whichever of its indicators was reported."""
    families: dict[str, set[tuple[float, float, bool]]] = {}
    for one in load_indicators():
        families.setdefault(one.family, set()).add((one.shift_any, one.shift_stress, one.by_price))
    assert {family: shifts for family, shifts in families.items() if len(shifts) > 1} == {}


@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("price", {"spot return", "fx spot return", "price level", "fx level"}),
        ("open interest", {"open interest", "open interest change"}),
        ("etf flow", {"net ETF flow", "shares outstanding change"}),
        ("profit", {"profit", "loss", "realised loss"}),
        ("implied volatility", {"implied volatility", "implied volatility change"}),
        ("margin requirement", {"margin requirement", "margin requirement change"}),
        ("holdings", {"holdings", "holdings change"}),
        ("positioning", {"positioning", "positioning change"}),
        ("short interest", {"short interest", "short interest change"}),
        ("margin balance", {"margin balance", "margin balance change"}),
    ],
)
def test_readings_of_one_thing_share_a_family(family: str, members: set[str]) -> None:
    assert {one.name for one in load_indicators() if one.family == family} == members


def test_losses_count_against_profits() -> None:
    signs = {one.name: one.sign for one in load_indicators()}
    assert {name for name, sign in signs.items() if sign == -1} == {"loss", "realised loss"}


def test_public_acts_are_those_of_the_method() -> None:
    assert {one.name for one in load_indicators() if one.public_act} >= {
        "rule change",
        "policy change",
        "policy rate change",
        "analyst rating",
        "share issue",
        "macro release surprise",
        "legal finding",
    }


def test_every_calendar_of_the_venues_exists() -> None:
    files: list[dict[str, Any]] = yaml.safe_load((ROOT / "ingest" / "venues.yaml").read_text(encoding="utf-8"))
    for code in {row["calendar"] for row in files if row["calendar"]}:
        assert close_on_or_before(code, bundled_day()).tzinfo is not None


def bundled_day() -> Any:
    return read_mapping(bundled_cases()[-1])["move"]["end"]


def test_no_stray_file_lies_among_the_indicators() -> None:
    assert all(file.suffix == ".yaml" for file in FOLDER.iterdir())
