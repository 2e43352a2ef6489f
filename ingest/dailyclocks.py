"""The instants of a source's daily values: which one a day means by its clock, and when it was published.

Shared by connectors whose sources give days and no times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.connecting import Payload, Window
from ingest.payloadreading import changed
from ingest.sessions import close_of
from ingest.tableclocks import timetable
from ingest.tableformat import ClockPart, DayClock, FixClock, SessionClock, TimetablePart

DAY = timedelta(days=1)
_TIMETABLE = "published_"


def day_of(payload: Payload, text: str, form: str) -> date:
    """A day written in a form of `strptime`. Raises SourceChangedError for another form and outside 1900 to 2100."""
    try:
        found = datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise changed(payload, f"holds {text[:40]!r} where a day like {date(2026, 2, 5):{form}} was agreed") from error
    if not 1900 <= found.year < 2100:
        raise changed(payload, f"holds the day {found}, which cannot be")
    return found


def instant_of_day(clock: ClockPart, day: date) -> datetime | None:
    """The instant in UTC at which a value of this day is so; None for a day without a session.

    Raises ValueError for the clock of bars or instants, which has no days.
    """
    if isinstance(clock, SessionClock):
        return close_of(clock.calendar, day)
    if isinstance(clock, FixClock):
        return datetime.combine(day, clock.cutoff, ZoneInfo(clock.tz)).astimezone(UTC)
    if isinstance(clock, DayClock):
        return datetime.combine(day + DAY, time(), ZoneInfo(clock.day)).astimezone(UTC)
    raise ValueError("bars and instants have no days; name day, calendar, or cutoff with tz")


def days_of(window: Window, tz: str) -> tuple[date, date]:
    """The first and the last day in a zone that a window touches, both included."""
    zone = ZoneInfo(tz)
    last = window.until - timedelta(microseconds=1)
    return window.since.astimezone(zone).date(), last.astimezone(zone).date()


def publication(words: Mapping[str, str]) -> Callable[[datetime, date | None], datetime] | None:
    """The timetable that the words of a symbol give by `published_time`, `published_tz` and the rest; None without."""
    said = {key.removeprefix(_TIMETABLE): value for key, value in words.items() if key.startswith(_TIMETABLE)}
    return timetable(TimetablePart.model_validate(said)) if said else None


def time_in_day(day: date, text: str, tz: str) -> datetime:
    """The instant in UTC of a time of day in a zone."""
    return datetime.combine(day, time.fromisoformat(text), ZoneInfo(tz)).astimezone(UTC)
