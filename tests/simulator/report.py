"""`make calibration`: are the product's probabilities right, on simulated moves whose causes are known?

The worlds are fresh: their seeds were never looked at when a constant was chosen. `--quick` is the same with little of
everything, in less than a minute; its figures decide nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from causal.recalibration import fit_logistic
from causal.settings import Method
from tests.simulator import trials
from tests.simulator.asking import Parts
from tests.simulator.curves import reliability_svg
from tests.simulator.dossiers import Market
from tests.simulator.noise import read_noise
from tests.simulator.scores import Scores, auc, brier, calibration_error, score_of
from tests.simulator.worlds import Array

FIRST_FRESH = 101
ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
SERIES = ROOT.parent / "shared" / "data" / "market"
PRODUCT, NAIVE, LABELLED = "product, no labels", "naive Bayes, all reports", "product, 200 labels"
ALONE = {"base: facts and arguments only": Parts(series=False), "base: series only": Parts(facts=False)}
LADDER_TITLE = "{} moves a world, product without labels"
HEADS = ("Brier", "log loss", "ECE", "AUC", "top-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked: worlds, and moves in each for the comparison, its labels, the ladder, time and null."""

    worlds: int
    moves: int
    labels: int
    rungs: int
    null: int

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
    parser.add_argument("--svg", type=Path, default=None, help="folder for the curves (default: docs, quick: none)")
    given = parser.parse_args(arguments)
    console = Console(width=120)
    size = QUICK if given.quick else FULL
    folder = given.svg or (None if given.quick else DOCS)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("moves", total=size.ticks)
        report(console, size, given.first_seed, folder, lambda: progress.advance(task))


def report(console: Console, size: Size, first: int, folder: Path | None, tick: Callable[[], None]) -> None:
    """All four parts."""
    markets = [trials.market_of(first + n, Method()) for n in range(size.worlds)]
    found = [trials.compare(market, moves=size.moves, labels=size.labels, tick=tick) for market in markets]
    _comparison(console, found)
    _sets(console, found)
    _unknown(console, found)
    console.print(
        _rows(Table("ladder", *HEADS, title=LADDER_TITLE.format(size.rungs)), _ladder(size, first, markets, tick))
    )
    _of_markets(console, size, first, tick)
    console.print(_as_of(size, markets, tick))
    nulls = [trials.null_suite(market, size.null, tick) for market in markets]
    _null(console, nulls)
    _targets(console, found, nulls)
    if folder is not None:
        _draw(found, folder)


def _spread(values: Sequence[float], form: str = ".4f") -> str:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):{form}} +- {deviation:.3f}"


def _rows(table: Table, scores: dict[str, list[Scores]]) -> Table:
    for name, own in scores.items():
        table.add_row(name, *(_spread(column) for column in zip(*(one.row() for one in own), strict=True)))
    return table


def _comparison(console: Console, found: Sequence[trials.Trial]) -> None:
    scores: dict[str, list[Scores]] = {}
    for trial in found:
        for name, one in trial.scores().items():
            scores.setdefault(name, []).append(one)
    moves, true = len(found[0].answers), np.mean([trial.answers.causes.sum(axis=1).mean() for trial in found])
    title = f"{len(found)} worlds x {moves} moves, {true:.2f} true causes each; mean +- sd over worlds"
    console.print(_rows(Table("method", *HEADS, title=title), scores))
    for name in (NAIVE, "naive Bayes, copies merged"):
        gaps = [one.scores()[name].brier - one.scores()[PRODUCT].brier for one in found]
        error = float(np.std(gaps, ddof=1)) / len(gaps) ** 0.5 if len(gaps) > 1 else 0.0
        console.print(f"paired: {name} less product, no labels: Brier {np.mean(gaps):+.4f} (s.e. {error:.4f})")


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


def _ladder(size: Size, first: int, markets: Sequence[Market], tick: Callable[[], None]) -> dict[str, list[Scores]]:
    scores: dict[str, list[Scores]] = {}
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
    scores: dict[str, list[Scores]] = {}
    for market in markets:
        truth = trials.truths(market, size.rungs)
        for hours in trials.HOURS:
            p = trials.posteriors(market, size.rungs, tick, parts=Parts(hours=hours))
            scores.setdefault(f"{hours:g} h after the close", []).append(score_of(p, truth))
    return _rows(Table("as of", *HEADS, title="what was known by then"), scores)


def _null(console: Console, nulls: Sequence[trials.Null]) -> None:
    table = Table("moves without a cause", "mean +- sd")
    for name, values in (
        ("narratives above one half", [one.narratives_above for one in nulls]),
        ("moves with any above one half", [one.moves_above for one in nulls]),
        ("highest posterior of a move", [one.highest for one in nulls]),
        ("mean likelihood ratio of a reading", [one.ratio for one in nulls]),
        ("variance inflation of a story's sum", [one.inflation for one in nulls]),
    ):
        table.add_row(name, _spread(values))
    console.print(table)


def _targets(console: Console, found: Sequence[trials.Trial], nulls: Sequence[trials.Null]) -> None:
    """What was promised, and whether it was reached."""
    mean: dict[str, Scores] = {}
    for name in found[0].scores():
        rows = np.array([trial.scores()[name].row() for trial in found]).mean(axis=0)
        brier_, loss, ece, auc_, top = rows.tolist()
        mean[name] = Scores(brier=brier_, log_loss=loss, ece=ece, auc=auc_, top=top)
    own = mean[PRODUCT]
    lines = [
        ("no labels: Brier <= .150", own.brier, own.brier <= 0.150),
        ("no labels: ECE <= .045", own.ece, own.ece <= 0.045),
        ("no labels: AUC >= .79", own.auc, own.auc >= 0.79),
        ("better than naive Bayes by .018", mean[NAIVE].brier - own.brier, mean[NAIVE].brier - own.brier >= 0.018),
    ]
    if LABELLED in mean:
        taught = mean[LABELLED]
        lines += [
            ("200 labels: Brier <= .141", taught.brier, taught.brier <= 0.141),
            ("200 labels: ECE <= .020", taught.ece, taught.ece <= 0.020),
        ]
    above, moves = (float(np.mean(x)) for x in zip(*((n.narratives_above, n.moves_above) for n in nulls), strict=True))
    ratio, inflation = (float(np.mean(x)) for x in zip(*((n.ratio, n.inflation) for n in nulls), strict=True))
    lines += [
        ("null: < 5 % of narratives above .5", above, above < 0.05),
        ("null: any narrative above .5 in < 5 % of moves", moves, moves < 0.05),
        ("null: mean likelihood ratio 1 +- .05", ratio, abs(ratio - 1.0) <= 0.05),
        ("null: variance inflation <= 1.3", inflation, inflation <= 1.3),
    ]
    table = Table("target", "found", "reached")
    for name, value, reached in lines:
        table.add_row(name, f"{value:.4f}", "yes" if reached else "no")
    console.print(table)


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
