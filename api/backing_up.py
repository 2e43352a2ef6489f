"""Takes a backup of a data folder while it is used, and lays one out again.

It holds all that an answer is made of, so that questions have the same answers wherever it is laid out; API keys and
the audit belong to an installation and stay there, and reports can be written again. Copied is in the order in which
nothing can point at what is not there: the ledgers, then the graph, then series and payloads. What was being fetched
meanwhile is a run that was interrupted, and is resumed after a restore like any other. Before a backup counts, a second
server has been started on what is in it, and its graph was hashed.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.backup_archive import GRAPH, ArchiveWriter, Manifest, check_archive, unpack_archive
from api.graphs import graph_folder
from api.settings import Settings
from graph.backup import DATABASES, lay_out, snapshot
from graph.errors import BackupError
from graph.exclusive import exclusive
from graph.hashing import graph_hash, series_hash
from graph.process import living_process
from graph.series import SeriesStore
from graph.seriesfiles import LocalFolder
from graph.server import ensure_running, stop
from graph.store import open_store

JOBS = "ledger.sqlite3"
_UNLESS = "a backup is of the embedded graph; take one of a Neo4j by `neo4j-admin database dump`"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where the parts of a backup lie, by their first name in it; `files` appear whole, ledgers are written to."""

    databases: Path
    folders: dict[str, Path]
    ledgers: dict[str, Path]
    files: dict[str, Path]

    def single(self) -> dict[str, Path]:
        """What is one file."""
        return {**self.ledgers, **self.files}

    def existing(self) -> dict[str, Path]:
        """What holds something now."""
        filled = {name: path for name, path in self.folders.items() if path.is_dir() and any(_visible(path))}
        present = {name: path for name, path in self.single().items() if path.exists()}
        return {**({"graph": self.databases} if self.databases.exists() else {}), **filled, **present}


async def make_backup(settings: Settings, file: Path, tell: Tell = lambda _: None) -> Manifest:
    """Write a backup to a new file. Raises BackupError, GraphUnavailableError, OSError; then there is no file."""
    places = _places(settings)
    await asyncio.to_thread(ensure_running, graph_folder(settings), keep=False, heap=settings.heap)
    settings.data.mkdir(parents=True, exist_ok=True)
    writer = ArchiveWriter(file)
    try:
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=".backup-") as folder:
            work = Path(folder)
            tell("copying ledgers and graph")
            await asyncio.to_thread(_ledgers_and_graph, settings, places, writer, work)
            tell("copying series and payloads")
            series = await asyncio.to_thread(_series, places, writer)
            await asyncio.to_thread(_plain, places, writer)
            tell("starting a second server on the copy, to look at it")
            lay_out(work / GRAPH, work / "graph")
            graph = await _hash_of(work / "graph", settings.heap)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return await asyncio.to_thread(writer.finish, made_at=now, graph_hash=graph, series_hash=series)
    except BaseException:
        writer.give_up()
        raise


async def restore_backup(settings: Settings, file: Path, *, force: bool, tell: Tell = lambda _: None) -> Manifest:
    """Lay a backup out in the data folder, in place of what is there where `force` is set.

    All of it is checked beside the old data before anything is moved. Raises BackupError, OSError; what was there is
    still there then.
    """
    places = _places(settings)
    tell("checking every byte")
    manifest = await asyncio.to_thread(check_archive, file)
    roots = {name.partition("/")[0] for name in manifest.files}
    unknown = roots - {GRAPH, *places.folders, *places.single()}
    if unknown:
        raise BackupError(f"{file} holds {', '.join(sorted(unknown))}, which is not known; use the program of its time")
    graph = graph_folder(settings)
    graph.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive(graph / "start.lock"):  # nobody starts a server meanwhile
        held = places.existing()
        if living_process(graph) is not None:
            raise BackupError("the graph server of this data folder runs; end it by `whymove stop`")
        if held and not force:
            raise BackupError(
                f"{settings.data} holds {', '.join(held)} already; --force puts the backup in their place"
            )
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=".restoring-") as folder:
            work = Path(folder)
            tell("unpacking")
            await asyncio.to_thread(unpack_archive, file, manifest, work / "new")
            lay_out(work / "new" / GRAPH, work / "graph")
            tell("starting a server on it, to look at it")
            found = await _hash_of(work / "graph", settings.heap)
            series = await asyncio.to_thread(_hash_of_series, work / "new" / "series")
            if (found, series) != (manifest.graph_hash, manifest.series_hash):
                raise BackupError(f"{file} does not give the graph and the series that it was taken of")
            await asyncio.to_thread(_swap, places, work)
        for mark in graph.glob("schema-*"):
            mark.unlink()  # the restored graph may have fewer constraints than this program makes
    return manifest


