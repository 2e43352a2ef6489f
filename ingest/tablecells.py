"""Turns the cells of one piece of a table into numbers and instants, whole columns at a time.

A column is converted in one go; only where that fails is each cell looked at, to name the bad ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ingest.tablefaults import Faults
from ingest.tablefiles import LINE, place_of
from ingest.tablemap import FilePlan

INSTANT = pa.timestamp("us", tz="UTC")
NAIVE = pa.timestamp("us")
DATE = pa.date32()
_EPOCHS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_ZONED = r"(?:Z|[+-]\d{2}(?::?\d{2})?)$"


@dataclass(frozen=True, slots=True)
class Cells:
    """One piece of a table, and where to complain."""

    path: Path
    plan: FilePlan
    batch: pa.RecordBatch
    faults: Faults

    def lines(self) -> pa.Array:
        """The line of each row."""
        return self.batch.column(LINE)

    def filled(self, name: str) -> pa.Array:
        """A column without blanks around its texts; what is missing is null."""
        column = self.batch.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return column
        texts = pc.utf8_trim_whitespace(column)
        gone = pc.is_in(texts, value_set=pa.array(self.plan.missing, texts.type))
        return pc.if_else(gone, pa.scalar(None, texts.type), texts)

    def numbers(self, name: str) -> pa.Array:
        """A column as float64; null where nothing is there, and where what is there was refused."""
        cells = self.filled(name)
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            cells = _plain_numbers(cells, self.plan.part.decimal)
        found = self.converted(name, cells, pa.float64(), "is no number; correct it, or add it to `missing`")
        odd = pc.invert(pc.is_finite(found))
        return self.refused(name, found, odd, "is not finite; leave the cell empty, or add it to `missing`")

    def days(self, name: str, form: str | None) -> pa.Array:
        """A column of dates as date32."""
        cells = self.filled(name)
        if form is not None and pa.types.is_string(cells.type):
            return self._by_form(name, cells, form)
        if pa.types.is_timestamp(cells.type):
            whole = pc.equal(pc.floor_temporal(cells, unit="day"), cells)
            cells = self.refused(name, cells, pc.invert(whole), "holds a time of day; name the column as datetime")
        return self.converted(name, cells, DATE, "is no date that exists; write 2026-02-05, or name `date_format`")

    def clock_times(self, name: str, days: pa.Array, tz: str) -> pa.Array:
        """Dates and a column of times of day in a zone, as instants."""
        cells = self.filled(name)
        texts = cells if pa.types.is_string(cells.type) else pc.cast(cells, pa.string())
        hours = pc.if_else(pc.match_substring_regex(texts, r"^\d:"), pc.binary_join_element_wise("0", texts, ""), texts)
        joined = pc.binary_join_element_wise(pc.cast(days, pa.string()), hours, "T")
        naive = self.converted(name, joined, NAIVE, "is no time of day; write 09:30 or 09:30:00")
        return self.zoned(name, naive, tz)

    def instants(self, name: str, tz: str) -> pa.Array:
        """A column of dates with times, as instants; those without a zone are of `tz`."""
        cells = self.filled(name)
        reason = "is no instant; write 2026-02-05T15:00:00Z, or without the zone that the clock names"
        if pa.types.is_timestamp(cells.type):
            return pc.cast(cells, INSTANT) if cells.type.tz else self.zoned(name, pc.cast(cells, NAIVE), tz)
        with_zone = pc.match_substring_regex(pc.cast(cells, pa.string()), _ZONED)
        if pc.any(with_zone).as_py():
            return self.converted(name, cells, INSTANT, reason)
        return self.zoned(name, self.converted(name, cells, NAIVE, reason), tz)

    def epochs(self, name: str, unit: str) -> pa.Array:
        """A column of numbers since 1970-01-01 UTC, as instants."""
        whole = self.converted(name, self.filled(name), pa.int64(), "is no whole number")
        if unit == "ns":
            return pc.cast(pc.cast(pc.divide(whole, 1000), NAIVE), INSTANT)
        limit = 4_102_444_800_000_000 // _EPOCHS[unit]  # the year 2100
        far = pc.greater(pc.abs(whole), limit)
        whole = self.refused(name, whole, far, f"in {unit} lies after 2100: the column has another unit")
        return pc.cast(pc.multiply(whole, _EPOCHS[unit]), INSTANT)

    def zoned(self, name: str, naive: pa.Array, tz: str) -> pa.Array:
        """Local times as instants: of an hour that is there twice the first, one that is not there is refused."""
        try:
            return pc.cast(pc.assume_timezone(naive, tz, ambiguous="earliest", nonexistent="raise"), INSTANT)
        except pa.ArrowInvalid:
            first = pc.assume_timezone(naive, tz, ambiguous="earliest", nonexistent="earliest")
            last = pc.assume_timezone(naive, tz, ambiguous="earliest", nonexistent="latest")
            gap = pc.not_equal(first, last)
            return self.refused(
                name, pc.cast(first, INSTANT), gap, f"does not exist in {tz}: the clock was put on then"
            )

    def converted(self, name: str, cells: pa.Array, to: pa.DataType, reason: str) -> pa.Array:
        """Cells of another type; those that cannot be are noted and null."""
        try:
            return pc.cast(cells, to)
        except pa.ArrowException:
            return self._one_by_one(name, cells, to, lambda one: pc.cast(pa.array([one], cells.type), to)[0], reason)

    def refused(self, name: str, found: pa.Array, bad: pa.Array, reason: str) -> pa.Array:
        """`found` with null where `bad`, each noted with what stands in its cell."""
        bad = pc.fill_null(bad, False)
        if not pc.any(bad).as_py():
            return found
        for row in pc.indices_nonzero(bad).to_pylist():
            self.note(row, name, f"{self.batch.column(name)[row].as_py()!r} {reason}")
        return pc.if_else(bad, pa.scalar(None, found.type), found)

    def note(self, row: int, column: str, reason: str) -> None:
        """A fault in a cell."""
        self.faults.add(self.path, f"{place_of(self.path, self.lines()[row].as_py())}, column {column}", reason)

    def _by_form(self, name: str, cells: pa.Array, form: str) -> pa.Array:
        coded = cells.dictionary_encode()
        days: list[object] = []
        for text in coded.dictionary.to_pylist():
            try:
                days.append(datetime.strptime(text, form).date())  # noqa: DTZ007 - a date, of no zone yet
            except ValueError:
                days.append(None)
        found = pc.take(pa.array(days, DATE), coded.indices)
        bad = pc.and_(pc.is_null(found), pc.is_valid(cells))
        return self.refused(name, found, bad, f"is no date of the form {form!r}")

    def _one_by_one(
        self, name: str, cells: pa.Array, to: pa.DataType, convert: Callable[[object], object], reason: str
    ) -> pa.Array:
        found: list[object] = []
        bad: list[bool] = []
        for one in cells.to_pylist():
            try:
                found.append(None if one is None else convert(one).as_py())  # type: ignore[attr-defined]
                bad.append(False)
            except pa.ArrowException:
                found.append(None)
                bad.append(True)
        return self.refused(name, pa.array(found, to), pa.array(bad), reason)


def _plain_numbers(texts: pa.Array, decimal: str) -> pa.Array:
    """Numbers as a computer writes them: a decimal comma becomes a point, (1.2) becomes -1.2."""
    if decimal == ",":
        texts = pc.replace_substring(pc.replace_substring(texts, ".", ""), ",", ".")
    if pc.any(pc.starts_with(texts, "(")).as_py():
        texts = pc.replace_substring_regex(texts, r"^\((.+)\)$", r"-\1")
    return texts
