"""The use case behind the ways in for analysts' Cypher that others reach: each query leaves a line in the log.

The line (`cypher.ask`) holds the text and its hash, names and sizes of parameters but no values, what came
out and what it took, so that what was asked can be looked up later.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass

import orjson
import structlog

from api.calls import note_query, turn_of_caller
from api.cypher_question import Question
from api.dates import write_instant
from graph.analysts import Analysts, Answer
from graph.errors import GraphError, QueryRefusedError

_log = structlog.get_logger("cypher")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, and the milliseconds that it took."""

    answer: Answer
    ms: float


async def ask_graph(analysts: Analysts, question: Question) -> Answered:
    """The answer to a question. Raises what `Analysts.ask` raises."""
    began = time.perf_counter()
    verdict, answer = "failed", Answer()
    try:
        async with turn_of_caller():
            answer = await analysts.ask(question.query, question.values, question.limits, typed=question.typed)
        verdict = "answered"
    except GraphError as error:
        rule = error.rule if isinstance(error, QueryRefusedError) else None
        verdict = type(error).__name__.removesuffix("Error") + (f":{rule}" if rule else "")
        raise
    except asyncio.CancelledError:
        verdict = "left"
        raise
    finally:
        ms = round((time.perf_counter() - began) * 1000, 1)
        _audit(question, answer, verdict, ms)
    return Answered(answer=answer, ms=ms)


def _audit(question: Question, answer: Answer, verdict: str, ms: float) -> None:
    told = {
        # as JSON in ASCII, so that no line break or control character of a query can forge a line of the log
        "text": orjson.dumps(question.query[:8192].encode("ascii", "backslashreplace").decode()).decode(),
        "sha256": hashlib.sha256(question.query.encode("utf-8", "surrogatepass")).hexdigest(),
        "params": {_printable(name): _size(value) for name, value in list(question.params.items())[:20]},
        "as_of": write_instant(question.as_of),
        "as_at": write_instant(question.as_at),
        "plan": answer.plan,
        "rows": answer.count,
        "bytes": answer.bytes,
        "truncated": answer.truncated,
        "ms": ms,
    }
    _log.info("cypher.ask", way=question.way, verdict=verdict, **told)
    note_query(question.way, verdict, **told)


def _printable(name: str) -> str:
    return name[:64].encode("ascii", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list | dict) else 1
