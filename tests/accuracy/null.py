"""Does the product find causes where there are none? Real series, moves that nothing explains (causal.md 3.4, 7).

Three sorts of days of bitcoin: days of ordinary size as they were; days of a large move with the series of any other
day in their place; and large moves with those of another large move the same way. On none of them may a story be more
likely than not in more than one case of twenty. Beside it, from large moves as they were, what readings are worth
where no story holds: likelihood ratios of mean one, which add up without varying more than the sum of their parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.binding import bind
from causal.choosing import log_ratio
from causal.derived import move_returns
from causal.model import Dossier, Template
from causal.panel import Array
from causal.scoring import Scored, score
from causal.settings import Method

LARGE, ORDINARY = 0.95, 0.80  # quantiles of |return| above and below which a day is large or ordinary
APART = 30  # sessions between a day and the one whose series take its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often a story was more likely than not, of so many days."""

    name: str
    days: int
    above_half: float
    mean_highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Mean likelihood ratio of readings, and variance of their sums over the sum of their variances."""

    readings: int
    mean_ratio: float
    inflation: float


class Days:
    """The sessions of one dossier's panel, each of which can be made the move that is asked about."""

    def __init__(self, dossier: Dossier, first: str, last: str) -> None:
        """`first` and `last` are ISO days between which moves are drawn."""
        assert dossier.panel is not None
        self.dossier, self.panel = dossier, dossier.panel
        self.returns: Array = move_returns(replace(self.panel, start=0, end=1))
        days = [day.isoformat() for day in self.panel.days]
        inside = [first <= day <= last and np.isfinite(r) for day, r in zip(days, self.returns, strict=True)]
        self.all = np.flatnonzero(inside)
        size = np.abs(self.returns[self.all])
        self.large = self.all[size >= np.quantile(size, LARGE)]
        self.ordinary = self.all[size <= np.quantile(size, ORDINARY)]

    def at(self, end: int, size: float | None = None) -> Dossier:
        """The move of a session, of its own return (percent) or of another `size`."""
        panel = replace(self.panel, start=end - 1, end=end)
        return_ = float(np.expm1((self.returns[end] if size is None else size) / 100.0))
        move = replace(
            self.dossier.move,
            start=panel.days[end - 1],
            end=panel.days[end],
            valid_from=panel.closes[end - 1],
            valid_to=panel.closes[end],
            return_=return_,
        )
        return replace(self.dossier, panel=panel, move=move, facts=(), arguments=(), narratives=(), case=None)

    def swapped(self, end: int, among: Array, rng: np.random.Generator, *, same_sign: bool) -> Dossier:
        """The size of one session with the series of another, at least `APART` sessions away."""
        own = self.returns[end]
        others = [i for i in among if abs(i - end) > APART and (not same_sign or self.returns[i] * own > 0)]
        return self.at(int(rng.choice(others)), float(own))


def rates(days: Days, library: Sequence[Template], method: Method, count: int, seed: int = 1) -> Iterator[Rate]:
    """The three sorts of days, `count` of each."""
    rng = np.random.default_rng(seed)
    ordinary = [days.at(int(i)) for i in rng.choice(days.ordinary, count, replace=False)]
    yield _rate("ordinary days, own series", ordinary, library, method)
    drawn = rng.choice(days.large, count)
    anything = [days.swapped(int(i), days.all, rng, same_sign=False) for i in drawn]
    yield _rate("large moves, series of any other day", anything, library, method)
    alike = [days.swapped(int(i), days.large, rng, same_sign=True) for i in drawn]
    yield _rate("large moves, series of another large move", alike, library, method)


def _rate(name: str, dossiers: Sequence[Dossier], library: Sequence[Template], method: Method) -> Rate:
    highest = []
    for dossier in dossiers:
        scored = _scored(dossier, library, method)
        highest.append(float(max(scored.beliefs.table[0, v] for v in scored.structure.narratives)))
    return Rate(
        name=name,
        days=len(highest),
        above_half=float(np.mean(np.array(highest) > 0.5)),
        mean_highest=float(np.mean(highest)),
    )


def worth(days: Days, library: Sequence[Template], method: Method, count: int, seed: int = 2) -> Worth:
    """Of `count` large moves: what each reading of a series multiplies the odds by, with the link that it was given."""
    rng = np.random.default_rng(seed)
    rows: dict[str, list[dict[tuple[str, ...], float]]] = {}
    for end in rng.choice(days.large, min(count, len(days.large)), replace=False):
        scored = _scored(days.at(int(end)), library, method)
        for number, narrative in enumerate(scored.narratives):
            rows.setdefault(narrative.id, []).append(_logs(scored, number))
    logs = [value for story in rows.values() for row in story for value in row.values()]
    sums, parts = 0.0, 0.0
    for story in rows.values():
        keys = sorted({key for row in story for key in row})
        table = np.array([[row.get(key, 0.0) for key in keys] for row in story])
        if len(keys) > 1:
            sums += float(table.sum(axis=1).var())
            parts += float(table.var(axis=0).sum())
    return Worth(readings=len(logs), mean_ratio=float(np.mean(np.exp(logs))), inflation=sums / parts)


def _logs(scored: Scored, number: int) -> dict[tuple[str, ...], float]:
    found: dict[tuple[str, ...], float] = {}
    for one in scored.findings.observables:
        for parent in one.parents:
            if parent.narrative == number and any(report.fact in scored.index.pulled for report in one.reports):
                key = (one.family, one.subject, one.window, parent.side, parent.step)
                found[key] = log_ratio(one, parent, scored.method)
    return found


def _scored(dossier: Dossier, library: Sequence[Template], method: Method) -> Scored:
    return score(dossier, bind(tuple(library), dossier), method)
