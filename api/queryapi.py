"""Neo4j's Query API in its own words: what comes in, what goes out, and its codes for what went wrong.

Every statement is read on its own and rolled back, so that a transaction here is a name that lives for a minute and
keeps nothing: to a client that only reads there is no difference, and one that writes is refused at the first write.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from api.writing_cypher import untyped
from graph.analysts import QueryLimits
from graph.errors import GraphError, GraphUnavailableError, QueryOverBudgetError, QueryRefusedError, TooManyQueriesError

VERSION = "5.26.0"  # of the Query API that is spoken here
LIFE_SECONDS = 60.0
MOST_TRANSACTIONS = 100
_FIELDS = frozenset(
    {
        "statement",
        "parameters",
        "includeCounters",
        "accessMode",
        "maxExecutionTime",
        "bookmarks",
        "txMetadata",
    }
)
_NO_UPDATES = [
    "nodesCreated",
    "nodesDeleted",
    "propertiesSet",
    "relationshipsCreated",
    "relationshipsDeleted",
    "labelsAdded",
    "labelsRemoved",
    "indexesAdded",
    "indexesRemoved",
    "constraintsAdded",
    "constraintsRemoved",
    "systemUpdates",
]
COUNTERS: Mapping[str, object] = {
    "containsUpdates": False,
    "containsSystemUpdates": False,
    **dict.fromkeys(_NO_UPDATES, 0),
}


class QueryApiError(Exception):
    """A failure as this protocol tells it: status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def body(self) -> bytes:
        """The body of the failed request."""
        return orjson.dumps({"errors": [{"code": self.code, "message": str(self)}]})


def bad_request(message: str) -> QueryApiError:
    """A request that this protocol does not know."""
    return QueryApiError(400, "Neo.ClientError.Request.Invalid", message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement as it came in; `text` is None where a transaction begins or ends without one."""

    text: str | None
    params: Mapping[str, object]
    counters: bool
    limits: QueryLimits


def read_statement(body: bytes, *, typed: bool) -> Statement:
    """The statement of a request's body. Raises QueryApiError."""
    content = _read_json(body)
    if unknown := sorted(set(content) - _FIELDS):
        raise bad_request(f"the field {unknown[0]} is not taken; those taken are {', '.join(sorted(_FIELDS))}")
    text = content.get("statement")
    mode = content.get("accessMode", "Read")
    if text is not None and not isinstance(text, str):
        raise bad_request("statement has to be a text")
    if not isinstance(mode, str) or mode.lower() not in {"read", "write"}:
        raise bad_request("accessMode has to be Read or Write")
    return Statement(
        text=text,
        params=_read_params(content.get("parameters") or {}, typed=typed),
        counters=content.get("includeCounters") is True,
        limits=_read_limits(content.get("maxExecutionTime")),
    )


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise bad_request(f"the body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise bad_request("the body has to be an object")
    return content


def _read_params(params: object, *, typed: bool) -> Mapping[str, object]:
    if not isinstance(params, dict):
        raise bad_request("parameters has to be an object")
    if not typed:
        return params
    try:
        if "$type" in params:  # the map of all parameters may be typed itself
            return dict(untyped(params))  # type: ignore[call-overload, no-any-return]  # a ValueError where it is no map
        return {name: untyped(value) for name, value in params.items()}
    except (ValueError, TypeError) as error:
        raise bad_request(f"parameters: {error}") from error


def _read_limits(seconds: object) -> QueryLimits:
    most = QueryLimits()
    if seconds is None:
        return most
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise bad_request("maxExecutionTime has to be a number of seconds above 0")
    return QueryLimits(seconds=min(float(seconds), most.seconds))


def clock_text(name: str, value: object) -> str | None:
    """A parameter that is one of the clocks, as it is written elsewhere. Raises QueryApiError."""
    if isinstance(value, datetime):
        value = value.isoformat()
    if value is not None and not isinstance(value, str):
        raise bad_request(f"parameters: {name} has to be an instant, or its text")
    return value


def as_query_error(error: GraphError) -> QueryApiError:
    """An error of the graph in the codes of this protocol; those of a kind that clients try again are kept apart."""
    if isinstance(error, QueryRefusedError):
        code = "AccessMode" if error.rule in {"write", "admin", "file", "procedure", "transaction"} else "SyntaxError"
        return QueryApiError(400, f"Neo.ClientError.Statement.{code}", str(error))
    if isinstance(error, QueryOverBudgetError):
        return QueryApiError(400, "Neo.ClientError.Transaction.TransactionTimedOut", str(error))
    if isinstance(error, TooManyQueriesError):
        return QueryApiError(429, "Neo.TransientError.Request.NoThreadsAvailable", str(error))
    if isinstance(error, GraphUnavailableError):
        return QueryApiError(503, "Neo.TransientError.General.DatabaseUnavailable", str(error))
    return QueryApiError(500, "Neo.DatabaseError.General.UnknownError", str(error))


def cut_short(limit: str) -> dict[str, object]:
    """The notification that says that rows are missing."""
    text = f"The answer was cut at the limit of {limit}; ask for less."
    return {
        "code": "Neo.ClientNotification.Statement.ResultTruncated",
        "title": "The answer is not whole",
        "description": text,
        "severity": "WARNING",
        "category": "GENERIC",
        "position": {"offset": 0, "line": 1, "column": 1},
    }


@dataclass(slots=True, kw_only=True)
class Transactions:
    """The names of the transactions that clients believe to be in, each for a minute after its last use."""

    clock: Callable[[], float] = time.monotonic
    _ends: dict[str, float] = field(default_factory=dict)

    def begin(self) -> str:
        """A new name. Raises QueryApiError when there are too many."""
        now = self.clock()
        self._ends = {name: end for name, end in self._ends.items() if end > now}
        if len(self._ends) >= MOST_TRANSACTIONS:
            raise QueryApiError(429, "Neo.TransientError.Request.NoThreadsAvailable", "too many transactions are open")
        name = secrets.token_hex(8)
        self._ends[name] = now + LIFE_SECONDS
        return name

    def use(self, name: str) -> None:
        """Let a name live on. Raises QueryApiError when it is not one, or no longer."""
        if self._ends.get(name, 0.0) <= self.clock():
            raise QueryApiError(
                404, "Neo.ClientError.Transaction.TransactionNotFound", f"no transaction {name!r} is open"
            )
        self._ends[name] = self.clock() + LIFE_SECONDS

    def end(self, name: str) -> None:
        """Forget a name. Raises QueryApiError when it is not one, or no longer."""
        self.use(name)
        del self._ends[name]

    @staticmethod
    def described(name: str) -> dict[str, str]:
        """A transaction as an answer shows it."""
        ends = datetime.now(UTC) + timedelta(seconds=LIFE_SECONDS)
        return {"id": name, "expires": ends.isoformat(timespec="seconds").replace("+00:00", "Z")}
