"""The book of runs: one SQLite file of the data folder that says how far each came, safe after every statement.

A run goes through three phases. While it *fetches*, payloads are kept and named here with the cursor after them; then
all of them are *checked* against what the source is expected to bring; then they are *stored*, payload by payload, and
`stored` counts those that are in the graph and the series for good. A run that is killed goes on from there.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

from ingest.connecting import Window
from ingest.errors import RunInUseError, RunLedgerError, UnknownRunError
from ingest.holding import Holder, held_here, holds, this_process
from ingest.ledgerfile import LedgerFile

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
Phase = Literal["fetching", "checking", "storing", "done"]
Kind = Literal["fetch", "reparse"]
ENDED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run as the ledger holds it; times are seconds since 1970.

    `fetched` payloads are kept, the first `stored` of them are in the graph; `cursor` is where fetching goes on.
    `counters` are those of the checking and storing, by name.
    """

    id: str
    source: str
    kind: Kind
    window: Window
    state: State
    phase: Phase
    cursor: str | None
    fetched: int
    stored: int
    counters: Mapping[str, int]
    error: str | None
    created_at: float
    started_at: float | None
    updated_at: float
    finished_at: float | None
    attempts: int
    cancel: bool

    @property
    def fell_short(self) -> bool:
        """Whether what it fetched was checked in vain: carried on, it asks again."""
        return self.kind == "fetch" and self.phase == "checking" and self.state == "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing of it goes on by itself; `failed` and `cancelled` ones can still be resumed."""
        return self.state in ENDED


