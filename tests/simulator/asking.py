"""Asks the product about simulated moves, through the same function that scores a real dossier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from causal.features import context_of, features_of, own_features
from causal.necessity import BIT, necessity
from causal.posterior import evidence_factors, joint_sets
from causal.scoring import Scored, score
from causal.settings import Method
from tests.simulator import rivals
from tests.simulator.days import Bools, Days
from tests.simulator.dossiers import LAST, Market
from tests.simulator.experts import COIN, COIN_CLASS, indicator_name
from tests.simulator.worlds import INDICATORS, MECHANISMS, Array

Tick = Callable[[], None]
Told = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What was said of N moves, and the truth.

    All (N, 8) unless stated: `posterior`, `but_for` of the product, log odds of `naive` Bayes (all reports) and of
    `merged` (copies merged), `winner` (exclusive Bayes), `against` (contradictions), `causes` and `needed` (truth of
    the posterior and of but-for). `unknown` and `unexplained` (N,), `surprise` (N,) = ln P(E) - ln P(E | no narrative)
    in nats; `features` (N, 38) what 30 indicators read and the weight of arguments on each narrative. `own` and
    `context` are what a recalibration is told of each narrative and of each move.
    """

    posterior: Array
    but_for: Array
    naive: Array
    merged: Array
    winner: Array
    against: Array
    unknown: Array
    surprise: Array
    listed: Bools
    held: Array
    features: Array
    own: tuple[tuple[Told, ...], ...]
    context: tuple[Told, ...]
    causes: Bools
    needed: Bools
    unexplained: Bools

    def __len__(self) -> int:
        return len(self.posterior)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Which part of what there is the product may see: as of `hours` after the close, facts, series."""

    hours: float = LAST
    facts: bool = True
    series: bool = True


def scored_move(
    market: Market, days: Days, row: int, *, stream: int, method: Method, parts: Parts | None = None
) -> Scored:
    """The product's scoring run of one move."""
    part = parts or Parts()
    dossier = market.dossier(
        days,
        row,
        market.press(days, row, stream=stream),
        hours=part.hours,
        facts=part.facts,
        series=part.series,
    )
    return score(dossier, tuple((narrative,) for narrative in dossier.narratives), method)


def posterior_of(scored: Scored) -> Array:
    """(8,), given everything."""
    return np.asarray(scored.beliefs.table[scored.rows.full, list(scored.structure.narratives)])


def unknown_of(scored: Scored) -> float:
    """The posterior of something else."""
    return float(scored.beliefs.table[scored.rows.full, scored.structure.unknown])


def told_of(scored: Scored) -> tuple[tuple[Told, ...], Told]:
    """What a recalibration is told of the move: of each narrative, and of the move itself."""
    surprise = necessity(scored).surprise_gain_bits * BIT
    return _own(scored, _features(scored)), context_of(
        unknown=unknown_of(scored), surprise=surprise, size=_size(scored)
    )


def _size(scored: Scored) -> float:
    return abs(scored.dossier.move.return_) * 100.0 / COIN_CLASS.scale


def ask_all(market: Market, days: Days, *, stream: int, method: Method | None = None, tick: Tick) -> Answers:
    """The product and its rivals on every one of the days."""
    runs, own, context = [], [], []
    causes = days.causes()
    for row in range(len(days)):
        scored = scored_move(market, days, row, stream=stream, method=method or market.method)
        merged = rivals.naive_logits(scored, copies=False)
        but_for, surprise = _but_for(scored)
        unknown = unknown_of(scored)
        features = _features(scored)
        runs.append(
            (
                posterior_of(scored),
                but_for,
                rivals.naive_logits(scored, copies=True),
                merged,
                rivals.exclusive(scored, merged),
                rivals.inconsistencies(scored),
                unknown,
                surprise,
                *_joint(scored, causes[row]),
                features,
            )
        )
        own.append(_own(scored, features))
        context.append(context_of(unknown=unknown, surprise=surprise, size=_size(scored)))
        tick()
    columns = [np.array(column) for column in zip(*runs, strict=True)]
    names = ("posterior", "but_for", "naive", "merged", "winner", "against", "unknown", "surprise", "listed", "held")
    return Answers(
        **dict(zip((*names, "features"), columns, strict=True)),
        own=tuple(own),
        context=tuple(context),
        causes=causes,
        needed=days.but_for(),
        unexplained=days.unexplained(),
    )


def _joint(scored: Scored, causes: Bools) -> tuple[bool, float]:
    """Whether the true set is among the joint explanations that are listed, and how much they hold together."""
    names = [narrative.id for narrative in scored.narratives]
    posteriors = dict(zip(names, posterior_of(scored).tolist(), strict=True))
    evidence = evidence_factors(scored.structure, scored.evidence, scored.items, scored.masks[:1])
    found = joint_sets(scored.structure, evidence, posteriors, names, scored.method)
    true = tuple(sorted(name for name, so in zip(names, causes, strict=True) if so))
    return true in {one.narratives for one in found}, sum(one.probability for one in found)


def _features(scored: Scored) -> Array:
    """What each indicator read, then the log weight of the arguments on each narrative."""
    read = features_of(scored.findings.observables)
    found = [read.get(f"{indicator_name(j)}|{COIN}|during", 0.0) for j in range(INDICATORS)]
    pleas = [0.0] * MECHANISMS
    numbers = {narrative.id: k for k, narrative in enumerate(scored.narratives)}
    for argument, virtual in scored.arguments:
        if virtual is not None:
            pleas[numbers[argument.narrative]] += float(np.log(virtual.ratio))
    return np.array(found + pleas)


def _own(scored: Scored, features: Array) -> tuple[Told, ...]:
    """What spoke for each narrative, by name: what it predicts, and arguments."""
    read = scored.findings.observables
    return tuple({**own_features(read, k), "arguments": float(features[INDICATORS + k])} for k in range(MECHANISMS))


def _but_for(scored: Scored) -> tuple[Array, float]:
    """The product's chance that the move needed each narrative (8,), and the surprise gain in nats."""
    found = necessity(scored)
    return np.array([found.but_for[narrative.id] or 0.0 for narrative in scored.narratives]), (
        found.surprise_gain_bits * BIT
    )
