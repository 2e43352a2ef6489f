"""Turns the dates of a case file into the instants of the graph: valid time, known time, the closes of a move.

A bare date is a day in the subject's zone; it becomes known at the session's close where there was one, else at its
midnight (vocabulary of the graph, "Time", rule 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from ingest.caseparts import FactPart, InstrumentPart, RelationPart
from ingest.sessions import close_of, close_on_or_before

_DAY = timedelta(days=1)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tz: str
    calendar: str | None
    symbols: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Zone of the trade days of something, and the code of its calendar (None: no sessions)."""

    tz: str
    calendar: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a fact was so: instants, and trade days where the file gives days."""

    valid_from: datetime
    valid_to: datetime
    trade_date: date | None
    trade_date_end: date | None


UTC_CLOCK = Clock(tz="UTC", calendar=None)


@cache
def _rows() -> tuple[_Row, ...]:
    text = (Path(__file__).parent / "venues.yaml").read_text(encoding="utf-8")
    return TypeAdapter(tuple[_Row, ...]).validate_python(yaml.safe_load(text))


def clock_of(instrument: InstrumentPart, relations: Sequence[RelationPart]) -> Clock:
    """The clock of an instrument, by its identifiers, the venue it is listed on, or its kind (ingest/venues.yaml)."""
    symbols = {value.upper() for value in instrument.identifiers.values()}
    venues = {one.to for one in relations if one.type == "listed_on" and one.from_ == instrument.id}
    venues.add(instrument.identifiers.get("exchange", "").lower().replace(" ", "_"))
    found = (
        next((row for row in _rows() if symbols & set(row.symbols)), None)
        or next((row for row in _rows() if venues & set(row.venues)), None)
        or next((row for row in _rows() if instrument.type in row.kinds), None)
    )
    if found is not None:
        return Clock(tz=found.tz, calendar=found.calendar)
    return UTC_CLOCK


def midnight(day: date, clock: Clock) -> datetime:
    """The start of a day in the clock's zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(clock.tz)).astimezone(UTC)


def known_from(value: date | datetime, clock: Clock) -> datetime:
    """From when something dated so could be known: an instant as it is, a day from its close or its end."""
    if isinstance(value, datetime):
        return value
    close = close_of(clock.calendar, value) if clock.calendar else None
    return close or midnight(value + _DAY, clock)


def span_of(fact: FactPart, clock: Clock) -> Span:
    """The valid time of a fact, widened to the period that its precision names."""
    days = not isinstance(fact.at, datetime)
    last = fact.at_end if fact.at_end is not None else fact.at
    start = fact.at if isinstance(fact.at, datetime) else midnight(fact.at, clock)
    end = last if isinstance(last, datetime) else midnight(last + _DAY, clock)
    if fact.time_precision == "hour" and fact.at_end is None and not days:
        end = start + timedelta(hours=1)
    widened = _period(_day(fact.at), _day(last), fact.time_precision)
    if widened is not None:
        start, end = midnight(widened[0], clock), midnight(widened[1] + _DAY, clock)
    return Span(
        valid_from=start,
        valid_to=end,
        trade_date=_day(fact.at) if days else None,
        trade_date_end=_day(last) if days and fact.at_end is not None else None,
    )


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _period(first: date, last: date, precision: str | None) -> tuple[date, date] | None:
    if precision == "week":
        return first - timedelta(days=first.weekday()), last + timedelta(days=6 - last.weekday())
    if precision == "month":
        return first.replace(day=1), _month_end(last)
    if precision == "quarter":
        opening = first.replace(month=(first.month - 1) // 3 * 3 + 1, day=1)
        return opening, _month_end(last.replace(day=1, month=(last.month - 1) // 3 * 3 + 3))
    if precision == "year":
        return first.replace(month=1, day=1), last.replace(month=12, day=31)
    if precision == "year to date":
        return first.replace(month=1, day=1), last
    return None


def _month_end(day: date) -> date:
    following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - _DAY


class Dated(Protocol):
    """Whatever runs from one time to another on the clock of an instrument."""

    @property
    def instrument(self) -> str:
        """What moved."""

    @property
    def start(self) -> date | datetime:
        """Its first day or instant."""

    @property
    def end(self) -> date | datetime:
        """Its last day or instant."""


def move_span(move: Dated, clocks: Mapping[str, Clock]) -> tuple[datetime, datetime]:
    """The two closes of a move; within one day from its midnight to its close; instants as given."""
    clock = clocks.get(move.instrument, UTC_CLOCK)
    if isinstance(move.start, datetime):
        start = move.start
    else:
        within = isinstance(move.end, datetime) or move.start == move.end
        start = midnight(move.start, clock) if within else closing(move.start, clock)
    return start, end_after(start, move.end, clock)


def end_after(start: datetime, last: date | datetime, clock: Clock) -> datetime:
    """Where a move that began at `start` ends: at the close of its last day, or at that instant.

    Where the calendar has no session between them, it is not that of whoever measured the move, which then ends with
    its last day.
    """
    end = closing(last, clock)
    return end if end > start or isinstance(last, datetime) else midnight(last + _DAY, clock)


def closing(value: date | datetime, clock: Clock) -> datetime:
    """The close of the session of that day or the last one before; where trading never stops, the end of the day."""
    if isinstance(value, datetime):
        return value
    if clock.calendar is None:
        return midnight(value + _DAY, clock)
    return close_on_or_before(clock.calendar, value)
