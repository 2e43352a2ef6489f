"""Asks the stored series what a prediction asks: which series, in which window, how unusual on days like this one?

Every prediction of every narrative is answered in the same way, whether the answer helps it or not. A reading is made
into a fact of its own (`Fact.series` names the series), so that it can be shown, kept and left out like any other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import NormalDist

import numpy as np

from causal.derived import DERIVED, Look, move_returns
from causal.model import Dossier, Span, Window
from causal.panel import Array, Column, Panel
from causal.pit import Surprise, TooFew, bin_masses, conditional_pit
from causal.rolling import valid_or_nan
from causal.settings import Method
from causal.spans import window_offsets
from causal.subjects import IMPLIED, PRICE, Identity, World
from causal.surprise import Reading
from causal.windows import key
from causal.world import Citation, Derivation, Fact

_NORMAL = NormalDist()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SLOW_SESSIONS = 3  # a weekly figure speaks of windows of half a week and more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pulled:
    """What one series says of one observable.

    `exact` unless a proxy speaks for the subject; `slow` where its figures are further apart than the window is long.
    """

    fact: Fact
    reading: Reading
    reliability: float
    calm: float
    found: Surprise
    exact: bool
    slow: bool

    @property
    def ranks(self) -> Array:
        """u of each comparable day among them, (T,)."""
        return self.found.ranks

    @property
    def weights(self) -> Array:
        """What each day weighs, (T,)."""
        return self.found.weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a series that is there cannot answer."""

    series: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Question:
    """A series and how it is read: the sessions (lo, hi] from the end of the move; `sign` turns a quote round."""

    column: Column
    derivation: Derivation
    window: Window
    lo: int
    hi: int
    sign: int
    factor: float
    exact: bool


