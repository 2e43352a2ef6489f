"""The evidence matrix: which items bear on which stories, and how much, as a picture.

A cell is the Shapley share of an item in the odds of a story, in bits: blue is for it, orange against, the darker the
more. An empty cell does not bear on the story.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.pictures_svg import Picture, label, line, rect, told
from api.pictures_waterfall import share_of
from api.wording import about, finding, probability, provenance, signed_bits
from api.wording_values import Part

ITEMS, STORIES = 24, 8
_WIDTH, _LEFT, _CELL, _ROW, _LEGEND = 920.0, 466.0, 54.0, 22.0, 18.0
_SHADES = (0.05, 0.25, 0.75)  # bits from which a cell gets its first, second and third shade


def heaviest(explanation: Part, stories: Sequence[str], most: int = ITEMS) -> list[Part]:
    """The items that weigh most on any of the stories, the heaviest first."""
    weighed = [
        (max((abs(share_of(item, name)) for name in stories), default=0.0), item) for item in explanation["evidence"]
    ]
    felt = sorted((pair for pair in weighed if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]["id"]))
    return [item for _, item in felt[:most]]


def matrix(explanation: Part) -> Picture:
    """Items as rows, the first stories by rank as columns under their numbers, which the legend names."""
    stories = explanation["narratives"][:STORIES]
    items = heaviest(explanation, [part["id"] for part in stories])
    top = 66.0 + _LEGEND * len(stories)
    shapes = [
        label(16, 24, "What bears on which story", "head"),
        label(16, 42, "share of each item in the odds, in bits; blue is for the story, orange against it", "dim small"),
        *(_legend(part, place) for place, part in enumerate(stories)),
    ]
    for place, part in enumerate(stories):
        shapes.append(label(_LEFT + _CELL * (place + 0.5), top, part["rank"], "strong mid"))
    shapes.append(line(16, top + 6, _LEFT + _CELL * len(stories), top + 6, "axis"))
    for row, item in enumerate(items):
        shapes += _row(item, stories, top + 10 + _ROW * row)
    height = top + 26 + _ROW * max(1, len(items))
    if not items:
        shapes.append(label(16, top + 26, "no item of evidence bears on these stories", "dim"))
    left_out = len(explanation["evidence"]) - len(items)
    return Picture(
        name="matrix",
        title="Evidence matrix",
        desc=(
            f"{len(items)} items of evidence against {len(stories)} stories, the heaviest first; {left_out} others are "
            "lighter or bear on none of them."
        ),
        width=_WIDTH,
        height=height,
        shapes=tuple(shapes),
    )


def _legend(part: Part, place: int) -> str:
    y = 64 + _LEGEND * place
    text = f"{part['rank']}  {part['title']} ({probability(part['posterior'])})"
    return label(16, y, text, "small", width=_WIDTH - 32, size=10.5)


def _row(item: Part, stories: Sequence[Part], y: float) -> list[str]:
    name = f"{item['id']}  {about(item) if item.get('indicator') else item['statement']}"
    words = f"{item['id']}: {finding(item)}. {provenance(item)}"
    drawn = [told([label(16, y + 15, name, "small", width=_LEFT - 28, size=10.5)], words)]
    for place, part in enumerate(stories):
        bits, x = share_of(item, part["id"]), _LEFT + _CELL * place
        if signed_bits(bits) != "0.00":
            cell = [
                rect(x + 1, y + 1, _CELL - 2, _ROW - 2, _shade(bits), radius=3),
                label(x + _CELL / 2, y + 15, signed_bits(bits), "small mid"),
            ]
            drawn.append(told(cell, f"{item['id']} on {part['title']}: {signed_bits(bits)} bits"))
        else:
            drawn.append(label(x + _CELL / 2, y + 15, "·", "dim small mid"))
    return drawn


def _shade(bits: float) -> str:
    depth = sum(abs(bits) >= least for least in _SHADES)
    return f"{'f' if bits > 0 else 'a'}{depth}" if depth else "box"
