"""Finds the one table of flows in a page or a CSV, by the tickers in its head."""

from __future__ import annotations

import csv
import io
from collections.abc import Set
from dataclasses import dataclass
from html.parser import HTMLParser

from ingest.connecting import Payload
from ingest.payloadreading import changed, text_of

FEWEST_FUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The heads of the columns, the first of them that of the days, and the rows below, of as many cells each."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_in(payload: Payload, funds: Set[str], total: str) -> Table:
    """The table whose head names at least three of the funds; a total may stand above or beside them.

    Raises SourceChangedError where there is none, or where it was cut off.
    """
    text = text_of(payload)
    tables = _of_page(payload, text) if text.lstrip().startswith("<") else [_of_csv(payload, text)]
    for rows in tables:
        head = next((n for n, row in enumerate(rows) if len(funds & set(row)) >= FEWEST_FUNDS), None)
        if head is not None:
            return _table(payload, rows, head, total)
    raise changed(payload, f"has no table with funds like {', '.join(sorted(funds)[:3])}")


def _table(payload: Payload, rows: list[list[str]], head: int, total: str) -> Table:
    columns = list(rows[head])
    if total not in columns:
        above = [row.index(total) for row in rows[:head] if total in row and len(row) == len(columns)]
        if not above:
            raise changed(payload, f"has no column {total}")
        columns[above[-1]] = total
    twice = sorted({name for name in columns[1:] if name and columns.count(name) > 1})
    if twice or not all(columns[1:]):
        raise changed(payload, f"has columns that cannot be told apart: {', '.join(columns)[:120]}")
    below = [row for row in rows[head + 1 :] if any(row)]
    for row in below:
        if len(row) != len(columns):
            raise changed(payload, f"has a row of {len(row)} cells below a head of {len(columns)}: {row[:3]}")
    return Table(columns=tuple(columns), rows=tuple(map(tuple, below)))


def _of_csv(payload: Payload, text: str) -> list[list[str]]:
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), strict=True)]
    except csv.Error as error:
        raise changed(payload, f"is neither a page nor a CSV ({error})") from error


def _of_page(payload: Payload, text: str) -> list[list[list[str]]]:
    reader = _Tables()
    reader.feed(text)
    reader.close()
    if reader.depth:
        raise changed(payload, "ends in the middle of a table")
    return reader.tables


class _Tables(HTMLParser):
    """The cells of all tables of a page, as texts; an inner table counts as its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.depth = 0
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, row or cell begins; a cell over several columns is as many."""
        if tag == "table":
            self.depth += 1
            self.tables.append([])
        elif tag == "tr" and self.depth:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in {"td", "th"} and self.depth and self.tables[-1]:
            self._end_cell()
            self._cell = []
            spans = dict(attrs).get("colspan") or "1"
            self.tables[-1][-1] += [""] * (min(int(spans), 100) - 1 if spans.isdigit() else 0)

    def handle_endtag(self, tag: str) -> None:
        """A cell or a table ends."""
        if tag in {"td", "th", "tr"}:
            self._end_cell()
        elif tag == "table" and self.depth:
            self._end_cell()
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        """Text of a cell."""
        if self._cell is not None:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
