"""`make accuracy`: how well scores tell true stories from wrong ones on the bundled cases, baselines beside it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.knowledge import Knowledge, load_knowledge
from causal.model import Prediction, Step
from graph.server import ensure_running, stop
from graph.store import open_store
from ingest.casefile import bundled_cases
from tests.accuracy.cases import judged
from tests.accuracy.measure import Judged, leader, measure, posteriors, template_rank

UNSPECIFIC = (
    ("trading volume", "ibit", "up"),
    ("implied volatility", "btc_iv", "up"),
    ("spot return", "igv", "down"),
    ("spot return", "mstr", "down"),
    ("spot return", "crypto_market", "down"),
    ("liquidations", "crypto_market", "up"),
)


async def gathered(knowledge: Knowledge) -> list[Judged]:
    """The cases through an embedded graph of their own."""
    with tempfile.TemporaryDirectory() as folder:
        running = ensure_running(Path(folder), keep=False)
        store = open_store(running.service)
        try:
            await store.create_schema()
            return await judged(store, knowledge, bundled_cases())
        finally:
            await store.close()
            stop(Path(folder))


def padded(case: Judged, narrative: str) -> Judged:
    """The case with six true but unspecific predictions added to one of its narratives."""
    extra = Step(
        n=0,
        text="things that move on any such day",
        key=f"{narrative}.padding",
        predictions=tuple(Prediction(indicator=i, subject=s, direction=d) for i, s, d in UNSPECIFIC),  # type: ignore[arg-type]  # literals
    )
    stories = tuple(
        replace(story, steps=(*story.steps, replace(extra, n=len(story.steps) + 1))) if story.id == narrative else story
        for story in case.dossier.narratives
    )
    return replace(case, dossier=replace(case.dossier, narratives=stories))


def print_cases(console: Console, cases: list[Judged], knowledge: Knowledge) -> None:
    """Every narrative of every case with its posterior from readings alone and its verdict."""
    table = Table("case", "narrative", "readings", "verdict", "template", box=None)
    for case in cases:
        own = posteriors(case.dossier, knowledge.library, knowledge.method)
        for name in sorted(case.verdicts, key=lambda name: (-own[name], name)):
            mark = " *" if name in case.consensus else ""
            first = case.dossier.case if name == leader(case, own) else ""
            table.add_row(first, name + mark, f"{own[name]:.3f}", case.verdicts[name], case.templates[name] or "")
        ranked = sorted(set(own) - set(case.verdicts), key=lambda name: -own[name])[:3]
        table.add_row("", "library: " + ", ".join(f"{name} {own[name]:.3f}" for name in ranked), "", "", "")
    console.print(table)
    console.print("* of the consensus")


def print_figures(console: Console, cases: list[Judged], knowledge: Knowledge) -> None:
    """The figures of the design with their floors, and the guards."""
    found = measure(cases, knowledge.library, knowledge.method)
    ranks = [template_rank(case, knowledge.library, knowledge.method) for case in cases]
    crash = next(case for case in cases if case.dossier.case == "2026-02-05-bitcoin-flash-crash")
    plain = posteriors(crash.dossier, knowledge.library, knowledge.method)["junk_ai"]
    more = posteriors(padded(crash, "junk_ai").dossier, knowledge.library, knowledge.method)["junk_ai"]
    table = Table("readings only, one set of defaults", "found", "asked", box=None)
    table.add_row("consensus-first narrative first", f"{found.first} of {found.cases}", "5 of 6 (goal 6)")
    table.add_row("AUC against the verdicts, pooled", f"{found.pooled:.3f}", ">= .80")
    table.add_row("AUC within cases, mean", f"{found.within:.3f}", ">= .74")
    table.add_row("  the number of predictions as the score", f"{found.counted:.3f}", "beside it")
    table.add_row("  readings replaced by noise (20 draws)", f"{found.noise:.3f}", "beside it")
    table.add_row("lift over noise", f"{found.lift:.3f}", ">= .35")
    table.add_row("all readings inverted", f"{found.inverted:.3f}", "< .30")
    table.add_row("highest posterior of a refuted narrative", f"{found.highest_refuted:.3f}", "<= .50")
    table.add_row("six unspecific predictions added to junk_ai", f"{more - plain:+.3f}", "< +.05")
    good = sum(rank is not None and rank <= 2 for rank in ranks)
    table.add_row("templates alone: a consensus template in the first two", f"{good} of {len(ranks)}", "5 of 6")
    console.print(table)
    console.print("rank by case: " + ", ".join(f"{c.dossier.case}: {r}" for c, r in zip(cases, ranks, strict=True)))


def main() -> int:
    """Print both tables."""
    knowledge = load_knowledge()
    console = Console(width=110)
    cases = asyncio.run(gathered(knowledge))
    print_cases(console, cases, knowledge)
    print_figures(console, cases, knowledge)
    return 0


if __name__ == "__main__":
    sys.exit(main())
