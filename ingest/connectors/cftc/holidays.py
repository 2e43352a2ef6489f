"""Federal holidays of the United States: on them the CFTC publishes nothing, also where exchanges are open.

By 5 U.S.C. 6103; one on a Saturday is kept on Friday, one on a Sunday on Monday. Written by hand, because calendars of
exchanges lack those on which they trade (Veterans Day), and a library would be one more thing for eleven dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

DAY = timedelta(days=1)
MONDAY, THURSDAY = 0, 3
_JUNETEENTH_SINCE = 2021


def is_holiday(day: date) -> bool:
    """Whether a day is a federal holiday, or the day on which one is kept."""
    return day in _of(day.year) or day in _of(day.year + 1)  # the first of January may be kept in December


@cache
def _of(year: int) -> frozenset[date]:
    """The days on which the holidays of a year are kept."""
    return frozenset(_kept(day) for day in _days(year))


def _days(year: int) -> Iterator[date]:
    yield from (date(year, 1, 1), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25))
    if year >= _JUNETEENTH_SINCE:
        yield date(year, 6, 19)
    yield from (_nth(year, 1, MONDAY, 3), _nth(year, 2, MONDAY, 3), _nth(year, 9, MONDAY, 1))
    yield from (_nth(year, 10, MONDAY, 2), _nth(year, 11, THURSDAY, 4))
    yield _nth(year, 6, MONDAY, 1) - 7 * DAY  # the last Monday of May


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (n - 1)) * DAY


def _kept(day: date) -> date:
    return day + {5: -DAY, 6: DAY}.get(day.weekday(), 0 * DAY)
