"""Reads the stored series around a move and lays them on its sessions: the panel from which predictions are answered.

The sessions are those of the moved instrument's own daily series (or of what it tracks, or the other way round).
Nothing that was not public by `as_of` is read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from api.knowledge import Knowledge
from causal.moves import change_of
from causal.panel import Array, Column, How, Panel
from causal.world import Instrument, Move, Relation, unit_of_return
from graph.reading import Record

if TYPE_CHECKING:
    from graph.series import SeriesStore, Values

LEVELS = frozenset({"yield", "spread"})
PRICES = ("price level", "fx level")
DAY = timedelta(days=1)
FINEST = timedelta(hours=1)  # finer series are read where nothing coarser is there, and no longer than this many rows:
MOST = 200_000
INTRADAY_ZONE, INTRADAY_CLOSE = "America/New_York", time(17)  # ends the day of what has no daily series
_SECONDS = TypeAdapter(timedelta)
_EPOCH, _START = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One series as the graph lists it."""

    id: str
    indicator: str
    subject: str
    unit: str
    licence: str
    source: str
    every: timedelta
    lag: timedelta
    count: int
    daily: bool


def listed(row: Record) -> Listed:
    """A row of `series_about`."""
    every = duration(row["frequency"], DAY)
    return Listed(
        id=str(row["id"]),
        indicator=str(row["indicator"]),
        subject=str(row["subject"]),
        unit=str(row["unit"] or ""),
        licence=str(row["licence"] or ""),
        source=str(row["source"] or ""),
        every=every,
        lag=duration(row["publication_lag"], timedelta(0)),
        count=int(str(row["count"] or 0)),
        daily=every >= DAY,
    )


