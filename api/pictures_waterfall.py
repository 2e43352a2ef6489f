"""The waterfall of one story: from the odds before to the odds after, one bar an item of evidence, in bits.

Only Shapley shares add up: log2 odds of the posterior = those of the prior + what the move alone does + the shares. An
item that does not bear on the story itself has a share too, as it makes others more or less needed for the move; the
object names the shares of those that do, so the others stand in one row, with what is too light to be told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.pictures_svg import Picture, label, line, rect, told
from api.wording import about, finding, probability, provenance, signed_bits
from api.wording_values import Part

ITEMS = 14
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BAR = 920.0, 410.0, 66.0, 58.0, 23.0, 15.0
_SHOWN = 0.005  # bits that two digits show
_OTHERS = "what bears on other stories"
_WHY_OTHERS = "it leaves more or less of the move for this one to explain; with items too light to be told apart"
_LEAST, _MOST = 1e-9, 1.0 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: what it is, in full, from where to where it runs (bits of log odds), and whether it is a total."""

    name: str
    words: str
    start: float
    end: float
    total: bool = False

    @property
    def bits(self) -> float:
        """What it adds; of a total, where it stands."""
        return self.end - self.start


def log_odds(chance: float) -> float:
    """The log2 odds of a chance, which is kept off 0 and 1."""
    held = min(max(chance, _LEAST), _MOST)
    return math.log2(held / (1.0 - held))


def share_of(item: Part, story: str) -> float:
    """The Shapley share of an item in what all do to a story, in bits."""
    return float(sum(part["shapley_bits"] or 0.0 for part in item["contributions"] if part["narrative"] == story))


def waterfall_bars(explanation: Part, narrative: Part, items: int = ITEMS) -> list[Bar]:
    """The rows from the prior to the posterior: the heaviest items one by one, the others by side."""
    story = narrative["id"]
    shares = [(share_of(item, story), item) for item in explanation["evidence"]]
    felt = sorted(((bits, item) for bits, item in shares if bits), key=lambda pair: (-abs(pair[0]), pair[1]["id"]))
    prior, given = log_odds(narrative["prior"]), log_odds(narrative["prior_given_move"])
    steps: list[tuple[str, str, float]] = [
        ("the move alone", "What the move alone does to the odds, before any other evidence.", given - prior)
    ]
    steps += [(_name(item), f"{finding(item)}. {provenance(item)}", bits) for bits, item in felt[:items]]
    for side, sign in (("for", 1.0), ("against", -1.0)):
        light = [bits for bits, _ in felt[items:] if bits * sign > 0]
        if light:
            steps.append(
                (f"{len(light)} more {side} it", f"{len(light)} lighter items {side} it, together.", sum(light))
            )
    rest = log_odds(narrative["posterior"]) - given - sum(bits for bits, _ in felt)
    if abs(rest) >= _SHOWN:
        steps.append((_OTHERS, f"{_OTHERS.capitalize()}: {_WHY_OTHERS}.", rest))
    bars = [Bar(name="before", words=f"prior {probability(narrative['prior'])}", start=0.0, end=prior, total=True)]
    at = prior
    for name, words, bits in steps:
        bars.append(Bar(name=name, words=words, start=at, end=at + bits))
        at += bits
    after = f"posterior {probability(narrative['posterior'])}"
    return [*bars, Bar(name="after", words=after, start=0.0, end=log_odds(narrative["posterior"]), total=True)]


def _name(item: Part) -> str:
    text = about(item) if item.get("indicator") else item["statement"]
    return f"{item['id']}  {text}"


def waterfall(explanation: Part, narrative: Part) -> Picture:
    """The picture of `waterfall_bars`."""
    bars = waterfall_bars(explanation, narrative)
    low = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    high = max(0.0, *(max(bar.start, bar.end) for bar in bars))
    height = _TOP + _ROW * len(bars) + 40.0
    unit = (_WIDTH - _LEFT - 2 * _RIGHT) / ((high - low) or 1.0)
    zero = _LEFT + _RIGHT - low * unit
    shapes = [
        label(16, 24, f"What moved the odds of: {narrative['title']}", "head", width=_WIDTH - 32, size=14.5),
        label(16, 42, "bits of log odds; +1 doubles the odds; blue is for it, orange against it", "dim small"),
        *_scale(low, high, zero, unit, height - 34.0),
    ]
    for row, bar in enumerate(bars):
        shapes += _row(bar, _TOP + _ROW * row, zero, unit)
        if row + 1 < len(bars):
            x, y = zero + bar.end * unit, _TOP + _ROW * row
            shapes.append(line(x, y + _BAR, x, y + _ROW, "link"))
    counted = len(bars) - 3
    return Picture(
        name="waterfall",
        title=f"Waterfall of evidence: {narrative['title']}",
        desc=(
            f"From prior {probability(narrative['prior'])} to posterior {probability(narrative['posterior'])} in "
            f"{counted} rows of evidence. {' '.join(_told(bar) for bar in bars)}"
        ),
        width=_WIDTH,
        height=height,
        shapes=tuple(shapes),
    )


def _told(bar: Bar) -> str:
    return f"{bar.name}: {signed_bits(bar.end if bar.total else bar.bits)} bits."


def _row(bar: Bar, y: float, zero: float, unit: float) -> list[str]:
    kind = "total" if bar.total else "for" if bar.bits >= 0 else "against"
    start, end = zero + bar.start * unit, zero + bar.end * unit
    number = signed_bits(bar.end if bar.total else bar.bits)
    beside = (max(start, end) + 5, "small") if bar.end >= bar.start else (min(start, end) - 5, "small end")
    bold = "strong" if bar.total else ""
    name = f"{bar.name} ({bar.words})" if bar.total else bar.name
    base = y + _BAR - 3
    drawn = [
        label(16, base, name, bold, width=_LEFT - 24),
        rect(start, y, (end - start) or 0.75, _BAR, kind),
        label(beside[0], base, number, beside[1]),
    ]
    return [told(drawn, f"{bar.name}: {number} bits. {bar.words}")]


def _scale(low: float, high: float, zero: float, unit: float, foot: float) -> Sequence[str]:
    step = next(size for size in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if (high - low) / size <= 12 or size >= 50)
    ticks = [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
    drawn = [line(zero + at * unit, _TOP - 8, zero + at * unit, foot, "axis" if at == 0 else "grid") for at in ticks]
    every = max(1, math.ceil(46.0 / (step * unit)))
    shown = [at for at in ticks if round(at / step) % every == 0]
    return drawn + [label(zero + at * unit, foot + 14, f"{at:+g}" if at else "0", "dim small mid") for at in shown]
