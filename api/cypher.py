"""The use case behind every way in for analysts' Cypher: both clocks become parameters, and each query leaves a line.

The line in the log (`cypher.ask`) holds the text and its hash, names and sizes of parameters but no values, what came
out and what it took, so that what was asked can be looked up later.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import orjson
import structlog

from api.dates import parse_clock, write_instant
from api.errors import InvalidAskError
from api.graphs import Endpoints, graph_folder
from api.settings import Settings
from graph.analysts import Analysts, Answer, QueryLimits
from graph.errors import GraphError, QueryRefusedError
from graph.server import restart
from graph.watchdog import Watchdog

CLOCKS = ("as_of", "as_at")
_log = structlog.get_logger("cypher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One query with its parameters, both clocks (aware UTC) and its limits; `way` is the way in, for the log."""

    query: str
    params: Mapping[str, object]
    as_of: datetime
    as_at: datetime
    limits: QueryLimits
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, and the milliseconds that it took."""

    answer: Answer
    ms: float


def open_analysts(endpoints: Endpoints, settings: Settings) -> Analysts:
    """The analysts' way to a graph; the embedded server is started again when a query cannot be ended otherwise."""
    revive = None
    if settings.embedded:
        folder = graph_folder(settings)
        revive = partial(restart, folder, url=endpoints.service.url, keep=True, heap=settings.heap)
    return Analysts(endpoints.analyst, Watchdog(endpoints.service, revive))


def make_question(
    query: str,
    params: Mapping[str, object],
    *,
    as_of: str | None,
    as_at: str | None,
    limits: QueryLimits,
    way: str,
) -> Question:
    """A question from what was written. Raises `InvalidAskError` for a clock that cannot be read or is given twice."""
    now = datetime.now(UTC)
    for name in CLOCKS:
        if name in params:
            raise InvalidAskError(
                f"params/{name}", f"the clocks are fields of their own: give `{name}` beside `params`"
            )
    return Question(
        query=query,
        params=params,
        as_of=_clock(as_of, "as_of", now),
        as_at=_clock(as_at, "as_at", now),
        limits=limits,
        way=way,
    )


def _clock(text: str | None, field: str, now: datetime) -> datetime:
    when = now if text is None else parse_clock(text, field, now)
    if when > now:
        raise InvalidAskError(field, f"{write_instant(when)} lies in the future")
    return when


async def ask_graph(analysts: Analysts, question: Question) -> Answered:
    """The answer to a question. Raises what `Analysts.ask` raises."""
    began = time.perf_counter()
    params = {**question.params, "as_of": question.as_of, "as_at": question.as_at}
    verdict, answer = "failed", Answer()
    try:
        answer = await analysts.ask(question.query, params, question.limits)
        verdict = "answered"
    except GraphError as error:
        rule = error.rule if isinstance(error, QueryRefusedError) else None
        verdict = type(error).__name__.removesuffix("Error") + (f":{rule}" if rule else "")
        raise
    finally:
        ms = round((time.perf_counter() - began) * 1000, 1)
        _audit(question, answer, verdict, ms)
    return Answered(answer=answer, ms=ms)


def _audit(question: Question, answer: Answer, verdict: str, ms: float) -> None:
    _log.info(
        "cypher.ask",
        way=question.way,
        verdict=verdict,
        # as JSON in ASCII, so that no line break or control character of a query can forge a line of the log
        text=orjson.dumps(question.query[:8192].encode("ascii", "backslashreplace").decode()).decode(),
        sha256=hashlib.sha256(question.query.encode("utf-8", "surrogatepass")).hexdigest(),
        params={_printable(name): _size(value) for name, value in list(question.params.items())[:20]},
        as_of=write_instant(question.as_of),
        as_at=write_instant(question.as_at),
        rows=len(answer.rows),
        bytes=answer.bytes,
        truncated=answer.truncated,
        ms=ms,
    )


def _printable(name: str) -> str:
    return name[:64].encode("ascii", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | dict) else 1
