"""What the pictures of an answer are drawn with: shapes, labels that fit their place, one style for light and dark.

Every picture is one SVG document without script, without anything that is loaded, the same bytes for one answer.
Fonts differ from reader to reader, so a text is taken to be as wide as in a wide one (DejaVu Sans), and what does not
fit is cut, with the whole of it in a `<title>`. Colours go by classes; blue is for, orange against, for all eyes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from api.markup import plain, safe

SIZE = 12.0  # of letters, in user units
# letters, and how wide one is in a wide font, in units of its size
_CLASSES = (("iljI'|.,:;! ", 0.36), ('ft()[]r-/\\"*', 0.44), ("mwMW%@", 0.99))
_EMS = {letter: em for letters, em in _CLASSES for letter in letters}
_LETTER, _CAPITAL, _FULL = 0.62, 0.76, 1.05
_FONT = "system-ui,-apple-system,'Segoe UI','DejaVu Sans',Verdana,sans-serif"

_LIGHT = {
    ".bg": "fill:#ffffff",
    "text": f"fill:#1f2328;font-family:{_FONT};font-size:12px",
    ".head": "font-size:14px;font-weight:600",
    ".small": "font-size:10.5px",
    ".dim": "fill:#59636e",
    ".mid": "text-anchor:middle",
    ".end": "text-anchor:end",
    ".strong": "font-weight:600",
    ".grid": "stroke:#d8dee4;stroke-width:1",
    ".axis": "stroke:#6e7781;stroke-width:1",
    ".link": "stroke:#6e7781;stroke-width:1;stroke-dasharray:2 3;fill:none",
    ".tip": "stroke:#6e7781;stroke-width:1.5;fill:none",
    ".box": "fill:#f6f8fa;stroke:#d0d7de;stroke-width:1",
    ".weak": "stroke:#9a3412;stroke-width:2;stroke-dasharray:5 3",
    ".for": "fill:#2f6fdb",
    ".against": "fill:#d1690e",
    ".total": "fill:#57606a",
    ".supported": "fill:#1a7f37",
    ".contradicted": "fill:#cf222e",
    ".open": "fill:#bf8700",
    ".untested": "fill:#8c959f",
    ".f1": "fill:#dbe9ff",
    ".f2": "fill:#aecdff",
    ".f3": "fill:#7fb0fb",
    ".a1": "fill:#ffe8d1",
    ".a2": "fill:#ffcf9c",
    ".a3": "fill:#f9ab62",
    ".line": "fill:none;stroke-width:2.5;stroke-linejoin:round",
    **{
        f".s{n}": f"stroke:{colour}"
        for n, colour in enumerate(("#0969da", "#c2410c", "#8250df", "#0f766e", "#be185d"), start=1)
    },
    ".s0": "stroke:#6e7781;stroke-dasharray:6 4",
}
_DARK = {
    ".bg": "fill:#0d1117",
    "text": "fill:#e6edf3",
    ".dim": "fill:#9198a1",
    ".grid": "stroke:#2b323b",
    ".axis": "stroke:#8b949e",
    ".link": "stroke:#8b949e",
    ".tip": "stroke:#8b949e",
    ".box": "fill:#161b22;stroke:#3d444d",
    ".weak": "stroke:#fb923c",
    ".for": "fill:#5a93f0",
    ".against": "fill:#e08a3c",
    ".total": "fill:#8b949e",
    ".supported": "fill:#3fb950",
    ".contradicted": "fill:#f85149",
    ".open": "fill:#d29922",
    ".untested": "fill:#6e7681",
    ".f1": "fill:#13294b",
    ".f2": "fill:#1b437f",
    ".f3": "fill:#2560b8",
    ".a1": "fill:#3d2410",
    ".a2": "fill:#6a3a10",
    ".a3": "fill:#99520f",
    **{
        f".s{n}": f"stroke:{colour}"
        for n, colour in enumerate(("#58a6ff", "#fb923c", "#bc8cff", "#2dd4bf", "#f472b6"), start=1)
    },
    ".s0": "stroke:#9198a1",
}


def _rules(table: dict[str, str]) -> str:
    return "".join(f".whymove {name}{{{rule}}}" for name, rule in table.items())


STYLE = f"{_rules(_LIGHT)}@media screen and (prefers-color-scheme:dark){{{_rules(_DARK)}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawn picture: its name (also the prefix of its ids), what it shows in words, its size and its shapes."""

    name: str
    title: str
    desc: str
    width: float
    height: float
    shapes: tuple[str, ...]

    def svg(self, *, alone: bool = True) -> str:
        """The SVG document; not `alone`, it has neither a style nor a background, as the page around it gives both."""
        size = f'viewBox="0 0 {num(self.width)} {num(self.height)}"'
        ids = f"{self.name}-title {self.name}-desc"
        space = ' xmlns="http://www.w3.org/2000/svg"' if alone else ""
        fixed = f' width="{num(self.width)}" height="{num(self.height)}"' if alone else ""
        parts = [
            f'<svg{space} class="whymove" {size}{fixed} role="img" aria-labelledby="{ids}">',
            f'<title id="{self.name}-title">{safe(self.title)}</title>',
            f'<desc id="{self.name}-desc">{safe(self.desc)}</desc>',
        ]
        if alone:
            parts += [f"<style>{STYLE}</style>", rect(0, 0, self.width, self.height, "bg")]
        return "\n".join([*parts, *self.shapes, "</svg>"]) + "\n"


