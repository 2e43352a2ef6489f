"""Who asks, carried along with a request, so that what happens deep inside can be counted, bounded and written down.

It lies in a context variable: the use cases below the routes take no argument for it, and without a request (the
command, a job) there is none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from api.fairness import Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who is known: `id` for logs and limits (`key:<id>`, `token:<subject>`), and the scopes held."""

    id: str
    scopes: frozenset[str]


class Record(Protocol):
    """Where lines for the audit go."""

    def write(self, event: str, fields: dict[str, object]) -> None:
        """Write one line down."""


class Count(Protocol):
    """Where queries are counted."""

    def asked(self, way: str, verdict: str) -> None:
        """Count one query."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: its id, who asks (None on a loopback where nobody is asked), where it is written down and counted.

    `turns` bounds the Cypher of this caller; None where only the bounds of the whole service hold.
    """

    request_id: str
    caller: Caller | None
    audit: Record
    count: Count
    turns: Queue | None = None


CALL: ContextVar[Call | None] = ContextVar("call", default=None)


@asynccontextmanager
async def turn_of_caller() -> AsyncIterator[None]:
    """Wait for a turn among the Cypher queries of the caller. Raises TooManyQueriesError."""
    call = CALL.get()
    if call is None or call.turns is None:
        yield
        return
    async with call.turns.turn():
        yield


def note_query(way: str, verdict: str, **fields: object) -> None:
    """Count a query of the request at hand, and write it down; nothing where there is no request."""
    call = CALL.get()
    if call is None:
        return
    call.count.asked(way, verdict.partition(":")[0])
    who = None if call.caller is None else call.caller.id
    told = {"request_id": call.request_id, "caller": who, "way": way, "verdict": verdict}
    call.audit.write("cypher", told | fields)
