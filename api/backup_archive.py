"""The file of a backup: a zip whose last entry, `manifest.json`, names every other with its size and digest.

The entries are stored as they are, since what is large in them is compressed already. A file is a backup only when each
of its bytes is as the manifest says; it gets its name after that was looked at.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO

from graph.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
GRAPH = "graph.zip"
PRIVATE = 0o600  # ledgers and payloads are for nobody else
_PIECE = 1 << 20
_LARGEST_MANIFEST = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a backup: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself; the hashes are those of `graph/hashing.py`, taken from what is in it.

    `made_by` is the version of whymove that took it, empty of the first ones.
    """

    made_at: str
    made_by: str
    graph_hash: str
    series_hash: str
    files: Mapping[str, Entry]


class ArchiveWriter:
    """Writes the entries of a new backup; nothing has its name before `finish` and a look at all of it."""

    def __init__(self, file: Path) -> None:
        """Raises BackupError where there is such a file."""
        if file.exists():
            raise BackupError(f"{file} is there already; name another file, or move that one away")
        self.file = file
        self.draft = file.with_name(f".{file.name}.part")
        self._files: dict[str, Entry] = {}
        self._zip = zipfile.ZipFile(self.draft, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.draft.chmod(PRIVATE)

    def add(self, name: str, path: Path) -> None:
        """Add a file under a name."""
        digest, size = hashlib.sha256(), 0
        info = zipfile.ZipInfo(name)
        with path.open("rb") as source, self._zip.open(info, "w", force_zip64=True) as target:
            for piece in _pieces(source):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self._files[name] = Entry(size=size, sha256=digest.hexdigest())

    def finish(self, *, made_at: str, graph_hash: str, series_hash: str) -> Manifest:
        """Write the manifest, read all of it back, and give the file its name. Raises BackupError, OSError."""
        manifest = Manifest(
            made_at=made_at,
            made_by=version("whymove"),
            graph_hash=graph_hash,
            series_hash=series_hash,
            files=self._files,
        )
        self._zip.writestr(MANIFEST, _written(manifest))
        self._zip.close()
        with self.draft.open("rb") as made:
            os.fsync(made.fileno())
        if check_archive(self.draft) != manifest:
            raise BackupError(f"{self.file} was not read back as it was written; look at the disk, and try again")
        self.draft.rename(self.file)
        return manifest

    def give_up(self) -> None:
        """Leave nothing behind."""
        self._zip.close()
        self.draft.unlink(missing_ok=True)


def check_archive(file: Path) -> Manifest:
    """The manifest of a backup after each of its bytes was compared with it. Raises BackupError."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive, file)
            for name, entry in manifest.files.items():
                _compare(archive, name, entry, file)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise BackupError(f"{file} is no backup, or is damaged ({error}); take another one") from error
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}); look at the path and the disk") from error
    return manifest


def unpack_archive(file: Path, manifest: Manifest, folder: Path) -> None:
    """Lay the entries out below a folder, each compared again as it is written. Raises BackupError, OSError."""
    with zipfile.ZipFile(file) as archive:
        for name, entry in manifest.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as made:
                _compare(archive, name, entry, file, made)
            target.chmod(PRIVATE)


def _compare(archive: zipfile.ZipFile, name: str, entry: Entry, file: Path, copy: IO[bytes] | None = None) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as source:
        for piece in _pieces(source):
            digest.update(piece)
            size += len(piece)
            if copy is not None:
                copy.write(piece)
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise BackupError(f"{file} is damaged: {name} is not what its manifest says; take another backup")


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > _LARGEST_MANIFEST:
            raise ValueError("it is too large")
        found = json.loads(archive.read(info))
        if found["format"] != FORMAT:
            raise BackupError(
                f"{file} has the format {found['format']}, known is {FORMAT}; use the program of its time"
            )
        manifest = Manifest(
            made_at=str(found["made_at"]),
            made_by=str(found.get("made_by", "")),
            graph_hash=str(found["graph_hash"]),
            series_hash=str(found["series_hash"]),
            files={str(name): Entry(size=int(one[0]), sha256=str(one[1])) for name, one in found["files"].items()},
        )
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise BackupError(f"{file} is no backup: its {MANIFEST} cannot be read ({error})") from error
    names = archive.namelist()
    if sorted(names) != sorted([*manifest.files, MANIFEST]) or GRAPH not in manifest.files:
        raise BackupError(f"{file} is damaged: it does not hold the files that its manifest names")
    strange = [name for name in names if not _inside(name)]
    if strange:
        raise BackupError(f"{file} names {strange[0]!r}, which would lie elsewhere; it is no backup of ours")
    return manifest


def _inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and "\\" not in name and ":" not in parts[0] and ".." not in parts


def _written(manifest: Manifest) -> bytes:
    document = {
        "format": FORMAT,
        "made_at": manifest.made_at,
        "made_by": manifest.made_by,
        "graph_hash": manifest.graph_hash,
        "series_hash": manifest.series_hash,
        "files": {name: [one.size, one.sha256] for name, one in manifest.files.items()},
    }
    return json.dumps(document, indent=1).encode()


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece
