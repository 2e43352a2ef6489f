"""Zipped payloads: one file within a bound, and nothing else."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from ingest.archives import only_file_of
from ingest.bodies import Held
from ingest.connecting import Payload
from ingest.errors import SourceChangedError
from ingest.payloads import content_hash


def zipped(*files: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def payload(content: bytes) -> Payload:
    return Payload(
        source="some_source",
        url="https://host/file.zip",
        params=(),
        fetched_at=datetime(2026, 2, 10, tzinfo=UTC),
        status=200,
        content_type="application/zip",
        body=Held(content),
        content_hash=content_hash(content),
    )


def test_the_one_file_is_read() -> None:
    with only_file_of(payload(zipped(("folder/", b""), ("folder/a.csv", b"1,2\n")))) as file:
        assert file.read() == b"1,2\n"


def damaged() -> bytes:
    content = bytearray(zipped(("a.csv", bytes(range(200)) * 4)))
    content[60] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html>", "no zip"),
        (b"", "no zip"),
        (zipped(("a.csv", b"1" * 5000))[:60], "no zip"),
        (zipped(("a", b"1"), ("b", b"2")), "a zip of 2 files"),
        (zipped(), "a zip of 0 files"),
        (zipped(("a", b"0" * 1001)), "more than 1,000 bytes"),
        (damaged(), "no zip that can be read"),
    ],
)
def test_anything_else_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said), only_file_of(payload(content), most=1000) as file:
        file.read()
