"""`python -m tests.accuracy.both_layers`: two documented moves by facts, by series, by both; where they came from.

Needs the market series beside the project; without them it says so and ends.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from api.attributing import first_of
from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.model import Dossier
from causal.moveshares import MoveShares, share_out
from causal.scoring import score
from tests.accuracy.market import missing
from tests.accuracy.report import gathered

CASES = ("2026-02-05-bitcoin-flash-crash", "2024-08-05-yen-carry-unwind")


def shares_of(dossier: Dossier, knowledge: Knowledge) -> MoveShares:
    """The shares of a move under the graph that joins its stories."""
    narratives = first_of(bind(knowledge.library, dossier))
    return share_out(dossier, narratives, knowledge.method).answer


def by_layer(dossier: Dossier, knowledge: Knowledge) -> dict[str, dict[str, float]]:
    """Posterior of each narrative that the case lists, by facts alone, series alone, and both; arguments left out."""
    bare = replace(dossier, arguments=())
    seen = {"facts": replace(bare, panel=None), "series": replace(bare, facts=()), "both": bare}
    answer: dict[str, dict[str, float]] = {}
    for name, one in seen.items():
        scored = score(one, bind(knowledge.library, one), knowledge.method)
        row = scored.beliefs.table[scored.rows.readings]
        found = zip(scored.narratives, scored.structure.narratives, strict=True)
        answer[name] = {told.id: float(row[place]) for told, place in found if told.origin != "library"}
    return answer


def _print(console: Console, dossier: Dossier, knowledge: Knowledge) -> None:
    layers = by_layer(dossier, knowledge)
    table = Table("narrative", *layers, title=dossier.case, box=None)
    for name in sorted(layers["both"], key=lambda one: -layers["both"][one]):
        table.add_row(name, *(f"{layers[layer].get(name, float('nan')):.3f}" for layer in layers))
    console.print(table)
    shares = shares_of(dossier, knowledge)
    found = shares.attribution
    if found is None:
        console.print(f"not identifiable: {shares.not_identifiable}")
        return
    console.print(f"{found.move:+.2f} {shares.unit}, {found.mean:+.2f} on a usual day, {found.rows} rows")
    rows = Table("series", "share", "5 to 95 %", box=None)
    for node in found.nodes:
        rows.add_row(node.node, f"{node.share:+.2f}", f"{node.low:+.2f} to {node.high:+.2f}")
    for story in shares.stories:
        told = story.share
        band = str(story.not_identifiable) if told is None else f"{told.low:+.2f} to {told.high:+.2f}"
        rows.add_row(f"story {story.narrative}", "" if told is None else f"{told.share:+.2f}", band)
    for aside in shares.aside:
        rows.add_row(aside.id, "", aside.why)
    console.print(rows)


def main() -> int:
    """Print both moves."""
    console, why = Console(width=150), missing()
    if why:
        console.print(f"skipped: {why}")
        return 0
    knowledge = load_knowledge()
    material = asyncio.run(gathered(knowledge))
    for judged in material.both:
        if judged.dossier.case in CASES:
            _print(console, judged.dossier, knowledge)
    return 0


if __name__ == "__main__":
    sys.exit(main())
