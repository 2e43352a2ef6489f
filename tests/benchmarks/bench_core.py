"""CPU of what layer A gives on made-up networks of a stated size: posterior, leave-one-out, draws, gain, shares, flips.

Prints; decides nothing. Stories have four steps, and every second one shares its last step with the one before; each
item is one reading of a thing of its own, which a step of one story, seldom of two of a family of five, predicts; every
story predicts something that nobody looked at. CPU time is that of this process, the median of several runs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from causal.flipping import flips
from causal.flipsets import smallest_removal
from causal.looking import open_predictions
from causal.model import Dossier, Narrative, Prediction
from causal.robustness import bands
from causal.scoring import score
from causal.settings import Method
from causal.shapley import shares
from causal.world import Instrument
from tests.dossiers import INSTRUMENTS, a_dossier, a_fact, a_narrative, a_prediction

RUNS = 5
STEPS, FAMILY, BOTH = 4, 5, 0.02
SIZES = ((10, 200, 50.0), (200, 2000, 700.0))  # stories, items, milliseconds wanted


def a_world(stories: int, items: int, seed: int) -> Dossier:
    """So many stories and readings."""
    rng = np.random.default_rng(seed)
    asked: dict[tuple[int, int], list[Prediction]] = {}
    facts = []
    for item in range(items):
        thing, story = f"thing{item}", int(rng.integers(stories))
        facts.append(a_fact(f"f{item}", "spot return", thing, float(rng.normal(0.0, 6.0)), grade="B"))
        family = range(story // FAMILY * FAMILY, min(stories, story // FAMILY * FAMILY + FAMILY))
        for teller in {story, int(rng.choice(family))} if rng.random() < BOTH else {story}:
            side = "up" if rng.random() < 0.5 else "down"
            place = (teller, int(rng.integers(STEPS)))
            asked.setdefault(place, []).append(a_prediction("spot return", thing, side))
    told: list[Narrative] = []
    for story in range(stories):
        unseen = a_prediction("holdings change", f"holder{story}", "down")
        steps = [asked.get((story, step), []) for step in range(STEPS)]
        one = a_narrative(f"n{story}", *steps[:-1], [*steps[-1], unseen])
        if story % 2:
            shared = replace(one.steps[-1], key=told[-1].steps[-1].key)
            one = replace(one, steps=(*one.steps[:-1], shared))
        told.append(one)
    things = tuple(
        Instrument(id=f"thing{n}", name=f"thing {n}", kind="equity", asset_class="equity") for n in range(items)
    )
    return a_dossier(facts, told, instruments=(*INSTRUMENTS, *things))


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds, the median of several calls."""
    times = []
    for _ in range(RUNS):
        before = time.process_time()
        work()
        times.append(time.process_time() - before)
    return 1000 * sorted(times)[RUNS // 2]


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def report(stories: int, items: int, wanted: float) -> None:
    """The figures of one size."""
    dossier, method = a_world(stories, items, 1), Method()
    groups = tuple((narrative,) for narrative in dossier.narratives)
    scored = score(dossier, groups, method)
    plan, found = scored.structure.plan, bands(scored)
    say(f"{stories} stories, {len(scored.items)} items: width {plan.width}, {plan.cells} cells, {found.draws} draws")
    first = {
        "readings, network, posterior, leave-one-out": cpu_ms(lambda: score(dossier, groups, method)),
        "draws of priors, reliabilities and tilts": cpu_ms(lambda: bands(scored)),
        "expected information": cpu_ms(lambda: open_predictions(scored)),
    }
    more = {
        f"Shapley shares ({shares(scored).permutations} orders)": cpu_ms(lambda: shares(scored)),
        "flip values": cpu_ms(lambda: flips(scored)),
        "flip set": cpu_ms(lambda: smallest_removal(scored)),
    }
    for label, value in first.items():
        say(f"  {label:<56}{value:8.1f} ms CPU")
    say(f"  {f'these together (target {wanted:.0f})':<56}{sum(first.values()):8.1f} ms CPU")
    for label, value in more.items():
        say(f"  {label:<56}{value:8.1f} ms CPU")
    say(f"  {'memory at its peak':<56}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def main() -> int:
    """Print the figures of all sizes beside their targets."""
    for stories, items, wanted in SIZES:
        report(stories, items, wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
