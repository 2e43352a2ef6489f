"""Brings predictions and facts together: one observable a (family, subject, window), each report on it a channel.

An observable knows the steps that predict it (parents) and the readings that were made of it (reports, copies
counted once). What the move itself already says carries nothing; what contradicts the move is a miss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from causal.model import Dossier, Fact, Indicator, Move, Narrative, Prediction, Step
from causal.settings import Method
from causal.subjects import PRICE, Identity, World
from causal.surprise import Reading, Setting, Unreadable, binned, event_shift, mirrored, read_fact
from causal.windows import canonical, covers_move, distance, falls_into, fit, key, near_start, period

Place = tuple[str, str, str]  # family, subject, window


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reading of an observable: its fact, the copies of it (fact ids), and its reliability rho."""

    fact: str
    copies: tuple[str, ...]
    reading: Reading
    reliability: float
    known_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A step that predicts the observable: `side` up, down or flat, tilt A, and the weight of the link."""

    narrative: int
    step: str
    side: str
    tilt: float
    link: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observable:
    """One node of the network: what it is, who predicts it, what was reported. `calm` is z of an ordinary day."""

    family: str
    subject: str
    window: str
    calm: float
    parents: tuple[Parent, ...]
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one prediction was answered: by which reports of which observable, or why by none."""

    narrative: int
    step: int
    prediction: int
    window: str
    side: str
    observable: Place | None
    reports: tuple[Report, ...]
    by_move: str | None = None


@dataclass(slots=True)
class Findings:
    """All that the facts say about the predictions."""

    observables: list[Observable] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


