"""Disputes beyond their sides: a value of the next day is recognised, and a side is preferred for a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from graph.schema import validate
from ingest.checkmodel import Reading, World
from ingest.settling import Settlement, settle, settlement_batch, shift_of
from tests.unit.ingest.test_checks import DAY, KNOWN, a_reading

PLACE = ("turnover", "share")
NEXT = DAY + timedelta(1)
LATER = datetime(2026, 3, 9, tzinfo=UTC)
FLOWS = {DAY - timedelta(1): -370.4e6, DAY: -175.3e6, NEXT: 231.6e6}


def a_world(*readings: Reading, flows: dict[date, float] | None = None) -> World:
    kept = {one.key: one for one in readings}
    if flows is None:
        return World(readings=kept)
    known = {PLACE: dict.fromkeys(flows, LATER)}
    return World(readings=kept, series={PLACE: flows}, units={PLACE: "USD"}, known=known)


def shifted(value: float, flows: dict[date, float], **more: Any) -> date | None:
    one = a_reading("c", value, **more)
    found = shift_of(one, a_world(one, flows=flows))
    return None if found is None else found.day


@pytest.mark.parametrize(
    ("value", "day"),
    [(230.0, NEXT), (232.0, NEXT), (-370.0, DAY - timedelta(1)), (-175.0, None), (-176.0, None), (500.0, None)],
)
def test_a_value_of_a_neighbouring_day_is_recognised_within_rounding(value: float, day: date | None) -> None:
    assert shifted(value, FLOWS) == day


def test_the_neighbour_is_the_next_session_however_many_days_later() -> None:
    monday = DAY + timedelta(5)
    assert shifted(230.0, {DAY: -175.3e6, monday: 231.6e6}) == monday


def test_what_might_be_of_either_neighbour_is_of_none() -> None:
    assert shifted(230.0, {DAY - timedelta(1): 231e6, DAY: -175.3e6, NEXT: 231.6e6}) is None


def test_what_is_nearly_the_value_of_its_day_is_rounded_and_not_shifted() -> None:
    assert shifted(230.0, {DAY: 240e6, NEXT: 231.6e6}) is None


def test_other_units_and_periods_are_not_compared() -> None:
    assert shifted(230.0, FLOWS, unit="shares") is None
    assert shifted(230.0, FLOWS, last=NEXT) is None


def test_without_a_series_another_reading_of_the_next_day_tells_where_the_own_day_is_denied() -> None:
    one = a_reading("c", 230.0)
    denial = a_reading("d", -175.0, document="other")
    of_next = a_reading("n", 231.6, document="table", first=NEXT, last=NEXT, source="Table")
    found = shift_of(one, a_world(one, denial, of_next))
    assert found is not None
    assert (found.day, found.by) == (NEXT, "Table")
    assert shift_of(one, a_world(one, of_next)) is None
    assert shift_of(one, a_world(one, denial)) is None


def a_side(fact: str, grade: str = "B", kind: str = "press", **more: Any) -> dict[str, object]:
    given: dict[str, object] = {
        "dispute": "d",
        "known_at": KNOWN,
        "precision": "day",
        "kinds": ["sign", "value"],
        "status": "open",
        "shift": None,
        "preferred": None,
        "fact": fact,
        "grade": grade,
        "credibility": 2,
        "source_kind": kind,
    }
    return given | more


def settled(*sides: dict[str, object], world: World) -> Settlement:
    (found,) = settle(list(sides), world)
    return found


def test_the_side_that_the_series_has_is_preferred_since_the_series_was_known() -> None:
    seed, press = a_reading("seed", 230.0), a_reading("press", -175.0, document="other")
    found = settled(a_side("seed", "A"), a_side("press", "C"), world=a_world(seed, press, flows=FLOWS))
    assert found.preferred == "press"
    assert found.shift == f"seed has the value of {NEXT} (231.6, the series)"
    assert found.why.startswith("press: the series has this value on this day; seed has")
    assert found.since == LATER


@pytest.mark.parametrize(
    ("first", "second", "preferred"),
    [
        (a_side("seed", "C", "data"), a_side("press", "A"), "seed"),
        (a_side("seed", "C"), a_side("press", "A"), "press"),
    ],
    ids=["who measures before who relays", "then the better grade"],
)
def test_without_a_series_who_measures_comes_first_and_then_the_grade(
    first: dict[str, object], second: dict[str, object], preferred: str
) -> None:
    world = a_world(a_reading("seed", 230.0), a_reading("press", -175.0, document="other"))
    assert settled(first, second, world=world).preferred == preferred


def test_where_nothing_stands_out_nothing_is_preferred_and_what_was_is_taken_back() -> None:
    world = a_world(a_reading("seed", 230.0), a_reading("press", -175.0, document="other"))
    assert settle([a_side("seed"), a_side("press")], world) == []
    again = settled(a_side("seed", preferred="seed"), a_side("press", preferred="seed"), world=world)
    assert (again.preferred, again.shift, again.why) == ("", "", "")


def test_a_settlement_keeps_the_dispute_open_with_its_clocks_and_is_within_the_ontology() -> None:
    sides = [a_side("seed"), a_side("press", "A")]
    world = a_world(a_reading("seed", 230.0), a_reading("press", -175.0, document="other"))
    batch = settlement_batch(settle(sides, world), sides)
    validate(batch)
    (node,) = batch.nodes
    assert (node.properties["status"], node.properties["known_at"]) == ("open", KNOWN)
    assert node.properties["kinds"] == ("sign", "value")
