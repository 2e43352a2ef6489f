"""Belief over time: the posteriors of the leading stories at each date that brought evidence, as a picture.

Dates stand side by side at equal distances, because most evidence comes within days and the rest months later. The
object holds a band for the whole of the evidence alone, so it is drawn where the lines end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.pictures_svg import Picture, breadth, label, line, path, rect, spread, told
from api.wording import clock, probability
from api.wording_values import Part

STORIES = 5
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 920.0, 400.0, 52.0, 400.0, 56.0, 44.0
_GAP, _DATE, _BARS = 15.0, 74.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the posterior of one story went: its values at the dates, its band at the last one, its line's class."""

    id: str
    title: str
    values: tuple[float, ...]
    low: float
    high: float
    style: str


def courses(explanation: Part, most: int = STORIES) -> list[Course]:
    """The first stories by rank and, last, something else."""
    chosen = [(part, f"s{n}") for n, part in enumerate(explanation["narratives"][:most], start=1)]
    return [
        Course(
            id=part["id"],
            title=part["title"],
            values=tuple(at["posteriors"][part["id"]] for at in explanation["belief"]),
            low=part["low"],
            high=part["high"],
            style=style,
        )
        for part, style in [*chosen, (explanation["unknown"], "s0")]
    ]


def belief_picture(explanation: Part, news: Sequence[int] = ()) -> Picture:
    """The courses as lines that step at the date of the evidence, each with its band and its name at the end.

    `news` is how many facts became public at each date, drawn as bars below; without it there are none.
    """
    dates = [clock(at["as_of"]) for at in explanation["belief"]]
    drawn = courses(explanation)
    shapes = [
        label(16, 24, "Belief over time, as evidence became public", "head", width=_WIDTH - 32, size=14.5),
        label(16, 42, "posterior of each story; at the end its 5 to 95 percent band", "dim small"),
        *_frame(dates),
    ]
    ends = spread([_y(one.values[-1]) for one in drawn], _GAP, _TOP, _HEIGHT - _FOOT)
    for place, one in enumerate(drawn):
        shapes.append(_course(one, place, ends[place]))
    shapes += _news(news, dates)
    told_of = " ".join(
        f"{one.title}: from {probability(one.values[0])} to {probability(one.values[-1])}." for one in drawn
    )
    return Picture(
        name="belief",
        title="Belief over time",
        desc=f"{len(dates)} dates from {dates[0]} to {dates[-1]}. {told_of}",
        width=_WIDTH,
        height=_HEIGHT + (_BARS + 34.0 if news else 0.0),
        shapes=tuple(shapes),
    )


def _y(chance: float) -> float:
    return _TOP + (1.0 - chance) * (_HEIGHT - _FOOT - _TOP)


def _x(place: int, count: int) -> float:
    whole = _WIDTH - _LEFT - _RIGHT
    return _LEFT + (whole * place / (count - 1) if count > 1 else whole / 2)


def _frame(dates: Sequence[str]) -> list[str]:
    end = _WIDTH - _RIGHT
    drawn = []
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        drawn.append(line(_LEFT, y, end, y, "axis" if tenth == 0 else "grid"))
        drawn.append(label(_LEFT - 8, y + 4, f"{tenth / 10:.1f}", "dim small end"))
    every = max(1, math.ceil(_DATE * len(dates) / (end - _LEFT)))
    last = len(dates) - 1
    for place, date in enumerate(dates):
        x, y = _x(place, len(dates)), _HEIGHT - _FOOT
        drawn.append(told([line(x, y, x, y + 5, "axis")], date))
        if place == last or (place % every == 0 and place <= last - every):
            day, _, time = date.partition(" ")
            drawn.append(label(x, y + 18, day, "dim small mid"))
            drawn.append(label(x, y + 31, time, "dim small mid"))
    return drawn


def _news(news: Sequence[int], dates: Sequence[str]) -> list[str]:
    if not news:
        return []
    foot, most = _HEIGHT + _BARS + 10.0, max(*news, 1)
    wide = min(18.0, (_WIDTH - _LEFT - _RIGHT) / len(news) * 0.6)
    drawn = [
        line(_LEFT, foot, _WIDTH - _RIGHT, foot, "axis"),
        label(_WIDTH - _RIGHT + 14, foot - 2, "facts and readings that became public", "dim small"),
    ]
    for place, count in enumerate(news):
        x, tall = _x(place, len(news)), _BARS * count / most
        bar = [rect(x - wide / 2, foot - tall, wide, tall, "total"), label(x, foot - tall - 4, count, "small mid")]
        drawn.append(told(bar, f"{dates[place]}: {count} became public"))
    return drawn


def _course(one: Course, place: int, end: float) -> str:
    count = len(one.values)
    points = [(_x(0, count), _y(one.values[0]))]
    for at in range(1, count):
        points += [(_x(at, count), _y(one.values[at - 1])), (_x(at, count), _y(one.values[at]))]
    last, value = points[-1]
    whisker = last + 8 + 7 * place
    text = last + 62
    if count == 1:
        points = [(last - 24, value), (last, value)]
    number = probability(one.values[-1])
    name = text + 24 + breadth(number) + 10
    drawn = [
        path(points, f"line {one.style}"),
        line(whisker, _y(one.low), whisker, _y(one.high), f"line {one.style}"),
        path([(last, value), (whisker, value)], f"link {one.style}"),
        path([(whisker, value), (text - 6, end)], "link"),
        line(text, end, text + 18, end, f"line {one.style}"),
        label(text + 24, end + 4, number, "strong"),
        label(name, end + 4, one.title, width=_WIDTH - name - 8),
    ]
    words = f"{one.title}: {number} ({probability(one.low)} to {probability(one.high)})"
    return told(drawn, words)
