"""Every rule of the checks on readings made up for it: when it holds, when it fails, when it cannot say."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from graph.schema import validate
from ingest.checkarithmetic import tail
from ingest.checkmodel import Reading, Terms, World, agrees, tolerance
from ingest.checkorder import written_between
from ingest.checkparts import CHECK_RULES
from ingest.checks import RULES, Checked, check_all, check_batch

DAY = date(2026, 3, 4)  # a Wednesday
KNOWN = datetime(2026, 3, 5, tzinfo=UTC)


def a_reading(key: str = "c", value: float | None = None, **more: Any) -> Reading:
    """A stated claim of DAY about a share, in millions of dollars."""
    given: dict[str, Any] = {
        "label": "Claim",
        "statement": key,
        "subjects": ("share",),
        "known_at": KNOWN,
        "indicator": "turnover",
        "unit": "USD",
        "multiplier": 1e6,
        "told": "" if value is None else f"{value:g} USD million",
        "first": DAY,
        "last": DAY,
        "modality": "stated",
        "document": "doc",
    }
    given |= more
    number = None if value is None else value * given["multiplier"]
    return Reading(key=key, value=number, **given)


def a_ratio(value: float | None, rule: str, *of: str, **more: Any) -> Reading:
    """A claim of a plain number that asks for a check."""
    arguments = {name: more.pop(name) for name in ("number", "sides", "word") if name in more}
    check = {"rule": rule, "of": list(of), **arguments}
    return a_reading("c", value, **{"unit": "ratio", "multiplier": 1.0, "indicator": "r", "checks": (check,), **more})


def checked(*readings: Reading, kind: str | None = None, **world: Any) -> Checked:
    """The check of the first reading, of one kind where several were made."""
    found = check_all([readings[0]], World(readings={one.key: one for one in readings}, **world))
    kept = [one for one in found if kind is None or one.finding.kind == kind]
    assert len(kept) == 1, found
    return kept[0]


def outcome(*readings: Reading, kind: str | None = None, **world: Any) -> str:
    return checked(*readings, kind=kind, **world).finding.outcome


def z(value: float) -> Reading:
    return a_reading("z", value, unit="standard deviations", multiplier=1.0)


def test_a_rule_that_can_be_asked_for_can_be_run_and_the_reverse() -> None:
    assert set(RULES) == set(CHECK_RULES)


def test_tails_are_those_of_the_normal_distribution() -> None:
    assert tail(1.959963985) == pytest.approx(0.05, abs=1e-9)
    assert tail(-3.0) == pytest.approx(0.0026997960632601866)


@pytest.mark.parametrize(
    ("value", "bound", "room"),
    [(230.0, None, 5.0), (233.0, None, 0.5), (0.05, None, 0.005), (10.0, None, 0.5), (10.0, "about", 1.0),
     (500.0, None, 25.0), (3.3, None, 0.05), (-5.8, None, 0.05), (0.0, None, 0.5)],
)  # fmt: skip
def test_a_printed_number_has_the_room_of_its_last_digit(value: float, bound: str | None, room: float) -> None:
    assert tolerance(value, bound) == pytest.approx(room)


def test_bounds_hold_on_their_side_alone() -> None:
    assert agrees(230.0, 900.0, "at least")
    assert not agrees(230.0, 224.0, "at least")
    assert agrees(230.0, 3.0, "at most")
    assert not agrees(230.0, 236.0, "at most")
    assert agrees(230e6, 231.6e6, multiplier=1e6)


@pytest.mark.parametrize(
    ("told", "sides", "expected"),
    [(0.05, None, "ok"), (0.05, 1, "failed"), (0.02, 1, "ok"), (0.02, 2, "failed"), (0.5, None, "failed")],
)
def test_the_probability_of_a_z_score_is_recomputed_on_both_sides(
    told: float, sides: int | None, expected: str
) -> None:
    more = {} if sides is None else {"sides": sides}
    claim = a_ratio(told, "normal_tail", "z", multiplier=0.01, unit="1", **more)
    assert outcome(claim, z(-3.5)) == expected


@pytest.mark.parametrize(("told", "expected"), [(5.8, "ok"), (6.0, "ok"), (10.0, "failed")])
def test_how_many_times_rarer_is_recomputed(told: float, expected: str) -> None:
    assert outcome(a_ratio(told, "rarer_than", "z", number=3.0), z(3.5)) == expected
    assert tail(3.0) / tail(3.5) == pytest.approx(5.8, abs=0.01)


def test_a_ratio_needs_two_numbers_of_one_unit() -> None:
    above, below = a_reading("a", 12.0), a_reading("b", 4.0)
    assert outcome(a_ratio(3.0, "ratio", "a", "b"), above, below) == "ok"
    assert outcome(a_ratio(4.0, "ratio", "a", "b"), above, below) == "failed"
    assert outcome(a_ratio(3.0, "ratio", "a", "b"), above, a_reading("b", 4.0, unit="EUR")) == "not_checkable"
    assert outcome(a_ratio(3.0, "ratio", "a", "b"), above, a_reading("b", 0.0)) == "not_checkable"
    assert outcome(a_ratio(3.0, "ratio", "a", "b"), above) == "not_checkable"


def test_a_share_is_a_ratio_in_percent() -> None:
    claim = a_ratio(30.0, "ratio", "a", "b", multiplier=0.01, unit="1")
    assert outcome(claim, a_reading("a", 3.0), a_reading("b", 10.0)) == "ok"
    assert outcome(claim, a_reading("a", 4.0), a_reading("b", 10.0)) == "failed"


def test_a_change_in_percent_leads_to_the_number_or_into_the_range() -> None:
    base = a_reading("b", 43.6, multiplier=1.0)
    assert outcome(a_ratio(39.2, "percent_change", "b", number=-10.0), base) == "ok"
    assert outcome(a_ratio(38.0, "percent_change", "b", number=-10.0), base) == "failed"
    wide = a_ratio(None, "percent_change", "b", number=-10.0, low=38.0, high=39.0)
    assert outcome(wide, base) == "ok"
    assert outcome(a_ratio(None, "percent_change", "b", number=-30.0, low=38.0, high=39.0), base) == "failed"


def test_a_multiple_of_the_record_is_measured_by_the_highest_before() -> None:
    level = a_reading("l", 10.0)
    earlier = a_reading("e", 8.0, first=DAY - timedelta(9), last=DAY - timedelta(9))
    lower = a_reading("f", 5.0, first=DAY - timedelta(5), last=DAY - timedelta(5))
    later = a_reading("g", 99.0, first=DAY + timedelta(1), last=DAY + timedelta(1))
    readings = (level, earlier, lower, later)
    assert outcome(a_ratio(2.0, "times_record", "l"), *readings) == "failed"
    assert outcome(a_ratio(1.25, "times_record", "l"), *readings) == "ok"
    assert outcome(a_ratio(2.0, "times_record", "l"), level, later) == "not_checkable"
    series = {("turnover", "share"): {DAY - timedelta(3): 20e6}}
    assert outcome(a_ratio(0.5, "times_record", "l"), *readings, series=series) == "ok"


def test_money_by_shares_has_to_be_a_price_of_those_days() -> None:
    money = a_reading("c", 230.0, checks=({"rule": "per_share", "of": ["c", "s"]},))
    shares = a_reading("s", 6.0, indicator="shares", unit="shares")
    price = a_reading("p", 38.0, indicator="price level", multiplier=1.0)
    assert outcome(money, shares, kind="per_share") == "not_checkable"
    assert outcome(money, shares, price, kind="per_share") == "ok"
    dear = a_reading("p", 48.0, indicator="price level", multiplier=1.0)
    assert outcome(money, shares, dear, kind="per_share") == "failed"


def test_baskets_are_whole() -> None:
    claim = a_ratio(None, "baskets", "s", number=40000.0)
    assert outcome(claim, a_reading("s", 6.0, unit="shares")) == "ok"
    assert outcome(claim, a_reading("s", 6.01, unit="shares")) == "failed"


def test_a_word_dates_its_text() -> None:
    assert written_between("yesterday", DAY) == (date(2026, 3, 5), date(2026, 3, 5))
    assert written_between("last week", DAY) == (date(2026, 3, 9), date(2026, 3, 15))
    assert written_between("next week", DAY) == (date(2026, 2, 23), date(2026, 3, 1))
    assert written_between("soon", DAY) is None


def test_two_words_of_one_text_have_to_date_it_alike() -> None:
    event = a_reading("event", indicator=None)
    first = a_ratio(None, "writing_day", "event", word="yesterday")
    other = {"checks": ({"rule": "writing_day", "of": ["event"], "word": "last week"},), "indicator": None}
    assert outcome(first, event) == "ok"
    assert outcome(first, event, a_reading("o", **other)) == "failed"
    assert outcome(first, event, a_reading("o", **other | {"document": "another"})) == "ok"
    assert outcome(a_ratio(None, "writing_day", "event", word="soon"), event) == "not_checkable"


def test_evidence_does_not_end_after_what_it_confirms() -> None:
    what = a_reading("w", indicator=None)
    assert outcome(a_ratio(None, "confirms", "w"), what) == "ok"
    assert outcome(a_ratio(None, "confirms", "w", last=DAY + timedelta(1)), what) == "failed"


def test_a_cause_neither_follows_its_effect_nor_from_it() -> None:
    assert outcome(a_ratio(None, "caused_by", "k"), a_reading("k", indicator="rule change")) == "ok"
    late = a_reading("k", indicator="rule change", first=DAY + timedelta(1))
    assert outcome(a_ratio(None, "caused_by", "k"), late) == "failed"
    assert outcome(a_ratio(None, "caused_by", "k"), a_reading("k", indicator="open interest change")) == "failed"


def test_what_goes_on_with_something_is_about_it() -> None:
    assert outcome(a_ratio(None, "continues", "k"), a_reading("k")) == "ok"
    assert outcome(a_ratio(None, "continues", "k"), a_reading("k", subjects=("coin",))) == "failed"


@pytest.mark.parametrize(("firmness", "expected"), [("stated", "ok"), ("speculated", "failed")])
def test_what_pulls_both_ways_is_carried_by_a_claim_as_firm(firmness: str, expected: str) -> None:
    claim = a_ratio(3.0, "reconciled_by", "k", "bridge")
    down = a_reading("k", direction="down")
    bridge = a_reading("bridge", indicator=None, modality=firmness)
    assert outcome(claim, down, bridge) == expected
    assert outcome(claim, a_reading("k", direction="up"), bridge) == "not_checkable"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (Terms(barrier=1.0, observation="maturity", maturity=date(2028, 1, 1)), "failed"),
        (Terms(barrier=1.0, observation="maturity", maturity=DAY), "ok"),
        (Terms(barrier=1.0, observation="continuous", maturity=None), "ok"),
        (Terms(barrier=1.0, observation="maturity", maturity=None), "not_checkable"),
        (Terms(barrier=1.0, observation=None, maturity=None), "not_checkable"),
    ],
)
def test_a_barrier_is_hit_when_it_is_tested(terms: Terms, expected: str) -> None:
    assert outcome(a_ratio(None, "barrier_hit"), terms={"share": terms}) == expected


def test_checks_are_within_the_ontology_and_named_apart() -> None:
    twice = a_ratio(3.0, "ratio", "a", "b")
    twice = a_reading("c", 3.0, unit="ratio", multiplier=1.0, indicator="r", checks=twice.checks * 2)
    world = World(readings={one.key: one for one in (twice, a_reading("a", 12.0), a_reading("b", 4.0))})
    batch = check_batch(check_all([twice], world))
    validate(batch)
    assert sorted(node.id for node in batch.nodes) == ["check:c:ratio", "check:c:ratio.2"]
    assert math.isclose(len(batch.links), 6)
