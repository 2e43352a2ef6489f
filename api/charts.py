"""Pictures made of characters: the path of a move, and where one reading lies among others.

Plain text, so that they are the same in a terminal, in a pipe and in a report. No plotting library is used: what is
drawn here is two small pictures, and both must also come out in ASCII (ARCHITECTURE.md, "Dependencies").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

START = 100.0  # the index at the start of a move
STRIP, STRIP_ASCII = (
    tuple("·─━┃●◀▶"),
    tuple(".-=|X<>"),
)  # beside, 5 to 95, middle half, median, the reading, below, above
_NARROWEST = 28
_LABEL = 7
BESIDE = _LABEL + 1  # columns of a chart before the first of a row
_BRAILLE = 0x2800  # Unicode 2800: a cell without dots; the others follow by the sum of their dots
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BEYOND = 0.35  # of the distance between the outer points is drawn on either side of them

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChart:
    """A drawn path: rows from the top with their labels, the axis, the line of dates under it.

    `mark` is the range of columns of a row (first, one after the last) in which the move lies; None: outside the path.
    """

    labels: Sequence[str]
    rows: Sequence[str]
    rail: str
    axis: str
    dates: str
    mark: tuple[int, int] | None

    def lines(self) -> list[str]:
        """The chart as plain text, a line a row, without blanks at the ends."""
        rows = [f"{label}{self.rail}{row}".rstrip() for label, row in zip(self.labels, self.rows, strict=True)]
        return [*rows, f"{' ' * _LABEL}{self.axis}", f"{' ' * BESIDE}{self.dates}".rstrip()]


def path_chart(
    days: Sequence[str],
    values: Sequence[float],
    move: tuple[str, str],
    *,
    ascii_only: bool,
    height: int = 8,
    width: int = 84,
) -> PathChart:
    """The path of `values` (index points) over `days` (ISO dates, ascending), the days of `move` marked in it.

    One row of `height` is one character; in ASCII a star is drawn for a value and a hash within the move, else eight
    dots of Braille share one character. `width` is that of the rows, without their labels. Raises ValueError for fewer
    than two days or another number of values.
    """
    if len(days) != len(values) or len(days) < 2:
        raise ValueError(f"a path needs two days or more and a value for each: {len(days)} days, {len(values)} values")
    cells = max(2, min(width, max(_NARROWEST, 2 * len(days))))
    mark = _marked(days, move, cells)
    if ascii_only:
        rows = _stars(_spans(values, cells, height), height, mark)
    else:
        rows = _braille(_spans(values, 2 * cells, 4 * height), height, cells)
    base = _row_of(START, values, height) if min(values) < START < max(values) else None
    if base is not None:
        rows[base] = rows[base].translate({ord(" "): "." if ascii_only else "·", _BRAILLE: "·"})
    return PathChart(
        labels=_labels(values, height, base),
        rows=[row.replace(chr(_BRAILLE), " ") for row in rows],
        rail="|" if ascii_only else "│",
        axis=_axis(cells, mark, tuple("+-[=]" if ascii_only else "└─┝━┥")),
        dates=_dates(days, move, mark, cells),
        mark=mark,
    )


def _spans(values: Sequence[float], columns: int, rows: int) -> Spans:
    """The rows (first, last) that the line through the values covers in each column, joined without gaps."""
    spans = []
    before: int | None = None
    for column in range(columns):
        at = column * (len(values) - 1) / (columns - 1)
        left = min(int(at), len(values) - 2)
        row = _row_of(values[left] + (at - left) * (values[left + 1] - values[left]), values, rows)
        nearest = row if before is None or before == row else before + (1 if row > before else -1)
        spans.append((min(row, nearest), max(row, nearest)))
        before = row
    return spans


def _row_of(value: float, values: Sequence[float], rows: int) -> int:
    low, high = min(values), max(values)
    return round((high - value) / (high - low) * (rows - 1)) if high > low else rows // 2


def _stars(spans: Spans, height: int, mark: tuple[int, int] | None) -> list[str]:
    first, end = mark or (0, 0)
    return [
        "".join(
            ("#" if first <= column < end else "*") if top <= row <= bottom else " "
            for column, (top, bottom) in enumerate(spans)
        )
        for row in range(height)
    ]


def _braille(spans: Spans, height: int, cells: int) -> list[str]:
    grid = [[_BRAILLE] * cells for _ in range(height)]
    for column, (top, bottom) in enumerate(spans):
        for dot in range(top, bottom + 1):
            grid[dot // 4][column // 2] |= _DOTS[column % 2][dot % 4]
    return ["".join(map(chr, row)) for row in grid]


def _labels(values: Sequence[float], height: int, base: int | None) -> list[str]:
    labels = {} if base is None else {base: START}
    labels |= {0: max(values), height - 1: min(values)} if max(values) > min(values) else {height // 2: values[0]}
    return [f"{labels[row]:{_LABEL - 1}.1f} " if row in labels else " " * _LABEL for row in range(height)]


def _marked(days: Sequence[str], move: tuple[str, str], cells: int) -> tuple[int, int] | None:
    """The columns of the move: from the last session up to its start to the first one from its end on."""
    first = [i for i, day in enumerate(days) if day <= move[0]]
    last = [i for i, day in enumerate(days) if day >= move[1]]
    if not first or not last:
        return None
    a, b = (round(i * (cells - 1) / (len(days) - 1)) for i in (first[-1], last[0]))
    return a, max(a, b) + 1


def _axis(cells: int, mark: tuple[int, int] | None, glyphs: Sequence[str]) -> str:
    corner, line, opened, inside, closed = glyphs
    axis = [line] * cells
    if mark is not None:
        first, end = mark
        axis[first:end] = [inside] * (end - first)
        axis[first], axis[end - 1] = opened, closed
    return corner + "".join(axis)


def _dates(days: Sequence[str], move: tuple[str, str], mark: tuple[int, int] | None, cells: int) -> str:
    """The first and the last day at the ends and the move under its mark; where it is narrow the ends give way."""
    line = [" "] * cells
    if mark is not None:
        text = f"{move[0]} to {move[1]}"
        ends = len(days[0]) + 2 if cells >= len(text) + len(days[0]) + len(days[-1]) + 4 else 0
        at = max(0, min(max(ends, (sum(mark) - len(text)) // 2), cells - ends - len(text)))
        line[at : at + len(text)] = text
    for at, text in ((0, days[0]), (cells - len(days[-1]), days[-1])):
        if set(line[max(0, at - 2) : at + len(text) + 2]) == {" "}:
            line[at : at + len(text)] = text
    return "".join(line[:cells])


def strip(value: float, spread: Sequence[float], *, ascii_only: bool, width: int = 41) -> str:
    """One line that shows where `value` lies among comparable days, of `width` characters.

    `spread` are the readings below which 5, 25, 50, 75 and 95 percent of the days lie: a thin line from the first to
    the last, a thick one for the middle half, a bar for the median. A value beyond the picture is an arrow at its edge.
    """
    p5, p25, p50, p75, p95 = spread
    rail, thin, thick, middle, here, left, right = STRIP_ASCII if ascii_only else STRIP
    reach = (p95 - p5) or abs(value - p5) or 1.0
    low, whole = p5 - _BEYOND * reach, reach * (1.0 + 2.0 * _BEYOND)

    def cell(point: float) -> int:
        within = min(whole, max(0.0, point - low))  # before it is divided by what may be next to nothing
        return round(within / whole * (width - 1))

    cells = [rail] * width
    for first, last, glyph in ((p5, p95, thin), (p25, p75, thick), (p50, p50, middle)):
        for at in range(cell(first), cell(last) + 1):
            cells[at] = glyph
    cells[cell(value)] = left if value < low else right if value > low + whole else here
    return "".join(cells)