class RunLedger:
    """The file, opened when first used; several processes and threads may use it. Its calls block for milliseconds."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._file = LedgerFile(path)
        self._now = now

    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self._file.path.exists()

    def close(self) -> None:
        """Close the file; it opens again by itself."""
        self._file.close()

    def add(self, source: str, kind: Kind, window: Window, payloads: Sequence[str] = ()) -> Run:
        """A new run, queued; one that parses anew is given its payloads."""
        run_id = f"{source}-{uuid.uuid4().hex[:12]}"
        phase = "fetching" if kind == "fetch" else "checking"
        now = self._now()

        def act(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO run (id, source, kind, since, until, symbols, state, phase, created_at, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
                (run_id, source, kind, *_texts(window), phase, now, now),
            )
            rows = [(run_id, n, payload) for n, payload in enumerate(payloads)]
            db.executemany("INSERT INTO run_payload VALUES (?, ?, ?)", rows)

        self._write(act)
        return self.get(run_id)

    def get(self, run_id: str) -> Run:
        """A run. Raises UnknownRunError, RunLedgerError."""
        rows = self._read(_SELECT + " WHERE id = ?", (run_id,)) if self.exists() else []
        if not rows:
            raise UnknownRunError(run_id)
        return self._run(rows[0])

    def page(self, *, source: str | None = None, before: tuple[float, str] | None = None, limit: int = 50) -> list[Run]:
        """Runs, the youngest first, those older than `before` (created_at, id)."""
        if not self.exists():
            return []
        at, run_id = before or (float("inf"), "")
        rows = self._read(
            _SELECT + " WHERE (source = ? OR ? IS NULL) AND (created_at, id) < (?, ?)"
            " ORDER BY created_at DESC, id DESC LIMIT ?",
            (source, source, at, run_id, limit),
        )
        return [self._run(row) for row in rows]

    def payloads(self, run_id: str, after: int = 0) -> tuple[str, ...]:
        """The ids of a run's payloads in the order in which they were fetched, from the n-th on."""
        rows = self._read("SELECT payload FROM run_payload WHERE run = ? AND n >= ? ORDER BY n", (run_id, after))
        return tuple(str(row["payload"]) for row in rows)

    @contextmanager
    def holding(self, run: Run) -> Iterator[None]:
        """Be the one that runs a source while the block runs. Raises RunInUseError where another process is."""
        me, name = this_process(), self._name(run.source)
        self._write(lambda db: _take(db, run, me, name))
        with held_here(name):
            try:
                self._set(run.id, state="running", started_at=self._now(), finished_at=None, error=None, cancel=0)
                self._write(lambda db: db.execute("UPDATE run SET attempts = attempts + 1 WHERE id = ?", (run.id,)))
                yield
            finally:
                done = (run.source, run.id, me.pid)
                with suppress(RunLedgerError):  # a full disk; that nobody holds it is known here all the same
                    self._write(
                        lambda db: db.execute("DELETE FROM holder WHERE source = ? AND run = ? AND pid = ?", done)
                    )

    def fetched(self, run_id: str, payload: str, cursor: str | None) -> int:
        """Name a kept payload, once, and the cursor after it in one step; gives how many there are."""

        def act(db: sqlite3.Connection) -> int:
            held = "SELECT count(*), coalesce(sum(payload = ?), 0) FROM run_payload WHERE run = ?"
            n, named = db.execute(held, (payload, run_id)).fetchone()
            if not named:
                db.execute("INSERT INTO run_payload VALUES (?, ?, ?)", (run_id, n, payload))
            phase = "fetching" if cursor is not None else "checking"
            db.execute(
                "UPDATE run SET cursor = ?, phase = ?, updated_at = ? WHERE id = ?",
                (cursor, phase, self._now(), run_id),
            )
            return int(n) + (not named)

        return self._write(act)

    def phase(self, run_id: str, phase: Phase, counters: Mapping[str, int] | None = None) -> None:
        """Go on to a phase."""
        more = {} if counters is None else {"counters": json.dumps(dict(counters), sort_keys=True)}
        self._set(run_id, phase=phase, **more)

    def requeue(self, run_id: str) -> Run:
        """Let a run that ended early wait to be carried on. Raises UnknownRunError, RunInUseError."""
        run = self.get(run_id)
        if run.state == "running":
            raise RunInUseError(f"the run {run_id} is being done; wait, or cancel it")
        if run.fell_short:
            self.restart(run_id)
        if run.state != "succeeded":
            self._set(run_id, state="queued", error=None, cancel=0)
        return self.get(run_id)

    def restart(self, run_id: str) -> None:
        """Forget what a run has fetched, so that it asks again; nothing of it may have been stored."""

        def act(db: sqlite3.Connection) -> None:
            db.execute("DELETE FROM run_payload WHERE run = ?", (run_id,))
            db.execute("UPDATE run SET phase = 'fetching', cursor = NULL WHERE id = ? AND stored = 0", (run_id,))

        self._write(act)

    def stored(self, run_id: str, count: int, counters: Mapping[str, int]) -> None:
        """Say that the first `count` payloads are stored for good."""
        self._set(run_id, stored=count, counters=json.dumps(dict(counters), sort_keys=True))

    def end(self, run_id: str, state: State, error: str | None = None) -> None:
        """Say how a run ended, or that it was interrupted."""
        self._set(run_id, state=state, error=error, finished_at=self._now())

    def ask_cancel(self, run_id: str) -> Run:
        """Ask a run to end; one that nobody runs ends at once. Raises UnknownRunError."""
        run = self.get(run_id)
        if run.state == "running":
            self._set(run_id, cancel=1)
        elif not run.ended:
            self.end(run_id, "cancelled")
        return self.get(run_id)

    def _run(self, row: sqlite3.Row) -> Run:
        window = Window(
            since=datetime.fromisoformat(row["since"]),
            until=datetime.fromisoformat(row["until"]),
            symbols=tuple(json.loads(row["symbols"])),
        )
        state = row["state"]
        if state == "running" and not holds(_holder(row), self._name(row["source"])):
            state = "interrupted"
        plain = {name: row[name] for name in _PLAIN}
        return Run(
            window=window, state=state, counters=json.loads(row["counters"]), cancel=bool(row["cancel"]), **plain
        )

    def _name(self, source: str) -> str:
        return f"{self._file.path}:{source}"

    def _set(self, run_id: str, **values: object) -> None:
        names = [*values, "updated_at"]
        sets = ", ".join(f"{name} = ?" for name in names)
        given = (*values.values(), self._now(), run_id)
        self._write(lambda db: db.execute(f"UPDATE run SET {sets} WHERE id = ?", given))

    def _read(self, statement: str, given: tuple[object, ...]) -> list[sqlite3.Row]:
        return self._file.do(lambda db: db.execute(statement, given).fetchall(), writes=False)

    def _write(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        return self._file.do(act, writes=True)


_PLAIN = (
    "id", "source", "kind", "phase", "cursor", "fetched", "stored", "error", "created_at", "started_at", "updated_at",
    "finished_at", "attempts",
)  # fmt: skip
_SELECT = (
    "SELECT run.*, (SELECT count(*) FROM run_payload p WHERE p.run = run.id) AS fetched,"
    " (SELECT pid FROM holder h WHERE h.run = run.id) AS pid,"
    " (SELECT created FROM holder h WHERE h.run = run.id) AS created FROM run"
)


def _take(db: sqlite3.Connection, run: Run, me: Holder, name: str) -> None:
    row = db.execute("SELECT * FROM holder WHERE source = ?", (run.source,)).fetchone()
    held = _holder(row) if row is not None else None
    if held is not None and holds(held, name):
        raise RunInUseError(
            f"{run.source} is being fetched by process {held.pid} (run {row['run']}); wait, or cancel that run"
        )
    db.execute("INSERT OR REPLACE INTO holder VALUES (?, ?, ?, ?)", (run.source, run.id, me.pid, me.created))


def _holder(row: sqlite3.Row) -> Holder | None:
    return None if row["pid"] is None else Holder(pid=row["pid"], created=row["created"])


def _texts(window: Window) -> tuple[str, str, str]:
    return (
        window.since.astimezone(UTC).isoformat(),
        window.until.astimezone(UTC).isoformat(),
        json.dumps(window.symbols),
    )
