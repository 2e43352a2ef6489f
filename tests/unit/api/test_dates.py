"""Dates and instants are read one way everywhere, and a time without a zone is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.dates import parse_clock, parse_day, parse_when, write_instant
from api.errors import InvalidAskError

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_bare_date_is_a_trade_day() -> None:
    assert parse_when("2026-02-05", "start") == date(2026, 2, 5)


def test_an_instant_comes_back_in_utc() -> None:
    assert parse_when("2026-02-05T16:00:00-05:00", "start") == datetime(2026, 2, 5, 21, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused_with_what_to_write() -> None:
    with pytest.raises(InvalidAskError, match="has no time zone; write 2026-02-05T16:00:00Z") as refusal:
        parse_when("2026-02-05T16:00:00", "end")
    assert refusal.value.field == "end"


@pytest.mark.parametrize("text", ["yesterday", "5.2.2026", "20260205", "2026-02-30", "2026-13-01", "", "12:00"])
def test_what_is_no_date_is_refused_and_named(text: str) -> None:
    with pytest.raises(InvalidAskError) as refusal:
        parse_when(text, "on")
    assert repr(text) in str(refusal.value)


def test_a_day_is_not_an_instant() -> None:
    with pytest.raises(InvalidAskError, match="write it as 2026-02-05"):
        parse_day("2026-02-05T00:00:00Z", "on")


def test_a_bare_clock_stands_for_the_end_of_its_day() -> None:
    assert parse_clock("2026-02-12", "as_of", NOW) == datetime(2026, 2, 13, tzinfo=UTC)


def test_today_as_a_clock_is_now() -> None:
    assert parse_clock("2026-11-24", "as_of", NOW) == NOW


def test_instants_are_written_with_z() -> None:
    assert write_instant(NOW) == "2026-11-24T09:00:00Z"
