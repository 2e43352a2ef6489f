"""Reads the one file of a zipped payload, within a bound: a small archive may unpack to more than there is memory.

It is read as it unpacks, so that neither the archive nor its file has to be held.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from ingest.connecting import Payload
from ingest.payloadreading import changed

MOST = 200_000_000


@contextmanager
def only_file_of(payload: Payload, most: int = MOST) -> Iterator[BinaryIO]:
    """A stream of the one file of a zip; its checksum is checked when its end is read, so read to the end.

    Raises SourceChangedError, also in the block where it is read, where it is no zip, is damaged, or holds several
    files or more than `most` bytes.
    """
    try:
        with payload.body.open() as packed, zipfile.ZipFile(packed) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if len(files) != 1:
                raise changed(payload, f"is a zip of {len(files)} files where one was agreed")
            with archive.open(files[0]) as file, io.BufferedReader(_Bounded(payload, file, most)) as stream:
                yield cast(BinaryIO, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise changed(payload, f"is no zip that can be read ({error})") from error


class _Bounded(io.RawIOBase):
    """A file of which at most so many bytes are read."""

    def __init__(self, payload: Payload, file: IO[bytes], most: int) -> None:
        self._payload = payload
        self._file = file
        self._left = most
        self._most = most

    def readable(self) -> bool:
        """That it is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's buffer has no length
        """The next bytes. Raises SourceChangedError where more than the bound come."""
        piece = self._file.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise changed(self._payload, f"unpacks to more than {self._most:,} bytes")
        buffer[: len(piece)] = piece
        return len(piece)
