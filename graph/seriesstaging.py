"""Writes the rows of one series to Parquet, part by part, as they come: a row group at most is held in memory.

A part is a file of at most `PART_ROWS` rows of one year, so that what is added later rewrites no more than that. What
is staged is checked row by row, and is nobody's business before `SeriesStore.publish` names it in the manifest.
"""

from __future__ import annotations

import contextlib
import uuid
from datetime import UTC, datetime
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph.serieserrors import InvalidSeriesError
from graph.seriesfiles import Folder, folder_of
from graph.seriesmanifest import File, Group, Manifest
from graph.seriesvalues import NO_INSTANT, instant_of, microseconds

INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        pa.field("at", INSTANT, nullable=False),
        pa.field("day", pa.date32()),
        pa.field("value", pa.float64(), nullable=False),
        pa.field("known_at", INSTANT),
    ]
)
ROW_GROUP_ROWS = 65_536  # about half a megabyte: what a read of a short window has to unpack at most twice
PART_ROWS = 2 * ROW_GROUP_ROWS  # a megabyte: what adding one value writes anew at most
_DELTAS = {"at": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED", "known_at": "DELTA_BINARY_PACKED"}
_EARLIEST = microseconds(datetime(1, 1, 1, tzinfo=UTC))
_LATEST = microseconds(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))


