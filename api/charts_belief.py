"""Belief over time made of characters: a row a story, a cell a date, as high as the posterior is."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS, DIGITS = " ▁▂▃▄▅▆▇█", "0123456789"
CELL = 3  # columns of a date
_SHORT_DAY = slice(5, 10)


def course(values: Sequence[float], *, ascii_only: bool) -> str:
    """The posteriors of one story, a cell of `CELL` columns each: blocks in eighths, in ASCII the first digit."""
    if ascii_only:
        return "".join(DIGITS[min(9, int(value * 10))].ljust(CELL) for value in values).rstrip()
    return "".join(BLOCKS[max(1, min(8, round(value * 8)))] * (CELL - 1) + " " for value in values).rstrip()


def axis(days: Sequence[str]) -> str:
    """A line of dates (ISO days; month and day are shown) under the cells, each where there is room for it."""
    line = [" "] * (CELL * len(days) + len(days[-1]))
    free = 0
    for place, day in enumerate(days):
        short = day[_SHORT_DAY]
        if place * CELL >= free and (place == 0 or short != days[place - 1][_SHORT_DAY]):
            line[place * CELL : place * CELL + len(short)] = short
            free = place * CELL + len(short) + 1
    return "".join(line).rstrip()
