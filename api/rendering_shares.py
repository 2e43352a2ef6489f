"""Draws the shares of a move and the checks of their graph, in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from api.rendering_blocks import hanging, line, title
from api.wording_shares import (
    CHECKS_HEADING,
    HEADING,
    check_rows,
    checks_said,
    has_shares,
    paths_said,
    share_rows,
    shares_said,
    story_rows,
)
from api.wording_values import Part


def shares_blocks(explanation: Part, rich: bool, most: int) -> Iterable[RenderableType]:
    """The section in a terminal: at most so many nodes, stories and checks."""
    if has_shares(explanation):
        shares = explanation["shares"]
        yield title(HEADING, rich)
        yield from (line(sentence) for sentence in shares_said(shares))
        rows = share_rows(shares)[:most]
        if rows:
            yield _table(rows)
        yield from (line(text, indent=4) for text in paths_said(shares))
        if shares["stories"]:
            yield line("By story, under its own graph:")
            yield hanging([("-", Text(f"{name}: {said}")) for name, said in story_rows(shares)[:most]], 1)
    if explanation.get("checks"):
        yield title(CHECKS_HEADING, rich)
        yield from (line(sentence) for sentence in checks_said(explanation["checks"]))
        yield hanging([("-", Text(f"{name}; {said}")) for name, said in check_rows(explanation["checks"])[:most]], 1)


def _table(rows: Iterable[tuple[str, str, str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for justify in ("right", "left", "left", "left"):
        table.add_column(justify=justify)
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 0, 4))


def shares_lines(explanation: Part, safe: Callable[[object], str]) -> Iterable[str]:
    """The section as lines of Markdown; `safe` escapes a text."""
    if has_shares(explanation):
        shares = explanation["shares"]
        yield f"## {HEADING}\n"
        yield from (f"{safe(sentence)}\n" for sentence in shares_said(shares))
        rows = share_rows(shares)
        if rows:
            yield "| share | 5 to 95% | series | it moved |"
            yield "|---:|---:|---|---|"
            yield from (f"| {' | '.join(map(safe, row))} |" for row in rows)
            yield ""
        yield from (f"- {safe(text)}" for text in paths_said(shares))
        if shares["stories"]:
            yield "\nBy story, under its own graph:\n"
            yield from (f"- `{name}`: {safe(said)}" for name, said in story_rows(shares))
        if shares["aside"]:
            yield "\nSet aside:\n"
            yield from (f"- {safe(one['id'])}: {safe(one['why'])}" for one in shares["aside"])
        yield ""
    if explanation.get("checks"):
        yield f"## {CHECKS_HEADING}\n"
        yield from (f"{safe(sentence)}\n" for sentence in checks_said(explanation["checks"]))
        yield from (f"- {safe(name)}; {safe(said)}" for name, said in check_rows(explanation["checks"]))
        yield ""
