"""The few shapes of which an explanation in a terminal is made: a title, an indented line, rows that hang."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

_SHORT = 72  # a longer title would be cut by its own rule on a terminal of 80 columns


def title(text: str, rich: bool) -> RenderableType:
    """A heading: a coloured rule on a terminal (`rich`), a plain line when piped."""
    if rich and len(text) <= _SHORT:
        return Padding(Rule(Text(text, style="bold cyan"), align="left", style="cyan"), (1, 0, 0, 0))
    if rich:
        return Padding(Group(Text(text, style="bold cyan"), Rule(style="cyan")), (1, 0, 0, 0))
    return Text(f"\n== {text}")


def line(text: str | Text, indent: int = 2, style: str = "") -> RenderableType:
    """One paragraph, indented."""
    return Padding(text if isinstance(text, Text) else Text(text, style=style), (0, 0, 0, indent))


def hanging(rows: Iterable[tuple[str, Text]], width: int, indent: int = 2) -> RenderableType:
    """Rows of a label, right aligned in `width` columns, and a text that wraps beside it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=width, justify="right", no_wrap=True)
    table.add_column(ratio=1)
    for label, text in rows:
        table.add_row(label, text)
    return Padding(table, (0, 0, 0, indent))
