"""Holds the facts of a dossier by the observable that they read, makes each reading once, and counts copies once.

Who asks for an observable gets the reports on it: of the exact subject, else of a proxy, else (of slow things) from
before the move.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from causal.model import Dossier, Window
from causal.pulling import Pulled, Refused, SeriesIndex
from causal.rules import Unreadable, number_of
from causal.settings import Method
from causal.subjects import PRICE, Identity, World
from causal.surprise import Reading, Setting, binned, mirrored, read_fact
from causal.units import read_unit
from causal.windows import distance, falls_into, fit, period, spans_move
from causal.world import DIFFERENCE, Fact, Indicator, Move

Place = tuple[str, str, str]  # family, subject, window
ANY_DAY = 0.5  # of what is usual on days of a large move


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reading of an observable: its fact, the copies of it (fact ids), and its reliability rho.

    Of a search that found nothing `searched` is the side that was looked for, up or down (`causal/searches.py`).
    """

    fact: str
    copies: tuple[str, ...]
    reading: Reading
    reliability: float
    searched: str | None = None


class FactIndex:
    """The facts of a dossier by the observable that they read, with their readings made once."""

    def __init__(
        self, dossier: Dossier, world: World, method: Method, reread: Callable[[Fact, Reading], Reading] | None = None
    ) -> None:
        """`reread` replaces readings, so that accuracy can be compared with noise and with inverted readings."""
        self.dossier, self.world, self.method, self.reread = dossier, world, method, reread
        self.by_observable: dict[tuple[str, str], list[tuple[Fact, int]]] = {}
        self.same: dict[tuple[str, str], list[Fact]] = {}
        self.unreadable: dict[str, str] = {}
        self.by_id = {fact.id: fact for fact in dossier.facts}
        self.reports: dict[Place, tuple[Report, ...]] = {}
        self.calm: dict[Place, float] = {}
        self.series = None if dossier.panel is None else SeriesIndex(dossier, dossier.panel, world, method)
        self.pulled: dict[str, Pulled] = {}
        self.refused: dict[Place, tuple[Refused, ...]] = {}
        self._made: dict[tuple[str, bool], Reading | Unreadable] = {}
        moved = world.asset_class(dossier.move.instrument)
        sign = 0 if not dossier.move.return_ else (1 if dossier.move.return_ > 0 else -1)
        self.stress, self.shift_factor = -sign * moved.stress, moved.shift_factor
        self.own = _tied(dossier)
        for fact in sorted(dossier.facts, key=lambda fact: fact.id):
            self.same.setdefault((fact.indicator, fact.subject), []).append(fact)
            identity = world.identity(fact.indicator, fact.subject)
            if identity is None:
                self.unreadable[fact.id] = (
                    f"indicator {fact.indicator!r} is not mapped; add ingest/indicators/<id>.yaml"
                )
                continue
            entry = self.by_observable.setdefault((identity.family, identity.subject), [])
            entry.append((fact, identity.sign))

    def ordinariness(self) -> float:
        """The share of days on which the same thing goes at least as far, by its series, else by its class."""
        if self.series is not None:
            return self.series.ordinariness()
        usual = _usual(self.dossier.move, self.world)
        return 0.0 if usual is None else share_as_far(self.dossier.move, usual)

    def rule(self, fact: Fact) -> str:
        """The name of the rule that reads the fact; empty where its indicator is not known."""
        known = self.world.indicators.get(fact.indicator)
        return known.reading if known else ""

    def setting(self, indicator: Indicator, subject: str) -> Setting:
        """What readings of this indicator about this subject depend on."""
        return Setting(
            indicator=indicator,
            asset_class=self.world.asset_class(subject),
            stress=self.stress,
            shift_factor=self.shift_factor,
            own=subject in self.own,
        )

    def reading(self, fact: Fact, *, inside: bool) -> Reading | None:
        """The reading of a fact, or None (and why is noted)."""
        made = self._made.get((fact.id, inside))
        if made is None:
            made = read_fact(
                fact,
                self.setting(self.world.indicators[fact.indicator], fact.subject),
                self.same[(fact.indicator, fact.subject)],
                inside=inside,
                baseline_days=self.method.baseline_days,
            )
            if self.reread is not None and isinstance(made, Reading):
                made = self.reread(fact, made)
            self._made[(fact.id, inside)] = made
        if isinstance(made, Unreadable):
            self.unreadable.setdefault(fact.id, made.why)
            return None
        return made

    def note_unreadable(self) -> None:
        """Read every fact once, so that all that cannot be read are listed whether or not a prediction asks."""
        for facts in self.by_observable.values():
            for fact, _ in facts:
                self.reading(fact, inside=falls_into(fact, "during", self.dossier.move))


