"""The service's own book, one SQLite file in the data folder: jobs, and answers kept for a client that asks again.

It is apart from the graph because it holds nothing about markets, is written several times a second, and has to take a
job while the graph is away. SQLite's own locks make it safe for several processes of one machine. The file is made when
something is first written into it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from api.errors import LedgerUnavailableError

Result = TypeVar("Result")
BUSY_SECONDS = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, request TEXT NOT NULL, request_id TEXT NOT NULL, state TEXT NOT NULL,
  created_at REAL NOT NULL, started_at REAL, finished_at REAL, updated_at REAL NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0, total INTEGER,
  counters TEXT NOT NULL DEFAULT '{}', place TEXT, result TEXT, error TEXT,
  owner TEXT, lease REAL, cancel INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS job_by_state ON job (state, created_at);
CREATE INDEX IF NOT EXISTS job_by_time ON job (created_at, id);
CREATE TABLE IF NOT EXISTS job_event (
  job TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, at REAL NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (job, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_answer (
  scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, holder TEXT, expires_at REAL NOT NULL,
  status INTEGER, headers TEXT, body BLOB, PRIMARY KEY (scope, key));
"""


class Ledger:
    """The file, reached from the event loop through threads; one statement or transaction at a time.

    `now` gives the time in seconds since 1970, for tests that have to wait a day.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self.now = now
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.path.exists()

    async def write(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `act` gives, all of it in one transaction or none. Raises LedgerUnavailableError."""
        return await asyncio.to_thread(self._do, act, writes=True)

    async def read(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `act` reads. Raises LedgerUnavailableError."""
        return await asyncio.to_thread(self._do, act, writes=False)

    async def close(self) -> None:
        """Close the file; it opens again by itself."""
        await asyncio.to_thread(self._close)

    def _do(self, act: Callable[[sqlite3.Connection], Result], *, writes: bool) -> Result:
        with self._lock:
            try:
                connection = self._opened()
                connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                try:
                    result = act(connection)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            except (sqlite3.Error, OSError) as fault:
                raise LedgerUnavailableError(
                    f"the ledger of jobs cannot be used ({fault}); look whether the data folder can be written"
                ) from fault
            return result

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # an accepted job outlives a loss of power
            connection.executescript(_SCHEMA)
            self._connection = connection
        return self._connection

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