SIDES = {"up": "up", "occurs": "up", "down": "down", "absent": "down", "flat": "flat"}
_MIRROR = {"up": "down", "down": "up", "flat": "flat"}


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
        self.reports: dict[Place, tuple[Report, ...]] = {}
        self.calm: dict[Place, float] = {}
        self._made: dict[tuple[str, bool], Reading | Unreadable] = {}
        moved = world.asset_class(dossier.move.instrument)
        sign = 0 if not dossier.move.return_ else (1 if dossier.move.return_ > 0 else -1)
        self.stress, self.shift_factor = -sign * moved.stress, moved.shift_factor
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

    def setting(self, indicator: Indicator, subject: str) -> Setting:
        """What readings of this indicator about this subject depend on."""
        return Setting(
            indicator=indicator,
            asset_class=self.world.asset_class(subject),
            stress=self.stress,
            shift_factor=self.shift_factor,
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
                self.reading(fact, inside=False)


def collect(index: FactIndex, narratives: Sequence[Narrative]) -> Findings:
    """Every prediction of every narrative, answered by the facts of the dossier or not."""
    findings = Findings()
    parents: dict[Place, list[Parent]] = {}
    for number, narrative in enumerate(narratives):
        entries: list[tuple[Place, Parent, bool]] = []
        for step in narrative.steps:
            for place, prediction in enumerate(step.predictions, start=1):
                answer = _answer(index, number, step, place, prediction)
                findings.answers.append(answer)
                if answer.observable is not None and answer.reports:
                    parent = _parent(index, number, step, prediction, answer)
                    sized = index.world.indicators[prediction.indicator].reading == "log_size"
                    generic = _moves_anyway(answer, index.calm[answer.observable], sized)
                    entries.append((answer.observable, parent, generic))
        for observable, parent in _tempered(entries, index.method):
            if parent not in parents.setdefault(observable, []):
                parents[observable].append(parent)
    merged: dict[tuple[str, str, tuple[str, ...]], Observable] = {}
    for observable in sorted(parents):
        family, subject, window = observable
        reports = index.reports[observable]
        same = (family, subject, tuple(report.fact for report in reports))
        made = Observable(
            family=family,
            subject=subject,
            window=window,
            calm=index.calm[observable],
            parents=tuple(parents[observable]),
            reports=reports,
        )
        if same in merged:
            made = replace(merged[same], parents=merged[same].parents + made.parents)
        merged[same] = made
        findings.used.update(fact for report in reports for fact in report.copies)
    findings.observables = list(merged.values())
    return findings


def _tempered(entries: list[tuple[Place, Parent, bool]], method: Method) -> list[tuple[Place, Parent]]:
    """Predictions of one narrative about what moves on any such day count as one cluster (m_eff, evidence.md 4).

    The links are weakened so that m hits in the outermost bin multiply the odds as m_eff of them would.
    """
    count = len({place for place, _, generic in entries if generic})
    share = 1.0 / (1.0 + (count - 1) * method.breadth_correlation) if count > 1 else 1.0
    answer = []
    for place, own, generic in entries:
        parent = own
        if generic:
            tilt = 1.0 + (own.tilt - 1.0) * method.generic_tilt
            gain = (1.0 - 0.9**tilt) / 0.1 - 1.0
            link = ((1.0 + own.link * gain) ** share - 1.0) / gain
            parent = replace(own, tilt=tilt, link=link)
        answer.append((place, parent))
    return answer


def _moves_anyway(answer: Answer, calm: float, sized: bool) -> bool:
    """Whether any day like this one would move the observable to the side predicted.

    `sized`: its reading is a size against that of large-move days, so that a large one is what such days have.
    """
    toward = {"up": calm < 0 or sized, "down": calm > 0, "flat": False}
    return answer.window == "during" and answer.by_move is None and toward[answer.side]


def _parent(index: FactIndex, number: int, step: Step, prediction: Prediction, answer: Answer) -> Parent:
    method = index.method
    indicator = index.world.indicators[prediction.indicator]
    usual = method.tilt["medium"]
    if indicator.kind == "statement" or indicator.public_act:
        facts = {fact.id: fact for fact in index.dossier.facts}
        stamped = any(near_start(facts[r.fact], index.dossier.move) for r in answer.reports if r.fact in facts)
        if not stamped:
            usual = method.tilt_statement if indicator.kind == "statement" else method.tilt_public_act
    share = (usual - 1.0) / (method.tilt["medium"] - 1.0)
    tilt = 1.0 + (method.tilt[prediction.strength] - 1.0) * share
    return Parent(narrative=number, step=step.key, side=answer.side, tilt=tilt, link=method.link)


def _answer(
    index: FactIndex,
    number: int,
    step: Step,
    place: int,
    prediction: Prediction,
) -> Answer:
    window = canonical(prediction.window, index.dossier.move)
    open_answer = Answer(
        narrative=number,
        step=step.n,
        prediction=place,
        window=key(window),
        side=SIDES[prediction.direction],
        observable=None,
        reports=(),
    )
    if prediction.subject is None:
        return open_answer
    identity = index.world.identity(prediction.indicator, prediction.subject)
    if identity is None:
        return open_answer
    side = SIDES[prediction.direction]
    side = _MIRROR[side] if identity.sign * index.world.indicators[prediction.indicator].sign < 0 else side
    prediction = replace(prediction, window=window)
    by_move = _said_by_move(index, identity, prediction, side)
    place_key = (identity.family, identity.subject, key(window) if by_move is None else "the move itself")
    if by_move == "same":
        return replace(open_answer, side=side, by_move=by_move)
    if place_key not in index.reports:
        index.reports[place_key] = _move_report(index) if by_move else _reports(index, identity, prediction)
        inside = covers_move(window, index.dossier.move)
        setting = index.setting(index.world.indicators[prediction.indicator], identity.subject)
        index.calm[place_key] = -event_shift(setting) if inside and by_move is None else 0.0
    return replace(open_answer, side=side, observable=place_key, reports=index.reports[place_key], by_move=by_move)


def _said_by_move(index: FactIndex, identity: Identity, prediction: Prediction, side: str) -> str | None:
    """`same` where the prediction only restates the move, `against` where it denies it, else None."""
    move, world = index.dossier.move, index.world
    own = world.identity("spot return", move.instrument)
    if own is None or not move.return_ or own.family != identity.family:
        return None
    if not world.same_price(identity.subject, own.subject) or not covers_move(prediction.window, move):
        return None
    direction = "up" if move.return_ * own.sign > 0 else "down"
    return "same" if side == direction else "against"


def _move_report(index: FactIndex) -> tuple[Report, ...]:
    move = index.dossier.move
    reading = binned(10.0 if (move.return_ or 0.0) > 0 else -10.0, 0.0)
    reading = Reading(bins=reading.bins, z=None, reason="the move itself")
    own = index.world.identity("spot return", move.instrument)
    if own is not None and own.sign < 0:
        reading = mirrored(reading)
    rho = index.method.move_against_reliability
    return (Report(fact=move.id, copies=(move.id,), reading=reading, reliability=rho, known_at=""),)


def _reports(index: FactIndex, identity: Identity, prediction: Prediction) -> tuple[Report, ...]:
    """The reports on an observable, best source first: exact subject, then a proxy, then (slow things) from before."""
    found = _within(index, identity, prediction, 1.0)
    if not found and identity.family == PRICE:
        for other in index.world.tracks.get(identity.subject, ()):
            proxy = Identity(family=identity.family, subject=other, sign=1)
            found += _within(index, proxy, prediction, index.method.proxy_reliability)
    slow = index.world.indicators[prediction.indicator].slow
    if not found and slow and not prediction.stated_window and prediction.window == "during":
        earlier = replace(prediction, window="before")
        found = _within(index, identity, earlier, index.method.earlier_reliability)
    return _once(found, index.dossier.move)


def _within(index: FactIndex, identity: Identity, prediction: Prediction, factor: float) -> list[tuple[Fact, Report]]:
    move, window = index.dossier.move, prediction.window
    facts = [
        (fact, sign)
        for fact, sign in index.by_observable.get((identity.family, identity.subject), [])
        if falls_into(fact, window, move)
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
            known_at=fact.known_at.isoformat(),
        )
        found.append((fact, report))
    return found


def _once(found: list[tuple[Fact, Report]], move: Move) -> tuple[Report, ...]:
    """Copies count once: first the same figure of the same day, then one origin; the most reliable stays."""
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
