"""The moves of the graph that a pattern of a move resembles, by the template of the stories that cases tell of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from api.fitting import Pattern
from causal.casting import fits
from graph.reading import Clocks, Record, ask
from graph.store import GraphReader

QUOTED_INVERSELY = ("volatility index", "yield", "spread")  # as causal/binding.py has it
Told = Mapping[str, Sequence[Mapping[str, object]]]


async def moves_alike(reader: GraphReader, pattern: Pattern, clocks: Clocks) -> Told:
    """template -> moves the same way, at least as large (`size` of the pattern), of which a case tells such a story."""
    found: dict[str, list[Mapping[str, object]]] = {}
    for row in await ask(reader, "moves_by_template", clocks.params()):
        change = row["return"]
        if isinstance(change, int | float) and _is_alike(row, float(change), pattern):
            start = row["start"]
            shown = {
                "move": row["move"],
                "instrument": row["instrument"],
                "start": start.isoformat() if isinstance(start, date) else str(start),
                "return": float(change),
            }
            found.setdefault(str(row["template"]), []).append(shown)
    for rows in found.values():
        rows.sort(key=lambda one: (str(one["start"]), str(one["move"])))
    return found


def _is_alike(row: Record, change: float, pattern: Pattern) -> bool:
    """Whether a move ran the same way for who holds the thing, and as far: a rise of a volatility index is a fall."""
    inverse = fits(str(row["kind"]).lower(), QUOTED_INVERSELY)
    fell = (change < 0) != inverse
    return fell == (pattern.move == "down") and abs(change) >= (pattern.size or 0.0)
