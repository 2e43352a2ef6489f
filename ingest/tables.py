"""Reads tables of numbers by a mapping, into staged series and one batch for the graph, or says what is wrong.

Nothing is stored here: whoever asks publishes the staged series and writes the batch, or leaves it, and then nothing
has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graph.model import Batch
from graph.series import SeriesStore, Staging
from ingest.tablecells import Cells
from ingest.tableclocks import Stamps, stamp
from ingest.tablefaults import Faults, FileAbandonedError, TooManyFaultsError
from ingest.tablefiles import Found, find_files, read_rows
from ingest.tablegraph import map_tables
from ingest.tablemap import FilePlan, TableMap
from ingest.tablerows import SeriesRows

MANY_ROWS = 1_000_000
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesReport:
    """What became of one series: rows, from when to when (trade days where it has some), rows left out by why."""

    id: str
    rows: int
    first: date
    last: date
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLoad:
    """Tables ready to be stored: publish `staged`, then write `batch`."""

    batch: Batch
    staged: tuple[Staging, ...]
    reports: tuple[SeriesReport, ...]
    notes: tuple[str, ...]


@contextmanager
def read_tables(tables: TableMap, paths: Sequence[Path], store: SeriesStore, say: Say) -> Iterator[TableLoad]:
    """Everything that the mapping names in the files and folders given; what is not published is discarded at the end.

    Raises RecordRejectedError with what is wrong (file, line, column, what was found), at most twenty of it.
    """
    faults = Faults()
    with ExitStack() as stack:
        made = _read_all(tables, paths, store, _Reading(faults=faults, say=say, stack=stack))
        faults.raise_if_any()
        whole = [rows for rows in made if rows.count]
        yield TableLoad(
            batch=map_tables(tables, whole),
            staged=tuple(rows.staging for rows in whole),
            reports=tuple(_report(rows) for rows in whole),
            notes=tuple(_notes(made)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    faults: Faults
    say: Say
    stack: ExitStack


def _read_all(tables: TableMap, paths: Sequence[Path], store: SeriesStore, reading: _Reading) -> list[SeriesRows]:
    made: list[SeriesRows] = []
    try:
        for found in find_files(tables, paths, reading.faults):
            blocks = {
                value: [
                    SeriesRows(plan, found.plan, reading.stack.enter_context(store.staging(plan.id))) for plan in plans
                ]
                for value, plans in found.plan.blocks.items()
            }
            made += [rows for series in blocks.values() for rows in series]
            _read_entry(found, blocks, reading)
    except TooManyFaultsError:
        pass
    return made


def _read_entry(found: Found, blocks: Mapping[str | None, list[SeriesRows]], reading: _Reading) -> None:
    for path in found.files:
        try:
            _read_file(path, found.plan, blocks, reading)
        except FileAbandonedError:
            continue
    for series in blocks.values():
        for rows in series:
            rows.finish(reading.faults)


def _read_file(path: Path, plan: FilePlan, blocks: Mapping[str | None, list[SeriesRows]], reading: _Reading) -> None:
    reading.say(f"reading {plan.part.file if path.match(plan.part.file) else path.name}")
    made_at = plan.made_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    before, count = len(reading.faults.found), 0
    for batch in read_rows(path, plan, reading.faults):
        cells = Cells(path, plan, batch, reading.faults)
        for value, part, stamps in _blocks_of(cells, stamp(cells), blocks):
            for rows in blocks[value]:
                rows.add(part, stamps, made_at)
        if (count + len(batch)) // MANY_ROWS > count // MANY_ROWS:
            reading.say(f"reading {path.name}, {count + len(batch):,} rows so far")
        count += len(batch)
    if not count and len(reading.faults.found) == before:
        reading.faults.add(path, "(file)", "has a header and no rows; take it away, or get it again")


def _blocks_of(
    cells: Cells, stamps: Stamps, blocks: Mapping[str | None, list[SeriesRows]]
) -> Iterator[tuple[str | None, Cells, Stamps]]:
    """A piece of a long table divided by the values of its column."""
    by = cells.plan.part.by
    if by is None:
        yield None, cells, stamps
        return
    column = pc.cast(cells.filled(by.column), pa.string())
    if by.others == "error":
        strange = pc.invert(pc.is_in(column, value_set=pa.array(list(blocks), pa.string())))
        cells.refused(by.column, column, strange, "stands not under `by`; add it, or write others: skip")
    for value in pc.unique(column).to_pylist():
        if value in blocks and value is not None:
            which = pc.fill_null(pc.equal(column, value), False)
            part = Cells(cells.path, cells.plan, cells.batch.filter(which), cells.faults)
            own = Stamps(
                at=stamps.at.filter(which),
                day=stamps.day.filter(which),
                known_at=stamps.known_at.filter(which),
                shut=stamps.shut.filter(which),
            )
            yield value, part, own


def _report(rows: SeriesRows) -> SeriesReport:
    first, last = rows.days[0] or rows.first, rows.days[1] or rows.last
    assert first is not None and last is not None, "only series with rows are reported"
    return SeriesReport(id=rows.plan.id, rows=rows.count, first=first, last=last, left_out=dict(rows.left_out))


def _notes(made: Sequence[SeriesRows]) -> Iterator[str]:
    for rows in made:
        if not rows.count:
            yield f"{rows.plan.id} has no value in {rows.file.part.file}: it is not made"
    told: Counter[tuple[str, str]] = Counter()
    for rows in made:
        for why, count in rows.left_out.items():
            told[rows.file.part.file, why] = max(told[rows.file.part.file, why], count)
    for (file, why), count in told.items():
        yield f"{file}: {count} {why} left out"
