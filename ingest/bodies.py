"""The bytes of answers: short ones in memory, long ones in a file that they go to as they come.

So an answer of any length that a source allows takes a megabyte of memory, until somebody asks for all of it at once.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast

MOST_HELD = 2**20
PIECE = 2**18


class Body(Protocol):
    """The bytes of one answer."""

    def read(self) -> bytes:
        """All of them; OSError or EOFError where they cannot be read."""
        ...

    def open(self) -> BinaryIO:
        """A stream of them, which can be sought in; for the caller to close."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Bytes in memory."""

    content: bytes

    def read(self) -> bytes:
        """See `Body`."""
        return self.content

    def open(self) -> BinaryIO:
        """See `Body`."""
        return io.BytesIO(self.content)


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes in a file, compressed by gzip."""

    path: Path

    def read(self) -> bytes:
        """See `Body`."""
        return gzip.decompress(self.path.read_bytes())

    def open(self) -> BinaryIO:
        """See `Body`."""
        return cast(BinaryIO, gzip.open(self.path, "rb"))


@dataclass(slots=True)
class Draft:
    """Bytes on their way in: held up to `MOST_HELD` of them, then written to a hidden file of a folder.

    Its calls block. Whoever begins one has to `keep` or to `discard` it.
    """

    folder: Path
    size: int = 0
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    _held: bytearray = field(default_factory=bytearray)
    _start: bytes = b""
    _path: Path | None = None
    _file: BinaryIO | None = None
    _packer: gzip.GzipFile | None = None

    @property
    def start(self) -> bytes:
        """The first 512 bytes."""
        return self._start

    @property
    def content_hash(self) -> str:
        """`sha256:` and the digest of the bytes so far, in hexadecimal."""
        return f"sha256:{self._digest.hexdigest()}"

    def fits(self, count: int) -> bool:
        """Whether so many bytes more are only held, so that adding them does not block."""
        return self._packer is None and len(self._held) + count <= MOST_HELD

    def add(self, piece: bytes) -> None:
        """The bytes that come next; OSError where they cannot be written."""
        self.size += len(piece)
        self._digest.update(piece)
        if len(self._start) < 512:
            self._start += piece[: 512 - len(self._start)]
        if self.fits(len(piece)):
            self._held += piece
            return
        if self._packer is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._path = self.folder / f".{uuid.uuid4().hex}.part"
            self._file = self._path.open("xb")
            self._packer = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=self._file, mtime=0)
            self._packer.write(self._held)
            self._held = bytearray()
        self._packer.write(piece)

    def body(self) -> Held | Draft:
        """What to read it by: itself where its bytes lie in a file."""
        return Held(bytes(self._held)) if self._packer is None else self

    def read(self) -> bytes:
        """See `Body`; once it is complete."""
        return Packed(self._whole()).read()

    def open(self) -> BinaryIO:
        """See `Body`; once it is complete."""
        return Packed(self._whole()).open()

    def keep(self, path: Path) -> None:
        """Give the file its name, its bytes safe on the disk; the file that is there already stays."""
        draft = self._whole()
        if path.exists():
            draft.unlink()
        else:
            draft.replace(path)

    def discard(self) -> None:
        """Leave no file."""
        with suppress(OSError):  # of a full disk
            if self._packer is not None:
                self._packer.close()
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _whole(self) -> Path:
        """Its file, complete."""
        assert self._path is not None, "only what is too long to be held has a file"
        if self._file is not None and self._packer is not None and not self._file.closed:
            self._packer.close()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        return self._path


def digest_of(stream: BinaryIO) -> str:
    """`sha256:` and the digest of a stream, read piece by piece."""
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
