"""What of an explanation is drawn, before anything decides how: which narratives in full, how many items each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.wording import SLOTS, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How much is drawn: narratives in full (besides each slot's first), rows a slot, items a side, list entries."""

    narratives: int = 3
    rows: int = 6
    items: int = 4
    few: int = 5
    predictions: bool = False
    least: float = 0.05

    @classmethod
    def whole(cls) -> Drawing:
        """Everything that the object holds."""
        return cls(narratives=10_000, rows=10_000, items=10_000, few=10_000, predictions=True)

    def in_full(self, explanation: Part) -> Sequence[Part]:
        """The narratives drawn in full: the first few, and the first of each slot unless it is next to nothing.

        One of which nothing is known is drawn only where everything is.
        """
        return [
            part
            for part in explanation["narratives"]
            if (part["rank"] <= self.narratives or (part["rank_in_slot"] == 1 and part["posterior"] >= self.least))
            and (self.predictions or part["evidence_for"] or part["evidence_against"] or part["arguments"])
        ]


def foremost(narratives: Sequence[Part], rows: int) -> tuple[list[Part], list[Part]]:
    """(shown, rest) of a slot, both by rank: the first rows, and every story that the case itself tells."""
    shown = [one for i, one in enumerate(narratives) if i < rows or one["origin"] != "library"]
    return shown, [one for one in narratives if one not in shown]


def slots_of(explanation: Part) -> Sequence[tuple[str, Sequence[Part]]]:
    """The narratives by slot, slots in the order of a move, narratives as ranked."""
    narratives = explanation["narratives"]
    order = [*SLOTS, *sorted({part["slot"] for part in narratives} - set(SLOTS))]
    groups = [(slot, [part for part in narratives if part["slot"] == slot]) for slot in order]
    return [(slot, parts) for slot, parts in groups if parts]
