"""CPU of gathering and reading 30 series for one explanation, and what ten million other stored values cost it.

Prints; decides nothing. CPU time is that of this process, the fastest of several runs; the graph server, which is warm,
has its own. `cold` is a series store that has kept nothing, as a command has it; `warm` one that has answered before.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from api.ask import Ask, make_ask
from api.explaining import explain_move
from api.gathering import gather
from api.gathering_series import Around, listed, not_too_fine, read_panel, read_values
from api.knowledge import Knowledge, load_knowledge
from causal.binding import bind
from causal.choosing import choose
from causal.facts import FactIndex
from causal.model import Dossier, Window
from causal.observables import collect
from causal.panel import Panel
from causal.pulling import Pulled, Refused, SeriesIndex
from causal.subjects import Identity, build_world
from graph.reading import series_about
from graph.series import SeriesStore
from graph.server import ensure_running, stop
from graph.store import GraphStore, open_store
from tests.benchmarks.invented_series import FALL, MOVED, TEN_YEARS, ingest_asked, ingest_others

RUNS = 7
SHORT = 334  # days: thirty series of them are ten thousand values
OTHERS, OTHER_ROWS = 100, 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A data folder whose graph server runs."""

    folder: Path
    store: GraphStore
    knowledge: Knowledge

    def series(self) -> SeriesStore:
        """The series of the folder, of which nothing is kept yet."""
        return SeriesStore(self.folder / "series")


class Listening(SeriesIndex):
    """A series index that keeps what it was asked."""

    asked: list[tuple[Identity, Window]]

    def pull(self, identity: Identity, window: Window) -> tuple[Pulled | None, tuple[Refused, ...]]:
        """See `SeriesIndex`."""
        self.asked.append((identity, window))
        return super().pull(identity, window)


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def cpu_ms(work: Callable[[], Awaitable[object]]) -> float:
    """CPU milliseconds of the fastest of several calls, after one that is not counted."""
    await work()
    best = float("inf")
    for _ in range(RUNS):
        before = time.process_time()
        await work()
        best = min(best, time.process_time() - before)
    return 1000.0 * best


def question() -> Ask:
    """Why did it fall on that day?"""
    return make_ask(instrument=MOVED, on=FALL)


def questions(dossier: Dossier, panel: Panel, knowledge: Knowledge) -> list[tuple[Identity, Window]]:
    """What the predictions of all narratives ask of the series."""
    world = build_world(dossier)
    index = FactIndex(dossier, world, knowledge.method)
    listening = Listening(dossier, panel, world, knowledge.method)
    listening.asked = []
    index.series = listening
    narratives, _ = choose(index, bind(knowledge.library, dossier))
    collect(index, narratives)
    return listening.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """CPU milliseconds of the parts of gathering and reading; `gather` is all but the readings."""

    gather: float
    gather_warm: float
    reads: float
    reads_warm: float
    panel_warm: float
    readings: float


async def parts_of(bench: Bench, dossier: Dossier, asks: list[tuple[Identity, Window]]) -> Parts:
    """What each part takes, measured on its own."""
    ask, knowledge, kept, panel = question(), bench.knowledge, bench.series(), dossier.panel
    assert panel is not None, "the invented series cover the move"
    move, things = dossier.move, (dossier.instruments, dossier.relations)
    around = Around(move=move, instruments=things[0], relations=things[1], as_of=dossier.as_of)
    subjects = [one.id for one in dossier.instruments] + [one.id for one in dossier.actors]
    rows = await series_about(bench.store, subjects)
    wanted = [one for one in not_too_fine([listed(row) for row in rows]) if knowledge.hows(one.indicator)]
    world = build_world(dossier)

    async def readings() -> None:
        index = SeriesIndex(dossier, panel, world, knowledge.method)
        for one in asks:
            index.pull(*one)

    return Parts(
        gather=await cpu_ms(lambda: gather(ask, bench.store, knowledge, bench.series())),
        gather_warm=await cpu_ms(lambda: gather(ask, bench.store, knowledge, kept)),
        reads=await cpu_ms(lambda: read_values(wanted, bench.series(), dossier.as_of)),
        reads_warm=await cpu_ms(lambda: read_values(wanted, kept, dossier.as_of)),
        panel_warm=await cpu_ms(lambda: read_panel(around, rows, kept, knowledge)),
        readings=await cpu_ms(readings),
    )


