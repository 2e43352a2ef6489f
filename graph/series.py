"""Numeric series as Parquet files: written part by part, read by window and by what was known when.

The files lie hive-style (`series=<id>/year=<YYYY>/<version>-<n>.parquet`) in a local folder or at an fsspec address.
Which of them count stands in a manifest beside them, replaced in one step: a reader sees a series as it was before an
import or after it, also when the import is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np

from graph.errors import NotInGraphError
from graph.serieserrors import BrokenSeriesError, InvalidSeriesError
from graph.seriesfiles import Folder, folder_of, open_folder, series_of
from graph.seriesmanifest import MANIFEST, File, Manifest, parse_manifest
from graph.seriesreading import Block, BlockCache, GroupReader
from graph.seriesstaging import SCHEMA, Staging
from graph.seriesvalues import (
    MICROSECOND,
    NO_DAY,
    NO_INSTANT,
    Extent,
    Read,
    Values,
    instant_of,
    latest_known,
    microseconds,
)

__all__ = [
    "NO_DAY",
    "SCHEMA",
    "BrokenSeriesError",
    "Extent",
    "InvalidSeriesError",
    "Read",
    "SeriesStore",
    "Staging",
    "Values",
]
READS = 20  # a reader starts anew when a publisher removed its files; so many imports in a row are no accident


class SeriesStore:
    """The series of one folder or fsspec address. Safe to share between threads; what it read it keeps, within bounds.

    Several processes may read and write. Of two imports of one series at the same time the second to publish is
    refused when the first removed what it staged.
    """

    def __init__(self, root: str | Path, options: Mapping[str, object] | None = None) -> None:
        """`root` is a path or an fsspec address; `options` go to the file system of that address."""
        self._folder: Folder = open_folder(root, options)
        self._cache = BlockCache()
        self._manifests: dict[str, tuple[bytes, Manifest]] = {}

    def staging(self, series: str, onto: Manifest | None = None) -> Staging:
        """A writer of new rows, which replace the series as a whole when they are published.

        `onto` a version it may keep files of that one.
        """
        return Staging(self._folder, series, onto)

    def version(self, series: str) -> Manifest | None:
        """The files that are a series now; none when there is no such series. BrokenSeriesError."""
        try:
            return self._manifest(series)
        except FileNotFoundError:
            return None

    def publish(self, staged: Sequence[Staging]) -> None:
        """Make staged series visible, each in one step, and remove the files that they replace.

        All files are complete before the first series changes. InvalidSeriesError when a staging has no rows, is over,
        is there twice, or lost its files to another import of its series; then no series has changed.
        """
        for series in {one.series for one in staged if sum(one.series == other.series for other in staged) > 1}:
            raise InvalidSeriesError(series, "it is staged twice; publish one staging a series")
        manifests = [one.complete() for one in staged]
        with self._folder.exclusive():
            for one in staged:
                self._reveal(one)
            for one, manifest in zip(staged, manifests, strict=True):
                self._folder.put(f"{folder_of(manifest.series)}/{MANIFEST}", manifest.written())
                one.release()
            for manifest in manifests:
                self._sweep(manifest)

    async def read(
        self,
        series: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        publication_lag: timedelta = timedelta(0),
    ) -> Values:
        """The values from `since` to `until` (both included) as they were known at `as_of`.

        Without `as_of` the last revision of each. A row without a `known_at` of its own became known at `at` plus
        `publication_lag`. NotInGraphError when there is no such series, BrokenSeriesError when its files are damaged,
        ValueError for a datetime without time zone.
        """
        ask = Read(series=series, since=since, until=until, publication_lag=publication_lag)
        return (await self.read_many([ask], as_of=as_of))[0]

    async def read_many(self, asks: Sequence[Read], *, as_of: datetime | None = None) -> list[Values]:
        """The answers to several reads, in their order, all in one thread; raises what `read` raises."""
        return await asyncio.to_thread(lambda: [self._read(ask, as_of) for ask in asks])

    def extent(self, series: str) -> Extent | None:
        """What a series spans; none when there is no such series."""
        manifest = self.version(series)
        if manifest is None:
            return None
        return Extent(first=instant_of(manifest.first), last=instant_of(manifest.last), count=manifest.count)

    def blocks(self, series: str, files: Sequence[File] | None = None) -> Iterator[Block]:
        """All rows of a series, revisions too, in order and in pieces; nothing when there is no such series.

        With `files` only the rows of those. None of it is kept in memory. BrokenSeriesError when its files are damaged
        or replaced meanwhile: hold `one_writer` against the latter.
        """
        if files is None:
            manifest = self.version(series)
            files = manifest.files if manifest is not None else ()
        try:
            for file in files:
                with GroupReader(self._folder, series, f"{folder_of(series)}/{file.path}", file) as reader:
                    yield from map(reader.block, range(len(file.groups)))
        except FileNotFoundError as error:
            raise BrokenSeriesError(series, f"a file that its manifest names is gone ({error})") from None

    def one_writer(self) -> contextlib.AbstractContextManager[None]:
        """Hold off whoever adds to series of this folder: who reads, adds and publishes must not be overtaken."""
        return self._folder.exclusive(".adding")

    def names(self) -> tuple[str, ...]:
        """The ids of all series, in order."""
        found = (series_of(folder) for folder in self._folder.folders())
        return tuple(sorted(series for series in found if series is not None and self._has(series)))

    def drop(self, series: str) -> None:
        """Remove a series: its manifest first, then its files. Does nothing when there is none."""
        with self._folder.exclusive():
            self._folder.remove(f"{folder_of(series)}/{MANIFEST}")
            self._folder.remove_all(folder_of(series))

    def _has(self, series: str) -> bool:
        try:
            self._folder.read(f"{folder_of(series)}/{MANIFEST}")
        except FileNotFoundError:
            return False
        return True

    def _manifest(self, series: str) -> Manifest:
        """The manifest as it stands now; FileNotFoundError when there is no such series."""
        data = self._folder.read(f"{folder_of(series)}/{MANIFEST}")
        kept = self._manifests.get(series)
        if kept is None or kept[0] != data:
            kept = self._manifests[series] = (data, parse_manifest(series, data))
        return kept[1]

    def _reveal(self, staging: Staging) -> None:
        """Give the files of a staging their names, once it is known that it may be published."""
        series, why = staging.series, "another import of it was published meanwhile; import it again"
        now = None
        with contextlib.suppress(BrokenSeriesError):  # replacing mends it; InvalidSeriesError: another id's folder
            now = self.version(series)
        if staging.onto is not None and (now is None or now.version != staging.onto.version):
            raise InvalidSeriesError(series, why)
        for file in staging.written:
            try:
                self._folder.reveal(f"{folder_of(series)}/{file.path}")
            except FileNotFoundError:
                raise InvalidSeriesError(series, why) from None

    def _sweep(self, manifest: Manifest) -> None:
        """Remove every file that the manifest does not name: those replaced, and those of killed imports."""
        below = folder_of(manifest.series)
        for name in set(self._folder.files(below)) - {f"{below}/{file.path}" for file in manifest.files}:
            if not name.endswith(f"/{MANIFEST}"):
                self._folder.remove(name)

    def _read(self, ask: Read, as_of: datetime | None) -> Values:
        since = microseconds(ask.since) if ask.since is not None else NO_INSTANT
        until = microseconds(ask.until) if ask.until is not None else np.iinfo(np.int64).max
        known_by = microseconds(as_of) if as_of is not None else None
        missing = "nothing"
        for _ in range(READS):
            try:
                manifest = self._manifest(ask.series)
            except FileNotFoundError:
                near = difflib.get_close_matches(ask.series, self.names(), n=3)
                raise NotInGraphError("series", ask.series, tuple(near)) from None
            try:
                blocks = list(self._blocks(manifest, since, int(until)))
            except FileNotFoundError as error:
                missing = str(error)
                continue
            return latest_known(_joined(blocks, since, int(until), ask.publication_lag // MICROSECOND), known_by)
        raise BrokenSeriesError(ask.series, f"a file that its manifest names is gone ({missing})")

    def _blocks(self, manifest: Manifest, since: int, until: int) -> Iterator[Block]:
        below = folder_of(manifest.series)
        for file in manifest.files:
            wanted = [i for i, group in enumerate(file.groups) if group.last >= since and group.first <= until]
            if not wanted:
                continue
            path = f"{below}/{file.path}"
            with GroupReader(self._folder, manifest.series, path, file) as reader:
                for number in wanted:
                    yield self._cache.get((path, number), partial(reader.block, number))


def _joined(blocks: Sequence[Block], since: int, until: int, lag: int) -> Values:
    """The rows of the window, in order, each with the instant at which it became known."""
    parts = [block.between(since, until) for block in blocks] or [Block.empty()]
    one = parts[0] if len(parts) == 1 else Block.joined(parts)
    if one.known_at is None:
        return Values(at=one.at, day=one.days(), value=one.value, known_at=one.at + lag)
    known_at = np.where(one.known_at == NO_INSTANT, one.at + lag, one.known_at)
    return Values(at=one.at, day=one.days(), value=one.value, known_at=known_at)
