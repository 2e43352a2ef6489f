"""Adds rows to a stored series, each once, whatever was added before and however often.

A row is known by its instant. One that says when it was published is a revision of its own. Another, and one that says
the same publication again, counts only where it differs from what held when its bytes were first had; it is then a
revision known since that moment. So the same rows again, in any pieces, change nothing.

Only the files in which rows come to lie are written anew (`graph/seriesplacing.py`); the others go over to the new
version as they are, so that adding costs what is added, however long the series is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.series import SCHEMA, SeriesStore
from graph.seriesplacing import Step, placed
from graph.seriesreading import Block
from graph.seriesrows import Columns, Row, Rows
from graph.seriesstaging import Staging
from graph.seriesvalues import NO_DAY, NO_INSTANT

__all__ = ["Added", "Row", "Rows", "add_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What came of it: rows at new instants, revisions of known ones, rows that were there."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0


def add_rows(store: SeriesStore, series: str, rows: Iterable[Row] | Rows) -> Added:
    """Add rows in any order, and publish the series where that changes it; a row group of it is held in memory.

    Blocks; call it in a thread. Raises InvalidSeriesError, BrokenSeriesError, OSError; then nothing has changed.
    """
    fresh = (rows if isinstance(rows, Rows) else Rows.of(rows)).ordered()
    if not len(fresh):
        return Added()
    counts = [0, 0, 0]
    with store.one_writer():
        base = store.version(series)
        with store.staging(series, onto=base) as staging:
            for step in placed(base.files if base is not None else (), fresh.at):
                _take(store, staging, step, fresh, counts)
            if counts[0] + counts[1]:
                store.publish([staging])
    return Added(new=counts[0], revised=counts[1], unchanged=counts[2])


def _take(store: SeriesStore, staging: Staging, step: Step, fresh: Columns, counts: list[int]) -> None:
    """Stage the files of a step with the rows that come to lie in them; as they are where none says anything new."""
    rows = fresh.between(step.start, step.end)
    if _is_held(store, staging.series, step, rows):
        counts[2] += len(rows)
        for file in step.files:
            staging.keep(file)
        return
    staging.begin(step.part_rows)
    for block, part in _paired(store.blocks(staging.series, step.files), rows):
        _stage(staging, block, part, counts)


def _is_held(store: SeriesStore, series: str, step: Step, rows: Columns) -> bool:
    """Whether the files of a step plainly hold each of its rows, so that they need not be written anew."""
    if not len(rows):
        return True
    if not step.files or rows.at[0] < step.files[0].groups[0].first or rows.at[-1] > step.files[-1].groups[-1].last:
        return False
    for block, part in _paired(store.blocks(series, step.files), rows):
        if any(len(one) for one in _sorted_out(block, block.known(), part, [0, 0, 0])):
            return False
    return True


def _paired(blocks: Iterator[Block], rows: Columns) -> Iterator[tuple[Block, Columns]]:
    """Each stored block with the rows that lie up to where the next one begins; no instant is in two pairs."""
    whole = _apart(blocks)
    block, start = next(whole, Block.empty()), 0
    for following in whole:
        end = int(np.searchsorted(rows.at, following.at[0], "left"))
        yield block, rows.between(start, end)
        block, start = following, end
    yield block, rows.between(start, len(rows))


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


def _stage(staging: Staging, block: Block, rows: Columns, counts: list[int]) -> None:
    """Write a block with its new rows in their places."""
    known = block.known()
    plainly_new, in_question = _sorted_out(block, known, rows, counts)
    more: list[Row] = []
    for at, group in groupby(in_question.rows(), key=lambda row: row.at):
        low, high = (int(np.searchsorted(block.at, at, side)) for side in ("left", "right"))
        held = [(int(known[n]), float(block.value[n])) for n in range(low, high)]
        for row in group:
            _settle(row, held, more, counts)
    parts = [one for one in (plainly_new, Rows.of(more).ordered()) if len(one)]
    if not parts:
        _write(staging, block.at, block.days(), block.value, known)
        return
    days = np.concatenate([block.days(), *(one.day for one in parts)])
    at_all = np.concatenate([block.at, *(one.at for one in parts)])
    known_all = np.concatenate([known, *(one.known_at for one in parts)])
    values = np.concatenate([block.value, *(one.value for one in parts)])
    order = np.lexsort((known_all, at_all))
    _write(staging, at_all[order], days[order], values[order], known_all[order])


def _sorted_out(block: Block, known: NDArray[np.int64], rows: Columns, counts: list[int]) -> tuple[Columns, Columns]:
    """The rows alone at an instant that the block has not, and those to be decided one by one.

    Between them lie those alone at an instant that holds their value already: they are counted and left out.
    """
    if not len(rows):
        return rows, rows
    other = rows.at[1:] != rows.at[:-1]
    alone = np.append(True, other) & np.append(other, True)
    low = np.searchsorted(block.at, rows.at, "left")
    held = np.searchsorted(block.at, rows.at, "right") - low
    new = alone & (held == 0)
    same = alone & (held == 1)
    there = low[same]
    same[same] = (block.value[there] == rows.value[same]) & (
        (rows.known_at[same] == NO_INSTANT) | (rows.known_at[same] == known[there])
    )
    counts[0] += int(new.sum())
    counts[2] += int(same.sum())
    return rows.picked(new), rows.picked(~(new | same))


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
