"""Answers to requests with an `Idempotency-Key`, kept for a day so that who asks again gets the same one.

A key belongs to whoever sent it: the scope is a digest of the credentials of the request. A request that is being
served holds its key under a lease, so that a process that dies does not keep it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

import orjson

from api.errors import KeyInUseError, KeyReusedError
from api.ledger import Ledger

KEPT_SECONDS = 86_400.0
LEASE_SECONDS = 120.0
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer as it was sent."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key that this request holds; it ends with `keep` or `release`."""

    scope: str
    key: str
    holder: str


class KeptAnswers:
    """The kept answers of a ledger. Every method raises LedgerUnavailableError where it cannot be used."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    async def claim(self, scope: str, key: str, fingerprint: str) -> Claim | KeptAnswer:
        """The key for this request, or the answer that it stands for. Raises KeyInUseError, KeyReusedError."""
        now, mine = self.ledger.now(), Claim(scope=scope, key=key, holder=uuid4().hex)

        def take(db: sqlite3.Connection) -> sqlite3.Row | None:
            db.execute("DELETE FROM kept_answer WHERE expires_at < ?", (now,))
            found: sqlite3.Row | None = db.execute(
                "SELECT fingerprint, status, headers, body FROM kept_answer WHERE scope = ? AND key = ?", (scope, key)
            ).fetchone()
            if found is None:
                db.execute(
                    "INSERT INTO kept_answer (scope, key, fingerprint, holder, expires_at) VALUES (?, ?, ?, ?, ?)",
                    (scope, key, fingerprint, mine.holder, now + LEASE_SECONDS),
                )
            return found

        found = await self.ledger.write(take)
        if found is None:
            return mine
        if found["fingerprint"] != fingerprint:
            raise KeyReusedError(f"the key {key!r} was sent with another request; make a new one for this request")
        if found["status"] is None:
            raise KeyInUseError(f"the first request with the key {key!r} is still being served; ask again later")
        headers = [(name, value) for name, value in orjson.loads(found["headers"])]
        return KeptAnswer(status=found["status"], headers=headers, body=found["body"])

    async def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        """Keep the answer of the request that holds the key."""
        until = self.ledger.now() + KEPT_SECONDS
        values = (answer.status, orjson.dumps(answer.headers).decode(), answer.body, until, claim.key, claim.scope)
        await self.ledger.write(
            lambda db: db.execute(
                "UPDATE kept_answer SET status = ?, headers = ?, body = ?, expires_at = ?"
                " WHERE key = ? AND scope = ? AND holder = ?",
                (*values, claim.holder),
            )
        )

    async def release(self, claim: Claim) -> None:
        """Give the key back: the request had no effect, or none that can be told again."""
        values = (claim.key, claim.scope, claim.holder)
        await self.ledger.write(
            lambda db: db.execute("DELETE FROM kept_answer WHERE key = ? AND scope = ? AND holder = ?", values)
        )
