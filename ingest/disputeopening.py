"""Opens disputes by itself: between a figure of a document and other facts of the same thing and time.

Two figures cannot both be right where their signs differ, or where they are further apart than rounding and bounds
allow and than different clocks and venues make (`_APART`). What a document only tells again, in other words or in
another file, is no side of its own. A series that says otherwise becomes a side as an observation of its day; that has
no instants of validity, by which facts are gathered, so that it is not weighed beside the series itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from graph.model import Batch, Link, Node
from graph.reading import Record
from ingest.catalog import indicator_id
from ingest.checkmodel import Reading, World, agrees, days, scale_of, scaled, shown
from ingest.checkwords import is_level, sign_of, value_of_day

_APART = 0.2  # of the larger; another close or venue makes less
_READ = frozenset({"stated", "hedged"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A dispute with the sides that it did not have before; `held` where the graph holds it already."""

    key: str
    kinds: tuple[str, ...]
    sides: tuple[Reading, ...]
    known_at: datetime
    held: bool
    series: float | None = None

    @property
    def told(self) -> str:
        """What it is about, in words."""
        first = self.sides[0]
        said = [f"{one.told or one.direction} ({one.source or one.name})" for one in self.sides]
        if self.series is not None:
            said.append(f"{shown(self.series / first.multiplier)} (series)")
        return f"{first.indicator} of {first.subject}, {days(first)}: {' or '.join(said)}"


def open_disputes(world: World, cases: Mapping[str, str], rows: Sequence[Record]) -> list[Opened]:
    """What is to be opened: `cases` names the facts that a case holds, `rows` are the sides of disputes there are."""
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(str(row["dispute"]), set()).add(str(row["fact"]))
    found: dict[str, Opened] = {}
    for key in sorted(world.readings):
        one = world.readings[key]
        if one.label == "Claim" and key not in cases and one.modality in _READ and one.document is not None:
            for opened in _of(one, world, sides):
                found[opened.key] = opened
                sides.setdefault(opened.key, set()).update(side.key for side in opened.sides)
    return [found[key] for key in sorted(found)]


def _of(one: Reading, world: World, sides: dict[str, set[str]]) -> Iterator[Opened]:
    """The dispute in which a figure of a document takes a side, where it is not told there already."""
    if one.first is None or len(one.subjects) != 1 or _told_again(one, world, sides):
        return
    against = {other.key: kind for other in _same_time(one, world) if (kind := _differ(one, other)) is not None}
    measured = _measured_otherwise(one, world)
    if not against and measured is None:
        return
    held = next((key for key in sorted(sides) if sides[key] & set(against)), None)
    key = held or _key(one)
    joined = [one, *(world.readings[name] for name in against)]
    fresh = [side for side in joined if side.key not in sides.get(key, set())]
    kinds = {*against.values(), *(() if measured is None else (_kind(one, measured[0]),))}
    known = sorted([*(side.known_at for side in joined), *(() if measured is None else (measured[1],))])
    yield Opened(
        key=key,
        kinds=tuple(sorted(kinds)),
        sides=tuple(fresh),
        known_at=known[min(1, len(known) - 1)],
        held=held is not None,
        series=None if measured is None or held is not None else measured[0],
    )


def _told_again(one: Reading, world: World, sides: dict[str, set[str]]) -> bool:
    """Whether it, or the same of the same document, is a side already."""
    taken = {fact for facts in sides.values() for fact in facts}
    return one.key in taken or any(
        other.document == one.document and _differ(one, other) is None
        for other in _same_time(one, world, own=True)
        if other.key in taken
    )


def _same_time(one: Reading, world: World, *, own: bool = False) -> Iterator[Reading]:
    """Readings of the same thing and time by others, or by the same document (`own`)."""
    for other in world.others(one):
        same = other.first == one.first and (other.last or other.first) == (one.last or one.first)
        if same and other.document is not None and (other.document == one.document) is own:
            yield other


