"""How the command speaks: answers on standard output, everything else on standard error, one line an error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 100
BAD_INPUT = 2
GRAPH_DOWN = 3


def answers() -> Console:
    """The console of answers: at most 100 columns, exactly 100 and plain when piped."""
    console = Console(highlight=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def write_bytes(content: bytes) -> None:
    """Write bytes as they are to standard output, with a line break at the end."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content + b"\n")
    sys.stdout.buffer.flush()


def say(line: str) -> None:
    """One line on standard error."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the command's one way to say something


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being done; the value yielded changes it.

    On a terminal the line is replaced and goes away, piped each change is a line of its own.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        say(f"{text} ...")
        yield lambda line: say(f"{line} ...")
        return
    with console.status(Text(f"{text} ...")) as status:
        yield lambda line: status.update(Text(f"{line} ..."))


def print_table(console: Console, fields: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table of any values; plain columns when piped."""
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for name in fields:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    print_plainly(console, table)


def print_plainly(console: Console, *parts: object) -> None:
    """Print to `console`, without blanks at the ends of lines when it is no terminal."""
    if console.is_terminal:
        console.print(*parts)
        return
    with console.capture() as capture:
        console.print(*parts)
    console.file.write("\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n")
