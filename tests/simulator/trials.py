"""The calibration runs: each world asked about fresh moves, its rivals taught with labels of other moves.

Four sorts: all methods on the base world; the ladder from a world without press errors and with perfect experts to one
whose experts are often wrong; what is known as time passes; and moves that no mechanism had a part in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.choosing import log_ratio
from causal.recalibration import LINE_MOVES, STACK_MOVES, Judged, Recalibration, fit_recalibration
from causal.scoring import Scored
from causal.settings import Method
from tests.simulator import rivals
from tests.simulator.asking import Answers, Parts, Tick, Told, ask_all, posterior_of, scored_move, told_of
from tests.simulator.days import Bools
from tests.simulator.dossiers import Market, open_market
from tests.simulator.noise import Noise
from tests.simulator.scores import Scores, score_of
from tests.simulator.worlds import MECHANISMS, Array, Setup, draw_world

ASKED, TAUGHT, IDLE = 1, 2, 3  # streams of days that share nothing
UNSOFTENED = {"generic_tilt": 1.0, "generic_tilt_measured": 1.0, "breadth_correlation": 0.0}
HOURS = (0.0, 6.0, 24.0, 72.0, 1_440.0)
LADDER: dict[str, Setup] = {
    "right graph, no pets, no copies": Setup(
        copied=0.0, pets=False, forgotten=0.0, spurious=0.0, wrong_strength=0.0, wrong_sign=0.0, reliability_error=0.0
    ),
    "... and copies": Setup(
        pets=False, forgotten=0.0, spurious=0.0, wrong_strength=0.0, wrong_sign=0.0, reliability_error=0.0
    ),
    "... and pets": Setup(forgotten=0.0, spurious=0.0, wrong_strength=0.0, wrong_sign=0.0, reliability_error=0.0),
    "... and usual expert error (base)": Setup(),
    "... and a graph that is 40 % wrong": Setup(
        forgotten=0.40, spurious=0.30, wrong_strength=0.50, wrong_sign=0.10, reliability_error=0.15
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One world's result: probabilities (N, 8) of each method, with the truths of the moves asked."""

    methods: Mapping[str, Array]
    answers: Answers
    taught: Answers
    artefacts: Mapping[int, Recalibration]

    def scores(self) -> dict[str, Scores]:
        """The figures of each method, and of the other two questions."""
        found = {name: score_of(p, self.answers.causes) for name, p in self.methods.items()}
        found["but-for: product"] = score_of(self.answers.but_for, self.answers.needed)
        found["but-for: by the posterior"] = score_of(self.answers.posterior, self.answers.needed)
        return found


def market_of(seed: int, method: Method, setup: Setup | None = None, noise: Noise | None = None) -> Market:
    """The market of one seed."""
    return open_market(draw_world(seed, setup, noise), method)


def compare(market: Market, *, moves: int, labels: int, tick: Tick) -> Trial:
    """All methods on `moves` moves; those that learn are taught with up to `labels` others."""
    taught = ask_all(market, market.falls(labels, stream=TAUGHT), stream=TAUGHT, tick=tick)
    asked = ask_all(market, market.falls(moves, stream=ASKED), stream=ASKED, tick=tick)
    priors = np.array([narrative.prior for narrative in market.expert.narratives])
    methods = {
        "constant prior": np.tile(priors, (moves, 1)),
        "ACH count, 200 labels": rivals.learned_line(taught.against[:200], taught.causes[:200], asked.against),
        "exclusive Bayes": asked.winner,
        "naive Bayes, all reports": _sigmoid(asked.naive),
        "naive Bayes, copies merged": _sigmoid(asked.merged),
        "product, no labels": asked.posterior,
        "..., nothing weighed down": posteriors(market, moves, tick, method=unsoftened(market.method)),
    }
    artefacts = {}
    for count in sorted({LINE_MOVES, STACK_MOVES, labels}):
        if count <= labels:
            judged = as_judged(taught, count)
            artefacts[count] = fit_recalibration(judged, settings_hash=market.method.settings_hash())
            methods[f"product, {count} labels"] = recalibrated(
                artefacts[count], asked.posterior, asked.own, asked.context
            )
            methods[f"logistic regression, {count} labels"] = rivals.learned_regression(
                taught.features[:count], taught.causes[:count], asked.features
            )
    return Trial(methods=methods, answers=asked, taught=taught, artefacts=artefacts)


def as_judged(answers: Answers, count: int) -> list[Judged]:
    """The first moves as the recalibration takes them."""
    return [
        Judged(
            move=f"move_{row:04d}",
            narrative=f"mechanism_{k}",
            posterior=float(answers.posterior[row, k]),
            true=bool(answers.causes[row, k]),
            features=answers.own[row][k],
            context=answers.context[row],
        )
        for row in range(count)
        for k in range(MECHANISMS)
    ]


