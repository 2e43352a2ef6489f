"""What analysts hold of the evidence, as every way out of an explanation draws it: only where there are judgements."""

from __future__ import annotations

from collections.abc import Iterator

from api.judgements import BESIDE, told_apart
from api.wording_values import Part

HEADING = "Where your analysts disagree"
_LETTERS = 160


def judged_lines(explanation: Part) -> Iterator[str]:
    """Sentences on the cells of the explanation that analysts judged, most disputed first; none where nobody judged."""
    cells = explanation.get("judged") or []
    if not cells:
        return
    apart = [cell for cell in cells if cell["n"] > 1]
    if not apart:
        yield "Nowhere yet: no item of evidence was judged by two analysts."
    for cell in apart:
        yield _line(cell)
    alone = len(cells) - len(apart)
    if alone:
        yield f"{alone} more judged by one analyst each."
    yield BESIDE


def _line(cell: Part) -> str:
    statement = " ".join(str(cell["statement"] or cell["evidence"]).split())
    shown = statement if len(statement) <= _LETTERS else f"{statement[: _LETTERS - 3]}..."
    opposite = ", in opposite directions" if cell["opposite"] else ""
    notes = "; ".join(f"{one['by'] or 'somebody'}: {one['note']}" for one in cell["judgements"] if one["note"])
    told = f"{cell['spread']:.2f} bits apart{opposite}: {told_apart(cell)}"
    return f"{told}. {shown} ({cell['evidence']}, for step {cell['step']}){f' Notes: {notes}' if notes else ''}"
