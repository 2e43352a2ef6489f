"""Keeps the bytes of every answer with what was asked and when, so that any fact can be parsed anew and traced.

`<source>/bytes/<digest>.gz` holds bytes once, whoever answered with them; `<source>/<question>/<digest>.json` says what
was asked. Files alone, no index: nothing here can disagree with itself, and each file appears whole or not at all. The
store is the cache of conditional requests too, so that there is one copy of an answer.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ingest.bodies import MOST_HELD, Draft, Held, Packed, digest_of
from ingest.connecting import Payload
from ingest.errors import RunLedgerError

_ID = re.compile(r"^(?P<source>[a-z0-9_-]+):(?P<digest>[0-9a-f]{24}):(?P<question>[0-9a-f]{16})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A payload as it is kept, and by what its source can say that it has not changed."""

    payload: Payload
    etag: str | None
    last_modified: str | None


class PayloadStore:
    """The payloads of one folder; safe for several processes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def draft(self, source: str) -> Draft:
        """Where the bytes of an answer go as they come."""
        return Draft(self.root / source / "bytes")

    def keep(self, payload: Payload, *, etag: str | None = None, last_modified: str | None = None) -> Payload:
        """Keep a payload: its bytes first, then what was asked; both safe on the disk when this returns.

        The same bytes for the same question again only move `fetched_at`. The payload that is given reads its bytes
        from where they are kept, if they are many. Raises RunLedgerError.
        """
        meta = self._meta_path(payload.source, payload.id)
        before = self._read_meta(meta)
        if before is not None:
            payload = replace(payload, first_at=_instant(before["first_at"]))
        try:
            path = self._bytes_path(payload.source, payload.content_hash)
            if isinstance(payload.body, Draft):
                payload.body.keep(path)
                _settle(path.parent)
                payload = replace(payload, body=Packed(path))
            elif not path.exists():
                _write(path, gzip.compress(payload.content, compresslevel=6, mtime=0))
            _write(meta, _written(payload, etag, last_modified))
        except OSError as error:
            raise self.not_kept(payload.source, error) from error
        return payload

    def not_kept(self, source: str, error: OSError) -> RunLedgerError:
        """The error of a payload that cannot be written."""
        return RunLedgerError(
            f"a payload of {source} cannot be kept in {self.root} ({error.strerror}); "
            "make room or let it be written to, then resume the run"
        )

    def load(self, payload_id: str) -> Payload:
        """A kept payload, its bytes checked against their hash. Raises RunLedgerError."""
        match = _ID.match(payload_id)
        meta = self._read_meta(self._meta_path(match["source"], payload_id)) if match is not None else None
        if meta is None:
            raise RunLedgerError(f"no payload {payload_id!r} is kept in {self.root}; fetch it again")
        return self._loaded(meta)

    def latest(self, source: str, question: str) -> Kept | None:
        """What was last answered to a question; None where nothing is kept, or not whole."""
        folder = self.root / source / question[:16]
        metas = [meta for path in folder.glob("*.json") if (meta := self._read_meta(path)) is not None]
        if not metas:
            return None
        meta = max(metas, key=lambda one: str(one["fetched_at"]))
        try:
            return Kept(payload=self._loaded(meta), etag=meta["etag"], last_modified=meta["last_modified"])
        except RunLedgerError:
            return None

    def file_of(self, payload: Payload) -> Path:
        """The file that holds the bytes of a payload, compressed by gzip."""
        return self._bytes_path(payload.source, payload.content_hash)

    def ids(self, source: str) -> tuple[str, ...]:
        """The ids of all payloads of a source, in the order in which their bytes were first had."""
        found = [meta for path in self._metas(source) if (meta := self._read_meta(path)) is not None]
        ordered = sorted(found, key=lambda one: (str(one["first_at"]), str(one["id"])))
        return tuple(str(one["id"]) for one in ordered)

    def _metas(self, source: str) -> Iterator[Path]:
        return (self.root / source).glob("*/*.json")

    def _meta_path(self, source: str, payload_id: str) -> Path:
        _, digest, question = payload_id.split(":")
        return self.root / source / question / f"{digest}.json"

    def _bytes_path(self, source: str, content_hash: str) -> Path:
        return self.root / source / "bytes" / f"{content_hash.removeprefix('sha256:')}.gz"

    def _read_meta(self, path: Path) -> dict[str, Any] | None:
        """None where there is none; raises RunLedgerError where it cannot be read."""
        try:
            found: dict[str, Any] = orjson.loads(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, orjson.JSONDecodeError) as error:
            raise RunLedgerError(f"{path} cannot be read ({error}); move it away and fetch again") from error
        return found

    def _loaded(self, meta: Mapping[str, Any]) -> Payload:
        path = self._bytes_path(meta["source"], meta["content_hash"])
        try:
            body = _held(path) if path.stat().st_size <= MOST_HELD else Packed(path)
            with body.open() as stream:
                found = digest_of(stream)
        except (OSError, EOFError, zlib.error) as error:
            raise RunLedgerError(f"{path} cannot be read ({error}); remove it and fetch again") from error
        if found != meta["content_hash"]:
            raise RunLedgerError(f"{path} holds other bytes than were kept; remove it and fetch again")
        return Payload(
            source=meta["source"],
            url=meta["url"],
            params=tuple((name, value) for name, value in meta["params"]),
            fetched_at=_instant(meta["fetched_at"]),
            first_at=_instant(meta["first_at"]),
            status=meta["status"],
            content_type=meta["content_type"],
            body=body,
            content_hash=meta["content_hash"],
            context=meta["context"],
        )


def _held(path: Path) -> Held | Packed:
    """The bytes of a small file in memory, unless they unpack to many."""
    body = Packed(path)
    with body.open() as stream:
        content = stream.read(MOST_HELD + 1)
    return Held(content) if len(content) <= MOST_HELD else body


def content_hash(content: bytes) -> str:
    """`sha256:` and the digest in hexadecimal."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _written(payload: Payload, etag: str | None, last_modified: str | None) -> bytes:
    return orjson.dumps(
        {
            "id": payload.id,
            "source": payload.source,
            "url": payload.url,
            "params": payload.params,
            "context": dict(payload.context),
            "first_at": _text(payload.known_at),
            "fetched_at": _text(payload.fetched_at),
            "status": payload.status,
            "content_type": payload.content_type,
            "content_hash": payload.content_hash,
            "etag": etag,
            "last_modified": last_modified,
        },
        option=orjson.OPT_INDENT_2,
    )


def _text(at: datetime) -> str:
    """An instant in UTC with microseconds, so that texts order as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _write(path: Path, content: bytes) -> None:
    """A whole file in one step, safe on the disk; nothing stays of a failed one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the names of a folder safe on the disk."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
