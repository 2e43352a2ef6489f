"""Cursors: where a list goes on, by which clocks it is read, and of which list it is; opaque to whoever holds one.

A cursor is bound to its list and its filters, and carries the clocks of the first page, so that all pages come from one
state.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from api.clocks import chosen, instant_of
from api.dates import write_instant
from api.errors import UnknownCursorError

DEFAULT_LIMIT = 50
MOST = 500
FIRST_TIME = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a list is wanted: `limit` rows after the row (`after_time`, `after_id`), by the two clocks.

    `resource` names the list, with the filters that were asked for; with `updated_since` it is only what was recorded
    after that instant.
    """

    resource: str
    limit: int
    as_of: datetime
    as_at: datetime
    after_time: str = FIRST_TIME
    after_id: str = ""
    updated_since: datetime | None = None

    def params(self) -> dict[str, object]:
        """The parameters of a list's query; one row more than wanted tells whether there is a next page."""
        return {
            "as_of": self.as_of,
            "as_at": self.as_at,
            "after_time": self.after_time,
            "after_id": self.after_id,
            "limit": self.limit + 1,
            "updated_since": self.updated_since,
        }

    def cursor_after(self, time: str, id_: str) -> str:
        """The cursor of the page that starts after the row (`time`, `id_`)."""
        clocks = [write_instant(self.as_of), write_instant(self.as_at)]
        return _seal(self.resource, orjson.dumps([*clocks, time, id_]))


def page_of(
    resource: str,
    *,
    limit: int,
    cursor: str | None,
    as_of: str | None,
    as_at: str | None,
    present: datetime | None = None,
) -> Page:
    """The page that a request asks for, read as at `present` (now) where it names no instant and has no cursor.

    Raises UnknownCursorError, and InvalidAskError for a clock.
    """
    if cursor is None:
        clocks = chosen(as_of, as_at, present)
        return Page(resource=resource, limit=limit, as_of=clocks.as_of, as_at=clocks.as_at)
    known, recorded, time, id_ = _open(resource, cursor)
    page = Page(
        resource=resource,
        limit=limit,
        as_of=datetime.fromisoformat(known),
        as_at=datetime.fromisoformat(recorded),
        after_time=time,
        after_id=id_,
    )
    for name, given, mine in (("as_of", as_of, page.as_of), ("as_at", as_at, page.as_at)):
        if given is not None and instant_of(name, given) != mine:
            raise UnknownCursorError(
                f"this cursor belongs to another {name}; leave {name} out, or start without a cursor"
            )
    return page


def cursor_before(resource: str, created_at: float, id_: str) -> str:
    """The cursor of a ledger's page, the youngest first, that starts before the entry (`created_at`, `id_`).

    `resource` names the list with its filters.
    """
    return _seal(resource, orjson.dumps([created_at, id_]))


def before_of(resource: str, cursor: str | None) -> tuple[float, str] | None:
    """The entry that a page of a ledger starts before, by its cursor. Raises UnknownCursorError."""
    if cursor is None:
        return None
    try:
        created_at, id_ = _open(resource, cursor)
        return float(created_at), str(id_)
    except (TypeError, ValueError) as fault:
        raise UnknownCursorError("this cursor was not handed out by this list; start again without one") from fault


def _seal(resource: str, content: bytes) -> str:
    return base64.urlsafe_b64encode(_digest(resource, content) + content).decode().rstrip("=")


def _open(resource: str, cursor: str) -> list[Any]:
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as fault:
        raise UnknownCursorError("this cursor was not handed out here; start again without one") from fault
    digest, content = sealed[:8], sealed[8:]
    if not content or digest != _digest(resource, content):
        raise UnknownCursorError("this cursor was not handed out by this list; start again without one")
    found: list[Any] = orjson.loads(content)
    return found


def _digest(resource: str, content: bytes) -> bytes:
    return hashlib.blake2b(resource.encode() + b"\0" + content, digest_size=8, person=b"whymove cursor").digest()