def _places(settings: Settings) -> _Places:
    if not settings.embedded:
        raise BackupError(_UNLESS)
    root = settings.series_root
    if isinstance(root, str) and "://" in root:
        raise BackupError(f"the series lie at {root}; copy them there, or set WHYMOVE_SERIES to a folder")
    return _Places(
        databases=graph_folder(settings) / DATABASES,
        folders={
            "series": Path(root),
            "payloads": settings.payloads,
            "templates": settings.templates_root,
            "extraction": settings.data / "extraction",
        },
        ledgers={"runs.sqlite3": settings.runs, JOBS: settings.data / JOBS},
        files={"recalibration.json": settings.recalibration},
    )


def _ledgers_and_graph(settings: Settings, places: _Places, writer: ArchiveWriter, work: Path) -> None:
    for name, path in places.ledgers.items():
        if path.exists():
            _copy_sqlite(path, work / name)
            writer.add(name, work / name)
    snapshot(graph_folder(settings), work / GRAPH)
    writer.add(GRAPH, work / GRAPH)


def _copy_sqlite(path: Path, into: Path) -> None:
    """A whole copy of a database that others may be writing to."""
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(into)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{path} cannot be copied ({error}); move it away if it is damaged") from error


def _series(places: _Places, writer: ArchiveWriter) -> str:
    """Copy the series of one moment, and give their hash; whoever publishes one waits."""
    root = places.folders["series"]
    if not root.is_dir():
        return _hash_of_series(root)
    with LocalFolder(root).exclusive():
        for path in _visible(root):
            writer.add(f"series/{path.relative_to(root).as_posix()}", path)
        return _hash_of_series(root)


def _hash_of_series(root: Path) -> str:
    return asyncio.run(series_hash(SeriesStore(root)))


def _plain(places: _Places, writer: ArchiveWriter) -> None:
    """Copy what appears whole and is not changed, files and folders of such."""
    for name, path in places.files.items():
        if path.exists():
            writer.add(name, path)
    for name, root in places.folders.items():
        if name != "series" and root.is_dir():
            for path in _visible(root):
                writer.add(f"{name}/{path.relative_to(root).as_posix()}", path)


def _visible(root: Path) -> Iterator[Path]:
    """The files below a folder, in order, without those that are hidden: they are being written, or are locks."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


async def _hash_of(graph: Path, heap: str) -> str:
    """The hash of the graph in a folder, by a server of its own that is ended again."""
    running = await asyncio.to_thread(ensure_running, graph, keep=False, heap=heap)
    try:
        store = open_store(running.service)
        try:
            return await graph_hash(store)
        finally:
            await store.close()
    finally:
        await asyncio.to_thread(stop, graph)


def _swap(places: _Places, work: Path) -> None:
    """Put what was unpacked where it belongs; what was there goes back when one part fails."""
    new = {"graph": (work / "graph" / DATABASES, places.databases)}
    for name, path in {**places.folders, **places.single()}.items():
        new[name] = (work / "new" / name, path)
    moved: list[tuple[Path, Path]] = []
    try:
        for name, (source, target) in new.items():
            for old in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm"))):
                if old.exists():
                    _move(old, work / "old" / name / old.name, moved)
            if source.exists():
                _move(source, target, moved)
    except BaseException:
        for source, target in reversed(moved):
            shutil.move(target, source)
        raise


def _move(source: Path, target: Path, moved: list[tuple[Path, Path]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
    moved.append((source, target))
