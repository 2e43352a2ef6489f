"""Brings posteriors to the frequencies that were seen, once moves have been judged (causal.md 3.6).

From 50 judged moves on, two numbers for all narratives: logit p' = alpha + beta logit p (Platt 1999). From 200 on more
is learned, in three layers, each penalised towards the one before (stacking, Wolpert 1992):

for all narratives together how far the context of the move matters, and how far the readings of what a narrative
predicts do, on the side that it predicts (partial pooling);
for each narrative how often it is a cause, and what each of these readings means for it: here learns what its links
got wrong. Readings that it does not predict have no part in it, for that is what the story says of them;
at last a curve of three numbers through what narratives of moves that were left out were given, because what was
fitted to so little is too sure of itself, at the one end more than at the other (beta calibration: Kull, Silva Filho
and Flach 2017, AISTATS).

A fitted recalibration is an artefact: a document with its version, the settings it was made for and the moves it was
made from.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from causal.errors import CausalError
from causal.logistic import fit_logistic

Array = NDArray[np.float64]
FORMAT = "whymove recalibration"
VERSION = 2
LINE_MOVES, STACK_MOVES = 50, 200
RIDGE = 10.0  # the inverse of C = .1
INTERCEPT_RIDGE = 2.0  # how often a story is a cause is learned faster than what a reading means
CONTEXT_RIDGE = 1.0  # of one standard deviation
LINE_RIDGE: Array = np.array([1e-3, 1e-3])
FOLDS = 5
READINGS = "readings"  # the name of the sum of a narrative's features among the context
_EDGE = 1e-6


class TooFewJudgedError(CausalError):
    """Fewer judged moves than a recalibration needs; the message says how many more."""


class InvalidRecalibrationError(CausalError):
    """A document that is no recalibration, or one that was made for other settings; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One narrative of one judged move: its posterior in (0, 1), whether it was a cause, and what spoke for it.

    `narrative` is the name under which a story returns from move to move (of an instance its template). `features` are
    those of `causal.features.own_features`; one that is missing counts as zero, which says nothing. `context` is what
    is known of the move beside them (`causal.features.context_of`); what is missing there counts as usual.
    """

    move: str
    narrative: str
    posterior: float
    true: bool
    features: Mapping[str, float] = field(default_factory=dict)
    context: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What a context adds to the logit of every narrative: `weight` x (its value - `usual`)."""

    weight: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Of one narrative: what is added to its logit, `intercept` + sum of weight x feature."""

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Brings a probability to another: logit p' = `start` + `low` ln p - `high` ln(1 - p); as it is by default."""

    start: float = 0.0
    low: float = 1.0
    high: float = 1.0

    def logit(self, before: float) -> float:
        """The log odds that it makes of log odds."""
        return float(self.start - self.low * np.logaddexp(0.0, -before) + self.high * np.logaddexp(0.0, before))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """A fitted recalibration: logit p' = `alpha` + `beta` logit p + what is `common` + the narrative's correction.

    At last `curve` is put through it.

    `log_loss_before` and `log_loss_after` are means in nats over the training moves, the latter with each fold of
    moves judged by what the other folds taught.
    """

    settings_hash: str
    moves: tuple[str, ...]
    alpha: float
    beta: float
    common: Mapping[str, Common]
    corrections: Mapping[str, Correction]
    log_loss_before: float
    log_loss_after: float
    curve: Curve = field(default_factory=Curve)

    def apply(
        self,
        narrative: str,
        posterior: float,
        features: Mapping[str, float] | None = None,
        context: Mapping[str, float] | None = None,
    ) -> float:
        """The calibrated probability of a narrative."""
        features = features or {}
        around = _around(features, context or {})
        total = self.alpha + self.beta * _logit(posterior)
        total += sum(one.weight * (around.get(name, one.usual) - one.usual) for name, one in self.common.items())
        own = self.corrections.get(narrative)
        if own is not None:
            total += own.intercept + sum(own.weights.get(name, 0.0) * x for name, x in features.items())
        return float(1.0 / (1.0 + np.exp(-self.curve.logit(total))))

    def to_json(self) -> str:
        """The artefact, the same text for the same recalibration."""
        document = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(document, indent=1, sort_keys=True) + "\n"


