"""Reads row groups of series files into arrays, and keeps those read last, within a bound of bytes.

A file never changes, for each version of a series has new names: what is kept never goes stale.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from graph.serieserrors import BrokenSeriesError
from graph.seriesfiles import Folder
from graph.seriesmanifest import File
from graph.seriesvalues import NO_DAY, NO_INSTANT

CACHE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Rows of a series in order of `at`; a column that holds nothing is None, a hole in one `NO_DAY`, `NO_INSTANT`."""

    at: NDArray[np.int64]
    value: NDArray[np.float64]
    day: NDArray[np.int32] | None
    known_at: NDArray[np.int64] | None

    @property
    def nbytes(self) -> int:
        """Memory that its arrays take."""
        return sum(each.nbytes for each in (self.at, self.value, self.day, self.known_at) if each is not None)

    @staticmethod
    def empty() -> Block:
        """No rows."""
        return Block(at=np.empty(0, np.int64), value=np.empty(0, np.float64), day=None, known_at=None)

    @staticmethod
    def joined(blocks: Sequence[Block]) -> Block:
        """The rows of several blocks, one after the other."""
        has_day = any(block.day is not None for block in blocks)
        has_known_at = any(block.known_at is not None for block in blocks)
        return Block(
            at=np.concatenate([block.at for block in blocks]),
            value=np.concatenate([block.value for block in blocks]),
            day=np.concatenate([block.days() for block in blocks]) if has_day else None,
            known_at=np.concatenate([block.known() for block in blocks]) if has_known_at else None,
        )

    def days(self) -> NDArray[np.int32]:
        """The days, `NO_DAY` throughout when there are none."""
        return np.full(len(self.at), NO_DAY, np.int32) if self.day is None else self.day

    def known(self) -> NDArray[np.int64]:
        """The rows' own known_at, `NO_INSTANT` throughout when there are none."""
        return np.full(len(self.at), NO_INSTANT, np.int64) if self.known_at is None else self.known_at

    def between(self, since: int, until: int) -> Block:
        """The rows from `since` to `until`, both included."""
        start, end = np.searchsorted(self.at, since, "left"), np.searchsorted(self.at, until, "right")
        if start == 0 and end == len(self.at):
            return self
        return Block(
            at=self.at[start:end],
            value=self.value[start:end],
            day=None if self.day is None else self.day[start:end],
            known_at=None if self.known_at is None else self.known_at[start:end],
        )


class GroupReader:
    """Reads row groups of one file, which it opens when the first is asked for. A context manager."""

    def __init__(self, folder: Folder, series: str, path: str, file: File) -> None:
        self._folder = folder
        self._series = series
        self._path = path
        self._file = file
        self._parquet: pq.ParquetFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._parquet is not None:
            self._parquet.close(force=True)

    def block(self, number: int) -> Block:
        """One row group; FileNotFoundError when the file is gone, BrokenSeriesError when it cannot be read."""
        columns = ["at", "value", *(["day"] * self._file.day), *(["known_at"] * self._file.known_at)]
        try:
            if self._parquet is None:
                # a small file costs less read at once than opened
                small = len(self._file.groups) == 1
                source = pa.BufferReader(self._folder.read(self._path)) if small else self._folder.source(self._path)
                self._parquet = pq.ParquetFile(source, pre_buffer=False)
            rows = self._parquet.read_row_group(number, columns=columns, use_threads=False)
        except FileNotFoundError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise BrokenSeriesError(self._series, f"{self._path} cannot be read ({error})") from error
        if rows.num_rows != self._file.groups[number].count:
            raise BrokenSeriesError(self._series, f"{self._path} has other rows than its manifest says")
        return Block(
            at=rows.column("at").to_numpy().view(np.int64),
            value=rows.column("value").to_numpy(),
            day=_whole(rows.column("day"), pa.int32(), NO_DAY) if self._file.day else None,
            known_at=_whole(rows.column("known_at"), pa.int64(), NO_INSTANT) if self._file.known_at else None,
        )


def _whole(column: pa.ChunkedArray, kind: pa.DataType, hole: int) -> Any:
    whole = (column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()).view(kind)
    return (whole.fill_null(hole) if whole.null_count else whole).to_numpy()


class BlockCache:
    """The blocks that were asked for last, up to a bound of bytes; safe to share between threads."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._blocks: OrderedDict[tuple[str, int], Block] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Memory that the kept blocks take."""
        return self._bytes

    def get(self, key: tuple[str, int], read: Callable[[], Block]) -> Block:
        """The block kept under a key, else the one that `read` gives."""
        with self._lock:
            kept = self._blocks.get(key)
            if kept is not None:
                self._blocks.move_to_end(key)
                return kept
        block = read()
        with self._lock:
            if key not in self._blocks:
                self._blocks[key] = block
                self._bytes += block.nbytes
            while self._bytes > self._most and self._blocks:
                _, gone = self._blocks.popitem(last=False)
                self._bytes -= gone.nbytes
        return block
