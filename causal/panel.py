"""History around a move as the core is given it: stored series read at the sessions of what moved.

Everything is laid on one axis, the sessions of the moved instrument (T of them, oldest first), so that a window is a
pair of offsets and the same window can be read on every day of the past.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
How = Literal["last", "next", "stamp", "known", "known_next", "sum", "mean", "min", "max", "spot"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One stored series at the sessions of a panel.

    `at[how]` has shape (T,), nan where there is nothing: the last value up to each session (`last`), with its own
    instant (`stamp`) and when it became public (`known`), both in microseconds since 1970; the first from the session
    on (`next`, `known_next`); the sum, mean, least or greatest of what fell to the session; of a future the price of
    what it is written on at the time of its last value (`spot`). `hours`, where it is given, has shape (T, 24): the
    last value in each hour up to the close. `slow` series come less often than every four days.
    """

    id: str
    indicator: str
    subject: str
    unit: str
    licence: str
    source: str
    slow: bool
    at: Mapping[How, Array]
    hours: Array | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """The sessions (`days`, `closes`), which of them start and end the move, and the series read at them.

    `moved` is the id of the column whose sessions these are; `level` says whether what moved is read as a difference
    (a yield, a spread) instead of a return.
    """

    days: tuple[date, ...]
    closes: tuple[datetime, ...]
    start: int
    end: int
    moved: str
    level: bool
    columns: tuple[Column, ...] = field(default=())

    @property
    def span(self) -> int:
        """Sessions that the move covers, at least one."""
        return max(1, self.end - self.start)

    def sessions(self, trading_days: int) -> int:
        """As many sessions as take the time of so many trading days, five of which make a week, at least one."""
        weeks = max(1.0, (self.days[-1] - self.days[0]).days / 7.0)
        return max(1, round(trading_days * min(1.4, len(self.days) / weeks / 5.0)))

    def covers(self, column: Column) -> bool:
        """Whether the column has a value about the time of the move."""
        return bool(np.isfinite(column.at["last"][max(0, self.start - 5) : self.end + 1]).any())

    def column(self, id_: str) -> Column:
        """The column of a series. Raises KeyError where the panel has none of this id."""
        for column in self.columns:
            if column.id == id_:
                return column
        raise KeyError(id_)