def _differ(one: Reading, other: Reading) -> str | None:
    """In which way two readings cannot both be right: by sign or value, or None."""
    if sign_of(one) * sign_of(other) < 0 and not is_level(one) and not is_level(other):
        return "sign"
    if one.value is None or other.value is None or scale_of(one) != scale_of(other):
        return None
    told, found = scaled(one), scaled(other)
    near = agrees(told, found, one.bound) or agrees(found, told, other.bound)
    return None if near or abs(told - found) <= _APART * max(abs(told), abs(found)) else "value"


def _kind(one: Reading, value: float) -> str:
    return "sign" if sign_of(one) * value < 0 else "value"


def _measured_otherwise(one: Reading, world: World) -> tuple[float, datetime] | None:
    """(value, since when it was known) of the series on the day of the reading, where both cannot be right."""
    if one.last not in {None, one.first} or one.first is None:
        return None
    value = value_of_day(one, world)
    place = (str(one.indicator), str(one.subject))
    if one.value is not None and world.units.get(place) != one.unit:
        return None
    if value is None or (one.value is None and (is_level(one) or sign_of(one) * value >= 0)):
        return None
    if one.value is not None:
        near = agrees(one.value, value, one.bound, multiplier=one.multiplier)
        if near or (one.value * value > 0 and abs(one.value - value) <= _APART * max(abs(one.value), abs(value))):
            return None
    return value, world.known[place][one.first]


def _key(one: Reading) -> str:
    end = "" if one.last in {None, one.first} else f".{one.last}"
    return f"dispute:{indicator_id(str(one.indicator))}.{one.subject}.{one.first}{end}"


def opened_batch(found: Sequence[Opened], world: World, labels: Mapping[str, str]) -> Batch:
    """The disputes with their new sides; `labels` says of each subject whether it is an instrument or an actor."""
    nodes: list[Node] = []
    links: list[Link] = []
    for one in found:
        first = one.sides[0]
        indicator, subject = indicator_id(str(first.indicator)), str(first.subject)
        links += [_link("SIDE_OF", (side.label, side.key), ("Dispute", one.key)) for side in one.sides]
        if one.held:
            continue
        nodes.append(Node(label="Dispute", id=one.key, properties=_properties(one)))
        over = (("Indicator", indicator), (labels[subject], subject))
        links += [_link("OVER", ("Dispute", one.key), end) for end in over]
        if one.series is not None and first.first is not None:
            name = f"series:{indicator}.{subject}.{first.first}"
            nodes.append(_observed(name, one.series, first, first.first, world))
            series = world.names[str(first.indicator), subject]
            ends = (("OF_INDICATOR", over[0]), ("ABOUT", over[1]), ("WAS_DERIVED_FROM", ("Series", series)))
            links += [_link(kind, ("Observation", name), end) for kind, end in ends]
            links.append(_link("SIDE_OF", ("Observation", name), ("Dispute", one.key)))
    return Batch(nodes=tuple(nodes), links=tuple(links))


def _properties(one: Opened) -> dict[str, str | tuple[str, ...] | datetime]:
    return {"kinds": one.kinds, "status": "open", "known_at": one.known_at, "known_at_precision": "instant"}


def _observed(name: str, value: float, first: Reading, day: date, world: World) -> Node:
    unit = world.units[str(first.indicator), str(first.subject)]
    return Node(
        label="Observation",
        id=name,
        properties={
            "value": value,
            "unit": unit,
            "value_base": value,
            "unit_base": unit,
            "statement": f"The series of {first.indicator} of {first.subject} has {shown(value)} on {day}.",
            "modality": "measured",
            "trade_date": day,
            "trade_date_end": day,
            "known_at": world.known[str(first.indicator), str(first.subject)][day],
            "known_at_precision": "instant",
        },
    )


def _link(kind: str, from_: tuple[str, str], to: tuple[str, str]) -> Link:
    return Link(type=kind, from_label=from_[0], from_id=from_[1], to_label=to[0], to_id=to[1])
