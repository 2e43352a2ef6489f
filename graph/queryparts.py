"""What goes over the pipe between the service and a process that runs queries: orders out, parts of answers back.

Orders are objects, as the service trusts itself. What comes back is JSON and never an object that makes itself by being
read: that process has had what a server sent in its hands.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from graph.childprocess import frame
from graph.endpoint import Endpoint
from graph.errors import GraphError, GraphUnavailableError, QueryOverBudgetError, QueryRefusedError

LENGTHS = struct.Struct(">II")  # before a part: the bytes of what is said of it, then those of its rows
_PROTOCOL = pickle.HIGHEST_PROTOCOL
END_OF_ROW = b"\n"  # between rows, in which JSON has none


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryLimits:
    """Bounds of one query: rows, bytes of the rows as JSON, and seconds until it is ended."""

    rows: int = 10_000
    bytes: int = 10_000_000
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One query to run; `tag` stands in its text and its metadata, so that the server can be told to end it.

    `typed` asks for rows as typed JSON instead of plain.
    """

    text: str
    tag: str
    params: Mapping[str, object]
    limits: QueryLimits
    typed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of an answer: its fields with the plan (once, first), rows, what cuts it, the end.

    `rows` holds `count` rows as JSON lists, a line break between each two; `plan_ms` are the milliseconds of the look
    at the plan.
    """

    fields: tuple[str, ...] = ()
    plan: str | None = None
    plan_ms: float | None = None
    rows: bytes = b""
    count: int = 0
    cut: str | None = None
    whole: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a query could not be answered: the error, and what the server said where it said something."""

    error: GraphError
    said: str | None


def framed(message: Endpoint | Order) -> bytes:
    """An order, or where the graph is, as it goes over the pipe: its length, then itself."""
    if isinstance(message, Order):  # as a tuple, because an object with slots takes ten times as long
        limits = message.limits
        bounds = (limits.rows, limits.bytes, limits.seconds)
        content = pickle.dumps((message.text, message.tag, message.params, bounds, message.typed), _PROTOCOL)
    else:
        content = pickle.dumps(message, _PROTOCOL)
    return frame(content)


def read_message(content: bytes) -> Endpoint | Order:
    """An order, or where the graph is, from what came over the pipe."""
    found = pickle.loads(content)
    if isinstance(found, Endpoint):
        return found
    text, tag, params, (rows, size, seconds), typed = found
    limits = QueryLimits(rows=rows, bytes=size, seconds=seconds)
    return Order(text=text, tag=tag, params=params, limits=limits, typed=typed)


def framed_part(part: Part) -> bytes:
    """A part as it goes over the pipe: two lengths, what is said of it, its rows."""
    told = orjson.dumps(
        (part.fields, part.plan, part.plan_ms, part.count, part.cut, part.whole, part.over), default=tuple
    )
    return b"".join((LENGTHS.pack(len(told), len(part.rows)), told, part.rows))


def framed_failure(failure: Failure) -> bytes:
    """A failure as it goes over the pipe."""
    error, rule = failure.error, getattr(failure.error, "rule", None)
    texts = {"error": type(error).__name__, "text": str(error), "rule": rule, "said": failure.said}
    told = orjson.dumps({name: text and text.encode("utf-8", "replace").decode() for name, text in texts.items()})
    return LENGTHS.pack(len(told), 0) + told


def read_part(told: bytes, rows: bytes) -> Part | Failure:
    """A part or failure from what came over the pipe. Raises ValueError, TypeError or KeyError for what is neither."""
    found = orjson.loads(told)
    if isinstance(found, dict):
        return Failure(error=_error(found["error"], found["text"], found["rule"]), said=found["said"])
    fields, plan, plan_ms, count, cut, whole, over = found
    return Part(
        fields=tuple(fields), plan=plan, plan_ms=plan_ms, rows=rows, count=count, cut=cut, whole=whole, over=over
    )


def _error(name: str, text: str, rule: str | None) -> GraphError:
    if name == QueryRefusedError.__name__:
        return QueryRefusedError(text, rule=rule)
    return QueryOverBudgetError(text) if name == QueryOverBudgetError.__name__ else GraphUnavailableError(text)
