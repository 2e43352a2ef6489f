"""The quarterly futures of Deribit: when they expire, what they are called, which is the nearest.

They expire at 08:00 UTC on the last Friday of March, June, September and December.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ROLL = timedelta(days=14)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAY = timedelta(days=1)
_FRIDAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One quarterly future: its name and when it expires."""

    name: str
    expiry: datetime


def quarters(currency: str, since: datetime, until: datetime) -> Iterator[tuple[Quarter, datetime, datetime]]:
    """(future, from, to) over a span: each until 14 days before it expires, then the next."""
    year, quarter, start = since.year, (since.month - 1) // 3, since
    while start < until:
        future = _quarter(currency, year, 3 * quarter + 3)
        end = min(future.expiry - ROLL, until)
        if end > start:
            yield future, start, end
            start = end
        year, quarter = (year, quarter + 1) if quarter < 3 else (year + 1, 0)


def nearest(currency: str, at: datetime) -> Quarter:
    """The nearest quarterly future that has more than 14 days to go."""
    return next(future for future, _, _ in quarters(currency, at, at + _DAY))


def _quarter(currency: str, year: int, month: int) -> Quarter:
    following = datetime(year + month // 12, month % 12 + 1, 1, 8, tzinfo=UTC)
    expiry = following - _DAY
    expiry -= (expiry.weekday() - _FRIDAY) % 7 * _DAY
    return Quarter(name=f"{currency}-{expiry.day}{MONTHS[expiry.month - 1]}{expiry:%y}", expiry=expiry)
