"""Facts that cannot all be right form one dispute each, with the ways in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from ingest.casefile import bundled_cases
from ingest.caseformat import CaseFile
from ingest.caseparts import FactPart
from ingest.disputes import groups_of, kinds_of
from ingest.yamlfile import read_mapping

OWN = {"publisher": "own records", "title": "flows", "url": None, "published": None, "kind": "data"}


def fact(name: str, value: object, unit: str, conflicts: Sequence[str] = (), **more: object) -> dict[str, Any]:
    own = {"id": name, "at": date(2026, 2, 5), "known_at": date(2026, 2, 6), "about": "fund", "value": value}
    text = {"indicator": "net ETF flow", "unit": unit, "statement": "Money moved.", "source": OWN}
    return {**own, **text, "conflicts_with": tuple(conflicts), **more}


@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        (fact("a", 230.0, "USD million"), fact("b", -175.3, "USD million"), ("sign", "value")),
        (fact("a", 230.0, "USD million"), fact("b", 180.0, "USD million"), ("value",)),
        (fact("a", 1000.0, "USD million"), fact("b", 2.0, "USD billion"), ("value",)),
        (fact("a", 3.0, "percent"), fact("b", 3.0, "million shares"), ("unit", "value")),
        (
            fact("a", "left", "text", direction="down"),
            fact("b", "came", "text", direction="up"),
            ("sign",),
        ),
    ],
)
def test_kinds_say_how_the_sides_differ(one: dict[str, Any], other: dict[str, Any], kinds: tuple[str, ...]) -> None:
    assert kinds_of([FactPart.model_validate(one), FactPart.model_validate(other)]) == kinds


def test_the_same_amount_in_other_words_differs_in_nothing_but_is_kept_as_a_dispute() -> None:
    pair = [fact("a", 1000.0, "USD million"), fact("b", 1.0, "USD billion")]
    assert kinds_of([FactPart.model_validate(one) for one in pair]) == ("value",)


def test_conflicts_join_through_others() -> None:
    data = read_mapping(bundled_cases()[0])
    about = data["instruments"][0]["id"]
    facts = tuple(
        {**one, "about": about}
        for one in (
            fact("a", 1.0, "USD million", ["b"]),
            fact("b", 2.0, "USD million", ["a", "c"]),
            fact("c", 3.0, "USD million", ["b"]),
            fact("d", 4.0, "USD million"),
        )
    )
    case = CaseFile.model_validate({**data, "facts": facts, "narratives": (), "discriminating_facts": ()})
    assert [[one.id for one in group] for group in groups_of(case)] == [["a", "b", "c"]]


@pytest.mark.parametrize("file", bundled_cases(), ids=lambda file: file.stem)
def test_every_conflict_of_a_bundled_case_is_in_one_dispute(file: Any) -> None:
    case = CaseFile.model_validate(read_mapping(file))
    sides = [one.id for group in groups_of(case) for one in group]
    assert len(sides) == len(set(sides))
    assert set(sides) == {one.id for one in case.facts if one.conflicts_with}
