"""Collects the rows of one series from pieces of tables, checks that they hold together, and stages them.

A piece is held in memory, and no more: the last row of a piece is compared with the first of the next. Where the
mapping says `order: any` the whole series is held and sorted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graph.series import SCHEMA, Staging
from ingest.tablecells import Cells
from ingest.tableclocks import Stamps
from ingest.tablefaults import Faults
from ingest.tablefiles import LINE, place_of
from ingest.tablemap import DAY, FilePlan, SeriesPlan

SAMPLE = 1_000
LINES = 1 << 40  # a line of the n-th file is kept as n times this more
TWICE = "rows that repeat another"
SHUT = "rows of days without a session"
UNFINISHED = "rows that end after the file was made"
OUTSIDE = "rows outside the days that the mapping names"


@dataclass(slots=True)
class SeriesRows:
    """One series in the making: `first` and `last` instant and the trade `days` of both, where they have some.

    `left_out` counts the rows that are not in it, by why.
    """

    plan: SeriesPlan
    file: FilePlan
    staging: Staging
    left_out: Counter[str] = field(default_factory=Counter)
    count: int = 0
    first: datetime | None = None
    last: datetime | None = None
    days: tuple[date | None, date | None] = (None, None)
    _sample: list[datetime] = field(default_factory=list)
    _before: pa.Table | None = None
    _held: list[pa.Table] = field(default_factory=list)
    _files: list[Path] = field(default_factory=list)

    def add(self, cells: Cells, stamps: Stamps, made_at: datetime) -> None:
        """The rows of one piece; what is wrong with them is noted in the faults of `cells`."""
        if cells.path not in self._files:
            self._files.append(cells.path)
        value = self._values(cells)
        lines = pc.add(cells.lines(), len(self._files) * LINES)
        rows = pa.table([stamps.at, stamps.day, value, stamps.known_at, lines], names=[*SCHEMA.names, LINE])
        there = pc.is_valid(value)
        wanted = pc.and_(there, self._within(cells, stamps))
        self._refuse_undated(cells, stamps, wanted)
        self._refuse_units(cells, wanted)
        dated = pc.and_(wanted, pc.is_valid(stamps.at))
        if self.file.last_bar == "drop_unfinished":
            late = pc.fill_null(pc.greater(stamps.at, pa.scalar(made_at, stamps.at.type)), False)
            self._leave_out(UNFINISHED, pc.and_(dated, late))
            dated = pc.and_(dated, pc.invert(late))
        kept = rows.filter(dated)
        if self.file.order == "any":
            self._held.append(kept)
        elif len(kept):
            self._stage(cells.faults, kept)

    def finish(self, faults: Faults) -> None:
        """After the last piece: what waited to be sorted is staged."""
        if self._held:
            together = pa.concat_tables(self._held)
            self._held = []
            if len(together):
                self._stage(faults, together.sort_by([("at", "ascending"), ("known_at", "ascending")]))
        if self.count and not faults.found:
            self.staging.complete()  # closes its files: a mapping may name hundreds of series

    def frequency(self) -> timedelta:
        """As the mapping says, else the usual distance of rows, from a day on in whole days."""
        if self.plan.frequency is not None:
            return self.plan.frequency
        steps = sorted(after - before for before, after in pairwise(self._sample))
        usual = steps[len(steps) // 2] if steps else DAY
        unit = DAY if usual >= DAY / 2 else timedelta(minutes=1)
        return max(round(usual / unit), 1) * unit

    def _values(self, cells: Cells) -> pa.Array:
        total = None
        for name, sign in self.plan.columns:
            numbers = cells.numbers(name)
            part = numbers if sign > 0 else pc.negate(numbers)
            total = part if total is None else pc.add(total, part)
        if self.plan.factor != 1.0:
            total = pc.multiply(total, self.plan.factor)
        return pc.add(total, self.plan.offset) if self.plan.offset else total

    def _within(self, cells: Cells, stamps: Stamps) -> pa.Array:
        """Whether the mapping wants the day; the days left out are counted."""
        day = pc.if_else(pc.is_valid(stamps.day), stamps.day, pc.cast(stamps.at, pa.date32(), safe=False))
        inside = pa.array([True] * len(day))
        if self.plan.from_ is not None:
            inside = pc.and_(inside, pc.fill_null(pc.greater_equal(day, pa.scalar(self.plan.from_)), True))
        if self.plan.until is not None:
            inside = pc.and_(inside, pc.fill_null(pc.less_equal(day, pa.scalar(self.plan.until)), True))
        self._leave_out(OUTSIDE, pc.invert(inside))
        return inside

    def _refuse_undated(self, cells: Cells, stamps: Stamps, wanted: pa.Array) -> None:
        part = cells.plan.part
        name = part.date or part.datetime or (part.epoch.column if part.epoch is not None else "")
        shut = pc.and_(wanted, stamps.shut)
        if self.file.off_session == "skip":
            self._leave_out(SHUT, shut)
        else:
            clock = getattr(part.clock, "calendar", "")
            reason = f"is no session of {clock}; correct it, choose another clock, or write off_session: skip"
            cells.refused(name, stamps.day, shut, reason)
        empty = pc.and_(wanted, pc.is_null(cells.filled(name)))
        cells.refused(name, stamps.at, empty, f"is no time, but there is a value for {self.plan.id}")

    def _refuse_units(self, cells: Cells, wanted: pa.Array) -> None:
        name = cells.plan.part.unit_column
        if name is not None:
            units = cells.filled(name)
            other = pc.and_(
                wanted, pc.invert(pc.fill_null(pc.equal(pc.cast(units, pa.string()), self.plan.unit), False))
            )
            cells.refused(
                name, units, other, f"is not the unit of {self.plan.id}, {self.plan.unit!r}; convert it first"
            )

    def _leave_out(self, why: str, rows: pa.Array) -> None:
        count = pc.sum(pc.fill_null(rows, False)).as_py() or 0
        if count:
            self.left_out[why] += count

    def _stage(self, faults: Faults, rows: pa.Table) -> None:
        """Rows in order, one an instant and revision, after those staged before."""
        before = self._before
        joined = (rows if before is None else pa.concat_tables([before, rows])).combine_chunks()
        same, wrong = _compared(joined)
        for row in pc.indices_nonzero(wrong).to_pylist():
            self._complain(faults, joined, row)
        if self.file.duplicates == "error":
            for row in pc.indices_nonzero(same).to_pylist():
                self._note(faults, joined, row, f"repeats {self._line(joined, row - 1)}; keep one of them")
        self._leave_out(TWICE, same)
        self._before = joined.slice(len(joined) - 1)
        fresh = rows.filter(pc.invert(same).slice(0 if before is None else 1))
        if len(fresh) and not faults.found:
            self._write(fresh)

    def _write(self, rows: pa.Table) -> None:
        self.staging.add(rows.select(SCHEMA.names))
        self.count += len(rows)
        first, last = (rows.column("day")[i].as_py() for i in (0, -1))
        self.days = (first if self.first is None else self.days[0], last)
        self.first = self.first or rows.column("at")[0].as_py()
        self.last = rows.column("at")[-1].as_py()
        if len(self._sample) < SAMPLE:
            self._sample += rows.column("at").slice(0, SAMPLE - len(self._sample)).to_pylist()

    def _complain(self, faults: Faults, rows: pa.Table, row: int) -> None:
        at, value = rows.column("at"), rows.column("value")
        earlier = self._line(rows, row - 1)
        if at[row].as_py() < at[row - 1].as_py():
            self._note(faults, rows, row, f"lies before {earlier}; sort the rows, or write order: any")
            return
        both = f"{value[row].as_py()} here and {value[row - 1].as_py()} in {earlier} are for one time"
        self._note(faults, rows, row, f"{both}; keep the right one, or name known_at where they are revisions")

    def _note(self, faults: Faults, rows: pa.Table, row: int, reason: str) -> None:
        file, line = self._place(rows, row)
        when = rows.column("at")[row].as_py()
        faults.add(file, f"{place_of(file, line)}, series {self.plan.id}", f"{when:%Y-%m-%dT%H:%MZ}: {reason}")

    def _line(self, rows: pa.Table, row: int) -> str:
        file, line = self._place(rows, row)
        return place_of(file, line) if file == self._files[-1] else f"{file.name}, {place_of(file, line)}"

    def _place(self, rows: pa.Table, row: int) -> tuple[Path, int]:
        number, line = divmod(rows.column(LINE)[row].as_py(), LINES)
        return self._files[number - 1], line


def _compared(rows: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Of each row: whether it only repeats the one before, and whether it cannot stand after it."""
    at = pc.cast(rows.column("at"), pa.int64()).combine_chunks()
    known = pc.fill_null(pc.cast(rows.column("known_at"), pa.int64()), pa.scalar(-(2**62), pa.int64())).combine_chunks()
    step, later = pc.pairwise_diff(at), pc.pairwise_diff(known)
    equal = pc.equal(pc.pairwise_diff(rows.column("value").combine_chunks()), 0.0)
    again = pc.fill_null(pc.equal(step, 0), False)
    same = pc.and_(again, pc.fill_null(pc.and_(equal, pc.less_equal(later, 0)), False))
    wrong = pc.or_(
        pc.fill_null(pc.less(step, 0), False),
        pc.and_(again, pc.fill_null(pc.and_(pc.invert(equal), pc.less_equal(later, 0)), False)),
    )
    return same, wrong
