"""Jobs in the ledger: taken in, claimed by one process at a time under a lease, told about, and finished.

A process that dies leaves its lease to run out; then another, or the next one, claims the job again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import uuid4

import orjson

from api.errors import UnknownResourceError
from api.jobs.model import FINISHED, Content, Job, JobEvent, State, Step
from api.ledger import Ledger

Result = TypeVar("Result")
KEPT_SECONDS = 7 * 86_400.0
POLL_SECONDS = 0.5  # how soon another process's doings are seen
_JSON = ("request", "counters", "place", "result", "error")
_FIELDS = (
    "id, kind, request, request_id, state, created_at, started_at, finished_at, updated_at, attempts, done, total,"
    " counters, place, result, error"
)


class JobStore:
    """The jobs of a ledger. Every method raises LedgerUnavailableError where it cannot be used."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._changed = asyncio.Event()

    async def add(self, kind: str, request: Content, request_id: str, place: Content | None = None) -> Job:
        """Take a job in, to begin at a place of an earlier one where one is given; what ended a week ago goes."""
        now, id_ = self.ledger.now(), f"job_{uuid4().hex[:20]}"

        def insert(db: sqlite3.Connection) -> Job:
            _purge(db, now - KEPT_SECONDS)
            db.execute(
                "INSERT INTO job (id, kind, request, request_id, state, created_at, updated_at, place)"
                " VALUES (?, ?, ?, ?, 'queued', ?, ?, ?)",
                (id_, kind, _text(request), request_id, now, now, _text(place)),
            )
            return _job(db.execute(f"SELECT {_FIELDS} FROM job WHERE id = ?", (id_,)).fetchone())

        return await self._tell(insert)

    async def get(self, job_id: str) -> Job:
        """A job by its id. Raises UnknownResourceError."""
        rows = await self._rows(f"SELECT {_FIELDS} FROM job WHERE id = ?", (job_id,))
        if not rows:
            raise UnknownResourceError("job", job_id)
        return rows[0]

    async def page(
        self, *, state: str | None, kind: str | None, before: tuple[float, str] | None, limit: int
    ) -> Sequence[Job]:
        """The youngest jobs first, those older than `before` (time and id)."""
        time, id_ = before or (float("inf"), "")
        text = (
            f"SELECT {_FIELDS} FROM job WHERE (created_at, id) < (?1, ?2) AND (?3 IS NULL OR state = ?3)"
            " AND (?4 IS NULL OR kind = ?4) ORDER BY created_at DESC, id DESC LIMIT ?5"
        )
        return await self._rows(text, (time, id_, state, kind, limit))

    async def waiting(self) -> int:
        """How many jobs are queued or run."""
        if not self.ledger.exists():
            return 0
        text = "SELECT count(*) FROM job WHERE state IN ('queued', 'running')"
        return int(await self.ledger.read(lambda db: db.execute(text).fetchone()[0]))

    async def claim(self, owner: str, kinds: Collection[str], lease_seconds: float) -> Job | None:
        """The oldest job that waits, or whose runner has gone, now run by `owner`; None where there is none."""
        now, marks = self.ledger.now(), ", ".join("?" * len(kinds))

        def take(db: sqlite3.Connection) -> Job | None:
            row = db.execute(
                f"SELECT id FROM job WHERE kind IN ({marks}) AND (state = 'queued' OR state = 'running' AND lease < ?)"
                " ORDER BY created_at, id LIMIT 1",
                (*kinds, now),
            ).fetchone()
            if row is None:
                return None
            db.execute(
                "UPDATE job SET state = 'running', owner = ?, lease = ?, started_at = coalesce(started_at, ?),"
                " attempts = attempts + 1, updated_at = ? WHERE id = ?",
                (owner, now + lease_seconds, now, now, row["id"]),
            )
            return _job(db.execute(f"SELECT {_FIELDS} FROM job WHERE id = ?", (row["id"],)).fetchone())

        return await self._tell(take)

    async def renew(self, owner: str, lease_seconds: float) -> dict[str, bool]:
        """Keep the leases of `owner`: the jobs that are still its own, each with whether it is to be cancelled."""
        until = self.ledger.now() + lease_seconds

        def keep(db: sqlite3.Connection) -> dict[str, bool]:
            db.execute("UPDATE job SET lease = ? WHERE owner = ? AND state = 'running'", (until, owner))
            rows = db.execute("SELECT id, cancel FROM job WHERE owner = ? AND state = 'running'", (owner,))
            return {row["id"]: bool(row["cancel"]) for row in rows}

        return await self.ledger.write(keep)

    async def step(self, owner: str, job_id: str, step: Step) -> None:
        """Keep how far a job came, as an event too; nothing where it is no longer run by `owner`."""
        now = self.ledger.now()
        counters, place = _text(dict(step.counters)), _text(step.place)
        told = {"done": step.done, "total": step.total, "counters": dict(step.counters)}

        def keep(db: sqlite3.Connection) -> None:
            done = db.execute(
                "UPDATE job SET done = ?, total = ?, counters = ?, place = coalesce(?, place), updated_at = ?"
                " WHERE id = ? AND owner = ? AND state = 'running'",
                (step.done, step.total, counters, place, now, job_id, owner),
            )
            if done.rowcount:
                _event(db, job_id, "progress", now, told)

        await self._tell(keep)

    async def log(self, job_id: str, text: str) -> None:
        """Keep a line of a job as an event."""
        now = self.ledger.now()
        await self._tell(lambda db: _event(db, job_id, "log", now, {"text": text}))

    async def finish(
        self, owner: str, job_id: str, state: State, *, result: Content | None = None, error: Content | None = None
    ) -> None:
        """End a job that `owner` runs."""
        now = self.ledger.now()

        def end(db: sqlite3.Connection) -> None:
            done = db.execute(
                "UPDATE job SET state = ?, result = ?, error = ?, finished_at = ?, updated_at = ?, owner = NULL"
                " WHERE id = ? AND owner = ? AND state = 'running'",
                (state, _text(result), _text(error), now, now, job_id, owner),
            )
            if done.rowcount:
                _event(db, job_id, "done", now, {"state": state})

        await self._tell(end)

    async def hand_back(self, owner: str) -> int:
        """Queue again what `owner` runs; gives their number."""
        mine = "WHERE owner = ? AND state = 'running'"

        def give(db: sqlite3.Connection) -> int:
            given = db.execute(f"UPDATE job SET state = 'queued', owner = NULL, lease = NULL {mine}", (owner,))
            return given.rowcount

        return await self._tell(give)

    async def cancel(self, job_id: str) -> Job:
        """Cancel a job: at once where nobody runs it, else whoever does is told. Raises UnknownResourceError."""
        now = self.ledger.now()

        def mark(db: sqlite3.Connection) -> None:
            db.execute("UPDATE job SET cancel = 1 WHERE id = ? AND state = 'running'", (job_id,))
            done = db.execute(
                "UPDATE job SET state = 'cancelled', finished_at = ?, updated_at = ? WHERE id = ? AND state = 'queued'",
                (now, now, job_id),
            )
            if done.rowcount:
                _event(db, job_id, "done", now, {"state": "cancelled"})

        await self.get(job_id)
        await self._tell(mark)
        return await self.get(job_id)

    async def events(self, job_id: str, after: int) -> list[JobEvent]:
        """What happened in a job after its event `after`, in order."""
        text = "SELECT seq, event, at, data FROM job_event WHERE job = ? AND seq > ? ORDER BY seq LIMIT 1000"
        rows = await self.ledger.read(lambda db: db.execute(text, (job_id, after)).fetchall())
        return [JobEvent(seq=r["seq"], event=r["event"], at=r["at"], data=orjson.loads(r["data"])) for r in rows]

    async def change(self) -> float:
        """Wait until something of a job changes here, `POLL_SECONDS` at most; gives how long that took, in seconds."""
        clock = asyncio.get_running_loop().time
        began = clock()
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):  # `wait_for` of 3.11 can swallow that we are cancelled
                await self._changed.wait()
        return clock() - began

    async def _rows(self, text: str, values: tuple[object, ...]) -> list[Job]:
        if not self.ledger.exists():
            return []
        return await self.ledger.read(lambda db: [_job(row) for row in db.execute(text, values)])

    async def _tell(self, act: Callable[[sqlite3.Connection], Result]) -> Result:
        result = await self.ledger.write(act)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        return result


def _job(row: sqlite3.Row) -> Job:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a row's `in` looks at its values
    for name in _JSON:
        values[name] = None if values[name] is None else orjson.loads(values[name])
    return Job(**values)


def _text(content: Content | None) -> str | None:
    return None if content is None else orjson.dumps(content).decode()


def _event(db: sqlite3.Connection, job_id: str, event: str, at: float, data: Content) -> None:
    db.execute(
        "INSERT INTO job_event (job, seq, event, at, data)"
        " SELECT ?1, coalesce(max(seq), 0) + 1, ?2, ?3, ?4 FROM job_event WHERE job = ?1",
        (job_id, event, at, _text(data)),
    )


def _purge(db: sqlite3.Connection, before: float) -> None:
    ended = ", ".join(f"'{state}'" for state in sorted(FINISHED))
    old = f"SELECT id FROM job WHERE state IN ({ended}) AND finished_at < ?"
    db.execute(f"DELETE FROM job_event WHERE job IN ({old})", (before,))
    db.execute(f"DELETE FROM job WHERE state IN ({ended}) AND finished_at < ?", (before,))
