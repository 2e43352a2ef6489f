"""Brings predictions and facts together: one observable a (family, subject, window), each report on it a channel.

An observable knows the steps that predict it (parents) and the readings that were made of it (reports, copies
counted once). What the move itself already says carries nothing; what contradicts the move is a miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from causal.breadth import Entry, Parent, crowd, shared_factor, temper
from causal.facts import FactIndex, Place, Report, gather_reports, move_report, reports_on
from causal.model import Narrative, Prediction, Step, Window
from causal.pulling import Refused
from causal.searches import searched
from causal.subjects import Identity
from causal.surprise import event_shift
from causal.windows import canonical, covers_move, key, near_start


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
    refused: tuple[Refused, ...] = ()


@dataclass(slots=True)
class Findings:
    """All that the facts say about the predictions."""

    observables: list[Observable] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


SIDES = {"up": "up", "occurs": "up", "down": "down", "absent": "down", "flat": "flat"}
_MIRROR = {"up": "down", "down": "up", "flat": "flat"}


def collect(index: FactIndex, narratives: Sequence[Narrative]) -> Findings:
    """Every prediction of every narrative, answered by the facts of the dossier or not."""
    findings = Findings()
    told = [_entries(index, number, narrative, findings) for number, narrative in enumerate(narratives)]
    shared = _shared(index, findings.answers)
    parents: dict[Place, list[Parent]] = {}
    for entries in told:
        for observable, parent in temper(entries, index, shared):
            if parent not in parents.setdefault(observable, []):
                parents[observable].append(parent)
    listed = {number for number, narrative in enumerate(narratives) if narrative.origin != "library"}
    parents = {observable: crowd(found, listed) for observable, found in parents.items()}
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


def _entries(index: FactIndex, number: int, narrative: Narrative, findings: Findings) -> list[Entry]:
    """The answered predictions of one narrative; every answer is noted in the findings."""
    entries: list[Entry] = []
    for step in narrative.steps:
        told = [(p, _answer(index, number, step, place, p)) for place, p in enumerate(step.predictions, start=1)]
        for prediction, answer in _any_of(narrative, told):
            findings.answers.append(answer)
            if answer.observable is not None and answer.reports:
                sized = index.world.indicators[prediction.indicator].reading == "log_size"
                entries.append(
                    Entry(
                        place=answer.observable,
                        parent=_parent(index, number, step, prediction, answer),
                        generic=_moves_anyway(index, answer, sized=sized, strong=prediction.strength == "strong"),
                        measured=any(report.fact in index.pulled for report in answer.reports),
                    )
                )
    return entries


def _any_of(narrative: Narrative, told: Sequence[tuple[Prediction, Answer]]) -> list[tuple[Prediction, Answer]]:
    """All but what did not happen where something else of the step did, by the same role of a template.

    A template asks whether anybody who can play the role did any of these: that others did nothing, or that an act
    of another sort was not needed, is no evidence against it.
    """
    if narrative.origin != "library":
        return list(told)
    acts = [(prediction, answer) for prediction, answer in told if prediction.direction == "occurs" and answer.reports]
    acted = {prediction.role for prediction, answer in acts if _happened(answer)}
    idle = {id(answer) for prediction, answer in acts if prediction.role in acted and not _happened(answer)}
    return [(prediction, answer) for prediction, answer in told if id(answer) not in idle]


def _happened(answer: Answer) -> bool:
    return any(report.reading.bin >= 4 for report in answer.reports)


def _shared(index: FactIndex, answers: Sequence[Answer]) -> float:
    """How surely the series of the day share a factor of it (`shared_factor`); 1 without series."""
    found = {
        answer.observable: index.pulled[report.fact]
        for answer in answers
        if answer.window == "during" and answer.by_move is None and answer.observable is not None
        for report in answer.reports
        if report.fact in index.pulled
    }
    return shared_factor([found[place] for place in sorted(found)], index.method.generic_shift)


def _moves_anyway(index: FactIndex, answer: Answer, *, sized: bool, strong: bool) -> bool:
    """Whether any day like this one would move the observable to the side predicted.

    `sized`: its reading is a size against that of large-move days, so that a large one is what such days have. A
    series shows how far such days move it: it counts from a quarter of its spread on, and where the prediction is not
    a strong one, whose author says that such days alone do not do it.
    """
    calm = index.calm[answer.observable] if answer.observable else 0.0
    measured = any(report.fact in index.pulled for report in answer.reports)
    least = index.method.generic_shift if measured else 0.0
    toward = {"up": calm < -least or sized, "down": calm > least, "flat": False}
    return answer.window == "during" and answer.by_move is None and toward[answer.side] and not (measured and strong)


def _parent(index: FactIndex, number: int, step: Step, prediction: Prediction, answer: Answer) -> Parent:
    method = index.method
    indicator = index.world.indicators[prediction.indicator]
    usual = method.tilt["medium"]
    if indicator.kind == "statement" or indicator.public_act:
        facts = (index.by_id.get(report.fact) for report in answer.reports)
        stamped = any(near_start(fact, index.dossier.move) for fact in facts if fact is not None)
        if not stamped and not _denied(answer):
            usual = method.tilt_statement if indicator.kind == "statement" else method.tilt_public_act
    share = (usual - 1.0) / (method.tilt["medium"] - 1.0)
    tilt = 1.0 + (method.tilt[prediction.strength] - 1.0) * share
    return Parent(narrative=number, step=step.key, side=answer.side, tilt=tilt, link=method.links[prediction.strength])


def _denied(answer: Answer) -> bool:
    """Whether no report has the act predicted: acts are cheap to coincide with, and dear to do without."""
    toward = {"up": (4, 5), "down": (1, 2)}.get(answer.side, (1, 2, 3, 4, 5))
    return bool(answer.reports) and all(report.reading.bin not in toward for report in answer.reports)


def _answer(index: FactIndex, number: int, step: Step, place: int, prediction: Prediction) -> Answer:
    window = canonical(prediction.window, index.dossier.move)
    side = SIDES[prediction.direction]
    identity = index.world.identity(prediction.indicator, prediction.subject) if prediction.subject else None
    observable: Place | None = None
    by_move = None
    if identity is not None:
        if identity.sign * index.world.indicators[prediction.indicator].sign < 0:
            side = _MIRROR[side]
        by_move = _said_by_move(index, identity, window, side)
        if by_move != "same":
            observable = _observable(index, identity, prediction, window, by_move is not None)
    return Answer(
        narrative=number,
        step=step.n,
        prediction=place,
        window=key(window),
        side=side,
        observable=observable,
        reports=() if observable is None else index.reports[observable],
        by_move=by_move,
        refused=() if observable is None else index.refused.get(observable, ()),
    )


def _observable(index: FactIndex, identity: Identity, prediction: Prediction, window: Window, by_move: bool) -> Place:
    """The node that answers a prediction, its reports gathered once: in the window, or (slow things) from before."""
    indicator = index.world.indicators[prediction.indicator]
    if by_move:
        place = (identity.family, identity.subject, "the move itself")
        index.calm[place] = 0.0
        index.reports.setdefault(place, move_report(index))
        return place
    place = (identity.family, identity.subject, key(window))
    if place not in index.reports:
        inside = covers_move(window, index.dossier.move)
        index.calm[place] = -event_shift(index.setting(indicator, identity.subject)) if inside else 0.0
        gather_reports(index, identity, window, place)
    if index.reports[place]:
        return place
    if indicator.slow and not prediction.stated_window and window == "during":
        earlier = (identity.family, identity.subject, "before, of a slow thing")
        if earlier not in index.reports:
            index.reports[earlier] = reports_on(index, identity, "before", index.method.earlier_reliability)
            index.calm[earlier] = 0.0
        if index.reports[earlier] or not searched(index, place):
            return earlier
    index.reports[place] = searched(index, place)
    return place


def _said_by_move(index: FactIndex, identity: Identity, window: Window, side: str) -> str | None:
    """`same` where the prediction only restates the move, `against` where it denies it, else None."""
    move, world = index.dossier.move, index.world
    own = world.identity("spot return", move.instrument)
    if own is None or not move.return_ or own.family != identity.family:
        return None
    if not world.same_price(identity.subject, own.subject) or not covers_move(window, move):
        return None
    direction = "up" if move.return_ * own.sign > 0 else "down"
    return "same" if side == direction else "against"