def recalibrated(
    fitted: Recalibration, posterior: Array, own: Sequence[Sequence[Told]], context: Sequence[Told]
) -> Array:
    """Probabilities (N, 8) of moves with these posteriors (N, 8), and what is told of them."""
    return np.array(
        [
            [fitted.apply(f"mechanism_{k}", float(p), row_own[k], around) for k, p in enumerate(row)]
            for row, row_own, around in zip(posterior, own, context, strict=True)
        ]
    )


def _sigmoid(logits: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def posteriors(
    market: Market, moves: int, tick: Tick, *, method: Method | None = None, parts: Parts | None = None
) -> Array:
    """The product's posteriors (moves, 8) alone, with other settings, or with a part of what is known."""
    days = market.falls(moves, stream=ASKED)
    answer = []
    for row in range(moves):
        scored = scored_move(market, days, row, stream=ASKED, method=method or market.method, parts=parts)
        answer.append(posterior_of(scored))
        tick()
    return np.array(answer)


def idle_posteriors(market: Market, moves: int, tick: Tick, *, method: Method) -> Array:
    """The product's posteriors (moves, 8) of moves on which no mechanism was active."""
    days = market.falls(moves, stream=IDLE, idle=True)
    answer = []
    for row in range(moves):
        answer.append(posterior_of(scored_move(market, days, row, stream=IDLE, method=method)))
        tick()
    return np.array(answer)


def truths(market: Market, moves: int) -> Bools:
    """What was so on the moves that `posteriors` is asked about."""
    return market.falls(moves, stream=ASKED).causes()


def unsoftened(method: Method) -> Method:
    """The method without weighing down predictions that any such day fulfils (`causal/breadth.py`)."""
    return replace(method, **UNSOFTENED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Null:
    """Of moves without a cause: how many narratives, and in how many moves any narrative, were above one half.

    `taught_narratives` and `taught_moves` are the same of the posteriors after a recalibration (nan without one).
    `ratio` is the mean likelihood ratio of a reading, `inflation` the variance of their sum in a narrative over the
    sum of their variances.
    """

    moves: int
    narratives_above: float
    moves_above: float
    taught_narratives: float
    taught_moves: float
    highest: float
    ratio: float
    inflation: float


def null_suite(market: Market, moves: int, tick: Tick, taught: Recalibration | None = None) -> Null:
    """Moves on which no mechanism was active; with what a recalibration makes of them."""
    days = market.falls(moves, stream=IDLE, idle=True)
    found, logs, told = [], [], []
    for row in range(moves):
        scored = scored_move(market, days, row, stream=IDLE, method=market.method)
        found.append(posterior_of(scored))
        logs.append(_log_ratios(scored))
        told.append(told_of(scored))
        tick()
    p = np.array(found)
    after = recalibrated(taught, p, *zip(*told, strict=True)) if taught else np.full(p.shape, np.nan)
    ratio, inflation = _worth(logs)
    return Null(
        moves=moves,
        narratives_above=float((p > 0.5).mean()),
        moves_above=float((p > 0.5).any(axis=1).mean()),
        taught_narratives=float((after > 0.5).mean()) if taught else float("nan"),
        taught_moves=float((after > 0.5).any(axis=1).mean()) if taught else float("nan"),
        highest=float(p.max(axis=1).mean()),
        ratio=ratio,
        inflation=inflation,
    )


def _log_ratios(scored: Scored) -> dict[int, dict[str, float]]:
    """narrative -> prediction -> nats, with the link and tilt that the product gave it."""
    answer: dict[int, dict[str, float]] = {k: {} for k in range(MECHANISMS)}
    for one in scored.findings.observables:
        for parent in one.parents:
            key = f"{one.family} {parent.step} {parent.side}"
            answer[parent.narrative][key] = log_ratio(one, parent, scored.method)
    return answer


def _worth(logs: Sequence[dict[int, dict[str, float]]]) -> tuple[float, float]:
    ratios = [nats for one in logs for own in one.values() for nats in own.values()]
    sums, parts = 0.0, 0.0
    for k in range(MECHANISMS):
        keys = sorted({key for one in logs for key in one[k]})
        table = np.array([[one[k].get(key, 0.0) for key in keys] for one in logs])
        if len(keys) > 1:
            sums += float(table.sum(axis=1).var())
            parts += float(table.var(axis=0).sum())
    return float(np.exp(ratios).mean()), sums / parts
