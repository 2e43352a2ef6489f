"""Says of each row of a table at which instant its value is so, and when it became public.

The rules are those of the clocks of a mapping (ingest/tableformat.py). Whole columns at a time; days and publications
are looked up once a day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from ingest.sessions import closes, zone_of
from ingest.tablecells import DATE, INSTANT, NAIVE, Cells
from ingest.tableformat import BarClock, DayClock, FixClock, InstantClock, SessionClock, TimetablePart

_DAY = timedelta(days=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """One entry a row: `at` and `known_at` instants, `day` the trade day; `shut` where the exchange had no session.

    `at` is null where the table names no time, where that was refused, and where there was no session.
    """

    at: pa.Array
    day: pa.Array
    known_at: pa.Array
    shut: pa.Array


def stamp(cells: Cells) -> Stamps:
    """When each row of a piece is so, and when it became known."""
    at, day = _at(cells)
    shut = pc.and_(pc.is_valid(day), pc.is_null(at))
    return Stamps(at=at, day=_trade_day(cells, day), known_at=_known_at(cells, at, day), shut=shut)


def _trade_day(cells: Cells, day: pa.Array) -> pa.Array:
    """Bars and instants belong to no trade day, though their date is known."""
    timed = isinstance(cells.plan.part.clock, BarClock | InstantClock)
    return pa.nulls(len(day), DATE) if timed else day


def _at(cells: Cells) -> tuple[pa.Array, pa.Array]:
    """(instant, day): the day is that of the table, of instants that in the zone of the clock."""
    part = cells.plan.part
    clock = part.clock
    if isinstance(clock, BarClock | InstantClock):
        tz = clock.tz if isinstance(clock, BarClock) else clock.instant
        given = _instants(cells, tz)
        at = _bar_end(clock, given) if isinstance(clock, BarClock) else given
        return at, pa.nulls(len(at), DATE)
    name = part.date or ""
    days = cells.days(name, part.date_format)
    if isinstance(clock, SessionClock):
        return _closes_of(cells, clock.calendar, days), days
    if isinstance(clock, DayClock):
        return _local(pc.add(pc.cast(days, NAIVE), _DAY), clock.day), days
    since = timedelta(hours=clock.cutoff.hour, minutes=clock.cutoff.minute, seconds=clock.cutoff.second)
    return _local(pc.add(pc.cast(days, NAIVE), since), clock.tz), days


def _instants(cells: Cells, tz: str) -> pa.Array:
    part = cells.plan.part
    if part.epoch is not None:
        return cells.epochs(part.epoch.column, part.epoch.unit)
    if part.datetime is not None:
        return cells.instants(part.datetime, tz)
    days = cells.days(part.date or "", part.date_format)
    return cells.clock_times(part.time or "", days, tz)


def _local(naive: pa.Array, tz: str) -> pa.Array:
    """A midnight or fix in a zone; where the clock is put on over it, the first instant after."""
    return pc.cast(pc.assume_timezone(naive, tz, ambiguous="earliest", nonexistent="latest"), INSTANT)


def _bar_end(clock: BarClock, given: pa.Array) -> pa.Array:
    """The end of each bar, at the close at the latest where it begins within a session."""
    starts = given if clock.label == "start" else pc.subtract(given, clock.bar)
    ends = given if clock.label == "end" else pc.add(given, clock.bar)
    ends = pc.cast(ends, INSTANT)
    if clock.calendar is None or not pc.any(pc.is_valid(starts)).as_py():
        return ends
    local = pc.cast(pc.local_timestamp(pc.cast(starts, pa.timestamp("us", zone_of(clock.calendar)))), DATE, safe=False)
    limit = _looked_up(local, closes(clock.calendar, *_span(local)))
    over = pc.and_(pc.less(starts, limit), pc.greater(ends, limit))
    return pc.if_else(pc.fill_null(over, False), limit, ends)


def _closes_of(cells: Cells, code: str, days: pa.Array) -> pa.Array:
    """The close of each day, null where there was no session."""
    if not pc.any(pc.is_valid(days)).as_py():
        return pa.nulls(len(days), INSTANT)
    try:
        return _looked_up(days, closes(code, *_span(days)))
    except ValueError as error:
        reason = f"{error}; use a clock with tz and cutoff instead"
        cells.faults.abandon(cells.path, f"column {cells.plan.part.date}", reason)


def _span(days: pa.Array) -> tuple[date, date]:
    found = pc.min_max(days)
    return found["min"].as_py(), found["max"].as_py()


def _looked_up(days: pa.Array, known: dict[date, datetime]) -> pa.Array:
    keys = pa.array(list(known), DATE)
    return pc.take(pa.array(list(known.values()), INSTANT), pc.index_in(days, value_set=keys))


# --- when it became public ------------------------------------------------------------------------------------------


def _known_at(cells: Cells, at: pa.Array, day: pa.Array) -> pa.Array:
    """When each row became public by a column or a timetable; null where the publication lag tells."""
    plan = cells.plan
    if plan.part.known_at is not None:
        return cells.instants(plan.part.known_at, _zone(cells))
    if plan.timetable is None:
        return pa.nulls(len(at), INSTANT)
    next_time = timetable(plan.timetable)
    moments = zip(at.to_pylist(), day.to_pylist(), strict=True)
    return pa.array([None if one is None else next_time(one, its) for one, its in moments], INSTANT)


def _zone(cells: Cells) -> str:
    clock = cells.plan.part.clock
    if isinstance(clock, SessionClock):
        return zone_of(clock.calendar)
    if isinstance(clock, DayClock):
        return clock.day
    return clock.tz if isinstance(clock, FixClock | BarClock) else clock.instant


def timetable(part: TimetablePart) -> Callable[[datetime, date | None], datetime]:
    """The rule of a timetable: from the instant of a row, and its day, to the instant at which it became public."""
    zone = ZoneInfo(part.tz)
    known: dict[date, datetime] = {}

    def next_time(at: datetime, day: date | None) -> datetime:
        if day is not None and day in part.late:
            return _at_time(part.late[day], part.time, zone)
        after = at + part.at_least
        today = after.astimezone(zone).date()
        first = today if _at_time(today, part.time, zone) > after else today + _DAY
        if first not in known:
            known[first] = _at_time(_day_of(part, first), part.time, zone)
        return known[first]

    return next_time


def _day_of(part: TimetablePart, first: date) -> date:
    """The first day from `first` on that the timetable names."""
    day = first
    if part.weekday is not None:
        day += timedelta(days=(_WEEKDAYS.index(part.weekday) - day.weekday()) % 7)
    if part.calendar is not None:
        day = min(closes(part.calendar, day, day + timedelta(days=20)))
    return day


def _at_time(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