def duration(text: object, default: timedelta) -> timedelta:
    """An ISO 8601 duration; the default for nothing."""
    return _SECONDS.validate_python(text) if isinstance(text, str) and text else default


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a panel is made for."""

    move: Move
    instruments: Sequence[Instrument]
    relations: Sequence[Relation]
    as_of: datetime


async def read_panel(around: Around, rows: Sequence[Record], store: SeriesStore, knowledge: Knowledge) -> Panel | None:
    """The panel around a move; None where what moved, and what it tracks, has no price series over the move."""
    series = [listed(row) for row in rows]
    wanted = [one for one in not_too_fine(series) if knowledge.hows(one.indicator)]
    candidates = _moved_series(around, wanted)
    values = await read_values(candidates, store, around.as_of)
    for exactly, moved in product((True, False), candidates):
        sessions = sessions_of(moved, values[moved.id])
        ends = _ends(around.move, sessions, exactly=exactly)
        if ends is not None:
            values |= await _read_rest([one for one in wanted if one.id not in values], around, store, sessions)
            laying = _Laying(values=values, sessions=sessions, around=around, series=wanted, knowledge=knowledge)
            return Panel(
                days=tuple(_EPOCH + timedelta(days=day) for day in sessions.day.tolist()),
                closes=tuple(_START + timedelta(microseconds=at) for at in sessions.at.tolist()),
                start=ends[0],
                end=ends[1],
                moved=moved.id,
                level=any(one.id == moved.subject and one.kind in LEVELS for one in around.instruments),
                columns=tuple(laying.column(one) for one in wanted),
            )
    return None


async def read_values(
    series: Sequence[Listed], store: SeriesStore, as_of: datetime | None = None, sessions: Values | None = None
) -> dict[str, Values]:
    """Each series as it was known by `as_of` (without it: as it is now), whole or as far as `sessions` need it."""
    from graph.series import Read

    asks = [Read(series=one.id, publication_lag=one.lag, **_window(one, sessions)) for one in series]
    found = await store.read_many(asks, as_of=as_of)
    return {one.id: values for one, values in zip(series, found, strict=True)}


async def _read_rest(rest: Sequence[Listed], around: Around, store: SeriesStore, sessions: Values) -> dict[str, Values]:
    """What the sessions need of each series; whole where `_spot` takes the longest of several."""
    ends = {end for r in around.relations if r.type == "underlying" for end in (r.from_, r.to)}
    whole, part = [one for one in rest if one.subject in ends], [one for one in rest if one.subject not in ends]
    return await read_values(whole, store, around.as_of) | await read_values(part, store, around.as_of, sessions)


def _window(one: Listed, sessions: Values | None) -> dict[str, datetime]:
    """Where the rows lie that `_Laying` can put on these sessions.

    Distances are told from day to day for daily series, and an instant is less than two days from its trade day.
    """
    if sessions is None:
        return {}
    reach = max(10 * DAY, _longest(one)) + 4 * DAY
    first, last = (_START + timedelta(microseconds=int(sessions.at[place])) for place in (0, -1))
    return {"since": first - reach, "until": last + reach}


def not_too_fine(series: Sequence[Listed]) -> list[Listed]:
    """Minutes only where the same thing has nothing coarser, and not too many of them."""
    coarse = {(one.indicator, one.subject) for one in series if one.every >= FINEST}
    return [
        one
        for one in series
        if one.every >= FINEST or ((one.indicator, one.subject) not in coarse and one.count <= MOST)
    ]


def _moved_series(around: Around, series: Sequence[Listed]) -> list[Listed]:
    """The price series of what moved; then those of what it tracks or what tracks it."""
    own = around.move.instrument
    tied = {
        r.to if r.from_ == own else r.from_ for r in around.relations if r.type == "tracks" and own in (r.from_, r.to)
    }
    kinds = {one.id: one.kind for one in around.instruments}
    found = [one for subject in {own, *tied} for one in price_series(subject, kinds.get(subject, ""), series)]
    return sorted(found, key=lambda one: (one.subject != own, *_fitness(one)))


def price_series(subject: str, kind: str, series: Sequence[Listed]) -> list[Listed]:
    """The series at whose sessions a thing of that kind moves: those of its price (of a yield, a spread its level).

    Daily ones come before finer ones, and long ones before short ones.
    """
    found = [
        one
        for one in series
        if one.subject == subject
        and (one.indicator == "yield level" if kind in LEVELS else one.indicator in PRICES)
        and one.every <= DAY
    ]
    return sorted(found, key=_fitness)


def _fitness(one: Listed) -> tuple[bool, int, str]:
    return (not one.daily, -one.count, one.id)


def sessions_of(moved: Listed, values: Values) -> Values:
    """The sessions of a price series: its own trade days where it is daily, else its value at 17:00 in New York."""
    from graph.alignment import daily_close
    from graph.series import NO_DAY, Values

    if not moved.daily:
        return daily_close(values, INTRADAY_ZONE, INTRADAY_CLOSE)
    held = values.day != NO_DAY
    if bool(held.all()):
        return values
    return Values(at=values.at[held], day=values.day[held], value=values.value[held], known_at=values.known_at[held])


def _ends(move: Move, sessions: Values, *, exactly: bool) -> tuple[int, int] | None:
    """The sessions at which the move starts and ends: by trade day, of instants by what holds them.

    `exactly` wants a session on both days; else the last one up to each day will do, if it is not far back.
    """
    count = len(sessions)
    if count < 2:
        return None
    if isinstance(move.start, datetime) or isinstance(move.end, datetime):
        opens, ends = _micro(move.valid_from), _micro(move.valid_to)
        start = int((sessions.at <= opens).sum()) - 1
        end = int((sessions.at < ends).sum())
    else:
        first, last = (move.start - _EPOCH).days, (move.end - _EPOCH).days
        end = int((sessions.day <= last).sum()) - 1
        start = int((sessions.day <= first).sum()) - 1 if first < last else end - 1
        if start < 0:
            return None
        back = (first - int(sessions.day[start]) if first < last else 0, last - int(sessions.day[end]))
        if max(back) > (0 if exactly else 4):
            return None
    return (start, end) if 0 <= start < end < count else None


def _micro(instant: datetime) -> int:
    return (instant - _START) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laying:
    """Lays series on sessions."""

    values: Mapping[str, Values]
    sessions: Values
    around: Around
    series: Sequence[Listed]
    knowledge: Knowledge

    def column(self, one: Listed) -> Column:
        """One series at the sessions, in every way that a derived reading of it asks for.

        Daily series are paired by trade day, as facts are; what comes by the hour at the instant of the close.
        """
        from graph.alignment import align, by_day, hourly, known_instants, own_instants

        hows = self.knowledge.hows(one.indicator)
        own, edges = self.values[one.id], self.sessions.at
        if one.daily:
            own, edges = by_day(own), by_day(self.sessions).at
        at: dict[How, Array] = {}
        for how in sorted(hows - {"last", "stamp", "spot"}):
            at[how] = align(own, edges, _ALIGNED[how], max_age=max(10 * DAY, _longest(one)))
        for how, told in (("last", own), ("stamp", own_instants(own)), ("known", known_instants(own))):
            at[how] = align(told, edges, "last", max_age=_longest(one))
        if "next" in hows:
            at["known_next"] = align(known_instants(own), edges, "next", max_age=_longest(one))
        if "spot" in hows and (spot := self._spot(one)) is not None:
            at["spot"] = spot
        return Column(
            id=one.id,
            indicator=one.indicator,
            subject=one.subject,
            unit=one.unit,
            licence=one.licence,
            source=one.source,
            slow=one.every > 4 * DAY,
            at=at,
            hours=hourly(self.values[one.id], self.sessions.at) if one.every == FINEST else None,
        )

    def _spot(self, one: Listed) -> Array | None:
        """What a future is written on, at the time of the future's own last value, where an hourly series has it."""
        from graph.alignment import align, at_times_of, by_day, joined

        below = {r.to for r in self.around.relations if r.type == "underlying" and r.from_ == one.subject}
        found = [
            at_times_of(self.values[other.id], self.values[one.id], max_age=timedelta(hours=1))
            for other in self.series
            if other.subject in below and other.indicator in PRICES and other.every <= FINEST
        ]
        if not found:
            return None
        spot = by_day(joined(sorted(found, key=len, reverse=True)))
        return align(spot, by_day(self.sessions).at, "last", max_age=5 * DAY)


_Over = Literal["next", "sum", "mean", "min", "max"]
_ALIGNED: Mapping[How, _Over] = {"next": "next", "sum": "sum", "mean": "mean", "min": "min", "max": "max"}


def _longest(one: Listed) -> timedelta:
    """How old a value may be: a long weekend, of slow series a period and a half."""
    return max(5 * DAY, 1.5 * one.every)


def measured_move(move: Move, panel: Panel) -> Move:
    """The move with the return of its own series, where nobody recorded one."""
    if move.return_ is not None:
        return move
    level = panel.column(panel.moved).at["last"]
    change = change_of(float(level[panel.start]), float(level[panel.end]), level=panel.level)
    measure = measure_of(panel.moved, panel.days[panel.start], panel.days[panel.end])
    unit = unit_of_return(level=panel.level)
    return replace(move, return_=change, return_unit=unit, measure=measure) if math.isfinite(change) else move


def measure_of(series: str, start: date, end: date) -> str:
    """How the return of a move was measured that comes from a stored series."""
    return f"close to close of the series {series}, {start} to {end}"
