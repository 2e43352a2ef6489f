"""The audit: who asked what, one JSON object a line, in a file of its own that is turned over by size.

A line is one `write` to a file opened for appending, which several workers may share, before the call is answered: the
system has it then, and a process that is killed loses none. orjson escapes line breaks and control characters, so that
nothing that was sent can forge a line; what is not ASCII stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import structlog

from graph.exclusive import exclusive

FOLDER, FILE = "audit", "audit.jsonl"
MOST_BYTES = 10 * 1024 * 1024
KEPT = 10
LOOK_SECONDS = 0.2  # until a file that another worker turned over is let go; what is written until then is kept in it
_log = structlog.get_logger("audit")


class Audit:
    """The audit of a data folder; use it from any thread.

    `audit.jsonl` is the newest file, `audit.jsonl.1` to `.10` are those before. `lost` counts the lines that could not
    be written.
    """

    def __init__(self, data: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
        self.file = data / FOLDER / FILE
        self.lost = 0
        self._most = most_bytes
        self._kept = kept
        self._handle: int | None = None
        self._one = threading.Lock()
        self._look_at = 0.0
        self._size = 0
        self._cut = False

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Write one line down; never fails the request that it is about."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            line = orjson.dumps({"at": at, "event": event, **fields}, default=str) + b"\n"
            with self._one:
                self._append(line)
        except (OSError, orjson.JSONEncodeError) as error:
            self._lose(error)

    def close(self) -> None:
        """Let the file go."""
        with self._one:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _append(self, line: bytes) -> None:
        now = time.monotonic()
        if self._handle is None or now >= self._look_at or self._size + len(line) > self._most:
            self._look(len(line))
            self._look_at = now + LOOK_SECONDS
        assert self._handle is not None
        whole = b"\n" + line if self._cut else line
        written = os.write(self._handle, whole)
        self._size += written
        self._cut = written < len(whole)
        if self._cut:
            raise OSError("the disk took only part of a line")

    def _look(self, coming: int) -> None:
        """Open the newest file with room for so many bytes, as other workers have left it."""
        handle = self._opened()
        if os.fstat(handle).st_size + coming > self._most:
            self._turn_over(coming)
            handle = self._opened()
        self._size = os.fstat(handle).st_size

    def _opened(self) -> int:
        """The newest file, opened again where another worker has turned it over."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                if os.path.samestat(os.fstat(self._handle), self.file.stat()):
                    return self._handle
            os.close(self._handle)
            self._handle = None
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._handle = os.open(self.file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return self._handle

    def _turn_over(self, coming: int) -> None:
        with exclusive(self.file.with_name("turn.lock")):
            if not self.file.exists() or self.file.stat().st_size + coming <= self._most:
                return  # another worker was faster
            for number in range(self._kept, 0, -1):
                older = self._numbered(number)
                newer = self._numbered(number - 1) if number > 1 else self.file
                if newer.exists():
                    newer.replace(older)

    def _numbered(self, number: int) -> Path:
        return self.file.with_name(f"{FILE}.{number}")

    def _lose(self, error: Exception) -> None:
        self.lost += 1
        if self.lost == 1:  # once: a full disk would fill the log as well
            _log.error("audit.fail", failure=type(error).__name__)
