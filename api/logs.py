"""Sets up structured logging once per process: events named `noun.verb`, fields beside them, on standard error.

A request costs one line, so the lines are written by the cheapest means that keep them readable; colours are for
terminals, where somebody looks on.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_HEAD = ("timestamp", "level", "event", "exception")


class StandardError:
    """Where lines go: standard error as it is when a line is written, for whoever replaced it may have closed it."""

    def msg(self, line: str) -> None:
        """Write one line, in one piece."""
        stream = sys.stderr
        stream.write(line + "\n")
        stream.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg


def set_up_logs(form: str, level: str) -> None:
    """Log lines as text or JSON from `level` on, with the request id wherever one is bound."""
    coloured = form != "json" and sys.stderr.isatty()
    last: Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if coloured
        else as_json
        if form == "json"
        else as_text
    )
    lines = StandardError()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([] if coloured else [structlog.processors.format_exc_info]),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )


def as_text(_logger: WrappedLogger, _name: str, fields: EventDict) -> str:
    """The instant, the level, the event, then every field as `name=value`; a traceback on lines of its own."""
    told = [f"{name}={_in_text(value)}" for name, value in fields.items() if name not in _HEAD]
    line = " ".join([f"{fields['timestamp']} [{fields['level']:<8}] {fields['event']}", *told])
    return f"{line}\n{fields['exception']}" if "exception" in fields else line


def as_json(_logger: WrappedLogger, _name: str, fields: EventDict) -> str:
    """One JSON object on one line; what is no JSON stands as its text."""
    try:
        return orjson.dumps(fields, default=repr).decode()
    except TypeError:  # texts that are no UTF-8, numbers beyond 64 bits
        return json.dumps(fields, default=repr)


def _in_text(value: Any) -> str:
    """A value that ends where it seems to end: texts with spaces in them, or of more than one line, in quotes."""
    if isinstance(value, str):
        return value if value.isprintable() and " " not in value else repr(value)
    return str(value)
