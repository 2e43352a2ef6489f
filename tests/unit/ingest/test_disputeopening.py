"""Disputes that open by themselves: which figures cannot both be right, and what is only told again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from graph.reading import Record
from graph.schema import validate
from ingest.checkmodel import Reading, World
from ingest.disputeopening import Opened, open_disputes, opened_batch
from tests.unit.ingest.test_checks import DAY, a_reading
from tests.unit.ingest.test_settling import LATER, PLACE

CASES = {"case:own": "case"}


def found(*readings: Reading, rows: tuple[Record, ...] = (), flow: float | None = None) -> list[Opened]:
    return open_disputes(a_world(*readings, flow=flow), CASES, rows)


def a_world(*readings: Reading, flow: float | None = None) -> World:
    kept = {one.key: one for one in readings}
    if flow is None:
        return World(readings=kept)
    known = {PLACE: {DAY: LATER}}
    return World(
        readings=kept, series={PLACE: {DAY: flow}}, units={PLACE: "USD"}, known=known, names={PLACE: "share.turnover"}
    )


def other(value: float | None, **more: Any) -> Reading:
    return a_reading("d", value, **{"document": "other", **more})


@pytest.mark.parametrize(
    ("value", "kinds"), [(-175.0, ("sign",)), (100.0, ("value",)), (200.0, None), (231.6, None), (230.0, None)]
)
def test_what_is_further_apart_than_a_fifth_or_of_another_sign_cannot_be_right_as_well(
    value: float, kinds: tuple[str, ...] | None
) -> None:
    opened = found(a_reading("c", 230.0), other(value))
    assert [one.kinds for one in opened] == ([] if kinds is None else [kinds])


def test_a_bound_that_is_kept_is_no_quarrel() -> None:
    assert found(a_reading("c", 10.0, bound="at least"), other(28.0)) == []
    assert found(a_reading("c", 28.0, bound="at least"), other(10.0)) != []


@pytest.mark.parametrize(
    "more",
    [
        {"first": DAY + timedelta(1), "last": DAY + timedelta(1)},
        {"last": DAY + timedelta(1)},
        {"subjects": ("coin",)},
        {"unit": "shares"},
        {"modality": "counterfactual"},
        {"document": "doc"},
    ],
)
def test_another_time_thing_unit_or_strength_and_the_same_document_are_no_quarrel(more: dict[str, Any]) -> None:
    assert found(a_reading("c", 230.0), other(100.0, **more)) == []


def test_what_cases_say_among_themselves_is_left_to_them() -> None:
    assert found(a_reading("case:own", 230.0, label="Observation"), other(-175.0, label="Observation")) == []


def test_a_figure_joins_the_dispute_that_there_is() -> None:
    (opened,) = found(a_reading("c", 230.0), other(-175.0), rows=({"dispute": "case:quarrel", "fact": "d"},))
    assert (opened.key, opened.held, [side.key for side in opened.sides]) == ("case:quarrel", True, ["c"])


def test_what_its_document_says_there_already_is_told_again_and_no_side() -> None:
    told = a_reading("case:own", 230.0, label="Observation")
    rows = ({"dispute": "case:quarrel", "fact": "case:own"}, {"dispute": "case:quarrel", "fact": "d"})
    assert found(a_reading("c", 230.0), told, other(-175.0), rows=rows) == []


def test_a_series_becomes_a_side_that_no_gathering_of_facts_finds() -> None:
    world = a_world(a_reading("c", 230.0), flow=-175.3e6)
    opened = open_disputes(world, CASES, ())
    batch = opened_batch(opened, world, {"share": "Instrument"})
    validate(batch)
    (side,) = (node for node in batch.nodes if node.label == "Observation")
    assert side.properties["value"] == -175.3e6
    assert "valid_from" not in side.properties
    assert opened[0].told.endswith("230 USD million (c) or -175.3 (series)")


def test_a_series_that_says_the_same_opens_nothing() -> None:
    assert found(a_reading("c", 230.0), flow=231.6e6) == []
