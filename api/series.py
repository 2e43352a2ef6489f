"""Numeric series as the API hands them out: what the graph says of each, and a bounded stretch of its values.

The values lie beside the graph and are replaced as a whole when a series is loaded again, so that they have one clock,
`as_of`: what was public by then, revisions included.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from api.catalog import Resource, Row, plain_row
from api.errors import InvalidAskError, UnknownResourceError
from api.gathering_series import duration
from graph.errors import NotInGraphError
from graph.reading import Clocks, ask
from graph.store import GraphReader

if TYPE_CHECKING:
    from graph.series import Extent, SeriesStore, Values

_TICK = timedelta(microseconds=1)


class NoValuesError(UnknownResourceError):
    """A series that the graph lists without its numbers; the message says how to load them."""

    def __init__(self, name: str) -> None:
        super().__init__("series", name)
        self.args = (f"no values of the series {name!r} are stored; load them with `whymove ingest table`",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Values of one series in order of time; `next_since` is the instant of the first that was left out, else None."""

    series: Row
    values: Values
    next_since: datetime | None


def series_row(record: Mapping[str, object]) -> Row:
    """A record of `list_series` as a row; `has_values` says whether its numbers are stored."""
    count = record["count"]
    subjects = record["subjects"]
    return {
        **plain_row(record),
        "subjects": sorted(map(str, subjects)) if isinstance(subjects, list) else [],
        "has_values": isinstance(count, int) and count > 0,
    }


SERIES = Resource(name="series", query="list_series", shape=series_row)


async def one_series(reader: GraphReader, name: str, clocks: Clocks) -> Row:
    """One series by its id. Raises NotInGraphError with near ids where the graph has none of it."""
    rows = await ask(reader, "one_series", {"id": name, "as_at": clocks.as_at})
    if rows:
        return series_row(rows[0])
    names = [str(row["id"]) for row in await ask(reader, "ids_of_series")]
    raise NotInGraphError("series", name, tuple(get_close_matches(name, names, n=3, cutoff=0.5)))


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Raises InvalidAskError where the end comes before the start."""
    if since is not None and until is not None and until < since:
        raise InvalidAskError("until", f"{until.isoformat()} comes before since, {since.isoformat()}; swap them")


async def stretch_of(
    series: Row,
    store: SeriesStore | None,
    *,
    since: datetime | None,
    until: datetime | None,
    as_of: datetime,
    most: int,
) -> Stretch:
    """The first `most` values from `since` to `until` (both included) as they were known at `as_of`.

    Raises NoValuesError where none of the series is stored, and what `SeriesStore.read` raises.
    """
    name = str(series["id"])
    extent = store.extent(name) if store is not None else None
    if store is None or extent is None:
        raise NoValuesError(name)
    lag = duration(series["publication_lag"], timedelta(0))
    parts: list[Values] = []
    for first, last in _pieces(extent, since, until, most):
        parts.append(await store.read(name, since=first, until=last, as_of=as_of, publication_lag=lag))
        if sum(map(len, parts)) > most:
            break
    return await asyncio.to_thread(_bounded, series, parts, most)


def _bounded(series: Row, parts: Sequence[Values], most: int) -> Stretch:
    from graph.seriesexport import first_of, joined
    from graph.seriesvalues import instant_of

    values = joined(parts)
    following = instant_of(int(values.at[most])) if len(values) > most else None
    return Stretch(series=series, values=first_of(values, most), next_since=following)


def _pieces(
    extent: Extent, since: datetime | None, until: datetime | None, most: int
) -> Iterator[tuple[datetime, datetime]]:
    """The window in stretches with about `most` rows each, so that a wide one is not read whole to be cut."""
    first = extent.first if since is None else max(since, extent.first)
    last = extent.last if until is None else min(until, extent.last)
    width = (extent.last - extent.first) / max(1, math.ceil(extent.count / most)) + _TICK
    while first <= last:
        yield first, min(first + width - _TICK, last)
        first += width
