"""`make switches`: does what can be turned on help on the bundled cases, from facts, from series and from both?

Beside the figures with it on: AUC where for each case it is on or off as was better on the other five. Arguments are
left out as ever, but for the validity of arguments, which is asked with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.scoring import score
from causal.settings import Method
from tests.accuracy.leaving import leave_one_out
from tests.accuracy.measure import FALSE, TRUE, Judged, auc, measure
from tests.accuracy.report import Material, gathered, padding

SWITCHES: dict[str, Method] = {
    "none": Method(),
    "residual_pit": Method(residual_pit=True),
    "shared_sources .5": Method(shared_sources=0.5),
    "amplification .3": Method(amplification=0.3),
    "amplification .6": Method(amplification=0.6),
}
HEADS = ("evidence", "turned on", "AUC", "within cases", "inverted", "chosen on five", "padding")


def print_readings(console: Console, material: Material, knowledge: Knowledge) -> None:
    """Readings alone, by what there is of evidence."""
    table = Table(*HEADS, box=None)
    off = SWITCHES["none"]
    for way, cases in material.ways.items():
        for name, method in SWITCHES.items():
            found = measure(cases, knowledge.library, method, draws=0)
            left = leave_one_out(cases, knowledge.library, off, {"off": off, "on": method})
            padded = padding(cases, replace(knowledge, method=method))
            table.add_row(
                way,
                name,
                f"{found.pooled:.3f}",
                f"{found.within:.3f}",
                f"{found.inverted:.3f}",
                f"{left.held_out:.3f} ({', '.join(left.chosen)})",
                f"{padded:+.3f}",
            )
    console.print(table)


def print_arguments(console: Console, material: Material, knowledge: Knowledge) -> None:
    """Readings and arguments, with the validity of arguments by status and graded."""
    for way, cases in material.ways.items():
        found = {
            name: with_arguments(cases, knowledge, Method(argument_validity=name)) for name in ("status", "graded")
        }  # type: ignore[arg-type]  # two literals
        changed = sum(one != other for one, other in zip(*found.values(), strict=True))
        told = ", ".join(f"{name} {auc(*zip(*pairs, strict=True)):.3f}" for name, pairs in found.items())
        console.print(f"argument_validity, {way} and arguments: AUC {told}; {changed} posteriors differ")


def with_arguments(cases: Sequence[Judged], knowledge: Knowledge, method: Method) -> list[tuple[float, bool]]:
    """(posterior, whether true) of every judged story, by all that there is."""
    pairs = []
    for case in cases:
        scored = score(case.dossier, bind(knowledge.library, case.dossier), method)
        row = scored.beliefs.table[scored.rows.full]
        for narrative, variable in zip(scored.narratives, scored.structure.narratives, strict=True):
            verdict = case.verdicts.get(narrative.id)
            if verdict in TRUE | FALSE:
                pairs.append((float(row[variable]), verdict in TRUE))
    return pairs


def main() -> None:
    """Print both."""
    knowledge, console = load_knowledge(), Console(width=120)
    material = asyncio.run(gathered(knowledge))
    print_readings(console, material, knowledge)
    print_arguments(console, material, knowledge)


if __name__ == "__main__":
    main()
