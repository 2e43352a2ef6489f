"""What the series say of each node: did it move, does what its parents did account for that, and in which order.

Per node the surprise of its own series (`moved`) and of the residual given its parents (`left`), after a robust
regression on normal time. Far from normal time a regression is not to be believed: the residual's scale grows with the
leverage of the parents' excursion and with a part of what it predicts, so that "unexplained" is said only when it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.faultgraph import Edge, FaultGraph
from causal.frames import Frame
from causal.mechanisms import StudentFit, fit_student
from causal.preparing import prepared
from causal.unusual import Scaled, Surprise, scaled, silence_of, surprise_of, surprises_of

Array = NDArray[np.float64]
LONGEST_LAG = 3
LAG_GAIN = 0.1  # an edge is lagged only when that explains so much more of the correlation
LEAST_ROWS = 12
MISFIT = 0.35  # share of a prediction far from normal time that may be wrong
LEAST_SCALE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A node's own series: its surprise, level before and during (own units), scale, and the row it set in or None."""

    surprise: Surprise
    before: float
    during: float
    scale: float
    onset: int | None
    prepared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the parents leave unexplained: its surprise, and by how much doubt widened the residual's scale (>= 1).

    `sharp` is the surprise without that doubt, as if the regression held everywhere. `fitted` in [0, 1] is the share of
    the node's variation that the parents account for in normal time; `finer` (>= 1) the scale of the node in scales of
    its residual; `due` how many of those its parents' excursion asks for in the window.
    """

    surprise: Surprise
    sharp: Surprise
    doubt: float
    fitted: float
    finer: float
    due: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge in normal time: `lag` in rows, `slope` in scales per scale, and its standard error."""

    lag: int
    slope: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """All of it: nodes without a usable series have no entry in `moved`; `unusable` says why."""

    moved: dict[str, Moved]
    left: dict[str, Left]
    links: dict[Edge, Link]
    unusable: dict[str, str]


def motion(graph: FaultGraph, normal: Frame, window: Frame) -> Motion:
    """Read every node and edge of the graph off the two stretches of time."""
    series: dict[str, Scaled] = {}
    moved: dict[str, Moved] = {}
    unusable: dict[str, str] = {}
    for node in graph.order:
        before, during = normal.column(node), window.column(node)
        if before is None:
            unusable[node] = (
                "no column in the normal table" if node not in normal.columns else "never measured in normal time"
            )
            continue
        if during is None and node not in window.columns:
            unusable[node] = "no column in the anomalous table"
            continue
        own = prepared(before, window.values[:, window.columns.index(node)])
        series[node] = scaled(own.normal, own.window)
        moved[node] = _moved(series[node], own.how)
    left: dict[str, Left] = {}
    links: dict[Edge, Link] = {}
    for node in series:
        causes = [cause for cause in graph.parents[node] if cause in series]
        if causes:
            _explain(node, causes, series, left, links)
    return Motion(moved=moved, left=left, links=links, unusable=unusable)


def _moved(own: Scaled, how: str) -> Moved:
    known = own.window[~np.isnan(own.window)]
    return Moved(
        surprise=max(surprise_of(own.normal, own.window), silence_of(own.normal, own.window), key=lambda s: s.size),
        before=own.centre,
        during=own.centre + own.scale * float(np.median(known)) if known.size else float("nan"),
        scale=own.scale,
        onset=_onset(own.window),
        prepared=how,
    )


def _onset(window: Array) -> int | None:
    """The first row beyond 3 scales and a third of the largest excursion; None in short or quiet windows."""
    size = np.abs(np.nan_to_num(window))
    if window.size < 6 or size.max() < 5.0:
        return None
    return int(np.argmax(size >= max(3.0, size.max() / 3.0)))


