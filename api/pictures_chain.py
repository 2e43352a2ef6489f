"""The causal chain of one story as a picture: its steps from top to bottom, coloured by verdict, down to the move."""

from __future__ import annotations

from api.pictures_svg import Picture, label, line, path, rect, told, wrap
from api.wording import headline, probability, signed_bits
from api.wording_values import Part

_WIDTH, _TOP, _GAP, _X = 760.0, 58.0, 26.0, 16.0
_TEXT, _LINES, _LINE = 500.0, 3, 16.0


def chain(explanation: Part, narrative: Part) -> Picture:
    """The steps with verdict, posterior and bits; the weakest link has a broken border and says so."""
    heading = f"{narrative['title']} ({probability(narrative['posterior'])}, {narrative['likelihood']})"
    shapes = [
        label(_X, 24, heading, "head", width=_WIDTH - 2 * _X, size=14.5),
        label(_X, 42, "each step with its verdict, its posterior and its weight in bits", "dim small"),
    ]
    y = _TOP
    for step in narrative["steps"]:
        lines = wrap(f"{step['n']}. {' '.join(str(step['text']).split())}", _TEXT, _LINES)
        height = 18.0 + _LINE * max(2, len(lines))
        shapes += [_box(step, lines, y, height, weakest=step["n"] == narrative["weakest_step"])]
        shapes += _arrow(y + height)
        y += height + _GAP
    move = headline(explanation["move"])
    shapes.append(rect(_X, y, _WIDTH - 2 * _X, 32, "box", radius=6))
    shapes.append(label(_WIDTH / 2, y + 21, move, "strong mid", width=_WIDTH - 4 * _X))
    return Picture(
        name="chain",
        title=f"Causal chain: {narrative['title']}",
        desc=f"{' '.join(_told(step) for step in narrative['steps'])} Then: {move}.",
        width=_WIDTH,
        height=y + 48,
        shapes=tuple(shapes),
    )


def _told(step: Part) -> str:
    return f"Step {step['n']}, {step['verdict']}, {probability(step['posterior'])}: {step['text']}"


def _box(step: Part, lines: list[str], y: float, height: float, *, weakest: bool) -> str:
    border = "box weak" if weakest else "box"
    right = _WIDTH - _X - 14
    drawn = [
        rect(_X, y, _WIDTH - 2 * _X, height, border, radius=6),
        rect(_X + 6, y + 6, 7, height - 12, step["verdict"], radius=3),
        *(label(_X + 24, y + 21 + _LINE * n, text) for n, text in enumerate(lines)),
        label(right, y + 21, step["verdict"], "strong end"),
        label(
            right, y + 21 + _LINE, f"{probability(step['posterior'])}, {signed_bits(step['bits'])} bits", "small end"
        ),
    ]
    if weakest:
        drawn.append(label(right, y + height + 14, "weakest link", "dim small end"))
    return told(drawn, _told(step))


def _arrow(y: float) -> list[str]:
    middle, tip = _WIDTH / 2, y + _GAP - 3
    return [
        line(middle, y + 3, middle, tip, "axis"),
        path([(middle - 5, tip - 6), (middle, tip), (middle + 5, tip - 6)], "tip"),
    ]
