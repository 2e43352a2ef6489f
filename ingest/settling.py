"""What is known of a dispute beyond its sides: whether one is dated to the wrong day, and which is to be preferred.

Nothing is overwritten and no side is closed. A side is preferred when a series has its value on its day and no other
side of that day has that, else when it alone comes from who measures, else by its grade. What is found is kept with the
instant since when it could be known, so that an answer for an earlier day does not see it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from graph.model import Batch, Node
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader
from ingest.checkmodel import Finding, Reading, World, agrees, shown, tolerance

_MEASURES = frozenset({"data", "official"})
_FAR_OFF = 3.0  # times the room of rounding: what is nearer to its own day is not dated wrongly
_NEIGHBOURS = 4  # days within which a reading is of the next session


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A reading has the value of another day: by a series, or by another reading."""

    day: date
    value: float
    by: str
    of: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What was found of one dispute; `preferred` is the key of a side, "" where none stands out."""

    dispute: str
    shift: str
    preferred: str
    why: str
    since: datetime


def shift_of(one: Reading, world: World) -> Shift | None:
    """The neighbouring day of which a reading has the value, where its own day has quite another one."""
    if not one.value or one.first is None or one.last not in {None, one.first}:
        return None
    room = tolerance(float(f"{one.value / one.multiplier:.12g}")) * one.multiplier
    place = (str(one.indicator), str(one.subject))
    series = world.series.get(place, {})
    if one.first in series and world.units.get(place) == one.unit:
        days = sorted(series)
        at = days.index(one.first)
        if abs(series[one.first] - one.value) <= _FAR_OFF * room:
            return None
        near = [days[i] for i in (at - 1, at + 1) if 0 <= i < len(days) and _is(one, series[days[i]])]
        return Shift(day=near[0], value=series[near[0]], by="the series") if len(near) == 1 else None
    return _by_readings(one, world, room)


def _by_readings(one: Reading, world: World, room: float) -> Shift | None:
    others = [
        (other.first, other.value, other)
        for other in world.comparable(one)
        if other.first is not None and other.value is not None and other.document != one.document
    ]
    denied = any(day == one.first and abs(value - (one.value or 0.0)) > _FAR_OFF * room for day, value, _ in others)
    near = [
        (day, value, other)
        for day, value, other in others
        if one.first is not None and 0 < abs((day - one.first).days) <= _NEIGHBOURS and _is(one, value)
    ]
    if not denied or len({day for day, _, _ in near}) != 1:
        return None
    day, value, other = near[0]
    return Shift(day=day, value=value, by=other.source or other.name, of=(other,))


def _is(one: Reading, value: float) -> bool:
    return one.value is not None and agrees(one.value, value, multiplier=one.multiplier)


def date_shift(one: Reading, world: World) -> Iterator[Finding]:
    """The check of a reading that has the value of the session before or after."""
    shift = shift_of(one, world)
    if shift is not None:
        yield Finding(
            kind="date_shift",
            claim=one,
            expected=f"{one.told} on {one.first}",
            found=f"{shown(shift.value / one.multiplier)} on {shift.day} ({shift.by})",
            outcome="failed",
            why="its own day has another value: it may be dated by when it was reported",
            of=shift.of,
        )


async def read_disputes(reader: GraphReader, clocks: Clocks) -> list[Record]:
    """The sides of every dispute, one row each."""
    return await ask(reader, "disputes_to_settle", clocks.params())


def settle(rows: Sequence[Record], world: World) -> list[Settlement]:
    """What can be said of each dispute by its sides, by the key of the dispute; nothing where nothing can."""
    found = []
    for key in sorted({str(row["dispute"]) for row in rows}):
        sides = {str(row["fact"]): row for row in rows if row["dispute"] == key and row["fact"] in world.readings}
        own = [row for row in rows if row["dispute"] == key]
        one = _settled(key, sides, world)
        if one is not None or any(row["shift"] or row["preferred"] for row in own):
            found.append(one or _nothing(key, own[0]))
    return found


def _nothing(key: str, row: Record) -> Settlement:
    known = row["known_at"]
    assert isinstance(known, datetime), "a dispute has a time"
    return Settlement(dispute=key, shift="", preferred="", why="", since=known)


def _settled(key: str, sides: dict[str, Record], world: World) -> Settlement | None:
    readings = [world.readings[fact] for fact in sorted(sides)]
    shifts = [(one, shift) for one in readings if (shift := shift_of(one, world)) is not None]
    disputed = Counter(one.first for one in readings if one.first is not None)
    if not disputed:
        return None
    most = max(disputed.values())
    day = min(first for first, count in disputed.items() if count == most)
    preferred, reason = _preferred([one for one in readings if one.first == day], sides, world)
    told = [
        f"{one.name} has the value of {shift.day} ({shown(shift.value / one.multiplier)}, {shift.by})"
        for one, shift in shifts
    ]
    if preferred is None and not told:
        return None
    why = "; ".join([*([f"{preferred.name}: {reason}"] if preferred is not None else []), *told])
    since = max(
        [
            *(one.known_at for one in readings),
            *(other.known_at for _, shift in shifts for other in shift.of),
            *(known for one in readings for known in _known_of_series(one, day, shifts, world)),
        ]
    )
    return Settlement(
        dispute=key,
        shift="; ".join(told),
        preferred="" if preferred is None else preferred.key,
        why=why,
        since=since,
    )


def _known_of_series(
    one: Reading, day: date, shifts: Sequence[tuple[Reading, Shift]], world: World
) -> Iterator[datetime]:
    """When the values of the series on which a settlement rests were known."""
    known = world.known.get((str(one.indicator), str(one.subject)), {})
    for each in (day, *(shift.day for _, shift in shifts)):
        if each in known:
            yield known[each]


def _preferred(readings: Sequence[Reading], sides: dict[str, Record], world: World) -> tuple[Reading | None, str]:
    """The side that stands out among those of the disputed day, and by what."""
    fits = [one for one in readings if _measured(one, world)]
    if len(fits) == 1:
        return fits[0], "the series has this value on this day"
    standing = sorted(fits or readings, key=lambda one: _standing(sides[one.key]))
    if len(standing) < 2:
        return None, ""
    first, second = (_standing(sides[one.key]) for one in standing[:2])
    if first[0] < second[0]:
        return standing[0], "it comes from who measures, the others relay"
    if first[1:] < second[1:]:
        return standing[0], f"its grade ({sides[standing[0].key]['grade']}{first[2]}) is the best of the sides"
    return None, ""


def _measured(one: Reading, world: World) -> bool:
    place = (str(one.indicator), str(one.subject))
    value = world.series.get(place, {}).get(one.first) if one.first is not None else None
    return value is not None and world.units.get(place) == one.unit and _is(one, value)


def _standing(row: Record) -> tuple[bool, str, int]:
    credibility = row["credibility"]
    return (
        row["source_kind"] not in _MEASURES,
        str(row["grade"] or "F"),
        credibility if isinstance(credibility, int) else 6,
    )


def settlement_batch(found: Sequence[Settlement], rows: Sequence[Record]) -> Batch:
    """The disputes with what was found of them; their sides stay as they are."""
    first = {str(row["dispute"]): row for row in reversed(rows)}
    nodes = []
    for one in found:
        row = first[one.dispute]
        properties = {
            "known_at": row["known_at"],
            "known_at_precision": row["precision"],
            "kinds": tuple(str(kind) for kind in row["kinds"]) if isinstance(row["kinds"], list | tuple) else None,
            "status": row["status"],
            "shift": one.shift,
            "preferred": one.preferred,
            "why": one.why,
            "settled_at": one.since,
        }
        kept = {name: value for name, value in properties.items() if value is not None}
        nodes.append(Node(label="Dispute", id=one.dispute, properties=kept))  # type: ignore[arg-type]
    return Batch(nodes=tuple(nodes))
