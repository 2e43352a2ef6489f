"""Rows on their way into a series: one at a time where they are read, as columns where there are many.

A million values as objects take a quarter of a gigabyte, as columns 36 megabytes; so columns are what waits and is
sorted.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Row:
    """One value: `at` and `known_at` in microseconds since 1970, `day` in days (`NO_DAY`, `NO_INSTANT` where none).

    `had_at` is the instant at which its bytes were first had here.
    """

    at: int
    known_at: int
    had_at: int
    value: float
    day: int


class Rows:
    """A growing list of rows of one series, kept as columns."""

    __slots__ = ("_at", "_day", "_had_at", "_known_at", "_value")

    def __init__(self) -> None:
        self._at = array("q")
        self._known_at = array("q")
        self._had_at = array("q")
        self._value = array("d")
        self._day = array("i")

    @staticmethod
    def of(rows: Iterable[Row]) -> Rows:
        """Those rows."""
        found = Rows()
        for row in rows:
            found.append(row)
        return found

    def append(self, row: Row) -> None:
        """One more; OverflowError when a number of it does not fit its column."""
        self._at.append(row.at)
        self._known_at.append(row.known_at)
        self._had_at.append(row.had_at)
        self._value.append(row.value)
        self._day.append(row.day)

    def __len__(self) -> int:
        return len(self._at)

    def ordered(self) -> Columns:
        """All of them by `at`, then by when they were had, when known, and value."""
        found = Columns(
            at=np.array(self._at, np.int64),
            known_at=np.array(self._known_at, np.int64),
            had_at=np.array(self._had_at, np.int64),
            value=np.array(self._value, np.float64),
            day=np.array(self._day, np.int32),
        )
        at = found.at
        if len(at) < 2 or bool((at[1:] > at[:-1]).all()):
            return found
        return found.picked(np.lexsort((found.day, found.value, found.known_at, found.had_at, found.at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Rows in order, the arrays of one length; the fields are those of `Row`."""

    at: NDArray[np.int64]
    known_at: NDArray[np.int64]
    had_at: NDArray[np.int64]
    value: NDArray[np.float64]
    day: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.at)

    def between(self, start: int, end: int) -> Columns:
        """The rows from the n-th to before another."""
        return self.picked(slice(start, end))

    def picked(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Columns:
        """Some of the rows."""
        return Columns(
            at=self.at[which],
            known_at=self.known_at[which],
            had_at=self.had_at[which],
            value=self.value[which],
            day=self.day[which],
        )

    def rows(self) -> list[Row]:
        """Them one by one."""
        columns = (self.at, self.known_at, self.had_at, self.value, self.day)
        return [
            Row(at=at, known_at=known_at, had_at=had_at, value=value, day=day)
            for at, known_at, had_at, value, day in zip(*(one.tolist() for one in columns), strict=True)
        ]
