"""Robust regression of one node on its parents: Student-t likelihood by iteratively reweighted least squares.

With two bad rows in a hundred least squares attributes a move to the wrong node, the t-likelihood does not
(causal.md 2.2). Weights w = (nu + 1) / (nu + r^2 / s^2) are the E-step of the t as a scale mixture of normals
(Lange, Little and Taylor 1989); nu is profiled over a short list.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
NUS = (3.0, 4.0, 6.0, 10.0, 30.0)
STEPS = 200
TOLERANCE = 1e-10
FAR = 5.0  # robust scales from the median
FIRST_STEPS = 8
TRUSTED = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentFit:
    """y = X beta + s t_nu: `beta` of shape (p,), `scale` s, `nu`, the last `weights` (n,), and the log-likelihood.

    `trust` (n,) are the weights of the rows that were given, by which each row's likelihood counts.
    `information` is X'WX plus the prior's precision, of shape (p, p); s^2 times its inverse is the usual covariance.
    """

    beta: Array
    scale: float
    nu: float
    weights: Array
    trust: Array
    information: Array
    log_likelihood: float

    @property
    def stretch(self) -> float:
        """sum w / sum psi' at the fit (>= 1): by how much a reweighting step is shorter than the Newton step.

        With psi(u) = w(u) u and nu = 4 about 7/5. A bootstrap that keeps w has to be stretched by it, or its bands are
        too narrow.
        """
        squared = (self.nu + 1.0) / self.weights - self.nu
        slope = (self.nu + 1.0) * (self.nu - squared) / (self.nu + squared) ** 2
        return float(np.clip((self.trust @ self.weights) / max(float(self.trust @ slope), 1e-12), 1.0, 3.0))

    def leverage(self, design: Array) -> Array:
        """x' (X'WX)^-1 x of each row of `design` (m, p): the variance of its prediction, in units of s^2."""
        solved = np.linalg.solve(self.information, design.T)
        answer: Array = np.einsum("mp,pm->m", design, solved)
        return np.maximum(answer, 0.0)


def trust_of(causes: Array) -> Array:
    """Weights (n,) that bound the pull of rows whose causes (n, k) are far out: min(1, (4 / d)^2).

    d is the largest distance from the median in robust scales. The t-likelihood bounds the pull of a bad effect but not
    that of a bad cause; weights that know the causes alone leave the fit unbiased (Mallows 1975).
    """
    distance = np.abs(causes - np.median(causes, axis=0))
    usual = np.maximum(1.4826 * np.median(distance, axis=0), 0.1 * distance.std(axis=0) + 1e-300)
    farthest = np.max(distance / usual, axis=1, initial=0.0)
    answer: Array = (TRUSTED / np.maximum(farthest, TRUSTED)) ** 2
    return answer


def fit_student(
    design: Array,
    y: Array,
    *,
    nus: Sequence[float] = NUS,
    precision: Array | None = None,
    trust: Array | None = None,
) -> StudentFit:
    """The t-fit of y (n,) on a design (n, p) that holds its own column of ones; the best of `nus` by likelihood.

    Bad rows can give the likelihood several maxima; this is the one next to a least-absolute-deviations fit without
    the rows whose causes are far out. `precision` (p,) is that of independent normal priors of mean zero on beta, in
    units of 1 / s^2; a small one makes collinear parents solvable. `trust` (n,) weighs the rows, 1 each when not given.
    Every row has to be finite. Raises ValueError when there is no row.
    """
    if y.size == 0:
        raise ValueError("no row to fit on")
    prior = np.zeros(design.shape[1]) if precision is None else precision
    rows = np.ones(y.size) if trust is None else trust
    best: StudentFit | None = None
    start = _start(design, y, prior)
    for nu in nus:
        fit = _fit_one(design, y, nu, (rows, prior), start if best is None else best.beta)
        if best is None or fit.log_likelihood > best.log_likelihood:
            best = fit
    assert best is not None
    return best


def _start(design: Array, y: Array, prior: Array) -> Array:
    """A first beta from rows whose causes are not far out: those have the leverage to pull it to a false maximum."""
    distance = np.abs(design - np.median(design, axis=0))
    usual = 1.4826 * np.median(distance, axis=0)
    near = (distance <= FAR * usual + (usual == 0.0) * distance).all(axis=1)
    if near.sum() < max(0.5 * y.size, 3 * design.shape[1]):
        near[:] = True
    x, seen = design[near], y[near]
    beta = _solve(x, seen, np.ones(seen.size), prior)
    for _ in range(FIRST_STEPS):
        size = np.abs(seen - x @ beta)
        beta = _solve(x, seen, 1.0 / np.maximum(size, 0.1 * float(np.median(size)) + 1e-300), prior)
    return beta


def _fit_one(design: Array, y: Array, nu: float, given: tuple[Array, Array], beta: Array) -> StudentFit:
    trust, prior = given
    floor = 1e-12 * float(np.abs(y).max() + 1.0)
    residual = y - design @ beta
    scale = max(1.4826 * float(np.median(np.abs(residual))), 0.1 * float(residual.std()), floor)
    weights = np.ones(y.size)
    for _ in range(STEPS):
        weights = (nu + 1.0) / (nu + (residual / scale) ** 2)
        beta = _solve(design, y, trust * weights, prior)
        residual = y - design @ beta
        before, scale = scale, max(math.sqrt(float((trust * weights) @ residual**2 / trust.sum())), floor)
        if abs(scale - before) <= TOLERANCE * before:
            break
    return StudentFit(
        beta=beta,
        scale=scale,
        nu=nu,
        weights=weights,
        trust=trust,
        information=_information(design, trust * weights, prior),
        log_likelihood=float(trust @ student_log_density(residual, scale, nu)),
    )


def _information(design: Array, weights: Array, prior: Array) -> Array:
    gram = (design * weights[:, np.newaxis]).T @ design + np.diag(prior)
    answer: Array = gram + np.eye(gram.shape[0]) * 1e-10 * float(np.trace(gram)) / gram.shape[0]
    return answer


def _solve(design: Array, y: Array, weights: Array, prior: Array) -> Array:
    answer = np.linalg.solve(_information(design, weights, prior), design.T @ (weights * y))
    return np.asarray(answer, dtype=np.float64)


def student_log_density(residual: Array, scale: float, nu: float) -> Array:
    """log density of a scaled t at each residual."""
    constant = math.lgamma((nu + 1.0) / 2.0) - math.lgamma(nu / 2.0) - 0.5 * math.log(nu * math.pi) - math.log(scale)
    answer: Array = constant - 0.5 * (nu + 1.0) * np.log1p((residual / scale) ** 2 / nu)
    return answer
