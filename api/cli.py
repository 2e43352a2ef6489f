"""The command `whymove`: parses, calls what REST calls, prints. Errors are one line, never a traceback.

Exit codes: 0 done, 2 bad input (say it otherwise), 3 the graph does not answer (try again), 1 a fault of ours.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from api import (
    commands_ask,
    commands_backup,
    commands_catalog,
    commands_check,
    commands_checks,
    commands_compare,
    commands_cypher,
    commands_explain,
    commands_explain_all,
    commands_export,
    commands_extract,
    commands_forecasts,
    commands_graph,
    commands_ingest,
    commands_judge,
    commands_keys,
    commands_mcp,
    commands_moves,
    commands_readings,
    commands_recalibrate,
    commands_review,
    commands_root_causes,
    commands_searched,
    commands_serve,
    commands_sources,
    commands_timeline,
    commands_watch,
)
from api.errors import ApiError
from api.settings import load_settings
from api.terminal import BAD_INPUT, GRAPH_DOWN, say
from causal.errors import CausalError
from graph.errors import GraphError, GraphUnavailableError
from ingest.errors import IngestError, RecordRejectedError

LEAST_FREE = 4 * 1024 * 1024
_DENIED = "let this user write there, or name another folder (WHYMOVE_DATA is that of the data)"
_TO_DO = {
    errno.EACCES: _DENIED,
    errno.EROFS: _DENIED,
    errno.ENOSPC: "make room on that disk; what was not finished was not kept",
    errno.EDQUOT: "make room for this user; what was not finished was not kept",
    errno.EFBIG: "let this user write longer files (ulimit -f)",
}

app = typer.Typer(
    name="whymove",
    help="Why did this market move happen? Competing narratives, weighed, with the evidence for and against.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for _part in (
    commands_explain,
    commands_explain_all,
    commands_watch,
    commands_timeline,
    commands_export,
    commands_compare,
    commands_moves,
    commands_readings,
    commands_ingest,
    commands_extract,
    commands_review,
    commands_check,
    commands_checks,
    commands_ask,
    commands_catalog,
    commands_forecasts,
    commands_judge,
    commands_recalibrate,
    commands_searched,
    commands_sources,
    commands_cypher,
    commands_graph,
    commands_backup,
    commands_serve,
    commands_keys,
    commands_mcp,
    commands_root_causes,
):
    _part.add_to(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        result = typer.main.get_command(app).main(arguments, prog_name="whymove", standalone_mode=False)
    except (ApiError, CausalError, GraphError, IngestError) as error:
        return _refuse(error)
    except TyperException as error:
        say(_told(error, arguments))
        return BAD_INPUT
    except OSError as error:
        return _on_system_error(error)
    except (KeyboardInterrupt, typer.Abort):
        say("whymove: stopped")
        return 130
    except Exception as error:  # noqa: BLE001 - the last handler: a fault of ours, in one line
        say(f"whymove: internal error: {type(error).__name__}: {error}")
        return 1
    return result if isinstance(result, int) else 0


def _refuse(error: Exception) -> int:
    if isinstance(error, GraphUnavailableError):
        say(f"whymove: the graph does not answer: {_one_line(error)}{_full_disk()}")
        return GRAPH_DOWN
    if isinstance(error, RecordRejectedError):
        first, *more = error.rejections
        if not more:
            say(f"whymove: nothing stored: {_one_line(first)}")
            return BAD_INPUT
        for rejection in (first, *more):
            say(_one_line(rejection))
        facts = all(one.path.startswith("facts[") for one in error.rejections)
        hint = " (--skip-bad leaves bad facts out)" if facts else ""
        say(f"whymove: nothing stored, {len(error.rejections)} values rejected{hint}")
        return BAD_INPUT
    say(f"whymove: {_one_line(error)}")
    return BAD_INPUT


def _one_line(error: object) -> str:
    return " ".join(str(error).split())


def _full_disk() -> str:
    """What to do where the disk of the data is full, of which the embedded server says nothing; else nothing."""
    settings = load_settings()
    with contextlib.suppress(OSError):
        if settings.embedded and shutil.disk_usage(settings.data).free < LEAST_FREE:
            return f"; the disk of {settings.data} is full: make room on it and ask again"
    return ""


def _on_system_error(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):
        # the reader of our output has gone; keep Python from complaining when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    told = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
    hint = _TO_DO.get(error.errno or 0)
    say(f"whymove: {told}; {hint}" if hint else f"whymove: {told}")
    return BAD_INPUT


def _told(error: TyperException, arguments: Sequence[str]) -> str:
    speak = getattr(error, "format_message", None)
    sentence = str(speak() if speak else error).rstrip(".")
    if sentence.startswith("Usage:"):
        return sentence  # nothing was asked: the help is the answer
    command = next((f"{part} " for part in arguments if part in _commands()), "")
    return f"whymove: {sentence} (whymove {command}--help says more)"


def _commands() -> set[str | None]:
    return {part.name for part in app.registered_commands} | {part.name for part in app.registered_groups}
