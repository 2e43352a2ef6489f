"""What is read from a series, and which of its rows were known when: plain arrays, no files.

Instants are microseconds since 1970-01-01 UTC, days are days since 1970-01-01.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NO_DAY = int(np.iinfo(np.int32).min)  # the row belongs to no trade day
NO_INSTANT = int(np.iinfo(np.int64).min)  # the row has no known_at of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Observations of one series, oldest first, one an instant; the arrays have one length and are read-only."""

    at: NDArray[np.int64]
    """Instant at which the value is so, in microseconds since 1970-01-01 UTC (a daily close: that close)."""
    day: NDArray[np.int32]
    """Trade day in days since 1970-01-01; `NO_DAY` where the row has none (intraday)."""
    value: NDArray[np.float64]
    """Never nan and never infinite: a missing observation is an absent row."""
    known_at: NDArray[np.int64]
    """Instant at which the row became public: its own, else `at` plus the publication lag."""

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One question to the store: a series and the instants from `since` to `until`, both included when given."""

    series: str
    since: datetime | None = None
    until: datetime | None = None
    publication_lag: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a series spans: its first and last instant, aware UTC, and its rows, revisions counted each."""

    first: datetime
    last: datetime
    count: int


def microseconds(instant: datetime) -> int:
    """An aware instant as microseconds since 1970-01-01 UTC; ValueError when it has no time zone."""
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give an aware datetime, for instance in UTC")
    return (instant - EPOCH) // MICROSECOND


def instant_of(us: int) -> datetime:
    """The aware UTC instant of so many microseconds since 1970-01-01."""
    return EPOCH + us * MICROSECOND


def latest_known(rows: Values, as_of: int | None) -> Values:
    """Of each instant the row that was known last by `as_of` (without it: of all), as read-only arrays.

    `rows` are ordered by `at`; `known_at` is complete. Of two rows known at the same time the later row holds.
    """
    if as_of is not None:
        rows = _picked(rows, rows.known_at <= as_of)
    if len(rows) > 1 and bool((rows.at[1:] == rows.at[:-1]).any()):
        order = np.lexsort((rows.known_at, rows.at))
        at = rows.at[order]
        rows = _picked(rows, order[np.append(at[1:] != at[:-1], True)])
    for array in (rows.at, rows.day, rows.value, rows.known_at):
        array.setflags(write=False)
    return rows


def _picked(rows: Values, which: NDArray[np.bool_] | NDArray[np.intp]) -> Values:
    if which.dtype == np.bool_ and bool(which.all()):
        return rows
    return Values(at=rows.at[which], day=rows.day[which], value=rows.value[which], known_at=rows.known_at[which])
