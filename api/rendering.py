"""What of an explanation is drawn, before anything decides how: which narratives in full, how many items each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.charts import BESIDE, STRIP, STRIP_ASCII, PathChart, path_chart, strip
from api.wording import SLOTS
from api.wording_values import Part, comparable, compared, points

WIDEST = 92
HOW_TO_READ_STRIPS = (
    "How to read the strips below: each shows where a reading ({here}) lies among comparable days, with {thin} from "
    "the 5 to the 95 percent point, {thick} the middle half, {middle} the median, {left} {right} beyond the picture."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How much is drawn: narratives in full (besides each slot's first), rows a slot, items a side, list entries.

    `strips` of the items of a side get a picture of their own; of what to look at next `look` rows are drawn, each
    with the first `stories` narratives that it informs and at most `letters` on where it is to be had.
    """

    narratives: int = 3
    rows: int = 6
    items: int = 4
    few: int = 5
    strips: int = 2
    look: int = 8
    stories: int = 4
    letters: int = 90
    predictions: bool = False
    least: float = 0.05

    @classmethod
    def whole(cls) -> Drawing:
        """Everything that the object holds."""
        most = 10_000
        return cls(
            narratives=most,
            rows=most,
            items=most,
            few=most,
            strips=most,
            look=most,
            stories=most,
            letters=most,
            predictions=True,
        )

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


def picture_of(move: Part, *, ascii_only: bool, width: int = WIDEST) -> PathChart | None:
    """The chart of a move's path, of at most `width` columns with its labels; None where its path is not known."""
    path = move["path"]
    if len(path) < 2:
        return None
    days, values = [one["day"] for one in path], [one["index"] for one in path]
    return path_chart(days, values, (move["start"][:10], move["end"][:10]), ascii_only=ascii_only, width=width - BESIDE)


def strip_of(item: Part, move: Part, *, ascii_only: bool) -> tuple[str, str, str]:
    """How the reading of a series compares: in words, as a strip, and the numbers of the strip."""
    series = item["series"]
    words = f"{compared(item)} ({comparable(item, move)})"
    return words, strip(item["value"], series["spread"], ascii_only=ascii_only), points(series)


def strip_legend(*, ascii_only: bool) -> str:
    """How a strip is read, in one sentence."""
    _, thin, thick, middle, here, left, right = STRIP_ASCII if ascii_only else STRIP
    return HOW_TO_READ_STRIPS.format(here=here, thin=thin, thick=thick, middle=middle, left=left, right=right)


def with_strips(items: Sequence[Part], drawing: Drawing) -> set[str]:
    """The ids of the items of one side that get a strip: the first few that a series gave."""
    return {item["id"] for item in [item for item in items if item.get("series")][: drawing.strips]}