def _tied(dossier: Dossier) -> frozenset[str]:
    """What moved, what it is written on or tracks, and what is written on it or tracks it."""
    moved = dossier.move.instrument
    ties = [(one.from_, one.to) for one in dossier.relations if one.type in {"underlying", "tracks"}]
    return frozenset({moved} | {b if a == moved else a for a, b in ties if moved in (a, b)})


def move_report(index: FactIndex) -> tuple[Report, ...]:
    """The move itself as a report, for predictions that deny it."""
    move = index.dossier.move
    reading = binned(10.0 if (move.return_ or 0.0) > 0 else -10.0, 0.0)
    reading = Reading(bins=reading.bins, z=None, reason="the move itself")
    own = index.world.identity("spot return", move.instrument)
    if own is not None and own.sign < 0:
        reading = mirrored(reading)
    rho = index.method.move_against_reliability
    return (Report(fact=move.id, copies=(move.id,), reading=reading, reliability=rho),)


def gather_reports(index: FactIndex, identity: Identity, window: Window, place: Place) -> None:
    """Everything that speaks of an observable in a window, kept under `place`: a series, and the facts about it.

    A fact that restates the series is a copy of it and adds nothing (causal.md 3.5).
    """
    facts = reports_on(index, identity, window)
    pulled = None
    if index.series is not None:
        pulled, index.refused[place] = index.series.pull(identity, window)
    if pulled is not None and facts and not pulled.exact:
        pulled = None  # a proxy speaks only where nobody speaks of the thing itself
    if (
        pulled is not None
        and pulled.slow
        and any(fit(index.by_id[report.fact], window, index.dossier.move) == "whole" for report in facts)
    ):
        pulled = None  # what covers the window itself comes before what covers a week around it
    if pulled is None:
        index.reports[place] = facts
        return
    reading = pulled.reading if index.reread is None else index.reread(pulled.fact, pulled.reading)
    id_ = pulled.fact.id
    index.pulled[id_], index.by_id[id_] = pulled, pulled.fact
    copies = [report for report in facts if _restates(index, report, pulled, reading)]
    own = Report(
        fact=id_,
        copies=(id_, *sorted(copy for report in copies for copy in report.copies)),
        reading=reading,
        reliability=pulled.reliability,
    )
    others = [report for report in facts if report not in copies]
    index.reports[place] = tuple(sorted([own, *others], key=lambda report: report.fact))
    index.calm[place] = pulled.calm


def _restates(index: FactIndex, report: Report, pulled: Pulled, reading: Reading) -> bool:
    """Whether the report says what the series says: nearly the same figure, else a bin that is the same or next."""
    fact = index.by_id[report.fact]
    told, found = number_of(fact), pulled.fact.value
    units = read_unit(fact.unit), read_unit(pulled.fact.unit)
    identity = index.world.identity(fact.indicator, fact.subject)
    if told is None or identity is None or not isinstance(found, float) or units[0].kind != units[1].kind:
        return abs(report.reading.bin - reading.bin) <= 1
    told, found = told * identity.sign * units[0].multiplier, found * units[1].multiplier
    near = 0.25 * (pulled.found.spread[3] - pulled.found.spread[1]) * units[1].multiplier  # of the middle half
    forms = (found, 100.0 * math.expm1(found / 100.0)) if units[1].kind == "percent" else (found,)  # log, and simple
    return any(abs(told - one) <= max(near, 0.25 * max(abs(told), abs(one))) for one in forms)


def reports_on(index: FactIndex, identity: Identity, window: Window, factor: float = 1.0) -> tuple[Report, ...]:
    """The reports of facts in a window: on the exact subject, else on a proxy; `factor` weakens them."""
    found = _within(index, identity, window, factor)
    if not found and identity.family == PRICE:
        for other in index.world.tracks.get(identity.subject, ()):
            proxy = Identity(family=identity.family, subject=other, sign=1)
            found += _within(index, proxy, window, factor * index.method.proxy_reliability)
    return _once(found, index.dossier.move)