def from_json(text: str, *, settings_hash: str | None = None) -> Recalibration:
    """The recalibration of an artefact.

    Raises InvalidRecalibrationError when the text is none, is of another version, or (where `settings_hash` is given)
    was made for other settings, whose posteriors are other numbers.
    """
    try:
        document = json.loads(text)
        if document.pop("format") != FORMAT or document.pop("version") != VERSION:
            raise InvalidRecalibrationError(f"not a {FORMAT} of version {VERSION}; fit it anew")
        corrections = {name: Correction(**one) for name, one in document.pop("corrections").items()}
        common = {name: Common(**one) for name, one in document.pop("common").items()}
        curve, moves = Curve(**document.pop("curve")), tuple(document.pop("moves"))
        found = Recalibration(**document, moves=moves, common=common, corrections=corrections, curve=curve)
        _check(found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRecalibrationError(f"not a {FORMAT}: {error}; fit it anew from the judged moves") from error
    if settings_hash is not None and found.settings_hash != settings_hash:
        raise InvalidRecalibrationError(
            f"made for settings {found.settings_hash}, these are {settings_hash}; "
            "score the judged moves again and fit it anew"
        )
    return found


def _check(found: Recalibration) -> None:
    """Raises TypeError or ValueError where what was read could not be applied."""
    numbers = [found.alpha, found.beta, found.log_loss_before, found.log_loss_after, *astuple(found.curve)]
    numbers += [number for one in found.common.values() for number in (one.weight, one.usual)]
    numbers += [number for one in found.corrections.values() for number in (one.intercept, *one.weights.values())]
    if not all(type(number) in {float, int} and math.isfinite(number) for number in numbers):
        raise ValueError("one of its numbers is none")


def fit_recalibration(judged: Sequence[Judged], *, settings_hash: str, folds: int = FOLDS) -> Recalibration:
    """Two parameters from 50 judged moves on, all three layers from 200 on.

    Raises TooFewJudgedError below 50 moves.
    """
    moves = tuple(sorted({one.move for one in judged}))
    require_enough(len(moves))
    judged = sorted(judged, key=lambda one: (one.move, one.narrative))
    stacked = len(moves) >= STACK_MOVES
    outside = _held_out(judged, moves, folds, stacked=stacked)
    fitted = _fit(judged, stacked=stacked)
    return replace(
        fitted,
        curve=_curve(np.array([_logit(p) for p in outside]), _truth(judged)) if stacked else Curve(),
        settings_hash=settings_hash,
        moves=moves,
        log_loss_before=_log_loss([one.posterior for one in judged], judged),
        log_loss_after=_log_loss(outside, judged),
    )


def require_enough(moves: int) -> None:
    """Raises TooFewJudgedError where this many judged moves are too few to learn from."""
    if moves < LINE_MOVES:
        raise TooFewJudgedError(
            f"{moves} judged moves, a recalibration needs {LINE_MOVES}: judge {LINE_MOVES - moves} more"
        )


def _fit(judged: Sequence[Judged], *, stacked: bool) -> Recalibration:
    logits, truth = np.array([_logit(one.posterior) for one in judged]), _truth(judged)
    if stacked:
        alpha, beta, common, offset = _fit_common(judged, logits, truth)
    else:
        alpha, beta = fit_logistic(_with_one(logits), truth, ridge=LINE_RIDGE).tolist()
        common = {}
    corrections: dict[str, Correction] = {}
    for name in sorted({one.narrative for one in judged}) if stacked else ():
        rows = [i for i, one in enumerate(judged) if one.narrative == name]
        corrections[name] = _correction([judged[i] for i in rows], offset[rows], truth[rows])
    return Recalibration(
        settings_hash="",
        moves=(),
        alpha=alpha,
        beta=beta,
        common=common,
        corrections=corrections,
        log_loss_before=0.0,
        log_loss_after=0.0,
    )


def _fit_common(judged: Sequence[Judged], logits: Array, truth: Array) -> tuple[float, float, dict[str, Common], Array]:
    """alpha, beta and the weights of the context, and the logits (N,) that they make; alpha is at the usual context."""
    around = [_around(one.features, one.context) for one in judged]
    names = sorted({name for one in around for name in one})
    table = np.array([[one.get(name, np.nan) for name in names] for one in around]).reshape(len(judged), len(names))
    usual = np.nanmean(table, axis=0)
    moved = np.where(np.isnan(table), 0.0, table - usual)
    spread = np.where(moved.std(axis=0) > 0.0, moved.std(axis=0), 1.0)
    design = np.column_stack([_with_one(logits), moved / spread])
    ridge = np.concatenate([LINE_RIDGE, np.full(len(names), CONTEXT_RIDGE)])
    weights = fit_logistic(design, truth, ridge=ridge)
    common = {
        name: Common(weight=weight, usual=mean)
        for name, weight, mean in zip(names, (weights[2:] / spread).tolist(), usual.tolist(), strict=True)
    }
    return float(weights[0]), float(weights[1]), common, design @ weights


def _around(features: Mapping[str, float], context: Mapping[str, float]) -> dict[str, float]:
    """The context, with the sum of the features: how far all narratives should go by their readings."""
    return {**context, READINGS: sum(features.values())}


def _correction(own: Sequence[Judged], offset: Array, truth: Array) -> Correction:
    names = sorted({name for one in own for name, x in one.features.items() if x != 0.0})
    table = np.array([[1.0, *(one.features.get(name, 0.0) for name in names)] for one in own])
    ridge = np.array([INTERCEPT_RIDGE] + [RIDGE] * len(names))
    weights = fit_logistic(table, truth, offset=offset, ridge=ridge)
    return Correction(intercept=float(weights[0]), weights=dict(zip(names, weights[1:].tolist(), strict=True)))


def _held_out(judged: Sequence[Judged], moves: Sequence[str], folds: int, *, stacked: bool) -> list[float]:
    """The probability of each, by what the moves of the other folds taught."""
    fold = {move: number % folds for number, move in enumerate(moves)}
    taught = [_fit([one for one in judged if fold[one.move] != number], stacked=stacked) for number in range(folds)]
    return [taught[fold[one.move]].apply(one.narrative, one.posterior, one.features, one.context) for one in judged]


def _curve(logits: Array, truth: Array) -> Curve:
    """The curve through probabilities (as logits) that leads to the truth; a line where it would not always rise."""
    ends = np.stack([np.ones(len(logits)), -np.logaddexp(0.0, -logits), np.logaddexp(0.0, logits)], axis=1)
    start, low, high = fit_logistic(ends, truth, ridge=np.full(3, LINE_RIDGE[0])).tolist()
    if min(low, high) <= 0.0:
        start, low = fit_logistic(_with_one(logits), truth, ridge=LINE_RIDGE).tolist()
        high = low
    return Curve(start=start, low=low, high=high)


def _with_one(logits: Array) -> Array:
    return np.stack([np.ones(len(logits)), logits], axis=1)


def _truth(judged: Sequence[Judged]) -> Array:
    return np.array([one.true for one in judged], dtype=np.float64)


def _logit(p: float) -> float:
    kept = min(1.0 - _EDGE, max(_EDGE, p))
    return float(np.log(kept / (1.0 - kept)))


def _log_loss(posteriors: Sequence[float], judged: Sequence[Judged]) -> float:
    p = np.clip(np.array(posteriors), _EDGE, 1.0 - _EDGE)
    truth = np.array([one.true for one in judged])
    return float(-np.log(np.where(truth, p, 1.0 - p)).mean())
