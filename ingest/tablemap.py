"""Loads the mapping of tables: what each column is, checked against the indicators and against itself.

Everything that is wrong is said at once, with its place in the mapping, before a table is opened.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from ingest.caserules import broken_relations
from ingest.catalog import Indicator, load_indicators
from ingest.clocks import UTC_CLOCK, midnight
from ingest.errors import RecordRejectedError, Rejection
from ingest.refusals import refusals
from ingest.sessions import close_on_or_before
from ingest.tableformat import (
    SUBJECT,
    BarClock,
    ColumnPart,
    FilePart,
    InstantClock,
    MapFile,
    MinusPart,
    PlusPart,
    TimetablePart,
    duration,
)
from ingest.yamlfile import read_mapping

MISSING = ("", "NA", "N/A", ".", "-")
DAY = timedelta(days=1)
_EXAMPLE = "a mapping of tables is a mapping with the keys instruments, actors, relations and files"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPlan:
    """One series to be made: `columns` are added with their signs, then x `factor` + `offset`.

    `lag` is the publication lag where rows have no `known_at` of their own.
    """

    id: str
    name: str | None
    indicator: str
    subject: str
    unit: str
    columns: tuple[tuple[str, int], ...]
    factor: float
    offset: float
    from_: date | None
    until: date | None
    frequency: timedelta | None
    lag: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlan:
    """One entry of `files`, with the defaults filled in; `blocks` are the series by value of the `by` column."""

    place: str
    part: FilePart
    blocks: Mapping[str | None, tuple[SeriesPlan, ...]]
    timetable: TimetablePart | None
    licence: str
    missing: tuple[str, ...]
    duplicates: str
    order: str
    last_bar: str
    off_session: str
    made_at: datetime | None

    def columns(self) -> tuple[str, ...]:
        """Every column that is read, once."""
        part = self.part
        when = [part.date, part.time, part.datetime, part.epoch and part.epoch.column, part.known_at, part.unit_column]
        told = [*when, part.by and part.by.column]
        named = [name for plans in self.blocks.values() for plan in plans for name, _ in plan.columns]
        return tuple(dict.fromkeys(name for name in [*told, *named] if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMap:
    """A mapping that holds together."""

    path: Path
    file: MapFile
    plans: tuple[FilePlan, ...]
    indicators: Mapping[str, Indicator] = field(repr=False)


def load_map(path: Path) -> TableMap:
    """The mapping in a file. Raises RecordRejectedError with everything that is wrong (file, path, reason)."""
    data = read_mapping(path, _EXAMPLE)
    try:
        file = MapFile.model_validate(data)
    except ValidationError as error:
        raise RecordRejectedError(tuple(refusals(path, data, error, MapFile))) from error
    indicators = {one.name: one for one in load_indicators()}
    broken = list(_broken(file, indicators))
    if broken:
        raise RecordRejectedError(tuple(Rejection(file=str(path), path=at, reason=why) for at, why in broken))
    plans = tuple(_plan(file, part, f"files[{i}]", indicators) for i, part in enumerate(file.files))
    return TableMap(path=path, file=file, plans=plans, indicators=indicators)


def _plan(file: MapFile, part: FilePart, place: str, indicators: Mapping[str, Indicator]) -> FilePlan:
    common = file.defaults
    return FilePlan(
        place=place,
        part=part,
        blocks=_planned(part, indicators),
        timetable=file.publications[part.published] if part.published else None,
        licence=part.licence or common.licence or "private_use",
        missing=part.missing if part.missing is not None else common.missing if common.missing is not None else MISSING,
        duplicates=part.duplicates or common.duplicates or "identical",
        order=part.order or common.order or "ascending",
        last_bar=part.last_bar or common.last_bar or "drop_unfinished",
        off_session=part.off_session or common.off_session or "error",
        made_at=_made(part.made_at),
    )


def _made(value: date | datetime | None) -> datetime | None:
    """`made_at` as an instant: of a bare date its start, so that the day itself counts as unfinished."""
    return value if value is None or isinstance(value, datetime) else midnight(value, UTC_CLOCK)


def _blocks(part: FilePart) -> Iterator[tuple[str | None, str | None, tuple[ColumnPart, ...]]]:
    """(value of the `by` column, subject it stands for, its series)."""
    if part.by is None:
        yield None, None, part.series
        return
    yield from ((value, subject, part.series) for value, subject in part.by.subjects.items())
    yield from ((value, None, columns) for value, columns in part.by.series.items())


def _planned(part: FilePart, indicators: Mapping[str, Indicator]) -> dict[str | None, tuple[SeriesPlan, ...]]:
    planned: dict[str | None, tuple[SeriesPlan, ...]] = {}
    for value, subject, columns in _blocks(part):
        made = tuple(_series(one, subject, part, indicators) for one in columns)
        planned[value] = planned.get(value, ()) + made
    return planned


def _series(one: ColumnPart, subject: str | None, part: FilePart, indicators: Mapping[str, Indicator]) -> SeriesPlan:
    lag = part.publication_lag
    return SeriesPlan(
        id=_named(one.id, subject),
        name=one.name,
        indicator=one.indicator,
        subject=_named(one.subject, subject),
        unit=one.unit,
        columns=_signed(one),
        factor=one.factor,
        offset=one.offset,
        from_=one.from_,
        until=one.until,
        frequency=one.frequency or (part.clock.bar if isinstance(part.clock, BarClock) else None),
        lag=lag if lag is not None else duration(indicators[one.indicator].publication_lag),
    )


def _named(text: str, subject: str | None) -> str:
    return text if subject is None else text.replace(SUBJECT, subject)


def _signed(one: ColumnPart) -> tuple[tuple[str, int], ...]:
    if isinstance(one.column, MinusPart):
        return (one.column.minus[0], 1), (one.column.minus[1], -1)
    if isinstance(one.column, PlusPart):
        return tuple((name, 1) for name in one.column.plus)
    return ((one.column, 1),)


# --- what does not hold together ------------------------------------------------------------------------------------

Broken = Iterator[tuple[str, str]]


def _broken(file: MapFile, indicators: Mapping[str, Indicator]) -> Broken:
    kinds = {one.id: "instrument" for one in file.instruments} | {one.id: "actor" for one in file.actors}
    yield from _names(file)
    yield from broken_relations(file.relations, kinds)
    for name, timetable in file.publications.items():
        if timetable.calendar is not None:
            yield from _calendar(f"publications.{name}.calendar", timetable.calendar)
    used: dict[str, str] = {}
    for i, part in enumerate(file.files):
        yield from ((f"files[{i}]{at}", why) for at, why in _file(part, file))
        for value, subject, columns in _blocks(part):
            for j, one in enumerate(columns):
                place = f"files[{i}].series[{j}]" if subject or value is None else f"files[{i}].by.series.{value}[{j}]"
                name = _named(one.id, subject)
                if name in used:
                    yield f"{place}.id", f"{name!r} is the id of {used[name]} already"
                used.setdefault(name, place)
                yield from ((f"{place}{at}", why) for at, why in _column(one, subject, kinds, indicators))


def _names(file: MapFile) -> Broken:
    taken: set[str] = set()
    lists = {"instruments": [one.id for one in file.instruments], "actors": [one.id for one in file.actors]}
    for kind, ids in lists.items():
        for i, own in enumerate(ids):
            if own in taken:
                yield f"{kind}[{i}].id", f"{own!r} is used before (instruments and actors share one list of names)"
            taken.add(own)


def _calendar(place: str, code: str) -> Broken:
    try:
        close_on_or_before(code, date(2020, 6, 1))
    except ValueError as error:
        yield place, f"{error}; write the code of an exchange, like XNYS or XTKS"


def _file(part: FilePart, file: MapFile) -> Broken:
    yield from _when(part)
    calendar = getattr(part.clock, "calendar", None)
    if calendar is not None:
        yield from _calendar(".clock.calendar", calendar)
    if sum(one is not None for one in (part.publication_lag, part.published, part.known_at)) > 1:
        yield ".published", "publication_lag, published and known_at say the same thing: keep one of them"
    if part.published is not None and part.published not in file.publications:
        yield (
            ".published",
            f"{part.published!r} stands not under publications{_near(part.published, file.publications)}",
        )
    by = part.by
    if by is not None and not (by.subjects or by.series):
        yield ".by", "name subjects, or series by value of the column"
    if not part.series and (by is None or by.subjects):
        yield ".series", "no series: name at least one column"
    if part.series and by is not None and not by.subjects:
        yield ".series", "by.series names the series of each value: take these out, or name by.subjects"


def _when(part: FilePart) -> Broken:
    timed = isinstance(part.clock, BarClock | InstantClock)
    if sum(one is not None for one in (part.date, part.datetime, part.epoch)) != 1:
        yield ".date", "name one of date, datetime and epoch: the column that says when"
    elif timed and part.date is not None and part.time is None:
        yield ".time", "bars and instants need a time: name its column, or datetime or epoch instead of date"
    elif not timed and (part.date is None or part.time is not None):
        yield ".clock", "this clock is of days: name date alone, or use a clock of bars or instants"
    if part.date_format is not None and part.date is None:
        yield ".date_format", "date_format is how date is written: name date"
    if isinstance(part.clock, BarClock) and not timedelta(0) < part.clock.bar < DAY:
        yield ".clock.bar", "bars are longer than nothing and shorter than a day; use the clock day or calendar"


def _column(
    one: ColumnPart, subject: str | None, kinds: Mapping[str, str], indicators: Mapping[str, Indicator]
) -> Broken:
    if one.indicator not in indicators:
        yield ".indicator", f"unknown indicator {one.indicator!r}{_near(one.indicator, indicators)}"
    named = _named(one.subject, subject)
    if named not in kinds:
        yield ".subject", f"{named!r} is no instrument or actor of this file{_near(named, kinds)}"
    if "{" in _named(one.id, subject) or (subject is not None and SUBJECT not in one.id):
        yield ".id", "write {subject} in the id where by.subjects says what a row is about, and only there"
    if one.from_ is not None and one.until is not None and one.until < one.from_:
        yield ".until", f"the end {one.until} lies before the start {one.from_}"


def _near(word: str, known: Mapping[str, object]) -> str:
    found = difflib.get_close_matches(word, list(known), n=3)
    return f"; did you mean {', '.join(found)}?" if found else ""
