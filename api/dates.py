"""Dates and instants as people write them, read the same way by the command and by REST.

A day without a time is a trade day. A time without a zone is nobody's time: it is refused, with what to write instead.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from api.errors import InvalidAskError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_when(text: str, field: str) -> date | datetime:
    """A bare date, or an instant with its zone as aware UTC. Raises InvalidAskError naming `field`."""
    return parse_day(text, field) if _DAY.fullmatch(text) else parse_instant(text, field)


def parse_day(text: str, field: str) -> date:
    """A calendar date `YYYY-MM-DD`. Raises InvalidAskError naming `field`."""
    if not _DAY.fullmatch(text):
        raise InvalidAskError(field, f"{text!r} is not a date; write it as 2026-02-05")
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise InvalidAskError(field, f"{text!r} is no day of the calendar ({fault})") from fault


def parse_instant(text: str, field: str) -> datetime:
    """An instant with its zone, as aware UTC. Raises InvalidAskError naming `field`."""
    reason = f"{text!r} is neither a date nor an instant; write 2026-02-05 or 2026-02-05T21:00:00Z"
    if ":" not in text:
        raise InvalidAskError(field, reason)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as fault:
        raise InvalidAskError(field, reason) from fault
    if instant.tzinfo is None:
        raise InvalidAskError(field, f"{text!r} has no time zone; write {text}Z for UTC, or {text}-05:00")
    try:
        return instant.astimezone(UTC)
    except OverflowError as fault:
        raise InvalidAskError(
            field, f"{text!r} lies outside the years 1 to 9999 in UTC; give a time within them"
        ) from fault


def parse_clock(text: str, field: str, now: datetime) -> datetime:
    """An instant for `as_of` or `as_at`; a bare date stands for the end of that day in UTC, today for `now`."""
    when = parse_when(text, field)
    if isinstance(when, datetime):
        return when
    if when == now.astimezone(UTC).date():
        return now
    start = datetime(when.year, when.month, when.day, tzinfo=UTC)
    return start + timedelta(days=1) if when < date.max else datetime.max.replace(tzinfo=UTC)


def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`, microseconds only where there are some."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
