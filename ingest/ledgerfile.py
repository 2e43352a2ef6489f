"""The SQLite file of the ledger of runs: opened when first used, safe on the disk after each statement.

What can be wrong with it (full disk, a folder that cannot be written to, damage, another form) is said with what to do.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from ingest.errors import RunLedgerError

SCHEMA_VERSION = 1
BUSY_SECONDS = 10.0
Result = TypeVar("Result")
_SCHEMA = """
CREATE TABLE run (
  id TEXT PRIMARY KEY, source TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL,
  symbols TEXT NOT NULL, state TEXT NOT NULL, phase TEXT NOT NULL, cursor TEXT, stored INTEGER NOT NULL DEFAULT 0,
  counters TEXT NOT NULL DEFAULT '{}', error TEXT, created_at REAL NOT NULL, started_at REAL, updated_at REAL NOT NULL,
  finished_at REAL, attempts INTEGER NOT NULL DEFAULT 0, cancel INTEGER NOT NULL DEFAULT 0);
CREATE INDEX run_by_time ON run (created_at, id);
CREATE TABLE run_payload (
  run TEXT NOT NULL, n INTEGER NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (run, n)) WITHOUT ROWID;
CREATE TABLE holder (source TEXT PRIMARY KEY, run TEXT NOT NULL, pid INTEGER NOT NULL, created REAL NOT NULL);
"""


class LedgerFile:
    """One file and its connection; threads take turns, processes too, by the locks of SQLite."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file; it opens again by itself."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def do(self, act: Callable[[sqlite3.Connection], Result], *, writes: bool) -> Result:
        """What `act` gives, all of it in one transaction or none. Raises RunLedgerError, and what `act` raises."""
        with self._lock, self._translated():
            db = self._opened()
            db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                result = act(db)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
        return result

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as fault:
            busy = "locked" in str(fault)
            advice = (
                "try again"
                if busy
                else "make room, let it be written to, or, if it is damaged, move it away: facts, series and payloads "
                "lie elsewhere, and a new run finds what it needs"
            )
            raise RunLedgerError(f"the ledger of runs {self.path} cannot be used ({fault}); {advice}") from fault
        except OSError as fault:
            raise RunLedgerError(
                f"the ledger of runs {self.path} cannot be used ({fault.strerror}); look whether the folder can be "
                "written to"
            ) from fault

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(mode=0o600, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            db.row_factory = sqlite3.Row
            try:
                self._prepare(db)
            except BaseException:
                db.close()
                raise
            self._connection = db
        return self._connection

    def _prepare(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")  # what was acknowledged outlives a loss of power
        with closing(db.execute("PRAGMA quick_check(1)")) as found:
            said = found.fetchone()[0]
        if said != "ok":
            raise sqlite3.DatabaseError(said)
        db.execute("BEGIN IMMEDIATE")
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        db.execute("COMMIT")
        if version not in {0, SCHEMA_VERSION}:
            raise RunLedgerError(
                f"the ledger of runs {self.path} has the form {version}, this program knows {SCHEMA_VERSION}; use the "
                "program that wrote it, or move the file away: facts, series and payloads lie elsewhere"
            )
