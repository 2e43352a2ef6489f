"""Maps the stories of a case file, what is said for and against them, what is missing, and, apart, the hindsight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from graph.model import Value
from ingest.caseformat import (
    ArgumentPart,
    FactReference,
    GapPart,
    NarrativePart,
    PredictionPart,
    ReportPart,
    StepPart,
    WatchPart,
    WindowPart,
)
from ingest.casegraph import fact_label
from ingest.catalog import Indicator, indicator_id
from ingest.clocks import UTC_CLOCK, known_from
from ingest.draft import Draft, latest_known, precision
from ingest.identity import publisher_of, source_id, step_id
from ingest.searchgraph import map_search

_CREDIBILITY_OF_ARGUMENTS = 3  # "possibly true": nobody has checked what is argued


class Stories:
    """Maps the narratives of one case; `indicators` by name decide what a cited fact is."""

    def __init__(self, draft: Draft, indicators: dict[str, Indicator]) -> None:
        self.draft, self.case = draft, draft.case
        self.labels = {fact.id: fact_label(fact, indicators) for fact in self.case.facts}
        self.indicators = indicators
        self.undated = latest_known(self.case)
        self.names = {one.name: one.id for one in self.case.actors} | {one.id: one.id for one in self.case.actors}

    def run(self) -> None:
        """Narratives, steps, predictions and arguments."""
        for narrative in self.case.narratives:
            self._narrative(narrative)

    def _narrative(self, one: NarrativePart) -> None:
        draft, name = self.draft, self.draft.key(one.id)
        draft.node(
            "Narrative",
            name,
            title=one.label,
            summary=one.claim,
            slot=one.slot,
            origin="case",
            case_id=self.case.id,
            template=one.template,
        )
        draft.link("EXPLAINS", "Narrative", name, "Move", draft.key("move"))
        if one.template is not None:
            draft.node("Template", one.template, held=False)
            draft.link("INSTANCE_OF", "Narrative", name, "Template", one.template)
        for proponent in one.proponents:
            self._made(proponent, "Narrative", name)
        previous: str | None = None
        for step in one.causal_steps:
            key = self._step(one.id, step)
            draft.link("HAS_STEP", "Narrative", name, "Step", key, n=step.n)
            if previous is not None and previous != key:
                draft.link("LEADS_TO", "Step", previous, "Step", key)
            previous = key
        self._arguments(one)

    def _made(self, who: str, label: str, name: str) -> None:
        """Tie something to who made it: an actor of the case, else a source of that name."""
        actor = self.names.get(who)
        if actor is not None:
            self.draft.link("MADE", "Actor", actor, label, name)
            return
        self.draft.node("Source", source_id(who), held=False, name=publisher_of(who))
        self.draft.link("MADE", "Source", source_id(who), label, name)

    def _step(self, narrative: str, step: StepPart) -> str:
        """The step's node; the same physical step of an earlier narrative is that narrative's node."""
        own = step_id(self.case.id, narrative, step.n)
        name = own if step.same_as is None else self.draft.key(step.same_as)
        if step.same_as is None:
            self.draft.node("Step", name, n=step.n, text=step.text, key=f"{narrative}.{step.n}")
        for i, prediction in enumerate(step.predicts, start=1):
            self._prediction(f"{own}.{i}", name, i, prediction)
        return name

    def _prediction(self, name: str, step: str, i: int, one: PredictionPart) -> None:
        window: dict[str, Value]
        if isinstance(one.when, WindowPart):
            window = {"window": "dates", "window_start": one.when.start, "window_end": one.when.end}
        else:
            window = {"window": one.when or "during"}
        self.draft.node(
            "Prediction",
            name,
            window,
            i=i,
            indicator=one.indicator,
            subject=one.subject,
            direction=one.direction,
            strength=one.strength or "medium",
            stated_window=one.when is not None,
            note=one.note,
        )
        self.draft.link("PREDICTS", "Step", step, "Prediction", name)
        indicator = indicator_id(one.indicator)
        if one.indicator not in self.indicators:
            self.draft.node("Indicator", indicator, held=False, name=one.indicator)
        self.draft.link("OF_INDICATOR", "Prediction", name, "Indicator", indicator)
        self.draft.about("Prediction", name, one.subject)

    def _arguments(self, one: NarrativePart) -> None:
        for i, pro in enumerate(one.arguments_for, start=1):
            if isinstance(pro, str):
                self._cited(pro, "SUPPORTS", one.id)
            else:
                self._argument(one, pro, f"{one.id}.arg.for.{i}", "supports")
        for i, contra in enumerate(one.arguments_against, start=1):
            if isinstance(contra, FactReference):
                self._cited(contra.fact, "REBUTS", one.id)
            else:
                self._argument(one, contra, f"{one.id}.arg.against.{i}", "rebuts")

    def _cited(self, fact: str, kind: str, narrative: str) -> None:
        self.draft.link(kind, self.labels[fact], self.draft.key(fact), "Narrative", self.draft.key(narrative))

    def _argument(self, narrative: NarrativePart, one: ArgumentPart, local: str, side: str) -> None:
        draft, name = self.draft, self.draft.key(local)
        kind = one.kind or side
        steps = {step.n: step.same_as or f"{narrative.id}.{step.n}" for step in narrative.causal_steps}
        known = one.source.published
        dated = isinstance(known, (date, datetime))
        draft.node(
            "Argument",
            name,
            self._standing(one),
            statement=one.argument,
            kind=kind,
            strength=one.strength or "medium",
            status="open",
            by=one.by,
            step=one.step,
            known_at=known_from(known, UTC_CLOCK) if isinstance(known, (date, datetime)) else self.undated,
            known_at_precision=precision(known),
            known_at_inferred=None if dated else True,
        )
        draft.link("ASSERTED_IN", "Argument", name, "Document", draft.document(one.source))
        if one.by is not None:
            self._made(one.by, "Argument", name)
        if kind == "undercuts" and one.step is not None:
            draft.link("UNDERCUTS", "Argument", name, "Step", draft.key(steps[one.step]))
        else:
            relation = {"supports": "SUPPORTS"}.get(kind, "REBUTS")
            draft.link(relation, "Argument", name, "Narrative", draft.key(narrative.id))

    def _standing(self, one: ArgumentPart) -> Mapping[str, Value]:
        """An argument stands on its source: the grade that the case gives most often to facts of that publisher."""
        grades = Counter(
            fact.reliability.grade
            for fact in self.case.facts
            if fact.reliability is not None
            and publisher_of(fact.source.publisher) == publisher_of(one.source.publisher)
        )
        if not grades:
            return {}
        most = max(grades.values())
        return {
            "grade": max(grade for grade, count in grades.items() if count == most),
            "credibility": _CREDIBILITY_OF_ARGUMENTS,
            "reliability_why": "the grade of the same publisher's facts; what is argued is possibly true",
        }


def map_gaps(draft: Draft, indicators: dict[str, Indicator]) -> None:
    """What could not be confirmed, and what was to be watched with the stories that it would favour or hurt."""
    known = latest_known(draft.case)
    for i, gap in enumerate(draft.case.gaps, start=1):
        name = draft.key(f"gap.{i}")
        draft.node(
            "DataGap",
            name,
            kind="gap",
            item=gap.item,
            why=gap.why,
            direction=gap.direction,
            named_by="author",
            known_at=known,
            known_at_precision="day",
            known_at_inferred=True,
        )
        _of(draft, indicators, name, gap)
    for i, watch in enumerate(draft.case.watch_next, start=1):
        _watch(draft, indicators, draft.key(f"watch.{i}"), watch, known)


def _watch(draft: Draft, indicators: dict[str, Indicator], name: str, watch: WatchPart, known: datetime) -> None:
    draft.node(
        "DataGap",
        name,
        kind="watch",
        item=watch.item,
        direction=watch.direction,
        outcome=watch.outcome,
        named_by="author",
        due_at=watch.by if isinstance(watch.by, (date, datetime)) else None,
        why=watch.by if isinstance(watch.by, str) else None,
        known_at=known,
        known_at_precision="day",
        known_at_inferred=True,
    )
    _of(draft, indicators, name, watch)
    for narrative in watch.would_favour:
        draft.link("WOULD_INFORM", "DataGap", name, "Narrative", draft.key(narrative), sign=1)
    for narrative in watch.would_hurt:
        draft.link("WOULD_INFORM", "DataGap", name, "Narrative", draft.key(narrative), sign=-1)


def _of(draft: Draft, indicators: dict[str, Indicator], name: str, part: GapPart | WatchPart) -> None:
    """What a gap is a gap of, and what came of a search for it."""
    if part.indicator is not None:
        indicator = indicator_id(part.indicator)
        if part.indicator not in indicators:
            draft.node("Indicator", indicator, held=False, name=part.indicator)
        draft.link("OF_INDICATOR", "DataGap", name, "Indicator", indicator)
    if part.subject is not None:
        draft.about("DataGap", name, part.subject)
    if part.search is not None:
        map_search(draft, name, part.search, latest_known(draft.case), "day")


def map_hindsight(draft: Draft, indicators: dict[str, Indicator]) -> None:
    """Verdicts, consensus and discriminating facts, stored apart under a label that scoring never reads."""
    case = draft.case
    for narrative in case.narratives:
        if narrative.outcome is not None:
            name = draft.key(f"hindsight.outcome.{narrative.id}")
            draft.node(
                "Hindsight", name, kind="outcome", verdict=narrative.outcome.verdict, note=narrative.outcome.note
            )
            draft.link("ABOUT", "Hindsight", name, "Narrative", draft.key(narrative.id))
    if case.consensus is not None:
        reports = tuple(_report(one) for one in case.consensus.by)
        for rank, accepted in enumerate(case.consensus.narratives or (None,), start=1):
            name = draft.key(f"hindsight.consensus.{rank}")
            draft.node(
                "Hindsight",
                name,
                kind="consensus",
                rank=rank,
                strength=case.consensus.strength,
                note=case.consensus.note,
                by=reports or None,
            )
            if accepted is not None:
                draft.link("ABOUT", "Hindsight", name, "Narrative", draft.key(accepted))
    labels = {fact.id: fact_label(fact, indicators) for fact in case.facts}
    for rank, telling in enumerate(case.discriminating_facts, start=1):
        name = draft.key(f"hindsight.discriminating.{rank}")
        draft.node("Hindsight", name, kind="discriminating_fact", rank=rank, note=telling.why)
        draft.link("ABOUT", "Hindsight", name, labels[telling.fact], draft.key(telling.fact))
        for narrative_id in telling.separates:
            draft.link("ABOUT", "Hindsight", name, "Narrative", draft.key(narrative_id))


def _report(one: ReportPart) -> str:
    place = f" <{one.url}>" if one.url else ""
    return f"{one.publisher}: {one.title}{place}{'' if one.official else ' (not official)'}"