async def say_gathering(bench: Bench) -> None:
    """Gathering and reading, whole and in parts."""
    dossier = await gather(question(), bench.store, bench.knowledge, bench.series())
    panel = dossier.panel
    assert panel is not None, "the invented series cover the move"
    asks = questions(dossier, panel, bench.knowledge)
    parts = await parts_of(bench, dossier, asks)
    say(f"{len(panel.columns)} series, {len(panel.days)} sessions, {len(asks)} questions of {len(set(asks))} kinds")
    for label, value in {
        "gather and readings, nothing kept (target 150)": parts.gather + parts.readings,
        "gather and readings, warm": parts.gather_warm + parts.readings,
        "  graph reads, the move, and the dossier": parts.gather_warm - parts.panel_warm,
        "  series reads, nothing kept": parts.reads,
        "  series reads, warm": parts.reads_warm,
        "  panel: laying the series on the sessions": parts.panel_warm - parts.reads_warm,
        "  readings: one conditional PIT for each answer": parts.readings,
    }.items():
        say(f"{label:<62}{value:8.1f} ms CPU")


async def explaining(bench: Bench, label: str, rows: int) -> tuple[float, str]:
    """CPU of a whole explanation with nothing kept, printed with the same when warm; and a digest of its answer."""
    kept, answers = bench.series(), []

    async def one(series: SeriesStore) -> None:
        answers.append(
            await explain_move(question(), bench.store, knowledge=bench.knowledge, series=series, record=False)
        )

    cold = await cpu_ms(lambda: one(bench.series()))
    warm = await cpu_ms(lambda: one(kept))
    say(f"explain, {label:<38}{rows:>11,} values {cold:8.0f} ms CPU{warm:8.0f} ms warm")
    return cold, str(answers[0]["narratives"])


async def run(folder: Path) -> None:
    """The four stores: thirty short or long series, alone or beside ten million other values."""
    store = open_store(ensure_running(folder / "graph", keep=True).service)
    await store.create_schema()
    bench = Bench(folder=folder, store=store, knowledge=load_knowledge())
    asked, others = (folder / name for name in ("asked", "others"))
    for each in (asked, others):
        each.mkdir()
    long = await ingest_asked(store, bench.series(), asked, TEN_YEARS)
    await say_gathering(bench)
    long_alone = await explaining(bench, "30 series of ten years", long)
    short = await ingest_asked(store, bench.series(), asked, SHORT)
    short_alone = await explaining(bench, f"30 series of {SHORT} days", short)
    more = await ingest_others(store, bench.series(), others, OTHERS, OTHER_ROWS)
    short_beside = await explaining(bench, f"the same and {OTHERS} others", short + more)
    long = await ingest_asked(store, bench.series(), asked, TEN_YEARS)
    long_beside = await explaining(bench, f"30 of ten years and {OTHERS} others", long + more)
    await store.close()
    for days, (alone, told), (beside, told_beside) in (
        (SHORT, short_alone, short_beside),
        (TEN_YEARS, long_alone, long_beside),
    ):
        same = "the same" if told == told_beside else "another"
        say(f"{more:,} other values, beside 30 series of {days} days: {beside / alone:.2f} x (target 2), {same} answer")


def main() -> int:
    """Print the figures beside their targets."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            asyncio.run(run(folder))
        finally:
            stop(folder / "graph")
    return 0


if __name__ == "__main__":
    sys.exit(main())
