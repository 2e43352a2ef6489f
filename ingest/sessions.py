"""When exchanges close: the one module that knows the calendar library, which takes a second to load."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar


def close_of(code: str, day: date) -> datetime | None:
    """The close of the session of that day in UTC, None where there was none. Raises ValueError on an unknown code."""
    calendar = _calendar(code, day.year)
    if not calendar.is_session(day.isoformat()):
        return None
    close: datetime = calendar.session_close(day.isoformat()).to_pydatetime()
    return close.astimezone(UTC)


def close_on_or_before(code: str, day: date) -> datetime:
    """The last close up to the end of that day, in UTC. Raises ValueError on an unknown code."""
    for back in range(30):
        close = close_of(code, day - timedelta(days=back))
        if close is not None:
            return close
    raise ValueError(f"the calendar {code} has no session in the 30 days up to {day}")


def closes(code: str, first: date, last: date) -> dict[date, datetime]:
    """The close of every session from the first day to the last, in UTC, half days at their own hour.

    ValueError on an unknown code, and where the calendar does not reach as far back or on.
    """
    found: dict[date, datetime] = {}
    for decade in range(first.year // 10 * 10, last.year + 1, 10):
        found |= {day: at for day, at in _decade(code, decade).items() if first <= day <= last}
    lost = _bounds(code)
    if (lost[0] is not None and first < lost[0]) or (lost[1] is not None and last > lost[1]):
        raise ValueError(f"the calendar {code} knows no day before {lost[0] or 'any'} or after {lost[1] or 'any'}")
    return found


def zone_of(code: str) -> str:
    """The time zone of an exchange. Raises ValueError on an unknown code."""
    return str(_calendar(code, 2020).tz)


@cache
def _bounds(code: str) -> tuple[date | None, date | None]:
    calendar = _calendar(code, 2020)
    low, high = calendar.bound_min(), calendar.bound_max()
    return (None if low is None else low.date()), (None if high is None else high.date())


@cache
def _decade(code: str, first: int) -> dict[date, datetime]:
    """The closes of ten years: a calendar of more takes long to make, of each year apart longer still."""
    from exchange_calendars import get_calendar

    low, high = _bounds(code)
    start, end = max(date(first, 1, 1), low or date.min), min(date(first + 9, 12, 31), high or date.max)
    if start >= end:
        return {}
    found = get_calendar(code, start=start.isoformat(), end=end.isoformat()).closes
    return {day.date(): at.to_pydatetime().astimezone(UTC) for day, at in found.items()}


@cache
def _calendar(code: str, year: int) -> ExchangeCalendar:
    # Loaded at first use: `explain` imports this module, needs no session, and has two seconds in all.
    from exchange_calendars import get_calendar
    from exchange_calendars.errors import InvalidCalendarName

    # A month over on both sides: the library answers for no day before its first or after its last session.
    try:
        return get_calendar(code, start=f"{year - 1}-12-01", end=f"{year + 1}-01-31")
    except InvalidCalendarName as error:
        raise ValueError(f"unknown exchange calendar {code!r}") from error
