"""By which clocks is read what names none, or one of the two: chosen here for lists, queries, agents and the command.

Who names neither reads what was known by, and recorded as at, one instant: that before every write that is under way
(`GraphReader.present`). Who names `as_at` alone asks by all that is known by now.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from api.dates import parse_clock, write_instant
from api.errors import InvalidAskError
from graph.reading import Clocks


def chosen(as_of: str | None, as_at: str | None, present: datetime | None = None) -> Clocks:
    """The clocks of a question, as at `present` (now) where it names no `as_at`.

    Raises InvalidAskError for a clock that cannot be read or lies in the future.
    """
    now = datetime.now(UTC)
    at = _past("as_at", as_at, now) if as_at is not None else present or now
    return Clocks(as_of=_past("as_of", as_of, now) if as_of is not None else now if as_at is not None else at, as_at=at)


async def chosen_of(as_of: str | None, as_at: str | None, present: Callable[[], Awaitable[datetime]]) -> Clocks:
    """The same of a graph, which is asked for its `present` only where no `as_at` is named."""
    return chosen(as_of, as_at, await present() if as_at is None else None)


def instant_of(field: str, text: str | None) -> datetime | None:
    """A clock of a request, None where it was left out. Raises InvalidAskError, also for one in the future."""
    return None if text is None else _past(field, text, datetime.now(UTC))


def _past(field: str, text: str, now: datetime) -> datetime:
    instant = parse_clock(text, field, now)
    if instant > now:
        raise InvalidAskError(field, f"{text} lies in the future; it is {write_instant(now)} now")
    return instant
