"""Puts the values of a series on given instants, or on one clock a day: how two series become comparable.

Nothing is filled: where no value is near enough, there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from graph.seriesvalues import MICROSECOND, NO_DAY, Values, instant_of, microseconds

How = Literal["last", "next", "sum", "mean", "min", "max", "count"]
CLOSE_AGE = timedelta(hours=2)
_FIRST_DAY = date(1970, 1, 1)

_REDUCED: dict[str, Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]]] = {
    "sum": np.add.reduceat,
    "mean": np.add.reduceat,
    "min": np.minimum.reduceat,
    "max": np.maximum.reduceat,
}


def align(values: Values, edges: NDArray[np.int64], how: How, *, max_age: timedelta) -> NDArray[np.float64]:
    """One number for each edge, an instant in microseconds since 1970-01-01 UTC; edges ascend.

    `last` is the last value at or before the edge, nan when older than `max_age`; `next` the first at or after it, nan
    when later than the edge plus `max_age`. The others are over the values in (previous edge, edge]: nan for the first
    edge, where that interval holds no value, and where it is longer than `max_age`, which is a hole in the edges.
    ValueError when the edges do not ascend strictly.
    """
    edges = np.asarray(edges, np.int64)
    if len(edges) > 1 and not bool((edges[1:] > edges[:-1]).all()):
        raise ValueError("edges must ascend, each later than the one before; sort them and leave out what is twice")
    age = max_age // MICROSECOND
    if how in ("last", "next"):
        return _nearest(values, edges, age, before=how == "last")
    return _over_intervals(values, edges, how, age)


def _nearest(values: Values, edges: NDArray[np.int64], age: int, *, before: bool) -> NDArray[np.float64]:
    found = np.full(len(edges), np.nan)
    place = np.searchsorted(values.at, edges, "right") - 1 if before else np.searchsorted(values.at, edges, "left")
    there = np.flatnonzero((place >= 0) & (place < len(values)))
    place = place[there]
    near = np.abs(edges[there] - values.at[place]) <= age
    found[there[near]] = values.value[place[near]]
    return found


def _over_intervals(values: Values, edges: NDArray[np.int64], how: str, age: int) -> NDArray[np.float64]:
    found = np.full(len(edges), np.nan)
    if len(edges) < 2:
        return found
    ends = np.searchsorted(values.at, edges, "right")
    counts = np.diff(ends)
    whole = np.flatnonzero((counts > 0) & (np.diff(edges) <= age))
    if not len(whole):
        return found
    if how == "count":
        found[whole + 1] = counts[whole]
        return found
    # every other slice that reduceat makes of (start, end, start, end, ...) is an interval; its last end may be the
    # end of the values, which reduceat does not take
    bounds = np.stack([ends[:-1][whole], ends[1:][whole]], axis=1).ravel()
    padded = np.append(values.value, 0.0)
    reduced = _REDUCED[how](padded, bounds)[::2]
    found[whole + 1] = reduced / counts[whole] if how == "mean" else reduced
    return found


def hourly(values: Values, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """The last value in each of the 24 hours up to each edge, the oldest first: (edges, 24), nan where none came."""
    hours = np.arange(-23, 1, dtype=np.int64) * (timedelta(hours=1) // MICROSECOND)
    instants = np.asarray(edges, np.int64)[:, np.newaxis] + hours
    place = np.searchsorted(values.at, instants, "right") - 1
    there = place >= 0
    place = np.where(there, place, 0)
    if not len(values):
        return np.full(instants.shape, np.nan)
    fresh = there & (instants - values.at[place] < timedelta(hours=1) // MICROSECOND)
    return np.where(fresh, values.value[place], np.nan)


def by_day(values: Values) -> Values:
    """The rows that belong to a trade day, each at midnight UTC of that day, so that days are compared as days.

    Of several rows of one day the last stays.
    """
    there = np.flatnonzero(values.day != NO_DAY)
    day = values.day[there]
    there = there[np.flatnonzero(np.append(day[1:] != day[:-1], np.ones(min(1, len(day)), bool)))]
    midnight = values.day[there].astype(np.int64) * (timedelta(days=1) // MICROSECOND)
    return Values(at=midnight, day=values.day[there], value=values.value[there], known_at=values.known_at[there])


def known_instants(values: Values) -> Values:
    """The same rows with the instant at which each became known as their value, in microseconds since 1970."""
    return replace(values, value=values.known_at.astype(np.float64))


def own_instants(values: Values) -> Values:
    """The same rows with their own instant as their value, in microseconds since 1970."""
    return replace(values, value=values.at.astype(np.float64))


def at_times_of(values: Values, other: Values, *, max_age: timedelta) -> Values:
    """At each instant of `other` the last of `values` that is not older than `max_age`; no row where there is none.

    A row is known once both are.
    """
    found = align(values, other.at, "last", max_age=max_age)
    known = align(known_instants(values), other.at, "last", max_age=max_age)
    there = np.isfinite(found)
    both = np.maximum(other.known_at[there], known[there].astype(np.int64))
    return Values(at=other.at[there], day=other.day[there], value=found[there], known_at=both)


def joined(parts: Sequence[Values]) -> Values:
    """The rows of several series of one thing in order of time; of equal instants that of the first part to have it."""
    at = np.concatenate([part.at for part in parts])
    _, first = np.unique(at, return_index=True)  # the first of equal instants, in the order of the parts
    return Values(
        at=at[first],
        day=np.concatenate([part.day for part in parts])[first],
        value=np.concatenate([part.value for part in parts])[first],
        known_at=np.concatenate([part.known_at for part in parts])[first],
    )


def daily_close(values: Values, tz: str, cutoff: time) -> Values:
    """From intraday values the last one at or before the cutoff of each local day, labelled with that day.

    A day has none when the last value is more than two hours old at its cutoff. `at` is the instant of the cutoff, and
    `known_at` not before it, for until then another value may come: who asks as of an instant leaves out what became
    known after it. `tz` is an IANA name; a cutoff that the clocks skip
    counts as the same time by the clock before the change, one that they show twice is the first of the two.
    ZoneInfoNotFoundError for an unknown name.
    """
    if not len(values):
        return values
    zone = ZoneInfo(tz)
    first = instant_of(int(values.at[0])).astimezone(zone).date() - timedelta(days=1)
    last = instant_of(int(values.at[-1])).astimezone(zone).date() + timedelta(days=1)
    days = np.arange((first - _FIRST_DAY).days, (last - _FIRST_DAY).days + 1, dtype=np.int32)
    closes = np.array([_cutoff(int(day), zone, cutoff) for day in days], dtype=np.int64)
    place = np.searchsorted(values.at, closes, "right") - 1
    fresh = (place >= 0) & (closes - values.at[np.maximum(place, 0)] <= CLOSE_AGE // MICROSECOND)
    at, place = closes[fresh], place[fresh]
    return Values(at=at, day=days[fresh], value=values.value[place], known_at=np.maximum(values.known_at[place], at))


def _cutoff(day: int, zone: ZoneInfo, cutoff: time) -> int:
    local = datetime.combine(_FIRST_DAY + timedelta(days=day), cutoff.replace(tzinfo=None, fold=0), zone)
    return microseconds(local.astimezone(UTC))