class SeriesIndex:
    """The series of a dossier by the observable that they can answer."""

    def __init__(self, dossier: Dossier, panel: Panel, world: World, method: Method) -> None:
        self.panel, self.world, self.method, self.move = panel, world, method, dossier.move
        self.peers: dict[str, set[str]] = {}
        for relation in dossier.relations:
            if relation.type == "peer_of":
                self.peers.setdefault(relation.from_, set()).add(relation.to)
                self.peers.setdefault(relation.to, set()).add(relation.from_)
        self.returns = move_returns(panel)
        self.size = self._size()
        self._by_place: dict[tuple[str, str], list[tuple[Column, Derivation, int]]] = {}
        for column in panel.columns:
            self._enter(column, dossier.derivations)

    def _size(self) -> float:
        """The move in percent (of a yield its change): as it is known, else as its own series gives it."""
        own = float(self.returns[self.panel.end])
        told = self.move.return_
        if told is None or self.panel.level:
            return own if math.isfinite(own) else 0.0
        return 100.0 * (math.log1p(told) if told > -1.0 else told)  # a price below zero has no logarithm

    def ordinariness(self) -> float:
        """The share of the past on which the same thing moved at least as far the same way, without any story."""
        past = self.returns[np.isfinite(self.returns)]
        same = (np.sign(past) == np.sign(self.size)) & (np.abs(past) >= abs(self.size))
        alike = int(np.count_nonzero(np.sign(past) == np.sign(self.size)))
        return (float(np.count_nonzero(same)) + 0.5) / (alike + 1.0) if alike else 0.0

    def _enter(self, column: Column, derivations: tuple[Derivation, ...]) -> None:
        identity = self.world.identity(column.indicator, column.subject)
        if identity is None:
            return
        instrument = self.world.instruments.get(column.subject)
        kind = instrument.kind if instrument else ""
        for derivation in derivations:
            if column.indicator not in derivation.reads or (derivation.kinds and kind not in derivation.kinds):
                continue
            for family in derivation.answers:
                if family in (PRICE, IMPLIED) and family != identity.family:
                    continue  # a volatility index is no price, and a price no implied volatility
                priced = family in (PRICE, IMPLIED)  # only a price turns round with the quote
                place = (family, identity.subject if priced else column.subject)
                sign = identity.sign if priced else 1
                self._by_place.setdefault(place, []).append((column, derivation, sign))

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """The (family, subject) that some series can answer, in order."""
        return tuple(sorted(self._by_place))

    def pull(self, identity: Identity, window: Window) -> tuple[Pulled | None, tuple[Refused, ...]]:
        """The best answer of the series at hand, and why each other one had none; of an ETF what it tracks speaks."""
        found, refused = self._answers(identity, window, exact=True)
        if identity.family == PRICE:
            for other in self.world.tracks.get(identity.subject, ()):
                proxy = Identity(family=identity.family, subject=other, sign=1)
                more, why = self._answers(proxy, window, exact=False)
                found, refused = found + more, refused + why
        return (max(found, key=_fitness) if found else None), refused

    def _answers(self, identity: Identity, window: Window, *, exact: bool) -> tuple[list[Pulled], tuple[Refused, ...]]:
        factor = 1.0 if exact else self.method.proxy_reliability
        found: list[Pulled] = []
        refused: list[Refused] = []
        for column, derivation, sign in self._by_place.get((identity.family, identity.subject), ()):
            if derivation.windows and isinstance(window, str) and window not in derivation.windows:
                continue
            offsets = window_offsets(window, self.panel, derivation)
            if offsets is None:
                why = "the window was not over, or its figures not out, by then"
                refused.append(Refused(series=column.id, why=why))
                continue
            lo, hi = offsets
            rho = factor
            if column.slow and window != "before" and hi - lo < SLOW_SESSIONS:
                if isinstance(window, Span):
                    refused.append(Refused(series=column.id, why="its figures are too far apart for this window"))
                    continue
                rho *= self.method.earlier_reliability
            question = _Question(
                column=column, derivation=derivation, window=window, lo=lo, hi=hi, sign=sign, factor=rho, exact=exact
            )
            answer = self._ask(question)
            if isinstance(answer, Refused):
                refused.append(answer)
            else:
                found.append(answer)
        return found, tuple(refused)

    def _ask(self, question: _Question) -> Pulled | Refused:
        panel, column = self.panel, question.column
        readings = question.sign * self._readings(question)
        value = float(readings[panel.end])
        if not math.isfinite(value):
            return Refused(series=column.id, why=_why_nothing(column, panel, question.lo, question.hi))
        past = readings.copy()
        reach = panel.span + question.hi - question.lo
        past[max(0, panel.end - reach + 1) : panel.end + reach] = np.nan  # what overlaps the move is no history of it
        found = conditional_pit(
            value,
            past,
            self.returns,
            self.size,
            bandwidth=self.method.bandwidth,
            needed=self.method.comparable_days,
            overlap=panel.span,
        )
        if isinstance(found, TooFew):
            why = f"{found.found:.0f} comparable days on record, {found.needed:.0f} are needed"
            return Refused(series=column.id, why=why)
        share = f"higher than {100 * found.u:.0f}% of {found.effective:.0f} comparable days"
        z = _NORMAL.inv_cdf(found.u)
        return Pulled(
            fact=self._fact(question, value, share),
            reading=Reading(bins=bin_masses(found.u, found.effective), z=z, reason=share),
            reliability=self.method.series_reliability * question.factor,
            calm=_NORMAL.inv_cdf(found.calm),
            found=found,
            exact=question.exact,
            slow=question.column.slow and question.hi - question.lo < SLOW_SESSIONS,
        )

    def _readings(self, question: _Question) -> Array:
        """The reading of every session, (T,)."""
        panel, column, derivation = self.panel, question.column, question.derivation
        peers: tuple[Column, ...] = ()
        if derivation.peers != "none":
            wanted = self.peers.get(column.subject, set())
            peers = tuple(
                other
                for other in panel.columns
                if other.indicator == column.indicator
                and other.subject != column.subject
                and other.subject in wanted
                and not self.world.same_price(column.subject, other.subject)
            )
        look = Look(
            panel=panel,
            column=column,
            lo=question.lo,
            hi=question.hi,
            usual=panel.sessions(derivation.usual),
            peers=peers,
        )
        readings = DERIVED[derivation.function][0](look)
        return readings if column.slow or question.window == "before" else valid_or_nan(look.renewed(), readings)

    def _fact(self, question: _Question, value: float, share: str) -> Fact:
        panel, column, derivation = self.panel, question.column, question.derivation
        first, last = max(0, panel.end + question.lo), panel.end + question.hi
        id_ = f"{column.id}:{derivation.id}@{key(question.window)}"
        days = (panel.days[first], panel.days[last])
        unit = derivation.unit or column.unit
        return Fact(
            id=id_,
            key=id_,
            indicator=derivation.indicator,
            subject=column.subject,
            value=float(f"{value:.6g}"),
            unit=unit,
            statement=f"{column.subject}: {derivation.name} {value:+.4g} {unit}, {_span(days)}; {share}",
            modality="measured",
            valid_from=panel.closes[first],
            valid_to=panel.closes[last],
            trade_date=days[0] + timedelta(days=1) if days[1] > days[0] else days[1],
            trade_date_end=days[1],
            known_at=self._known_at(question, last),
            known_at_precision="instant",
            grade="A",
            credibility=1,
            citation=Citation(
                document_id=column.id,
                origin=column.id,
                source_id=column.id,
                publisher=column.source,
                title=f"series {column.id}",
            ),
            series=column.id,
        )

    def _known_at(self, question: _Question, session: int) -> datetime:
        """When the value at the end of the window became public, not before the window was over."""
        at = question.column.at
        later = question.column.slow and question.hi > -self.panel.span
        known = float(at["known_next" if later and "known_next" in at else "known"][session])
        if not math.isfinite(known):
            return self.panel.closes[session]
        return max(self.panel.closes[session], _EPOCH + timedelta(microseconds=known))


def _fitness(pulled: Pulled) -> tuple[float, bool, str]:
    """The longer history speaks; that of a proxy only where it is more than twice as long."""
    days = float(pulled.found.usable)
    return days if pulled.exact else days / 2.0, pulled.exact, pulled.fact.id


def _span(days: tuple[date, date]) -> str:
    return f"{days[0]} to {days[1]}" if days[0] != days[1] else f"{days[0]}"


def _why_nothing(column: Column, panel: Panel, lo: int, hi: int) -> str:
    last, stamps = column.at["last"], column.at["stamp"]
    carried = np.concatenate(([False], stamps[1:] == stamps[:-1]))
    seen = np.flatnonzero(np.isfinite(last) & ~carried)
    start, end = panel.days[max(0, panel.end + lo)], panel.days[panel.end + hi]
    if seen.size == 0:
        return "no value at these sessions"
    if panel.days[int(seen[-1])] < end:
        return f"the series ends on {panel.days[int(seen[-1])]}"
    if panel.days[int(seen[0])] > start:
        return f"the series starts on {panel.days[int(seen[0])]}"
    return f"no value between {start} and {end}, or too few before them"
