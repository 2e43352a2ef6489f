"""`make accuracy`: how well scores tell true stories from wrong ones on the bundled cases, baselines beside it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.ask import make_ask
from api.gathering import gather
from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.model import Prediction, Step
from causal.scoring import score
from graph.series import SeriesStore
from graph.server import ensure_running, stop
from graph.store import open_store
from ingest.casefile import bundled_cases
from tests.accuracy.cases import judged
from tests.accuracy.defaults import changes
from tests.accuracy.leaving import leave_one_out
from tests.accuracy.market import load_market, missing
from tests.accuracy.measure import Figures, Judged, leader, measure, posteriors, template_rank
from tests.accuracy.null import Days, rates, worth

UNSPECIFIC = (
    ("trading volume", "ibit", "up"),
    ("implied volatility", "btc_iv", "up"),
    ("spot return", "igv", "down"),
    ("spot return", "mstr", "down"),
    ("spot return", "crypto_market", "down"),
    ("liquidations", "crypto_market", "up"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The cases from facts alone, and where market series are present with these too; and a day to draw others from."""

    facts: list[Judged]
    both: list[Judged]
    days: Days | None

    @property
    def ways(self) -> dict[str, list[Judged]]:
        """The same cases with facts, with series and with both."""
        if not self.both:
            return {"facts": self.facts}
        bare = [replace(c, dossier=replace(c.dossier, facts=(), disputes=())) for c in self.both]
        return {"facts": self.facts, "series": bare, "both": self.both}


async def gathered(knowledge: Knowledge) -> Material:
    """The cases through an embedded graph of their own."""
    with tempfile.TemporaryDirectory() as folder:
        running = ensure_running(Path(folder) / "graph", keep=False)
        store = open_store(running.service)
        try:
            await store.create_schema()
            facts = await judged(store, knowledge, bundled_cases())
            if missing():
                return Material(facts=facts, both=[], days=None)
            series = SeriesStore(Path(folder) / "series")
            await load_market(store, series)
            both = await judged(store, knowledge, bundled_cases(), series)
            day = await gather(make_ask(instrument="btcusd", on="2026-02-03"), store, knowledge, series)
            return Material(facts=facts, both=both, days=Days(day, "2018-01-01", "2026-01-31"))
        finally:
            await store.close()
            stop(Path(folder) / "graph")


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


def print_figures(console: Console, material: Material, knowledge: Knowledge) -> None:
    """The figures of the design with their floors, side by side, and the guards."""
    ways = material.ways
    found = {name: measure(cases, knowledge.library, knowledge.method) for name, cases in ways.items()}
    ranks = {
        name: [template_rank(case, knowledge.library, knowledge.method) for case in cases]
        for name, cases in ways.items()
    }
    table = Table("readings only, one set of defaults", *ways, "asked", box=None)
    for label, figure, asked in FIGURES:
        table.add_row(label, *(figure(one) for one in found.values()), asked)
    table.add_row("predictions answered", *(str(answered(cases, knowledge)) for cases in ways.values()), ">= 85 %")
    table.add_row(
        "six unspecific predictions added to junk_ai",
        *(f"{padding(c, knowledge):+.3f}" for c in ways.values()),
        "< +.05",
    )
    good = {name: sum(rank is not None and rank <= 2 for rank in own) for name, own in ranks.items()}
    table.add_row(
        "templates alone: a consensus template in the first two", *(f"{n} of 6" for n in good.values()), "5 of 6"
    )
    console.print(table)
    for name, own in ranks.items():
        told = ", ".join(f"{str(c.dossier.case)[:10]}: {r}" for c, r in zip(material.facts, own, strict=True))
        console.print(f"rank of a consensus template, {name}: {told}")