def num(value: float) -> str:
    """A coordinate with at most two digits after the point, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def breadth(text: str, size: float = SIZE) -> float:
    """How wide a text is at most, in user units, by classes of letters of a wide font."""
    return size * sum(map(_em, text))


def _em(letter: str) -> float:
    if letter in _EMS:
        return _EMS[letter]
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return _FULL
    return _CAPITAL if letter.isupper() or not letter.isascii() else _LETTER


def cut(text: str, width: float, size: float = SIZE) -> str:
    """As much of a text as fits into a width; an ellipsis where something is left out."""
    if breadth(text, size) <= width:
        return text
    room = width - breadth("…", size)
    kept = ""
    for letter in text:
        room -= size * _em(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def wrap(text: str, width: float, lines: int, size: float = SIZE) -> list[str]:
    """A text in at most so many lines, broken at blanks; the last one is cut."""
    words, made = text.split(), [""]
    for at, word in enumerate(words):
        longer = f"{made[-1]} {word}".lstrip()
        if breadth(longer, size) <= width or not made[-1]:
            made[-1] = longer
        elif len(made) == lines:
            made[-1] = " ".join([made[-1], *words[at:]])
            break
        else:
            made.append(word)
    return [cut(line, width, size) for line in made]


def label(
    x: float, y: float, text: object, classes: str = "", *, width: float | None = None, size: float = SIZE
) -> str:
    """A line of text with its base line at `y`; wider than `width` it is cut, and a `<title>` holds all of it."""
    whole = plain(text)
    shown = whole if width is None else cut(whole, width, size)
    full = f"<title>{safe(whole)}</title>" if shown != whole else ""
    named = f' class="{classes}"' if classes else ""
    return f'<text x="{num(x)}" y="{num(y)}"{named}>{full}{safe(shown)}</text>'


def rect(x: float, y: float, width: float, height: float, classes: str, *, radius: float = 0.0) -> str:
    """A rectangle; a width below zero runs to the left."""
    if width < 0:
        x, width = x + width, -width
    round_ = f' rx="{num(radius)}"' if radius else ""
    return (
        f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"{round_} class="{safe(classes)}"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    """A straight line."""
    return f'<line x1="{num(x1)}" y1="{num(y1)}" x2="{num(x2)}" y2="{num(y2)}" class="{safe(classes)}"/>'


def path(points: Iterable[tuple[float, float]], classes: str) -> str:
    """An open path through points."""
    way = " L".join(f"{num(x)} {num(y)}" for x, y in points)
    return f'<path d="M{way}" class="{safe(classes)}"/>'


def told(shapes: Iterable[str], words: object) -> str:
    """Shapes as one group that says what it shows when pointed at, or read aloud."""
    return f"<g><title>{safe(words)}</title>{''.join(shapes)}</g>"


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Places at least `gap` apart and within bounds, as near to those wanted as a downward and an upward pass bring.

    They keep their order; more places than the bounds have room for end below `high`.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [0.0] * len(wanted)
    floor = low
    for i in order:
        placed[i] = max(wanted[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = max(low, min(placed[i], ceiling))
        ceiling = placed[i] - gap
    return placed
