"""Reads the one file of a zipped payload, within a bound: a small archive may unpack to more than there is memory."""

from __future__ import annotations

import io
import zipfile
import zlib

from ingest.connecting import Payload
from ingest.payloadreading import changed

MOST = 200_000_000


def only_file_of(payload: Payload, most: int = MOST) -> bytes:
    """The bytes of the one file of a zip, their checksum checked.

    Raises SourceChangedError where it is no zip, is damaged, or holds several files or more than `most` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload.content)) as archive:
            files = [one for one in archive.infolist() if not one.is_dir()]
            if len(files) != 1:
                raise changed(payload, f"is a zip of {len(files)} files where one was agreed")
            with archive.open(files[0]) as file:
                content = file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise changed(payload, f"is no zip that can be read ({error})") from error
    if len(content) > most:
        raise changed(payload, f"unpacks to more than {most:,} bytes")
    return content
