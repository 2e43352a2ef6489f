"""Values on their way into the graph and out of it, the one place where a clock's zone could be lost.

In: instants travel as ISO text in UTC and become datetimes by Cypher's `datetime()`, days by `date()`, because a
datetime parameter loses its zone on the embedded server and is slow everywhere. Out: an instant without zone is UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol, cast

from graph.model import Value

_PLAIN = (str, int, float, bool, bytes, type(None))


class _Temporal(Protocol):
    def to_native(self) -> object: ...


class _Lasting(Protocol):
    def iso_format(self) -> str: ...


class _Path(Protocol):
    @property
    def nodes(self) -> Sequence[object]: ...

    @property
    def relationships(self) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Properties split by how they are sent: as they are, as instants in ISO text, as days in ISO text."""

    plain: Mapping[str, object]
    instants: Mapping[str, str]
    days: Mapping[str, str]


def normal(value: Value, type_: str) -> Value:
    """One form of a value that has several: numbers of a number property are floats, instants are in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    if type_ == "number" and isinstance(value, int):
        return float(value)
    if type_ == "numbers" and isinstance(value, tuple):
        return tuple(float(item) for item in value)
    return value


def encode(properties: Mapping[str, Value]) -> Row:
    """Properties of normal values as what the driver sends; nulls are left out."""
    plain: dict[str, object] = {}
    instants: dict[str, str] = {}
    days: dict[str, str] = {}
    for name, value in properties.items():
        if isinstance(value, datetime):
            instants[name] = iso(value)
        elif isinstance(value, date):
            days[name] = value.isoformat()
        elif isinstance(value, tuple):
            plain[name] = list(value)
        elif value is not None:
            plain[name] = value
    return Row(plain=plain, instants=instants, days=days)


def iso(instant: datetime) -> str:
    """An aware datetime as ISO text in UTC, to the microsecond."""
    in_utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{in_utc.isoformat(timespec='microseconds')[:-6]}Z"


def decode(value: object) -> object:
    """A driver's value as a plain one: aware UTC datetimes, dates, lists, durations as ISO text.

    A node or link becomes the dictionary of its properties, a path the list of its nodes and links in turn.
    """
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {str(name): decode(item) for name, item in value.items()}
    if hasattr(value, "to_native"):  # as a protocol checked at run time it would cost ten times as much
        return _native(cast(_Temporal, value).to_native())
    if hasattr(value, "iso_format"):
        return cast(_Lasting, value).iso_format()
    if isinstance(value, Sequence):
        return [decode(item) for item in value]
    return _steps(cast(_Path, value)) if hasattr(value, "relationships") else str(value)


def _native(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _steps(path: _Path) -> list[object]:
    steps = [decode(path.nodes[0])]
    for link, node in zip(path.relationships, path.nodes[1:], strict=True):
        steps += [decode(link), decode(node)]
    return steps