class Staging:
    """The new rows of one series. A context manager: what is not published when it ends is discarded.

    It replaces the series as a whole; `onto` a version of it, it may keep files of that one, and is published only
    while that one still holds.
    """

    def __init__(self, folder: Folder, series: str, onto: Manifest | None = None) -> None:
        self.series = series
        self.version = uuid.uuid4().hex
        self.onto = onto
        self._folder = folder
        self._below = folder_of(series)
        self._done: list[File] = []
        self._open: _Part | None = None
        self._parts = 0
        self._part_rows = PART_ROWS
        self._complete = False
        self._closed = False
        self._rows = 0
        self._last = (NO_INSTANT, NO_INSTANT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.discard()

    @property
    def written(self) -> tuple[File, ...]:
        """The files that are its own, those that it keeps left out."""
        kept = set() if self.onto is None else {file.path for file in self.onto.files}
        return tuple(file for file in self._done if file.path not in kept)

    def begin(self, part_rows: int) -> None:
        """Let the rows that come next lie in files of their own, of at most so many rows each."""
        self._close_part()
        self._part_rows = part_rows

    def keep(self, file: File) -> None:
        """Let a file of the version that this staging is onto come next, as it is; OSError as `add` has it."""
        assert self.onto is not None, "only a staging onto a version has files to keep"
        assert file.groups[0].first > self._last[0], "files are kept in order"
        try:
            self._close_part()
        except BaseException:
            self.discard()
            raise
        self._done.append(file)
        self._rows += file.count
        self._last = (file.groups[-1].last, np.iinfo(np.int64).max)

    def add(self, table: pa.Table | pa.RecordBatch) -> None:
        """Append rows, ordered by `at` and then `known_at` (without one: first), after those added before.

        Columns: `at` timestamp[us, UTC], `day` date32 (nullable), `value` float64, `known_at` timestamp[us, UTC]
        (nullable). InvalidSeriesError names the first row that does not hold together; then nothing of `table` is
        added. Two rows of one instant are revisions: the later needs a `known_at` of its own. OSError when a file
        cannot be written; then the staging is over.
        """
        if self._closed or self._complete:
            raise InvalidSeriesError(self.series, "this staging is over; open a new one for more rows")
        rows = self._typed(table)
        if not rows.num_rows:
            return
        at = rows.column("at").cast(pa.int64()).to_numpy()
        self._check(rows, at)
        try:
            for start, end, year in _years(at):
                self._append(rows.slice(start, end - start), year)
        except BaseException:
            self.discard()
            raise
        self._rows += len(at)

    def complete(self) -> Manifest:
        """Close the last file and tell what is to be published; no rows may come after it, `publish` calls it too.

        InvalidSeriesError when no row was added.
        """
        if self._closed:
            raise InvalidSeriesError(self.series, "this staging is over; open a new one")
        self._complete = True
        self._close_part()
        if not self._done:
            raise InvalidSeriesError(self.series, "no rows were added; drop the series if it is to be empty")
        return Manifest(series=self.series, version=self.version, files=tuple(self._done))

    def release(self) -> None:
        """The files are the store's now: nothing is discarded any more."""
        self._closed = True

    def discard(self) -> None:
        """Remove what was written; does nothing after `release`."""
        if self._closed:
            return
        self._closed = True
        if self._open is not None:
            self._open.abandon()
        for file in self.written:
            self._folder.remove(f"{self._below}/{file.path}")

    def _append(self, rows: pa.Table, year: int) -> None:
        """Rows of one year, in order, into as many parts as they need."""
        while rows.num_rows:
            if self._open is None or self._open.year != year or self._open.count >= self._part_rows:
                self._close_part()
                self._open = _Part(self._folder, self._below, year, f"{self.version}-{self._parts}")
                self._parts += 1
            room = self._part_rows - self._open.count
            self._open.append(rows.slice(0, room))
            rows = rows.slice(room)

    def _close_part(self) -> None:
        if self._open is not None:
            self._done.append(self._open.close())
            self._open = None

    def _typed(self, table: pa.Table | pa.RecordBatch) -> pa.Table:
        rows = pa.Table.from_batches([table]) if isinstance(table, pa.RecordBatch) else table
        for field in SCHEMA:
            found = rows.schema.get_all_field_indices(field.name)
            if len(found) != 1 or rows.schema.field(found[0]).type != field.type:
                have = ", ".join(f"{each.name} {each.type}" for each in rows.schema)
                wanted = ", ".join(f"{each.name} {each.type}" for each in SCHEMA)
                raise InvalidSeriesError(self.series, f"the columns are to be {wanted}; got {have}")
        rows = rows.select(SCHEMA.names)
        for name in ("at", "value"):
            if rows.column(name).null_count:
                row = self._rows + int(np.argmax(rows.column(name).is_null().to_numpy())) + 1
                raise InvalidSeriesError(self.series, f"row {row} has no {name}; leave such rows out")
        return rows.cast(SCHEMA)

    def _check(self, rows: pa.Table, at: NDArray[np.int64]) -> None:
        finite = np.isfinite(rows.column("value").to_numpy())
        self._refuse(~finite, at, "has a value that is not finite; leave such rows out")
        self._refuse((at < _EARLIEST) | (at > _LATEST), at, "lies outside the years 1 to 9999; check its unit")
        known = rows.column("known_at").cast(pa.int64())
        filled = pc.fill_null(known, NO_INSTANT).to_numpy() if known.null_count < len(at) else None
        before, before_known = self._last
        steps = np.diff(at, prepend=before if self._rows else at[0] - 1)
        self._refuse(steps < 0, at, "comes after a later one; sort the rows by at, then known_at")
        same = np.flatnonzero(steps == 0)
        if len(same):
            here = filled if filled is not None else np.full(len(at), NO_INSTANT)
            wrong = np.zeros(len(at), dtype=np.bool_)
            wrong[same] = here[same] <= np.append(before_known, here)[same]
            self._refuse(wrong, at, "is there twice without a later known_at; keep the row that holds")
        self._last = (int(at[-1]), NO_INSTANT if filled is None else int(filled[-1]))

    def _refuse(self, wrong: NDArray[np.bool_], at: NDArray[np.int64], why: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            in_range = _EARLIEST <= at[row] <= _LATEST
            instant = instant_of(int(at[row])).isoformat() if in_range else f"{at[row]} microseconds"
            raise InvalidSeriesError(self.series, f"row {self._rows + row + 1} ({instant}) {why}")


class _Part:
    """A file of rows of one year while it is written; it is opened when the first row group is full, or at its end.

    So hundreds of short series can be staged side by side without as many open files.
    """

    def __init__(self, folder: Folder, below: str, year: int, name: str) -> None:
        self.year = year
        self.count = 0
        self.path = f"year={year:04}/{name}.parquet"
        self._folder = folder
        self._name = f"{below}/{self.path}"
        self._handle: BinaryIO | None = None
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[pa.Table] = []
        self._rows = 0
        self._day = False
        self._known_at = False
        self._groups: list[Group] = []

    def append(self, rows: pa.Table) -> None:
        """Rows of this year, in order."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        self.count += rows.num_rows
        if self._rows < ROW_GROUP_ROWS:
            return
        together = pa.concat_tables(self._waiting)
        whole = self._rows - self._rows % ROW_GROUP_ROWS
        for start in range(0, whole, ROW_GROUP_ROWS):
            self._write(together.slice(start, ROW_GROUP_ROWS))
        rest = together.slice(whole)
        self._waiting, self._rows = ([rest] if rest.num_rows else []), rest.num_rows

    def close(self) -> File:
        """Write what waits, and close the file."""
        try:
            if self._waiting:
                self._write(pa.concat_tables(self._waiting))
                self._waiting = []
        finally:
            self._seal()
        return File(path=self.path, year=self.year, day=self._day, known_at=self._known_at, groups=tuple(self._groups))

    def abandon(self) -> None:
        """Close the file without the rows that wait, and remove it."""
        with contextlib.suppress(OSError, pa.ArrowException):
            self._seal()
        self._folder.remove(self._name)

    def _seal(self) -> None:
        writer, handle, self._writer, self._handle = self._writer, self._handle, None, None
        if writer is None or handle is None:
            return
        try:
            writer.close()
        except BaseException:
            handle.close()
            raise
        self._folder.seal(handle)

    def _write(self, group: pa.Table) -> None:
        if self._writer is None:
            self._handle = self._folder.create(self._name)
            self._writer = pq.ParquetWriter(
                self._handle, SCHEMA, compression="zstd", use_dictionary=False, column_encoding=_DELTAS
            )
        group = group.combine_chunks()
        self._writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        at = group.column("at").cast(pa.int64())
        self._groups.append(Group(first=at[0].as_py(), last=at[-1].as_py(), count=len(at)))
        self._day |= group.column("day").null_count < len(at)
        self._known_at |= group.column("known_at").null_count < len(at)


def _years(at: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Start and end (exclusive) of each year's rows, and the year, of instants in order."""
    first, last = instant_of(int(at[0])).year, instant_of(int(at[-1])).year
    starts = [microseconds(datetime(year, 1, 1, tzinfo=UTC)) for year in range(first + 1, last + 1)]
    edges = [0, *np.searchsorted(at, starts).tolist(), len(at)]
    spans = zip(edges[:-1], edges[1:], range(first, last + 1), strict=True)
    return [(start, end, year) for start, end, year in spans if end > start]
