"""Moves that nobody wrote down, as the stored series of an instrument have them: from one session to the next.

Their days are those of the series, so that the close before a Monday is that of the last session, holidays and all.
One such move is one node, whoever finds it: `whymove moves`, or a question about its day.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from api.ask import Ask
from api.errors import InvalidAskError
from api.gathering_series import (
    INTRADAY_CLOSE,
    INTRADAY_ZONE,
    LEVELS,
    Listed,
    listed,
    measure_of,
    not_too_fine,
    price_series,
    read_values,
    sessions_of,
)
from causal.moves import HOLE, SessionMove, change_of, session_moves
from causal.world import Move, unit_of_return
from graph.model import Batch, Link, Node
from graph.reading import Record, series_about, tracked_with_prices
from graph.store import GraphReader

if TYPE_CHECKING:
    from graph.series import SeriesStore, Values

DETECTED = "detected"  # the origin of a move that only a series tells of
_FIRST = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """The move of an instrument from one session of its series to the next, as `Move` has it.

    `opens` and `closes` are the two closes, and `known_at` is when the later one was public.
    """

    instrument: str
    series: str
    start: date
    end: date
    opens: datetime
    closes: datetime
    known_at: datetime
    return_: float
    return_unit: str

    @property
    def key(self) -> str:
        """The id of its node, the same whoever finds it."""
        return f"{DETECTED}:{self.instrument}.{self.start}.{self.end}"

    def as_move(self) -> Move:
        """The move as a dossier takes it; what it measured is told where it is known what was public."""
        return Move(
            id=self.key,
            instrument=self.instrument,
            start=self.start,
            end=self.end,
            valid_from=self.opens,
            valid_to=self.closes,
            return_=None,
            measure="",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All moves of an instrument by one series, in order of time, each with how unusual it was.

    `clock` says when a day of the series ends, and `level` that it is read as differences (a yield, a spread).
    """

    instrument: str
    series: str
    clock: str
    level: bool
    moves: tuple[tuple[Detected, SessionMove], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sessions:
    """A price series of an instrument at its sessions."""

    instrument: str
    series: str
    clock: str
    level: bool
    days: tuple[date, ...]
    values: Values

    def move(self, before: int, at: int) -> Detected:
        held = self.values
        return Detected(
            instrument=self.instrument,
            series=self.series,
            start=self.days[before],
            end=self.days[at],
            opens=_instant(held.at[before]),
            closes=_instant(held.at[at]),
            known_at=_instant(held.known_at[at]),
            return_=change_of(float(held.value[before]), float(held.value[at]), level=self.level),
            return_unit=unit_of_return(level=self.level),
        )


async def all_moves(
    instrument: Record, reader: GraphReader, store: SeriesStore | None, as_of: datetime | None = None
) -> Listing:
    """The moves of an instrument by the longest of its own daily series, as it was known by `as_of` (None: now).

    Raises InvalidAskError where none of its prices is stored, saying what to load.
    """
    short: _Sessions | None = None
    if store is not None:
        async for one in _own(instrument, reader, store, as_of):
            if len(one.days) > 1:
                return _listing(one)
            short = short or one
    if short is not None and as_of is not None:  # stored, and not public yet
        return _listing(short)
    id_ = str(instrument["id"])
    reason = (
        f"no price series of {id_} is stored, so that its moves cannot be found; load its prices with"
        f" `whymove ingest table`, by a mapping with a series of the indicator {_wanted(instrument)!r} and the"
        f" subject {id_}"
    )
    near = await tracked_with_prices(reader, id_)
    raise InvalidAskError("instrument", reason + (f", or ask about {', '.join(near)}, which it tracks" if near else ""))


def _listing(one: _Sessions) -> Listing:
    found = session_moves(one.days, one.values.value, level=one.level)
    return Listing(
        instrument=one.instrument,
        series=one.series,
        clock=one.clock,
        level=one.level,
        moves=tuple((one.move(move.before, move.at), move) for move in found),
    )


async def detect(ask: Ask, instrument: Record, reader: GraphReader, store: SeriesStore) -> Detected | None:
    """The move that is asked about by its day, or by two dates that are sessions in a row; None for any other.

    Raises InvalidAskError where the series of the instrument have no move on that one day, naming the days around it.
    """
    day = ask.on or ask.end
    if day is None or isinstance(day, datetime):
        return None
    seen: list[_Sessions] = []
    async for one in _own(instrument, reader, store):
        at = bisect_left(one.days, day)
        if 0 < at < len(one.days) and one.days[at] == day:
            found = one.move(at - 1, at)
            near = (found.end - found.start).days <= HOLE and math.isfinite(found.return_)
            if near and (ask.on is not None or found.start == ask.start):
                return found
        seen.append(one)
    days = sorted({day for one in seen for day in one.days})
    if ask.on is not None and days:
        raise InvalidAskError("on", _why_not(ask.on, days, seen[0].series))
    return None


def _why_not(day: date, days: Sequence[date], series: str) -> str:
    """Why a day has no move: `days` are the sessions of all series of the instrument, the foremost of them `series`."""
    at = bisect_left(days, day)
    spelt = "give --start and --end to ask about another stretch of time"
    if at == len(days):
        return f"{day} lies after the end of the series {series}, which is {days[-1]}; load later prices, or {spelt}"
    if at == 0:
        what = "is the first session" if days[0] == day else f"lies before the first session, {days[0]},"
        return (
            f"{day} {what} of the series {series}, so that there is no close before it; load earlier prices, or {spelt}"
        )
    before, after = days[at - 1], days[at]
    if after == day:
        gap = f"{before}, {(day - before).days} days earlier"
        return f"the session before {day} in the series {series} is {gap}; load what is missing, or {spelt}"
    if (after - before).days > HOLE:
        return f"the series {series} has nothing between {before} and {after}; load what is missing, or {spelt}"
    return f"{day} is no session of the series {series}; the sessions around it are {before} and {after}"


async def _own(
    instrument: Record, reader: GraphReader, store: SeriesStore, as_of: datetime | None = None
) -> AsyncIterator[_Sessions]:
    """The series at whose sessions an instrument moves, the foremost first; read when it is its turn."""
    id_, kind = str(instrument["id"]), str(instrument["kind"])
    rows = {str(row["id"]): row for row in await series_about(reader, [id_])}
    for one in price_series(id_, kind, not_too_fine([listed(row) for row in rows.values()])):
        values = sessions_of(one, (await read_values([one], store, as_of))[one.id])
        days = tuple(_FIRST + timedelta(days=day) for day in values.day.tolist())
        yield _Sessions(
            instrument=id_,
            series=one.id,
            clock=_clock(one, rows[one.id]),
            level=kind in LEVELS,
            days=days,
            values=values,
        )


def _wanted(instrument: Record) -> str:
    if instrument["kind"] in LEVELS:
        return "yield level"
    return "fx level" if str(instrument["kind"]).startswith("currency") else "price level"


def _clock(one: Listed, row: Record) -> str:
    """When a day of the series ends, in words."""
    if not one.daily:
        return f"at {INTRADAY_CLOSE:%H:%M} {INTRADAY_ZONE}"
    if row["session_calendar"]:
        return f"with the session of {row['session_calendar']}"
    return f"at {row['cutoff'] or '24:00'} {row['tz'] or 'UTC'}"


def _instant(microseconds: object) -> datetime:
    return _EPOCH + timedelta(microseconds=int(str(microseconds)))


def batch_of(moves: Iterable[Detected]) -> Batch:
    """Their nodes, about the instrument and derived from the series; the same moves make the same batch."""
    nodes, links = [], []
    for one in moves:
        nodes.append(
            Node(
                label="Move",
                id=one.key,
                properties={
                    "start": one.start,
                    "end": one.end,
                    "valid_from": one.opens,
                    "valid_to": one.closes,
                    "known_at": one.known_at,
                    "known_at_precision": "instant",
                    "return": one.return_,
                    "return_unit": one.return_unit,
                    "measure": measure_of(one.series, one.start, one.end),
                    "origin": DETECTED,
                },
            )
        )
        links += [
            Link(type="ABOUT", from_label="Move", from_id=one.key, to_label="Instrument", to_id=one.instrument),
            Link(type="WAS_DERIVED_FROM", from_label="Move", from_id=one.key, to_label="Series", to_id=one.series),
        ]
    return Batch(nodes=tuple(nodes), links=tuple(links))
