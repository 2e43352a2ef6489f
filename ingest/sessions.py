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
