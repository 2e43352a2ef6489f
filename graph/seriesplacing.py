"""In which files of a series new rows come to lie: what is written anew, and what stays as it is.

A file holds `PART_ROWS` rows at most, of one year. Rows go into the file that spans their instant; those between two
files, or after the last, into one of the same year that has room, else into files of their own. A file that gets too
long is divided evenly, as a leaf of a B-tree (Bayer and McCreight 1972), so that no pattern of adding leaves crumbs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.seriesmanifest import File
from graph.seriesstaging import PART_ROWS
from graph.seriesvalues import instant_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Files that follow one another, and the rows from the `start`-th to before the `end`-th that come to lie in them.

    Without rows the files stay. Without files the rows have new ones. `part_rows` is how many rows each written file
    is to hold at most.
    """

    files: tuple[File, ...]
    start: int
    end: int

    @property
    def part_rows(self) -> int:
        """All rows divided evenly over as few files as may hold them."""
        count = sum(file.count for file in self.files) + self.end - self.start
        return -(-count // -(-count // PART_ROWS)) if count else PART_ROWS


def placed(files: Sequence[File], at: NDArray[np.int64]) -> list[Step]:
    """What becomes of the files of a series, oldest first, when rows at those instants (in order) are added."""
    units = list(_units(files))
    steps: list[Step] = []
    start = 0
    for n, unit in enumerate(units):
        low = int(np.searchsorted(at, unit[0].groups[0].first, "left"))
        high = int(np.searchsorted(at, unit[-1].groups[-1].last, "right"))
        before = units[n - 1] if n else None
        if start < low:
            if before is not None and _takes(before[-1], before, int(at[start])):
                steps[-1] = Step(files=before, start=steps[-1].start, end=low)
            elif _takes(unit[0], unit, int(at[low - 1])):
                low = start
            else:
                steps.append(Step(files=(), start=start, end=low))
        steps.append(Step(files=unit, start=low, end=high))
        start = high
    if start < len(at):
        if units and _takes(units[-1][-1], units[-1], int(at[start])):
            steps[-1] = Step(files=units[-1], start=steps[-1].start, end=len(at))
        else:
            steps.append(Step(files=(), start=start, end=len(at)))
    return steps


def _units(files: Sequence[File]) -> Iterator[tuple[File, ...]]:
    """The files, those together that a boundary between revisions of one instant divides."""
    unit: tuple[File, ...] = ()
    for file in files:
        if unit and file.groups[0].first != unit[-1].groups[-1].last:
            yield unit
            unit = ()
        unit = (*unit, file)
    if unit:
        yield unit


def _takes(file: File, unit: tuple[File, ...], at: int) -> bool:
    """Whether a row beside a file may be put into it: of the same year, and where there is room."""
    return sum(one.count for one in unit) < PART_ROWS and file.year == instant_of(at).year
