"""Adds rows to a stored series, each once, whatever was added before and however often.

A row is known by its instant. One that says when it was published is a revision of its own. Another, and one that says
the same publication again, counts only where it differs from what held when its bytes were first had; it is then a
revision known since that moment. So the same rows again, in any pieces, change nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.series import SCHEMA, SeriesStore
from graph.seriesreading import Block
from graph.seriesstaging import Staging
from graph.seriesvalues import NO_DAY, NO_INSTANT


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """One value: `at` and `known_at` in microseconds since 1970, `day` in days (`NO_DAY`, `NO_INSTANT` where none).

    `had_at` is the instant at which its bytes were first had here.
    """

    at: int
    known_at: int
    had_at: int
    value: float
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What came of it: rows at new instants, revisions of known ones, rows that were there."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0


def add_rows(store: SeriesStore, series: str, rows: Iterable[Row]) -> Added:
    """Add rows in any order, and publish the series where that changes it; a row group of it is held in memory.

    Blocks; call it in a thread. Raises InvalidSeriesError, BrokenSeriesError, OSError; then nothing has changed.
    """
    fresh = sorted(rows)
    if not fresh:
        return Added()
    counts = [0, 0, 0]
    with store.one_writer(), store.staging(series) as staging:
        for block, part in _paired(store.blocks(series), fresh):
            _stage(staging, block, part, counts)
        if counts[0] + counts[1]:
            store.publish([staging])
    return Added(new=counts[0], revised=counts[1], unchanged=counts[2])


def _paired(blocks: Iterator[Block], rows: list[Row]) -> Iterator[tuple[Block, list[Row]]]:
    """Each stored block with the rows that lie up to where the next one begins; no instant is in two pairs."""
    whole = _apart(blocks)
    block, start = next(whole, Block.empty()), 0
    for following in whole:
        end = bisect_left(rows, int(following.at[0]), lo=start, key=lambda row: row.at)
        yield block, rows[start:end]
        block, start = following, end
    yield block, rows[start:]


def _apart(blocks: Iterator[Block]) -> Iterator[Block]:
    """Blocks of which no two hold one instant: revisions that a block boundary divides are brought together."""
    held: Block | None = None
    for block in blocks:
        if held is None or block.at[0] != held.at[-1]:
            if held is not None:
                yield held
            held = block
        else:
            held = Block.joined([held, block])
    if held is not None:
        yield held


def _stage(staging: Staging, block: Block, rows: list[Row], counts: list[int]) -> None:
    """Write a block with its new rows in their places."""
    known = block.known()
    more: list[Row] = []
    for at, group in groupby(rows, key=lambda row: row.at):
        low, high = (int(np.searchsorted(block.at, at, side)) for side in ("left", "right"))
        held = [(int(known[n]), float(block.value[n])) for n in range(low, high)]
        for row in sorted(group, key=lambda row: (row.had_at, row.known_at, row.value)):
            _settle(row, held, more, counts)
    if not more:
        _write(staging, block.at, block.days(), block.value, known)
        return
    days: NDArray[np.int32] = np.append(block.days(), np.array([row.day for row in more], np.int32))
    at_all = np.append(block.at, np.array([row.at for row in more], np.int64))
    known_all = np.append(known, np.array([row.known_at for row in more], np.int64))
    values = np.append(block.value, np.array([row.value for row in more], np.float64))
    order = np.lexsort((known_all, at_all))
    _write(staging, at_all[order], days[order], values[order], known_all[order])


def _settle(row: Row, held: list[tuple[int, float]], more: list[Row], counts: list[int]) -> None:
    """Decide whether a row says something new beside `held`, the (known_at, value) of its instant, and note it."""
    known_at = row.known_at
    taken = {one[0] for one in held}
    if not held:
        counts[0] += 1
    elif known_at != NO_INSTANT and known_at not in taken:
        counts[1] += 1
    else:
        before = [one for one in sorted(held) if one[0] <= row.had_at] or sorted(held)[:1]
        same = known_at != NO_INSTANT and (known_at, row.value) in held
        if same or before[-1][1] == row.value or row.had_at in taken:
            counts[2] += 1
            return
        known_at = row.had_at
        counts[1] += 1
    held.append((known_at, row.value))
    more.append(Row(at=row.at, known_at=known_at, had_at=row.had_at, value=row.value, day=row.day))


def _write(
    staging: Staging,
    at: NDArray[np.int64],
    day: NDArray[np.int32],
    value: NDArray[np.float64],
    known_at: NDArray[np.int64],
) -> None:
    if not len(at):
        return
    days = pa.array(day, pa.int32(), mask=day == NO_DAY).cast(pa.date32())
    known = pa.array(known_at, pa.int64(), mask=known_at == NO_INSTANT).cast(SCHEMA.field("known_at").type)
    instants = pa.array(at, pa.int64()).cast(SCHEMA.field("at").type)
    staging.add(pa.table([instants, days, pa.array(value, pa.float64()), known], schema=SCHEMA))
