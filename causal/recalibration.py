"""Brings posteriors to the frequencies that were seen, once moves have been judged (causal.md 3.6).

From 50 judged moves on, two numbers for all narratives: logit p' = alpha + beta logit p (Platt 1999). From 200 on, for
each narrative that was judged often enough a ridge-penalised correction on top, in what its observables read, with
logit p as offset: what the stories got wrong about one reading is learned there (stacking, Wolpert 1992). A fitted
recalibration is an artefact: a document with its version, the settings it was made for and the moves it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from causal.errors import CausalError
from causal.likelihood import BASE, bin_likelihood
from causal.observables import Observable

Array = NDArray[np.float64]
FORMAT = "whymove recalibration"
VERSION = 1
LINE_MOVES, STACK_MOVES = 50, 200
RIDGE = 20.0  # the inverse of the C = .05 of the design
INTERCEPT_RIDGE = 2.0  # how often a story is a cause is learned faster than what a reading means
SCORES: Array = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
_EDGE = 1e-6


class TooFewJudgedError(CausalError):
    """Fewer judged moves than a recalibration needs; the message says how many more."""


class InvalidRecalibrationError(CausalError):
    """A document that is no recalibration, or one that was made for other settings; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One narrative of one judged move: its posterior in (0, 1), whether it was a cause, what its observables read.

    `narrative` is the name under which a story returns from move to move (of an instance its template). `features` are
    those of `features_of`; one that is missing counts as zero, which says nothing.
    """

    move: str
    narrative: str
    posterior: float
    true: bool
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """Of one narrative: what is added to its logit, `intercept` + sum of weight x feature."""

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """A fitted recalibration: logit p' = `alpha` + `beta` logit p + the narrative's correction, where it has one.

    `log_loss_before` and `log_loss_after` are means in nats over the training moves, the latter with each fold of
    moves judged by what the other folds taught.
    """

    settings_hash: str
    moves: tuple[str, ...]
    alpha: float
    beta: float
    corrections: Mapping[str, Correction]
    log_loss_before: float
    log_loss_after: float

    def apply(self, narrative: str, posterior: float, features: Mapping[str, float] | None = None) -> float:
        """The calibrated probability of a narrative."""
        total = self.alpha + self.beta * _logit(posterior)
        own = self.corrections.get(narrative)
        if own is not None:
            total += own.intercept + sum(own.weights.get(name, 0.0) * x for name, x in (features or {}).items())
        return float(1.0 / (1.0 + np.exp(-total)))

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
        found = Recalibration(**{**document, "moves": tuple(document["moves"])}, corrections=corrections)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRecalibrationError(f"not a {FORMAT}: {error}; fit it anew from the judged moves") from error
    if settings_hash is not None and found.settings_hash != settings_hash:
        raise InvalidRecalibrationError(
            f"made for settings {found.settings_hash}, these are {settings_hash}; "
            "score the judged moves again and fit it anew"
        )
    return found


def features_of(observables: Iterable[Observable]) -> dict[str, float]:
    """What each observable read, from -2 (lowest bin) to 2: the mean score of its bins given its reports.

    The distribution of a day of this size is the prior, so that a doubtful report reads near zero.
    """
    answer = {}
    for one in observables:
        masses = BASE * bin_likelihood(one, np.ones((1, len(one.reports))))[0]
        answer["|".join((one.family, one.subject, one.window))] = float(masses @ SCORES / masses.sum())
    return answer


def fit_recalibration(judged: Sequence[Judged], *, settings_hash: str, folds: int = 5) -> Recalibration:
    """Two parameters from 50 judged moves on, a correction of each narrative from 200 on.

    Raises TooFewJudgedError below 50 moves.
    """
    moves = tuple(sorted({one.move for one in judged}))
    if len(moves) < LINE_MOVES:
        raise TooFewJudgedError(
            f"{len(moves)} judged moves, a recalibration needs {LINE_MOVES}: judge {LINE_MOVES - len(moves)} more"
        )
    stacked = len(moves) >= STACK_MOVES
    alpha, beta, corrections = _fit(judged, stacked=stacked)
    return Recalibration(
        settings_hash=settings_hash,
        moves=moves,
        alpha=alpha,
        beta=beta,
        corrections=corrections,
        log_loss_before=_log_loss([one.posterior for one in judged], judged),
        log_loss_after=_held_out(judged, moves, folds, stacked=stacked),
    )


def _fit(judged: Sequence[Judged], *, stacked: bool) -> tuple[float, float, dict[str, Correction]]:
    logits = np.array([_logit(one.posterior) for one in judged])
    truth = np.array([one.true for one in judged], dtype=np.float64)
    line = fit_logistic(np.stack([np.ones(len(logits)), logits], axis=1), truth, ridge=np.array([1e-3, 1e-3]))
    alpha, beta = float(line[0]), float(line[1])
    corrections: dict[str, Correction] = {}
    if stacked:
        offset = alpha + beta * logits
        for name in sorted({one.narrative for one in judged}):
            rows = [i for i, one in enumerate(judged) if one.narrative == name]
            corrections[name] = _correction([judged[i] for i in rows], offset[rows], truth[rows])
    return alpha, beta, corrections


def _correction(own: Sequence[Judged], offset: Array, truth: Array) -> Correction:
    names = sorted({name for one in own for name in one.features})
    table = np.array([[1.0, *(one.features.get(name, 0.0) for name in names)] for one in own])
    ridge = np.array([INTERCEPT_RIDGE] + [RIDGE] * len(names))
    weights = fit_logistic(table, truth, offset=offset, ridge=ridge)
    return Correction(intercept=float(weights[0]), weights=dict(zip(names, weights[1:].tolist(), strict=True)))


def _held_out(judged: Sequence[Judged], moves: Sequence[str], folds: int, *, stacked: bool) -> float:
    fold = {move: number % folds for number, move in enumerate(moves)}
    total = 0.0
    for number in range(folds):
        taught = [one for one in judged if fold[one.move] != number]
        asked = [one for one in judged if fold[one.move] == number]
        alpha, beta, corrections = _fit(taught, stacked=stacked)
        part = Recalibration(
            settings_hash="",
            moves=(),
            alpha=alpha,
            beta=beta,
            corrections=corrections,
            log_loss_before=0.0,
            log_loss_after=0.0,
        )
        total += len(asked) * _log_loss([part.apply(o.narrative, o.posterior, o.features) for o in asked], asked)
    return total / len(judged)


def fit_logistic(table: Array, truth: Array, *, ridge: Array, offset: Array | None = None) -> Array:
    """Weights (F,) of a logistic regression of `truth` (N,) on `table` (N, F) by Newton's method.

    Minimises the log loss in nats + 1/2 sum of ridge x weight^2, so that it has one answer; a step that does not help
    is halved.
    """
    base = np.zeros(len(truth)) if offset is None else offset
    weights = np.zeros(table.shape[1])
    loss = _penalised(table, truth, ridge, base, weights)
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-(base + table @ weights)))
        slope = table.T @ (p - truth) + ridge * weights
        bend = (table * (p * (1.0 - p))[:, np.newaxis]).T @ table + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (lower := _penalised(table, truth, ridge, base, weights - size * step)) > loss and size > 1e-9:
            size /= 2.0
        weights, gain, loss = weights - size * step, loss - lower, lower
        if gain < 1e-10:
            break
    return weights


def _penalised(table: Array, truth: Array, ridge: Array, base: Array, weights: Array) -> float:
    logits = base + table @ weights
    return float(np.logaddexp(0.0, logits).sum() - truth @ logits + 0.5 * (ridge * weights**2).sum())


def _logit(p: float) -> float:
    kept = min(1.0 - _EDGE, max(_EDGE, p))
    return float(np.log(kept / (1.0 - kept)))


def _log_loss(posteriors: Sequence[float], judged: Sequence[Judged]) -> float:
    p = np.clip(np.array(posteriors), _EDGE, 1.0 - _EDGE)
    truth = np.array([one.true for one in judged])
    return float(-np.log(np.where(truth, p, 1.0 - p)).mean())
