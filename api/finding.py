"""Finds the move that a question means: one that the graph holds, or else one made of the question itself.

A move is located by what the graph knows today, because who asks about it knows that it was; what its figures were is
told only as far as the public knew them by `as_of`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.ask import Ask, Day, previous_session_day
from api.detecting import DETECTED, Detected, detect
from api.errors import InvalidAskError
from causal.world import FRACTION, Move
from graph.reading import Clocks, Record, find_instrument, moves_of_case, moves_of_instrument
from graph.store import GraphReader
from ingest.clocks import Clock, closing, end_after, midnight

if TYPE_CHECKING:
    from graph.series import SeriesStore

ASKED = "asked"  # the origin of a move that the graph holds only because somebody asked about it
TOLD = "document"  # that of a move that a document tells of; a series knows it better

AHEAD = timedelta(hours=14)  # the first zone on earth to begin a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A question with its names and dates settled, the move that it means, and whether the graph holds that move.

    `detected` is what a series says of it, where that is all that says there was a move.
    """

    ask: Ask
    move: Move
    stored: bool
    detected: Detected | None = None


async def find_move(ask: Ask, reader: GraphReader, series: SeriesStore | None = None) -> Found:
    """The move that is meant: that of the case named or one of the instrument on these dates, else one of its series.

    What no case and no series tells of is a move all the same, that of the question. Raises `NotInGraphError` for a
    name that the graph does not hold, and `InvalidAskError` where the case that was named has no such move, where the
    day is no session of the series, and where it has not come yet.
    """
    clocks = Clocks(as_of=ask.as_of, as_at=ask.as_at).with_hindsight()
    instrument = await find_instrument(reader, ask.instrument) if ask.instrument is not None else None
    if instrument is not None:
        ask = replace(ask, instrument=str(instrument["id"]))
    if ask.case is not None:
        rows = [{**row, "case": ask.case} for row in await moves_of_case(reader, ask.case, clocks)]
        chosen = _meant(ask, rows, instrument)
        if chosen is None:
            raise _no_such_move(ask, rows)
        return _stored(ask, chosen)
    if ask.instrument is None or instrument is None:
        raise InvalidAskError("instrument", "nothing to explain: give an instrument with its dates, or a case")
    recorded = await moves_of_instrument(reader, ask.instrument, clocks)
    if ask.no_case:
        recorded = [row for row in recorded if row["case"] is None]
    chosen = _meant(ask, [row for row in recorded if row["origin"] not in (ASKED, DETECTED, TOLD)], instrument)
    if chosen is not None:
        return _stored(ask, chosen)
    _check_past(ask)
    detected = await detect(ask, instrument, reader, series) if series is not None else None
    if detected is not None:
        settled = replace(ask, start=detected.start, end=detected.end, on=None)
        return Found(ask=settled, move=detected.as_move(), stored=False, detected=detected)
    chosen = _meant(ask, [row for row in recorded if row["origin"] in (DETECTED, TOLD)], instrument)
    return _stored(ask, chosen) if chosen is not None else _asked(ask, instrument)


def _check_past(ask: Ask) -> None:
    field, when = ("on", ask.on) if ask.on is not None else ("end", ask.end)
    last = datetime.now(UTC) + AHEAD
    if when is not None and (when > last if isinstance(when, datetime) else when > last.date()):
        raise InvalidAskError(field, f"{when.isoformat()} lies in the future; a move is explained once it has been")


def _no_such_move(ask: Ask, rows: Sequence[Record]) -> InvalidAskError:
    if not rows:
        return InvalidAskError("as_at", f"the case {ask.case} had no move on record by {ask.as_at.isoformat()}")
    held = "; ".join(f"{row['instrument']} from {row['start']} to {row['end']}" for row in rows)
    return InvalidAskError("case", f"the case {ask.case} has no such move; it has {held}")


