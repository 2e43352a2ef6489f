"""`make calibration`: are the product's probabilities right, on simulated moves whose causes are known?

The worlds are fresh: what is chosen is chosen on the worlds from `FIRST_DESIGN` on, and those from `FIRST_FRESH` on are
asked when it stands. `--quick` is the same with little of everything, in less than a minute; its figures decide
nothing. `--worlds 10` asks more worlds about fewer moves each, for how far the figures differ from world to world.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from causal.logistic import fit_logistic
from causal.settings import Method
from tests.simulator import trials
from tests.simulator.asking import Parts
from tests.simulator.curves import reliability_svg
from tests.simulator.dossiers import Market
from tests.simulator.noise import read_noise
from tests.simulator.scores import Scores, auc, brier, calibration_error, score_of
from tests.simulator.worlds import Array

FIRST_DESIGN, FIRST_FRESH = 1, 201
ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
SERIES = ROOT.parent / "shared" / "data" / "market"
PRODUCT, NAIVE, LABELLED = "product, no labels", "naive Bayes, all reports", "product, 200 labels"
ALONE = {"base: facts and arguments only": Parts(series=False), "base: series only": Parts(facts=False)}
LADDER_TITLE = "{} moves a world, product without labels"
HEADS = ("Brier", "log loss", "ECE", "by chance", "debiased", "AUC", "top-1")
Found = dict[str, list[Scores]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked: worlds, and moves in each for the comparison, its labels, the ladder, time and null."""

    worlds: int
    moves: int
    labels: int
    rungs: int
    null: int

    def over(self, worlds: int) -> Size:
        """As much in all, over other than the usual number of worlds."""
        share = self.worlds / worlds
        return replace(self, worlds=worlds, moves=round(self.moves * share), rungs=round(self.rungs * share))

    @property
    def ticks(self) -> int:
        """Moves to be scored in all."""
        ladder = (len(trials.LADDER) + 1 + len(ALONE)) * self.rungs
        time = len(trials.HOURS) * self.rungs
        return self.worlds * (2 * self.moves + self.labels + ladder + time + self.null)


