"""Dates become instants by the clock of what they are about: trade days, sessions, periods, the closes of a move."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.caseparts import FactPart, InstrumentPart, MovePart, RelationPart
from ingest.clocks import UTC_CLOCK, Clock, clock_of, known_from, move_span, span_of
from ingest.sessions import close_of, close_on_or_before
from ingest.units import base_value, sort_of

NEW_YORK = Clock(tz="America/New_York", calendar="XNYS")
OWN = {"publisher": "own records", "title": "closes", "url": None, "published": None, "kind": "data"}


def instrument(kind: str, **identifiers: str) -> InstrumentPart:
    return InstrumentPart.model_validate({"id": "it", "name": "It", "type": kind, "identifiers": identifiers})


def fact(**more: object) -> FactPart:
    own = {"id": "f", "at": date(2026, 2, 5), "known_at": date(2026, 2, 6), "about": "it", "indicator": "spot return"}
    text = {"value": 1.0, "unit": "percent", "statement": "It rose.", "source": OWN}
    return FactPart.model_validate({**own, **text, **more})


def move(start: object, end: object) -> MovePart:
    own = {"instrument": "it", "start": start, "end": end, "return": -0.1, "return_unit": "fraction"}
    return MovePart.model_validate({**own, "measure": "close to close", "source": OWN})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year, month, day, ...


@pytest.mark.parametrize(
    ("one", "tz", "calendar"),
    [
        (instrument("equity index", symbol="N225"), "Asia/Tokyo", "XTKS"),
        (instrument("equity", ticker="EXMP"), "America/New_York", "XNYS"),
        (instrument("futures", exchange="CME"), "America/Chicago", "CMES"),
        (instrument("crypto spot", symbol="BTCUSD"), "UTC", None),
        (instrument("tulip bulb"), "UTC", None),
    ],
)
def test_a_clock_follows_identifiers_then_venue_then_kind(one: InstrumentPart, tz: str, calendar: str | None) -> None:
    assert clock_of(one, ()) == Clock(tz=tz, calendar=calendar)


def test_a_listing_beats_the_kind() -> None:
    listed = RelationPart.model_validate({"type": "listed_on", "from": "it", "to": "lse"})
    assert clock_of(instrument("equity"), (listed,)).calendar == "XLON"


def test_a_day_is_known_at_its_close_and_on_days_without_session_at_its_end() -> None:
    assert known_from(date(2026, 2, 5), NEW_YORK) == utc(2026, 2, 5, 21)
    assert known_from(date(2026, 2, 7), NEW_YORK) == utc(2026, 2, 8, 5)  # a Saturday
    assert known_from(date(2026, 2, 5), UTC_CLOCK) == utc(2026, 2, 6)
    assert known_from(utc(2026, 2, 5, 15), NEW_YORK) == utc(2026, 2, 5, 15)


def test_half_days_close_early() -> None:
    assert close_of("XNYS", date(2025, 11, 28)) == utc(2025, 11, 28, 18)  # the day after Thanksgiving


def test_the_last_close_before_a_holiday_counts() -> None:
    assert close_on_or_before("XNYS", date(2026, 1, 1)) == utc(2025, 12, 31, 21)


def test_an_unknown_calendar_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown exchange calendar"):
        close_of("NOWHERE", date(2026, 1, 2))


def test_a_bare_end_is_included() -> None:
    span = span_of(fact(at_end=date(2026, 2, 6), known_at=date(2026, 2, 6)), UTC_CLOCK)
    assert (span.valid_from, span.valid_to) == (utc(2026, 2, 5), utc(2026, 2, 7))
    assert (span.trade_date, span.trade_date_end) == (date(2026, 2, 5), date(2026, 2, 6))


def test_an_instant_ends_where_it_begins() -> None:
    span = span_of(fact(at=utc(2026, 2, 5, 15)), NEW_YORK)
    assert span.valid_from == span.valid_to == utc(2026, 2, 5, 15)
    assert span.trade_date is None


@pytest.mark.parametrize(
    ("precision", "first", "after"),
    [
        ("week", utc(2026, 2, 2), utc(2026, 2, 9)),
        ("month", utc(2026, 2, 1), utc(2026, 3, 1)),
        ("quarter", utc(2026, 1, 1), utc(2026, 4, 1)),
        ("year", utc(2026, 1, 1), utc(2027, 1, 1)),
        ("year to date", utc(2026, 1, 1), utc(2026, 2, 6)),
    ],
)
def test_a_date_that_stands_for_a_period_is_widened_to_it(precision: str, first: datetime, after: datetime) -> None:
    span = span_of(fact(time_precision=precision), UTC_CLOCK)
    assert (span.valid_from, span.valid_to) == (first, after)


def test_an_instant_good_to_the_hour_lasts_an_hour() -> None:
    span = span_of(fact(at=utc(2026, 2, 5, 15), time_precision="hour"), UTC_CLOCK)
    assert span.valid_to == utc(2026, 2, 5, 16)


def test_a_move_runs_from_close_to_close() -> None:
    clocks = {"it": NEW_YORK}
    assert move_span(move(date(2026, 2, 4), date(2026, 2, 5)), clocks) == (utc(2026, 2, 4, 21), utc(2026, 2, 5, 21))
    assert move_span(move(date(2026, 2, 4), date(2026, 2, 5)), {}) == (utc(2026, 2, 5), utc(2026, 2, 6))


def test_a_move_of_one_date_lies_within_that_day() -> None:
    same = move(date(2026, 2, 5), date(2026, 2, 5))
    assert move_span(same, {"it": NEW_YORK}) == (utc(2026, 2, 5, 5), utc(2026, 2, 5, 21))


@pytest.mark.parametrize(
    ("start", "closes"),
    [(date(2025, 11, 26), utc(2025, 11, 26, 21)), (date(2025, 11, 27), utc(2025, 11, 27, 5))],
)
def test_a_move_on_a_day_without_session_ends_with_that_day(start: date, closes: datetime) -> None:
    thanksgiving = move(start, date(2025, 11, 27))
    assert move_span(thanksgiving, {"it": NEW_YORK}) == (closes, utc(2025, 11, 28, 5))


def test_a_move_to_a_weekend_ends_at_the_last_close_before() -> None:
    assert move_span(move(date(2026, 2, 5), date(2026, 2, 8)), {"it": NEW_YORK})[1] == utc(2026, 2, 6, 21)


def test_a_move_between_instants_is_as_given() -> None:
    assert move_span(move(utc(2026, 2, 5, 14), utc(2026, 2, 5, 20)), {}) == (utc(2026, 2, 5, 14), utc(2026, 2, 5, 20))


@pytest.mark.parametrize(
    ("value", "unit", "number", "base", "sort"),
    [
        (-13.0, "percent", -0.13, "1", "rate"),
        (25.0, "basis points", 0.0025, "1", "rate"),
        (1.5, "USD billion", 1.5e9, "USD", "money"),
        (41.0, "million shares", 41e6, "shares", "count"),
        (157.2, "JPY per USD", 157.2, "JPY per USD", "price"),
        (20.0, "index points", 20.0, "index points", "points"),
        (7.0, "widgets of some sort", 7.0, "widgets of some sort", "count"),
    ],
)
def test_units_are_normalised(value: float, unit: str, number: float, base: str, sort: str) -> None:
    found, words = base_value(value, unit)
    assert found == pytest.approx(number)
    assert words == base
    assert sort_of(unit) == sort


def test_what_is_no_number_has_no_base() -> None:
    assert base_value(True, "bool") == (None, None)
    assert base_value("sold", "text") == (None, None)