def _meant(ask: Ask, rows: Sequence[Record], instrument: Record | None) -> Record | None:
    """The move that fits the question: those of cases before others, a case's main move before its related ones."""
    own = [row for row in rows if ask.instrument is None or row["instrument"] == ask.instrument]
    if ask.on is not None:
        zone = ZoneInfo(str(instrument["tz"] or "UTC")) if instrument is not None else UTC
        own = [row for row in own if ask.on in _days(row["end"], zone)]
    elif ask.start is not None:
        own = [row for row in own if (ask.start, ask.end) in _ends(row)]
    expected = None
    if ask.on is not None and instrument is not None:
        calendar = instrument["session_calendar"]
        expected = previous_session_day(ask.on, str(calendar) if calendar else None)
    own.sort(
        key=lambda row: (
            expected is not None and row["start"] != expected,
            row["case"] is None,
            row["key"] != f"{row['case']}:move",
            str(row["case"]),
            str(row["key"]),
        )
    )
    return own[0] if own else None


def _ends(row: Record) -> tuple[tuple[object, object], tuple[object, object]]:
    return (row["start"], row["end"]), (row["valid_from"], row["valid_to"])


def _days(end: object, zone: tzinfo) -> set[date]:
    """The days that a move ends on: of an instant that in UTC, and that of the clock of what moved, to its midnight."""
    if isinstance(end, datetime):
        return {end.date(), (end - timedelta.resolution).astimezone(zone).date()}
    return {end} if isinstance(end, date) else set()


def _stored(ask: Ask, row: Record) -> Found:
    start, end = _when(row["start"]), _when(row["end"])
    valid_from, valid_to = as_instant(row["valid_from"]), as_instant(row["valid_to"])
    known = as_instant(row["known_at"]) <= ask.as_of or (valid_to <= ask.as_of and row["origin"] != DETECTED)
    return_ = row["return"]
    move = Move(
        id=str(row["key"]),
        instrument=str(row["instrument"]),
        start=start,
        end=end,
        valid_from=valid_from,
        valid_to=valid_to,
        return_=float(return_) if known and isinstance(return_, int | float) else None,
        measure=str(row["measure"] or "") if known else "",
        document_id=str(row["document_id"]) if known and row["document_id"] else None,
        return_unit=str(row["return_unit"] or FRACTION),
    )
    case = str(row["case"]) if row["case"] else None
    settled = replace(ask, instrument=move.instrument, start=start, end=end, on=None, case=case)
    return Found(ask=settled, move=move, stored=True)


def _asked(ask: Ask, instrument: Record) -> Found:
    """A move that nobody recorded: its dates are those of the question, its return is not known."""
    calendar = str(instrument["session_calendar"]) if instrument["session_calendar"] else None
    settled = ask.dated(str(instrument["id"]), calendar)
    if settled.start is None or settled.end is None:
        raise InvalidAskError("start", f"when? give {ask.instrument!r} a day, or a start and an end, or name a case")
    clock = Clock(tz=str(instrument["tz"] or "UTC"), calendar=calendar)
    same_day = settled.start == settled.end and not isinstance(settled.start, datetime)
    start = midnight(settled.start, clock) if same_day else closing(settled.start, clock)
    move = Move(
        id=f"{ASKED}:{instrument['id']}.{_text(settled.start)}.{_text(settled.end)}",
        instrument=str(instrument["id"]),
        start=settled.start,
        end=settled.end,
        valid_from=start,
        valid_to=end_after(start, settled.end, clock),
        return_=None,
        measure="close to close, as asked",
    )
    return Found(ask=settled, move=move, stored=False)


def _text(when: Day) -> str:
    return when.strftime("%Y%m%dT%H%M%SZ") if isinstance(when, datetime) else when.isoformat()


def _when(value: object) -> Day:
    if not isinstance(value, date):
        raise TypeError(f"a move starts and ends at dates or instants, not at {value!r}")
    return value


def as_instant(value: object) -> datetime:
    """A clock of the graph, which is an instant. Raises TypeError for anything else."""
    if not isinstance(value, datetime):
        raise TypeError(f"a clock is an instant, not {value!r}")
    return value