def _within(index: FactIndex, identity: Identity, window: Window, factor: float) -> list[tuple[Fact, Report]]:
    move = index.dossier.move
    facts = [
        (fact, sign)
        for fact, sign in index.by_observable.get((identity.family, identity.subject), [])
        if falls_into(fact, window, move, closes=index.rule(fact) == "return")
        and not _told_from_before(index, fact, window)
    ]
    fits = {fact.id: fit(fact, window, move) for fact, _ in facts}
    readable = [(f, s, r) for f, s in facts if (r := index.reading(f, inside=falls_into(f, "during", move)))]
    if any(fits[fact.id] == "whole" for fact, _, _ in readable):
        readable = [entry for entry in readable if fits[entry[0].id] == "whole"]
    found = []
    for fact, sign, reading in readable:
        rho = index.method.reliability(fact.grade, fact.credibility) * factor
        if rho < index.method.report_floor:
            index.unreadable.setdefault(fact.id, f"reliability {rho:.2f} is too low to count")
            continue
        report = Report(
            fact=fact.id,
            copies=(fact.id,),
            reading=reading if sign > 0 else mirrored(reading),
            reliability=rho,
        )
        found.append((fact, report))
    return found


def _told_from_before(index: FactIndex, fact: Fact, window: Window) -> bool:
    """Whether a level is compared with the one before the move, so that it says nothing of what came after it."""
    levels = {"price_level", "log_ratio", "difference"}
    against = index.rule(fact) in levels and fact.baseline_kind == "previous"
    return window == "after" and against and spans_move(fact, index.dossier.move)


def _once(found: list[tuple[Fact, Report]], move: Move) -> tuple[Report, ...]:
    """Copies count once: first the same figure of the same day, then one origin; the most reliable stays."""
    if len(found) == 1:
        return (found[0][1],)
    by_figure: dict[tuple[object, ...], list[tuple[Fact, Report]]] = {}
    for fact, report in found:
        by_figure.setdefault(_figure(fact), []).append((fact, report))
    singles = [_merge(group, move) for group in by_figure.values()]
    by_origin: dict[str, list[tuple[Fact, Report]]] = {}
    for fact, report in singles:
        by_origin.setdefault(fact.citation.origin, []).append((fact, report))
    kept = [_merge(group, move) for group in by_origin.values()]
    return tuple(report for _, report in sorted(kept, key=lambda pair: pair[1].fact))


def _figure(fact: Fact) -> tuple[object, ...]:
    value: object = fact.direction if isinstance(fact.value, str) else fact.value
    if isinstance(value, float):
        value = float(f"{value:.3g}")
    return (value, fact.low, fact.high, fact.unit, period(fact).first, fact.indicator, fact.subject)


def _merge(group: list[tuple[Fact, Report]], move: Move) -> tuple[Fact, Report]:
    """The most reliable of them, of equals the nearest to the move, then the most extreme, then the earliest known."""
    best = min(
        group,
        key=lambda pair: (
            -pair[1].reliability,
            distance(pair[0], move),
            -abs(pair[1].reading.z or 0.0),
            pair[0].known_at,
            pair[0].id,
        ),
    )
    copies = sorted({fact for _, report in group for fact in report.copies})
    return best[0], replace(best[1], copies=tuple(copies))


def share_as_far(move: Move, usual: float) -> float:
    """The share of days on which a thing goes at least as far, by a normal law over the weekdays of the move.

    `usual` is one standard deviation on days of a large move, in the unit of the return; on any day half as much is
    taken, the ratio of the two for share indices, currencies and bitcoin. A prior of ours, where no series tells.
    """
    if move.return_ is None:
        return 0.0
    relative = move.return_unit != DIFFERENCE and move.return_ > -1.0
    size = abs(math.log1p(move.return_) if relative else move.return_)
    days = max(1, int(np.busday_count(move.valid_from.date(), move.valid_to.date())))
    return math.erfc(size / (ANY_DAY * usual * math.sqrt(2.0 * days)))


def _usual(move: Move, world: World) -> float | None:
    if move.return_unit != DIFFERENCE:
        return world.asset_class(move.instrument).scale / 100.0
    known = world.indicators.get("yield change")
    return next((scale.size / 10_000.0 for scale in known.scales if scale.unit == "bp"), None) if known else None
