"""The audit: who asked what, one JSON object a line, in a file of its own that is turned over by size.

Written by a thread, so that no request waits for a disk; lines that come close to each other wake it once. A line is
one `write` to a file opened for appending, which several workers may share. orjson escapes line breaks and control
characters, so that nothing that was sent can forge a line; what is not ASCII stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from datetime import UTC, datetime
from pathlib import Path

import orjson
import structlog

from graph.exclusive import exclusive

FOLDER, FILE = "audit", "audit.jsonl"
MOST_BYTES = 10 * 1024 * 1024
KEPT = 10
MOST_WAITING = 10_000
GATHER_SECONDS = 0.05  # of rest after what was written, in which lines gather
_log = structlog.get_logger("audit")


class Audit:
    """The audit of a data folder; use it from any thread, and close it so that the last lines are written.

    `audit.jsonl` is the newest file, `audit.jsonl.1` to `.10` are those before. `lost` counts the lines that could not
    be written.
    """

    def __init__(self, data: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
        self.file = data / FOLDER / FILE
        self.lost = 0
        self._most = most_bytes
        self._kept = kept
        self._lines: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._handle: int | None = None
        self._writer: threading.Thread | None = None
        self._closing = threading.Event()
        self._starting = threading.Lock()

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Write one line down; never waits, and never fails the request that it is about."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            line = orjson.dumps({"at": at, "event": event, **fields}, default=str) + b"\n"
            self._lines.put_nowait(line)
            self._start()
        except (queue.Full, orjson.JSONEncodeError) as error:
            self._lose(error)

    def close(self) -> None:
        """Write what waits, and let the file go."""
        with self._starting:
            writer, self._writer = self._writer, None
        if writer is not None:
            self._closing.set()
            self._lines.put(None)
            writer.join(timeout=10)
            self._closing.clear()

    def _start(self) -> None:
        """Start the thread with the first line, so that an application that is only described has none."""
        if self._writer is None:
            with self._starting:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._run, name="audit", daemon=True)
                    self._writer.start()

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._append(line)
            except OSError as error:
                self._lose(error)
            if self._lines.empty():
                self._closing.wait(GATHER_SECONDS)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, line: bytes) -> None:
        handle = self._opened()
        if os.fstat(handle).st_size + len(line) > self._most:
            self._turn_over(len(line))
            handle = self._opened()
        os.write(handle, line)

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
