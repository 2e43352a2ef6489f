"""The mapping file of `whymove ingest table`: which column of which table is which series, by which clock.

instruments, actors, relations     as in case files
defaults: {licence, missing, duplicates, order, last_bar, off_session}       of every file that does not say its own
publications: {name: timetable}    when things that come by a timetable become public
files:
  - file: prices_*.csv             name under the folder given; patterns allowed, their files are read in order
    source, licence                who published it; may_redistribute, may_show or private_use
    date | date and time | datetime | epoch: {column, unit}                  the column or columns that say when
    date_format: "%d %b %Y"        of `date`, where it is not ISO
    clock                          at which instant a row is so: one of
      {day: UTC}                     a whole local day, at its end
      {calendar: XNYS}               a session, at the close of that exchange (half days at theirs)
      {tz: Europe/Berlin, cutoff: "14:15"}                                   once a day, at that time
      {bar: PT1H, tz: UTC, label: start, calendar: XNYS}                     bars, at their end; with a calendar
                                     at the close at the latest
      {instant: UTC}                 at the instant given; the zone is that of texts without one
    series                         one entry a series
      - {column, id, indicator, subject, unit}   and name, factor, offset, from, until, frequency
          column: close, or {minus: [long, short]}, or {plus: [a, b]}
          value = column x factor + offset; days outside `from` to `until` are left out
    by: {column, subjects: {ARKK: arkk}, others: error}                      long tables: `{subject}` in id and
                                     subject stands for the value of the column; or {column, series: {ARKK: [...]}}
    publication_lag | published | known_at       an ISO duration after the instant; the name of a timetable; a
                                     column. None of them: the lag of the indicator
    last_bar: drop_unfinished      rows that end after `made_at` (the file's own time where not given) are left
                                     out; or keep
    duplicates: identical          identical rows count once; or error. Rows that contradict are always an error
    order: ascending               or any: sorted first, which holds the series in memory
    off_session: error             a day without a session; or skip
    unit_column, delimiter, encoding, decimal, missing, optional
"""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, StringConstraints, Tag

from ingest.caseparts import ActorPart, Id, InstrumentPart, Moment, Part, RelationPart, Text

Licence = Literal["may_redistribute", "may_show", "private_use"]
SUBJECT = "{subject}"
_DURATION = re.compile(r"^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?$")


def duration(value: object) -> timedelta:
    """Days, hours and minutes in ISO 8601. Raises ValueError for anything else."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no duration; write days, hours and minutes like P1D, PT20H or P2DT30M")
    days, hours, minutes = (int(one or 0) for one in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _time(value: object) -> time:
    try:
        found = time.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise ValueError(f'{value!r} is no time of day; write it in quotes, as "14:15"')
    return found


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write one like America/New_York or UTC") from error
    return value


Duration = Annotated[timedelta, BeforeValidator(duration)]
TimeOfDay = Annotated[time, BeforeValidator(_time)]
Zone = Annotated[Text, AfterValidator(_zone)]
SeriesId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:{}-]+$")]


class DayClock(Part):
    """Whole days of a zone."""

    day: Zone


class SessionClock(Part):
    """Sessions of an exchange."""

    calendar: Text


class FixClock(Part):
    """One value a day at a time of day."""

    tz: Zone
    cutoff: TimeOfDay


class BarClock(Part):
    """Bars of less than a day; with a calendar no bar ends after the close."""

    bar: Duration
    tz: Zone
    label: Literal["start", "end"] = "start"
    calendar: Text | None = None


class InstantClock(Part):
    """Instants as they are given."""

    instant: Zone


def _kind_of_clock(value: object) -> str | None:
    keys = set(value) if isinstance(value, dict) else set()
    found = [f"<{key}>" for key in ("bar", "cutoff", "day", "instant") if key in keys]
    return found[0] if found else "<calendar>" if "calendar" in keys else None


ClockPart = Annotated[
    Annotated[DayClock, Tag("<day>")]
    | Annotated[SessionClock, Tag("<calendar>")]
    | Annotated[FixClock, Tag("<cutoff>")]
    | Annotated[BarClock, Tag("<bar>")]
    | Annotated[InstantClock, Tag("<instant>")],
    Discriminator(
        _kind_of_clock,
        custom_error_type="clock",
        custom_error_message="no clock: name day, calendar, cutoff with tz, bar with tz, or instant",
    ),
]


class TimetablePart(Part):
    """When things become public: the first such time after they are so, on a session where there is a calendar.

    `at_least` passes before it; `late` gives the day of publication of days that were late.
    """

    time: TimeOfDay
    tz: Zone
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] | None = None
    calendar: Text | None = None
    at_least: Duration = timedelta(0)
    late: dict[date, date] = Field(default_factory=dict)


class EpochPart(Part):
    """A column of numbers since 1970-01-01 UTC."""

    column: Text
    unit: Literal["s", "ms", "us", "ns"]


class MinusPart(Part):
    """The first column less the second."""

    minus: tuple[Text, Text]


class PlusPart(Part):
    """The sum of columns."""

    plus: Annotated[tuple[Text, ...], Field(min_length=2)]


def _kind_of_column(value: object) -> str | None:
    if isinstance(value, str):
        return "<name>"
    return next((f"<{key}>" for key in ("minus", "plus") if isinstance(value, dict) and key in value), None)


Column = Annotated[
    Annotated[Text, Tag("<name>")] | Annotated[MinusPart, Tag("<minus>")] | Annotated[PlusPart, Tag("<plus>")],
    Discriminator(
        _kind_of_column,
        custom_error_type="column",
        custom_error_message="no column: give a name, {minus: [one, other]} or {plus: [one, other]}",
    ),
]


class ColumnPart(Part):
    """One series of a table."""

    column: Column
    id: SeriesId
    indicator: Text
    subject: Text
    unit: Text
    name: Text | None = None
    factor: float = 1.0
    offset: float = 0.0
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    frequency: Duration | None = None


Columns = Annotated[tuple[ColumnPart, ...], Field(min_length=1)]


class ByPart(Part):
    """The column of a long table that says what a row is about."""

    column: Text
    subjects: dict[str, Id] = Field(default_factory=dict)
    series: dict[str, Columns] = Field(default_factory=dict)
    others: Literal["error", "skip"] = "error"


class RulesPart(Part):
    """What `defaults` may say for all files."""

    licence: Licence | None = None
    missing: tuple[str, ...] | None = None
    duplicates: Literal["identical", "error"] | None = None
    order: Literal["ascending", "any"] | None = None
    last_bar: Literal["drop_unfinished", "keep"] | None = None
    off_session: Literal["error", "skip"] | None = None


class FilePart(RulesPart):
    """One table, or several of one form."""

    file: Text
    source: Text
    clock: ClockPart
    date: Text | None = None
    time: Text | None = None
    datetime: Text | None = None
    epoch: EpochPart | None = None
    date_format: Text | None = None
    series: tuple[ColumnPart, ...] = ()
    by: ByPart | None = None
    publication_lag: Duration | None = None
    published: Text | None = None
    known_at: Text | None = None
    made_at: Moment | None = None
    unit_column: Text | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    encoding: Text = "utf-8"
    decimal: Literal[".", ","] = "."
    optional: bool = False


class MapFile(Part):
    """The whole mapping."""

    defaults: RulesPart = RulesPart()
    publications: dict[str, TimetablePart] = Field(default_factory=dict)
    instruments: tuple[InstrumentPart, ...] = ()
    actors: tuple[ActorPart, ...] = ()
    relations: tuple[RelationPart, ...] = ()
    files: Annotated[tuple[FilePart, ...], Field(min_length=1)]