FIGURES: tuple[tuple[str, Callable[[Figures], str], str], ...] = (
    ("consensus-first narrative first", lambda f: f"{f.first} of {f.cases}", "5 of 6 (goal 6)"),
    ("AUC against the verdicts, pooled", lambda f: f"{f.pooled:.3f}", ">= .80"),
    ("AUC within cases, mean", lambda f: f"{f.within:.3f}", ">= .74"),
    ("  the number of predictions as the score", lambda f: f"{f.counted:.3f}", "beside it"),
    ("  readings replaced by noise (20 draws)", lambda f: f"{f.noise:.3f}", "beside it"),
    ("lift over noise", lambda f: f"{f.lift:.3f}", ">= .35"),
    ("all readings inverted", lambda f: f"{f.inverted:.3f}", "< .30"),
    ("highest posterior of a refuted narrative", lambda f: f"{f.highest_refuted:.3f}", "<= .50"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How many predictions of the cases' own narratives there are, have an answer, and have one by a series."""

    total: int
    told: int
    measured: int

    def __str__(self) -> str:
        """As it is printed."""
        return f"{self.told} of {self.total} ({self.measured} by series)"


def answered(cases: list[Judged], knowledge: Knowledge) -> Answered:
    """Counted over all cases."""
    total = told = measured = 0
    for case in cases:
        bare = replace(case.dossier, arguments=())
        scored = score(bare, bind(knowledge.library, bare), knowledge.method)
        for one in scored.findings.answers:
            if scored.narratives[one.narrative].origin == "case":
                total += 1
                told += bool(one.reports) or one.by_move is not None
                measured += any(report.fact in scored.index.pulled for report in one.reports)
    return Answered(total=total, told=told, measured=measured)


def padding(cases: list[Judged], knowledge: Knowledge) -> float:
    """By how much six true but unspecific predictions raise a junk story."""
    crash = next(case for case in cases if case.dossier.case == "2026-02-05-bitcoin-flash-crash")
    plain = posteriors(crash.dossier, knowledge.library, knowledge.method)["junk_ai"]
    return posteriors(padded(crash, "junk_ai").dossier, knowledge.library, knowledge.method)["junk_ai"] - plain


def print_null(console: Console, days: Days, knowledge: Knowledge, count: int) -> None:
    """Moves that nothing explains."""
    table = Table("null suite: a story above .5", "days", "share", "mean of the highest", "asked", box=None)
    for rate in rates(days, knowledge.library, knowledge.method, count):
        table.add_row(rate.name, str(rate.days), f"{rate.above_half:.3f}", f"{rate.mean_highest:.2f}", "< .05")
    console.print(table)
    found = worth(days, knowledge.library, knowledge.method, count)
    console.print(
        f"where no story holds: mean likelihood ratio {found.mean_ratio:.3f} of {found.readings} readings (1 +- .05), "
        f"variance inflation {found.inflation:.2f} (<= 1.4)"
    )


def print_left_out(console: Console, material: Material, knowledge: Knowledge) -> None:
    """Constants chosen without a case, tried on it."""
    table = Table("constants chosen on five cases, tried on the sixth", "AUC pooled", "as shipped", "chosen", box=None)
    for name, cases in material.ways.items():
        found = leave_one_out(cases, knowledge.library, knowledge.method)
        table.add_row(name, f"{found.held_out:.3f}", f"{found.shipped:.3f}", ", ".join(found.chosen))
    console.print(table)


def print_changes(console: Console, material: Material, knowledge: Knowledge) -> None:
    """What each default would have to be for another story to come first in some case."""
    table = Table("another story first", "ships", "below", "above", title="from facts alone", box=None)
    for constant, down, up in changes(material.facts, knowledge.library, knowledge.method):
        told = [
            "no value tried" if one is None else f"{one.value:.3g}: {one.then} ({one.case[:10]})" for one in (down, up)
        ]
        table.add_row(constant.name, f"{constant.value:.3g}", *told)
    console.print(table)


def main() -> int:
    """Print all tables; the number of days of each sort of the null suite may be given (300)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    knowledge = load_knowledge()
    console = Console(width=120)
    material = asyncio.run(gathered(knowledge))
    print_cases(console, material.facts, knowledge)
    print_figures(console, material, knowledge)
    print_left_out(console, material, knowledge)
    print_changes(console, material, knowledge)
    if material.days is None:
        console.print(f"series and null suite skipped: {missing()}")
    else:
        print_null(console, material.days, knowledge, count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
