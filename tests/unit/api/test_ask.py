"""Which questions are asked, and which are refused with what to write instead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from api.ask import Ask, ask_on, make_ask, previous_session_day
from api.errors import InvalidAskError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_case_alone_is_a_question_asked_now() -> None:
    ask = make_ask(case="2026-02-05-bitcoin-flash-crash", now=NOW)
    assert ask == Ask(case="2026-02-05-bitcoin-flash-crash", as_of=NOW, as_at=NOW)


def test_an_instrument_with_two_dates_is_a_question() -> None:
    ask = make_ask(instrument=" btcusd ", start="2026-02-04", end="2026-02-05", now=NOW)
    assert (ask.instrument, ask.start, ask.end) == ("btcusd", date(2026, 2, 4), date(2026, 2, 5))


def test_instants_are_turned_to_utc() -> None:
    ask = make_ask(instrument="btcusd", start="2026-02-05T10:00:00-05:00", end="2026-02-05T21:00:00Z", now=NOW)
    assert ask.start == datetime(2026, 2, 5, 15, tzinfo=UTC)
    five_behind = timezone(timedelta(hours=-5))
    typed = make_ask(
        instrument="btcusd",
        start=datetime(2026, 2, 5, 10, tzinfo=five_behind),
        end=datetime(2026, 2, 5, 21, tzinfo=UTC),
    )
    assert typed.start == ask.start
    assert isinstance(typed.start, datetime)
    assert typed.start.tzinfo is UTC


def test_a_day_of_a_market_that_never_closes_starts_the_day_before() -> None:
    ask = ask_on("btcusd", "2026-02-08").dated("btcusd", "24/7")
    assert (ask.start, ask.end, ask.on) == (date(2026, 2, 7), date(2026, 2, 8), None)


def test_a_monday_of_a_market_with_sessions_starts_on_friday() -> None:
    ask = ask_on("spx", date(2018, 2, 5)).dated("spx", "XNYS")
    assert (ask.start, ask.end) == (date(2018, 2, 2), date(2018, 2, 5))
    assert previous_session_day(date(2018, 2, 6), "XNYS") == date(2018, 2, 5)


def test_a_bare_clock_counts_to_the_end_of_its_day_and_today_until_now() -> None:
    assert make_ask(case="c", as_of="2026-02-05", now=NOW).as_of == datetime(2026, 2, 6, tzinfo=UTC)
    assert make_ask(case="c", as_of="2026-03-01", now=NOW).as_of == NOW


@pytest.mark.parametrize(
    ("field", "words", "given"),
    [
        ("instrument", "nothing to explain", {}),
        ("instrument", "empty", {"instrument": "  "}),
        ("instrument", "without an instrument", {"start": "2026-02-04", "end": "2026-02-05"}),
        ("start", "when\\?", {"instrument": "btcusd"}),
        ("end", "missing", {"instrument": "btcusd", "start": "2026-02-04"}),
        ("start", "missing", {"instrument": "btcusd", "end": "2026-02-04"}),
        ("end", "does not come after", {"instrument": "btcusd", "start": "2026-02-05", "end": "2026-02-04"}),
        ("end", "one sort", {"instrument": "btcusd", "start": "2026-02-05", "end": "2026-02-05T21:00:00Z"}),
        ("on", "not both", {"instrument": "btcusd", "on": "2026-02-05", "start": "2026-02-04", "end": "2026-02-05"}),
        ("on", "not an instant", {"instrument": "btcusd", "on": "2026-02-05T10:00:00Z"}),
        ("start", "zone", {"instrument": "btcusd", "start": "2026-02-05T10:00:00", "end": "2026-02-05T21:00:00Z"}),
        ("as_of", "zone", {"case": "c", "as_of": datetime(2026, 2, 5)}),  # noqa: DTZ001 - the fault tested
        ("as_of", "future", {"case": "c", "as_of": "2026-03-01T12:00:01Z"}),
        ("as_of", "future", {"case": "c", "as_of": "2026-03-02"}),
        ("as_at", "future", {"case": "c", "as_at": datetime(2027, 1, 1, tzinfo=UTC)}),
    ],
)
def test_a_question_that_cannot_be_asked_names_its_field(field: str, words: str, given: dict[str, object]) -> None:
    with pytest.raises(InvalidAskError, match=words) as caught:
        make_ask(now=NOW, **given)  # type: ignore[arg-type]
    assert caught.value.field == field
