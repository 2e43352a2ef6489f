"""`--skip-bad` leaves out what does not hold together, lists it, and forgives nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.casefile import CaseLoad, load_case
from ingest.errors import RecordRejectedError
from tests.minimal_case import OWN, nodes, told, written


def skipping(folder: Path, change: Callable[[dict[str, Any]], None]) -> CaseLoad:
    return load_case(written(folder, change), skip_bad=True)


def test_skip_bad_leaves_out_the_bad_fact_and_lists_it(tmp_path: Path) -> None:
    load = skipping(tmp_path, lambda d: d["facts"][0].update(about="nobody"))
    assert [one.path for one in load.rejections] == ["facts[0].about"]
    assert load.counts["facts"] == 1


def test_skip_bad_drops_what_refers_to_a_bad_fact(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["facts"][0].pop("known_at")
        data["narratives"] = [told(arguments_for=["volume", "holder_sells"])]

    load = skipping(tmp_path, change)
    cited = {link.from_id for link in load.batch.links if link.type == "SUPPORTS"}
    assert cited == {"2026-03-12-example:holder_sells"}


def test_skip_bad_does_not_forgive_a_bad_move(tmp_path: Path) -> None:
    with pytest.raises(RecordRejectedError, match=r"move\.instrument"):
        skipping(tmp_path, lambda d: d["move"].update(instrument="nobody"))


def test_skip_bad_finds_what_only_shows_once_other_facts_are_out(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["facts"][0]["colour"] = "red"  # refused by the format
        data["facts"][1]["bound"] = "about"  # refused by a rule, which is asked only after the format

    load = skipping(tmp_path, change)
    assert [one.path for one in load.rejections] == ["facts[0].colour", "facts[1].bound"]
    assert load.counts["facts"] == 0


def test_skip_bad_keeps_arguments_in_words(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["facts"][0]["about"] = "nobody"
        data["narratives"] = [told(arguments_for=["volume", {"argument": "It looks so.", "source": OWN}])]

    load = skipping(tmp_path, change)
    assert [node.properties["statement"] for node in nodes(load.batch, "Argument").values()] == ["It looks so."]


def test_skip_bad_of_a_repeated_id_keeps_what_refers_to_the_first(tmp_path: Path) -> None:
    def change(data: dict[str, Any]) -> None:
        data["facts"][1]["id"] = "volume"
        data["narratives"] = [told(arguments_for=["volume"])]

    load = skipping(tmp_path, change)
    assert any(link.type == "SUPPORTS" for link in load.batch.links)