def _explain(
    node: str, causes: list[str], series: dict[str, Scaled], left: dict[str, Left], links: dict[Edge, Link]
) -> None:
    own = series[node]
    causes = [cause for cause in causes if not np.isnan(series[cause].window).all()]
    lags = {cause: _lag(series[cause], own) for cause in causes}
    if not causes:
        return
    before = np.column_stack([_shifted(series[cause].normal, lags[cause]) for cause in causes])
    during = np.column_stack([_shifted(series[cause].window, lags[cause]) for cause in causes])
    rows = ~np.isnan(before).any(axis=1) & ~np.isnan(own.normal)
    if rows.sum() < max(LEAST_ROWS, len(causes) + 6):
        return
    middle = before[rows].mean(axis=0)
    design = _with_ones(before - middle)
    fit = fit_student(design[rows], own.normal[rows], nus=(4.0,), precision=np.r_[0.0, np.ones(len(causes))])
    scale = max(fit.scale, LEAST_SCALE)
    errors = scale * np.sqrt(np.diag(np.linalg.inv(fit.information)))
    for position, cause in enumerate(causes):
        links[cause, node] = Link(
            lag=lags[cause], slope=float(fit.beta[position + 1]), error=float(errors[position + 1])
        )
    far = _with_ones(during - middle)
    if not (~np.isnan(far).any(axis=1) & ~np.isnan(own.window)).any():
        return
    calm = np.full(own.normal.size, np.nan)
    calm[rows] = (own.normal[rows] - design[rows] @ fit.beta) / (scale * np.sqrt(1.0 + fit.leverage(design[rows])))
    left[node] = _left(own.window, far, fit, scale, calm)


def _left(window: Array, far: Array, fit: StudentFit, scale: float, calm: Array) -> Left:
    """From the window (m,), its design (m, p) and the residuals (n,) of normal time in their own scales."""
    seen = ~np.isnan(far).any(axis=1) & ~np.isnan(window)
    leverage = fit.leverage(far[seen])
    wide, narrow = _widths(far[seen], leverage, fit.beta, scale), scale * np.sqrt(1.0 + leverage)
    exact, doubted = np.full(window.size, np.nan), np.full(window.size, np.nan)
    exact[seen] = (window[seen] - far[seen] @ fit.beta) / narrow
    doubted[seen] = exact[seen] * narrow / wide
    surprise, sharp = surprises_of(calm, [doubted, exact], collapse=False)
    return Left(
        surprise=surprise,
        sharp=sharp,
        doubt=max(1.0, float(np.median(wide)) / scale),
        fitted=min(max(1.0 - fit.scale**2, 0.0), 1.0),
        finer=max(1.0, 1.0 / scale),
        due=float(np.quantile(np.abs(far[seen, 1:] @ fit.beta[1:]), 0.9)) / scale,
    )


def _widths(far: Array, leverage: Array, beta: Array, scale: float) -> Array:
    predicted = np.abs(far[:, 1:] * beta[1:]).sum(axis=1)
    answer: Array = np.sqrt(scale**2 * (1.0 + leverage) + (MISFIT * predicted) ** 2)
    return answer


def _with_ones(values: Array) -> Array:
    return np.column_stack([np.ones(values.shape[0]), values])


def _shifted(series: Array, lag: int) -> Array:
    """The series `lag` rows earlier; its first rows are not known."""
    return series if lag == 0 else np.r_[np.full(lag, np.nan), series[:-lag]]


def _lag(cause: Scaled, effect: Scaled) -> int:
    """The lag with the largest correlation in normal time, 0 unless another is clearly better and fits the window."""
    most = min(LONGEST_LAG, effect.window.size // 3, effect.normal.size // 20)
    found = [_correlation(_shifted(cause.normal, lag), effect.normal) for lag in range(most + 1)]
    best = int(np.argmax(found))
    return best if found[best] > found[0] + LAG_GAIN + 2.0 / np.sqrt(effect.normal.size) else 0


def _correlation(one: Array, other: Array) -> float:
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < LEAST_ROWS:
        return 0.0
    x, y = np.clip(one[both], -4, 4), np.clip(other[both], -4, 4)
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return abs(float(x @ y)) / size if size > 0.0 else 0.0
