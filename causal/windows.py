"""Says which facts fall into the window of a prediction, from their time fields alone (evidence.md 1).

Days are compared as trade days and instants as instants; the move's own window runs from its first to its second
close, so that the day of the first close is `before` and that of the second is `during`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from causal.model import Span, Window
from causal.world import Fact, Move

Fit = Literal["whole", "longer", "instant"]
_WIDENED = frozenset({"week", "month", "quarter", "year", "year to date"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When a fact was so: two trade days, or two instants where `days` is false."""

    days: bool
    widened: bool = False
    first: date
    last: date
    start: datetime
    end: datetime

    @property
    def length(self) -> int:
        """Days covered, at least one."""
        return max(1, (self.last - self.first).days + 1)


def period(fact: Fact) -> Period:
    """The period that a fact speaks of, widened to the precision of its time."""
    if fact.time_precision in _WIDENED:
        last = (fact.valid_to - timedelta(microseconds=1)).date() if fact.valid_to > fact.valid_from else None
        first = fact.valid_from.date()
        return _days(fact, first, max(first, last or first))
    if fact.trade_date is not None:
        return _days(fact, fact.trade_date, fact.trade_date_end or fact.trade_date)
    return Period(
        days=False,
        first=fact.valid_from.date(),
        last=fact.valid_to.date(),
        start=fact.valid_from,
        end=fact.valid_to,
    )


def _days(fact: Fact, first: date, last: date) -> Period:
    widened = fact.time_precision in _WIDENED
    return Period(days=True, widened=widened, first=first, last=last, start=fact.valid_from, end=fact.valid_to)


def move_days(move: Move) -> tuple[date, date]:
    """First and last trade day inside the move: the day after the first close to the day of the second."""
    start, end = _day(move.start), _day(move.end)
    if isinstance(move.start, datetime) or start == end:
        return start, end
    return start + timedelta(days=1), end


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def canonical(window: Window, move: Move) -> Window:
    """The same window in its plainest words: dates that are just the move's own become `during`."""
    if isinstance(window, Span) and not isinstance(window.start, datetime):
        first, last = move_days(move)
        if (window.start, window.end) in {(first, last), (_open(move), last)} and window.end == last:
            return "during" if window.start == first else window
    return window


def _open(move: Move) -> date:
    return _day(move.start)


def key(window: Window) -> str:
    """A text that is equal for equal windows."""
    if isinstance(window, Span):
        return f"{_text(window.start)}..{_text(window.end)}"
    return window


def _text(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()


def covers_move(window: Window, move: Move) -> bool:
    """Whether the window is the move's own or holds all of it."""
    if isinstance(window, Span):
        if isinstance(window.start, datetime) and isinstance(window.end, datetime):
            return window.start <= move.valid_from and window.end >= move.valid_to
        first, last = move_days(move)
        return _day(window.start) <= first and _day(window.end) >= last
    return window == "during"


def falls_into(fact: Fact, window: Window, move: Move, *, closes: bool = False) -> bool:
    """Whether the fact's own time puts it into the window.

    `closes`: two dates of the fact are two closes, as those of a move are, so that the first day lies before it.
    """
    when = period(fact)
    if closes and when.days and not when.widened and when.last > when.first:
        when = replace(when, first=when.first + timedelta(days=1))
    if isinstance(window, Span):
        return _in_span(when, window)
    if when.days:
        first, last = move_days(move)
        during = when.last >= first and when.first <= last
        if when.widened:  # it may have been at any time in its period
            return {"during": during, "before": when.first < first, "after": when.last > last}[window]
        return {"during": during, "before": when.last < first, "after": when.first > last}[window]
    later = when.start > move.valid_to or (when.start == move.valid_to and when.end > when.start)
    during = not later and when.end > move.valid_from
    return {"during": during, "before": when.end <= move.valid_from, "after": later}[window]


def _in_span(when: Period, span: Span) -> bool:
    if isinstance(span.start, datetime) and isinstance(span.end, datetime):
        return not when.days and when.start <= span.end and when.end >= span.start
    if when.days:
        return when.last >= _day(span.start) and when.first <= _day(span.end)
    start = datetime.combine(_day(span.start), time(), UTC)
    end = datetime.combine(_day(span.end), time(), UTC) + timedelta(days=1)
    return when.start < end and when.end >= start


def fit(fact: Fact, window: Window, move: Move) -> Fit:
    """How the fact's period compares with a window that it falls into."""
    when = period(fact)
    if not when.days and when.end - when.start < timedelta(hours=2):
        return "instant"
    if isinstance(window, Span):
        length = (_day(window.end) - _day(window.start)).days + 1
    elif window == "during":
        first, last = move_days(move)
        length = (last - first).days + 1
    else:
        return "whole"
    return "longer" if when.length > 3 * length else "whole"


def spans_move(fact: Fact, move: Move) -> bool:
    """Whether what is reported soon after a move of less than a day is still told against a value from before it."""
    when = period(fact)
    if not isinstance(move.start, datetime) or move.valid_to - move.valid_from >= timedelta(days=1):
        return False
    if when.days:
        return when.first <= _day(move.end)
    return move.valid_to <= when.start < move.valid_to + timedelta(days=1)


def near_start(fact: Fact, move: Move) -> bool:
    """Whether the fact is stamped to an instant between six hours before the start and the end of the move."""
    when = period(fact)
    return not when.days and move.valid_from - timedelta(hours=6) <= when.start <= move.valid_to


def distance(fact: Fact, move: Move) -> float:
    """Seconds between the fact and the move, zero where they overlap: the nearer reading stands for a window."""
    if fact.valid_to < move.valid_from:
        return (move.valid_from - fact.valid_to).total_seconds()
    if fact.valid_from > move.valid_to:
        return (fact.valid_from - move.valid_to).total_seconds()
    return 0.0
