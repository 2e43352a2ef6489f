"""Draws reliability curves as SVG: what was said against what was so, the diagonal is perfect."""

from __future__ import annotations

from html import escape

import numpy as np

from tests.simulator.days import Bools
from tests.simulator.scores import reliability
from tests.simulator.worlds import Array

WIDTH, HEIGHT, LEFT, TOP, SIDE = 560, 380, 60, 40, 290
COLOURS = ("#0b6e99", "#c4500b", "#4b7d2e", "#7a4fa3")
LEAST = 20  # of what a bin holds to be drawn
INK, PALE, PAPER = "#222222", "#cccccc", "#ffffff"


def reliability_svg(title: str, curves: dict[str, tuple[Array, Bools]]) -> str:
    """One picture with a curve for each method, on white so that it can be read anywhere."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{escape(title)}</text>',
        *_axes(),
    ]
    for number, (name, (p, truth)) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        parts += _curve(p, truth, colour)
        y = TOP + 16 + 20 * number
        parts.append(f'<rect x="{LEFT + SIDE + 16}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + SIDE + 32}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _at(said: float, so: float) -> tuple[float, float]:
    return LEFT + SIDE * said, TOP + SIDE * (1.0 - so)


def _axes() -> list[str]:
    parts = []
    for tick in np.linspace(0.0, 1.0, 6).tolist():
        x, y = _at(tick, tick)
        bottom = TOP + SIDE
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="{PALE}"/>')
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + SIDE}" y2="{y:.1f}" stroke="{PALE}"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{tick:.1f}</text>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    (x1, y1), (x2, y2) = _at(0.0, 0.0), _at(1.0, 1.0)
    parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" stroke-dasharray="4 4"/>')
    parts.append(f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 36}" text-anchor="middle">probability given</text>')
    middle = TOP + SIDE / 2
    parts.append(
        f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">share true</text>'
    )
    return parts


def _curve(p: Array, truth: Bools, colour: str) -> list[str]:
    """The bins as dots, larger where they hold more, and the line through them."""
    bins = [one for one in reliability(p, truth) if one[2] >= LEAST]
    points = [(*_at(said, so), count) for said, so, count in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2.0 + 4.0 * (count / p.size) ** 0.5:.1f}" fill="{colour}"/>'
        for x, y, count in points
    ]
    return [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots]