FULL = Size(worlds=5, moves=1_000, labels=400, rungs=100, null=200)
QUICK = Size(worlds=2, moves=60, labels=50, rungs=12, null=30)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print the tables, and (unless quick) write the curves into `docs/`."""
    parser = argparse.ArgumentParser(prog="make calibration", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke of less than a minute")
    parser.add_argument("--first-seed", type=int, default=FIRST_FRESH, help="seed of the first world")
    parser.add_argument("--worlds", type=int, default=None, help="how many worlds (default: 5, quick: 2)")
    parser.add_argument("--svg", type=Path, default=None, help="folder for the curves (default: docs, quick: none)")
    given = parser.parse_args(arguments)
    console = Console(width=150)
    usual = QUICK if given.quick else FULL
    size = usual.over(given.worlds) if given.worlds else usual
    own = size != FULL or given.first_seed != FIRST_FRESH
    folder = given.svg or (None if own else DOCS)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("moves", total=size.ticks)
        report(console, size, given.first_seed, folder, lambda: progress.advance(task))


def report(console: Console, size: Size, first: int, folder: Path | None, tick: Callable[[], None]) -> None:
    """All four parts."""
    markets = [trials.market_of(first + n, Method()) for n in range(size.worlds)]
    found = [trials.compare(market, moves=size.moves, labels=size.labels, tick=tick) for market in markets]
    scores = _scores(found)
    _comparison(console, found, scores, first)
    _sets(console, found)
    _unknown(console, found)
    console.print(
        _rows(Table("ladder", *HEADS, title=LADDER_TITLE.format(size.rungs)), _ladder(size, first, markets, tick))
    )
    _of_markets(console, size, first, tick)
    console.print(_as_of(size, markets, tick))
    nulls = [
        trials.null_suite(market, size.null, tick, own.artefacts[max(own.artefacts)])
        for market, own in zip(markets, found, strict=True)
    ]
    _null(console, nulls, max(found[0].artefacts))
    _targets(console, scores, nulls)
    if folder is not None:
        _draw(found, folder)


def _spread(values: Sequence[float], form: str = ".4f") -> str:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):{form}} +- {deviation:.3f}"


def _scores(found: Sequence[trials.Trial]) -> Found:
    """Of each method in each world."""
    scores: Found = {}
    for trial in found:
        for name, one in trial.scores().items():
            scores.setdefault(name, []).append(one)
    return scores


def _rows(table: Table, scores: Found) -> Table:
    for name, own in scores.items():
        table.add_row(name, *(_spread(column) for column in zip(*(one.row() for one in own), strict=True)))
    return table


def _comparison(console: Console, found: Sequence[trials.Trial], scores: Found, first: int) -> None:
    moves, true = len(found[0].answers), np.mean([trial.answers.causes.sum(axis=1).mean() for trial in found])
    seeds = f"seeds {first} to {first + len(found) - 1}"
    title = f"{len(found)} worlds ({seeds}) x {moves} moves, {true:.2f} true causes each; mean +- sd over worlds"
    console.print(_rows(Table("method", *HEADS, title=title), scores))
    for name in (NAIVE, "naive Bayes, copies merged"):
        gaps = [other.brier - own.brier for other, own in zip(scores[name], scores[PRODUCT], strict=True)]
        error = float(np.std(gaps, ddof=1)) / len(gaps) ** 0.5 if len(gaps) > 1 else 0.0
        console.print(
            f"paired: {name} less product, no labels: Brier {np.mean(gaps):+.4f} (s.e. {error:.4f}, "
            f"least {min(gaps):+.4f})"
        )


def _sets(console: Console, found: Sequence[trials.Trial]) -> None:
    """Does the list of joint explanations hold the true set as often as it says?"""
    hit, held = ([float(getattr(one.answers, name).mean()) for one in found] for name in ("listed", "held"))
    console.print(f"true set in the list of joint explanations: {_spread(hit)} of moves; it holds {_spread(held)}")


def _unknown(console: Console, found: Sequence[trials.Trial]) -> None:
    """Something else: as it is given, and after two numbers for it were learned (logit, surprise gain)."""
    table = Table("something else", "Brier", "ECE", "AUC", title="was none of the stories the cause?")
    raw = [(one.answers.unknown, one.answers.unexplained) for one in found]
    taught = [(_relearned(one), one.answers.unexplained) for one in found]
    surprise = [(-one.answers.surprise, one.answers.unexplained) for one in found]
    base = [(np.full(len(t), t.mean()), t) for _, t in raw]
    for name, pairs in (("posterior", raw), (f"recalibrated, {len(found[0].taught)} labels", taught), ("rate", base)):
        table.add_row(
            name,
            _spread([brier(p, t) for p, t in pairs]),
            _spread([calibration_error(p, t) for p, t in pairs]),
            _spread([auc(p, t) for p, t in pairs]),
        )
    table.add_row("surprise gain alone", "", "", _spread([auc(p, t) for p, t in surprise]))
    console.print(table)


def _relearned(trial: trials.Trial) -> Array:
    def table(unknown: Array, surprise: Array) -> Array:
        kept = np.clip(unknown, 1e-6, 1.0 - 1e-6)
        return np.stack([np.ones(len(kept)), np.log(kept / (1.0 - kept)), surprise], axis=1)

    own, other = trial.answers, trial.taught
    truth = other.unexplained.astype(np.float64)
    weights = fit_logistic(table(other.unknown, other.surprise), truth, ridge=np.full(3, 1e-2))
    return np.asarray(1.0 / (1.0 + np.exp(-(table(own.unknown, own.surprise) @ weights))))


def _ladder(size: Size, first: int, markets: Sequence[Market], tick: Callable[[], None]) -> Found:
    scores: Found = {}
    for n, market in enumerate(markets):
        truth = trials.truths(market, size.rungs)
        for name, setup in trials.LADDER.items():
            rung = trials.market_of(first + n, market.method, setup)
            scores.setdefault(name, []).append(score_of(trials.posteriors(rung, size.rungs, tick), truth))
        for name, parts in ALONE.items():
            p = trials.posteriors(market, size.rungs, tick, parts=parts)
            scores.setdefault(name, []).append(score_of(p, truth))
    return scores


def _of_markets(console: Console, size: Size, first: int, tick: Callable[[], None]) -> None:
    """The base worlds again with the noise of real series, where these lie beside the project."""
    noise = read_noise(SERIES)
    if noise is None:
        console.print("noise of real markets: no market series beside the project, the built-in noise alone was used")
        return
    found = []
    for n in range(size.worlds):
        market = trials.market_of(first + n, Method(), noise=noise)
        truth = trials.truths(market, size.rungs)
        found.append(score_of(trials.posteriors(market, size.rungs, tick), truth))
    console.print(_rows(Table("noise", *HEADS), {"changes of real series, by regime": found}))


def _as_of(size: Size, markets: Sequence[Market], tick: Callable[[], None]) -> Table:
    scores: Found = {}
    for market in markets:
        truth = trials.truths(market, size.rungs)
        for hours in trials.HOURS:
            p = trials.posteriors(market, size.rungs, tick, parts=Parts(hours=hours))
            scores.setdefault(f"{hours:g} h after the close", []).append(score_of(p, truth))
    return _rows(Table("as of", *HEADS, title="what was known by then"), scores)


def _null(console: Console, nulls: Sequence[trials.Null], labels: int) -> None:
    """By narrative and by move: of eight narratives, each rarely above one half, one of them often is."""
    table = Table("moves without a cause", "mean +- sd", "worst")
    for name, values in (
        ("narratives above one half", [one.narratives_above for one in nulls]),
        ("moves with any above one half", [one.moves_above for one in nulls]),
        (f"narratives above one half, recalibrated by {labels} labels", [one.taught_narratives for one in nulls]),
        (f"moves with any above one half, recalibrated by {labels} labels", [one.taught_moves for one in nulls]),
        ("highest posterior of a move", [one.highest for one in nulls]),
        ("mean likelihood ratio of a reading", [one.ratio for one in nulls]),
        ("variance inflation of a story's sum", [one.inflation for one in nulls]),
    ):
        table.add_row(name, _spread(values), f"{max(values):.3f}")
    console.print(table)


def _targets(console: Console, scores: Found, nulls: Sequence[trials.Null]) -> None:
    """What was promised, and whether it was reached: on average, and in the world where it went worst."""
    own = scores[PRODUCT]
    lead = [other.brier - one.brier for other, one in zip(scores[NAIVE], own, strict=True)]
    lines = [
        ("no labels: Brier", [one.brier for one in own], 0.0, 0.150),
        ("no labels: ECE", [one.ece for one in own], 0.0, 0.045),
        ("no labels: AUC", [one.auc for one in own], 0.79, 1.0),
        ("no labels: Brier below naive Bayes by", lead, 0.018, 1.0),
    ]
    if LABELLED in scores:
        lines += [
            ("200 labels: Brier", [one.brier for one in scores[LABELLED]], 0.0, 0.141),
            ("200 labels: ECE", [one.ece for one in scores[LABELLED]], 0.0, 0.020),
        ]
    lines += [
        ("null: narratives above .5", [one.narratives_above for one in nulls], 0.0, 0.05),
        ("null: moves with any narrative above .5", [one.moves_above for one in nulls], 0.0, 0.05),
        ("null: mean likelihood ratio", [one.ratio for one in nulls], 0.95, 1.05),
        ("null: variance inflation", [one.inflation for one in nulls], 0.0, 1.3),
    ]
    table = Table("target", "asked", "found", "least", "most", "reached", "in worlds")
    for name, values, least, most in lines:
        mean, reached = float(np.mean(values)), sum(least <= value <= most for value in values)
        told = _bound(least, most)
        said = "yes" if least <= mean <= most else "no"
        row = (f"{x:.4f}" for x in (mean, min(values), max(values)))
        table.add_row(name, told, *row, said, f"{reached} of {len(values)}")
    console.print(table)


def _bound(least: float, most: float) -> str:
    if least == 0.0:
        return f"<= {most:g}"
    return f">= {least:g}" if most == 1.0 else f"{least:g} to {most:g}"


def _draw(found: Sequence[trials.Trial], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    causes = np.concatenate([trial.answers.causes for trial in found])
    names = [name for name in (PRODUCT, LABELLED, NAIVE, "exclusive Bayes") if name in found[0].methods]
    curves = {name: (np.concatenate([t.methods[name] for t in found]), causes) for name in names}
    title = f"Was the story a cause? {len(found)} simulated markets"
    (folder / "calibration-narratives.svg").write_text(reliability_svg(title, curves), encoding="utf-8")
    unknown = np.concatenate([t.answers.unexplained for t in found])
    more = {
        "posterior": (np.concatenate([t.answers.unknown for t in found]), unknown),
        "recalibrated": (np.concatenate([_relearned(t) for t in found]), unknown),
    }
    title = "Was it something else?"
    (folder / "calibration-unknown.svg").write_text(reliability_svg(title, more), encoding="utf-8")


if __name__ == "__main__":
    main()
