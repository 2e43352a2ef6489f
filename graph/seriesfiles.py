"""Where the files of the series lie: a local folder or any fsspec address, behind the few operations that are needed.

A file appears whole or not at all. Locally it is written under a hidden name, flushed to the disk and renamed; an
object store makes an object visible when its upload ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import unquote

import fsspec
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from graph.exclusive import exclusive
from graph.serieserrors import InvalidSeriesError

_PREFIX = "series="
_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")


class Folder(Protocol):
    """The operations on files, named by their path below the root with `/` between the parts."""

    def read(self, name: str) -> bytes:
        """The bytes of a file; FileNotFoundError when there is none."""

    def source(self, name: str) -> pa.NativeFile:
        """A file opened for reading at any place; FileNotFoundError when there is none."""

    def create(self, name: str) -> BinaryIO:
        """A new file, opened for writing, that nobody sees before `seal` and `reveal`."""

    def seal(self, handle: BinaryIO) -> None:
        """Close a new file, its bytes safe."""

    def reveal(self, name: str) -> None:
        """Give a sealed file its name, if it has not got it yet; FileNotFoundError when it is gone."""

    def put(self, name: str, data: bytes) -> None:
        """Write or replace a small file in one step."""

    def remove(self, name: str) -> None:
        """Remove a file, sealed or not, if it is there and can be removed."""

    def remove_all(self, folder: str) -> None:
        """Remove a folder with all that it holds."""

    def files(self, folder: str) -> list[str]:
        """Paths of all files below a folder, hidden ones too, below the root."""

    def folders(self) -> list[str]:
        """Names of the folders at the root."""

    def exclusive(self, lock: str = ".publishing") -> contextlib.AbstractContextManager[None]:
        """One holder of a lock at a time, where the place has locks."""


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def _hidden(self, name: str) -> str:
        folder, _, file = name.rpartition("/")
        return self._path(f"{folder}/.{file}.part")

    def read(self, name: str) -> bytes:
        """See `Folder`."""
        with open(self._path(name), "rb", buffering=0) as file:  # noqa: PTH123  # a Path for each of 300 files costs
            return file.read()

    def source(self, name: str) -> pa.NativeFile:
        """See `Folder`."""
        return pa.memory_map(self._path(name))

    def create(self, name: str) -> BinaryIO:
        """See `Folder`."""
        path = Path(self._hidden(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")

    def seal(self, handle: BinaryIO) -> None:
        """See `Folder`."""
        try:
            handle.flush()
            os.fsync(handle.fileno())
        finally:
            handle.close()

    def reveal(self, name: str) -> None:
        """See `Folder`."""
        try:
            Path(self._hidden(name)).replace(self._path(name))
        except FileNotFoundError:
            Path(self._path(name)).stat()

    def put(self, name: str, data: bytes) -> None:
        """See `Folder`."""
        spare = f"{name}-{uuid.uuid4().hex}"
        try:
            with self.create(spare) as file:
                file.write(data)
                self.seal(file)
            Path(self._hidden(spare)).replace(self._path(name))
        except BaseException:
            self.remove(spare)
            raise

    def remove(self, name: str) -> None:
        """See `Folder`."""
        for path in (self._path(name), self._hidden(name)):
            with contextlib.suppress(OSError):
                Path(path).unlink()

    def remove_all(self, folder: str) -> None:
        """See `Folder`."""
        shutil.rmtree(self._path(folder), ignore_errors=True)

    def files(self, folder: str) -> list[str]:
        """See `Folder`."""
        found = Path(self._path(folder)).rglob("*")
        return [path.relative_to(self.root).as_posix() for path in found if path.is_file()]

    def folders(self) -> list[str]:
        """See `Folder`."""
        return [path.name for path in self.root.iterdir() if path.is_dir()] if self.root.is_dir() else []

    @contextlib.contextmanager
    def exclusive(self, lock: str = ".publishing") -> Iterator[None]:
        """See `Folder`."""
        self.root.mkdir(parents=True, exist_ok=True)
        with exclusive(self.root / lock):
            yield


class RemoteFolder:
    """A place that fsspec knows: an object store, another machine, or the memory of this process."""

    def __init__(self, files: fsspec.AbstractFileSystem, root: str) -> None:
        self._files = files
        self.root = root.rstrip("/")

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def read(self, name: str) -> bytes:
        """See `Folder`."""
        return cast(bytes, self._files.cat_file(self._path(name)))

    def source(self, name: str) -> pa.NativeFile:
        """See `Folder`."""
        return pa.PythonFile(self._files.open(self._path(name), "rb"), mode="r")

    def create(self, name: str) -> BinaryIO:
        """See `Folder`."""
        self._files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        return cast(BinaryIO, self._files.open(self._path(name), "wb"))

    def seal(self, handle: BinaryIO) -> None:
        """See `Folder`."""
        handle.close()

    def reveal(self, name: str) -> None:
        """See `Folder`."""
        self._files.invalidate_cache()
        if not self._files.exists(self._path(name)):
            raise FileNotFoundError(name)

    def put(self, name: str, data: bytes) -> None:
        """See `Folder`."""
        self._files.pipe_file(self._path(name), data)

    def remove(self, name: str) -> None:
        """See `Folder`."""
        with contextlib.suppress(OSError):
            self._files.rm_file(self._path(name))

    def remove_all(self, folder: str) -> None:
        """See `Folder`."""
        with contextlib.suppress(FileNotFoundError):
            self._files.rm(self._path(folder), recursive=True)

    def files(self, folder: str) -> list[str]:
        """See `Folder`."""
        self._files.invalidate_cache()
        return [str(path)[len(self.root) + 1 :] for path in self._files.find(self._path(folder))]

    def folders(self) -> list[str]:
        """See `Folder`."""
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self.root, detail=True)
        except FileNotFoundError:
            return []
        return [str(each["name"]).rstrip("/").rpartition("/")[2] for each in found if each["type"] == "directory"]

    def exclusive(self, lock: str = ".publishing") -> contextlib.AbstractContextManager[None]:
        """Object stores have no locks: `reveal` finds out when another publisher removed what is to be published."""
        return contextlib.nullcontext()


def open_folder(root: str | Path, options: Mapping[str, object] | None = None) -> Folder:
    """The folder of a path or of an fsspec address; `options` go to the file system that fsspec makes."""
    if isinstance(root, Path):
        return LocalFolder(root)
    files, path = fsspec.core.url_to_fs(root, **(options or {}))
    return LocalFolder(Path(path)) if isinstance(files, LocalFileSystem) else RemoteFolder(files, path)


def folder_of(series: str) -> str:
    """The hive-style folder of a series; InvalidSeriesError when the id holds what an id may not hold."""
    if not _ID.fullmatch(series):
        raise InvalidSeriesError(series, "an id has 1 to 200 characters out of A-Z, a-z, 0-9 and . _ - : ; rename it")
    encoded = series.replace(":", "%3A")  # no file name of Windows holds a colon, nor ends in a dot
    return _PREFIX + (encoded[:-1] + "%2E" if encoded.endswith(".") else encoded)


def series_of(folder: str) -> str | None:
    """The id behind the name of a folder; none when it is no folder of a series."""
    series = unquote(folder.removeprefix(_PREFIX))
    return series if folder.startswith(_PREFIX) and _ID.fullmatch(series) else None
