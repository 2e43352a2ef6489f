"""Maps what a text tells, argues, foretells and misses: stories with steps, arguments, forecasts, gaps.

None of it is held by a case, and so none of it is scored: a story of a text is what its teller claims.
"""

from __future__ import annotations

from graph.model import Value
from ingest.caseformat import WindowPart
from ingest.documentdraft import DocumentDraft
from ingest.documentreferences import several
from ingest.documentstories import (
    ArgumentPart,
    ForecastPart,
    MissingPart,
    StoryPart,
    ToldPredictionPart,
    ToldStepPart,
)
from ingest.documentworldgraph import TOLD, standing
from ingest.searchgraph import map_search

_SIDES = {"supports": "SUPPORTS", "rebuts": "REBUTS", "undercuts": "UNDERCUTS"}
DESCRIBER = "describer"


def map_stories(draft: DocumentDraft) -> None:
    """Stories first, so that arguments and gaps find them."""
    for story in draft.file.narratives:
        _story(draft, story)
    for argument in draft.file.arguments:
        _argument(draft, argument)
    for forecast in draft.file.forecasts:
        _forecast(draft, forecast)
    for gap in draft.file.gaps:
        _gap(draft, gap)


def _story(draft: DocumentDraft, one: StoryPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "Narrative",
        name,
        title=one.title,
        summary=one.summary,
        slot=one.slot,
        origin=TOLD,
        template=one.template,
        aliases=one.aliases or None,
    )
    draft.asserted("Narrative", name, one.in_)
    if one.voice == "author":
        draft.made("Narrative", name, one.by)
    elif one.voice == "editor":
        draft.by_publisher("Narrative", name)
    for move in several(one.explains):
        draft.link("EXPLAINS", "Narrative", name, "Move", draft.key(move))
    if one.template is not None:
        draft.node("Template", one.template)
        draft.link("INSTANCE_OF", "Narrative", name, "Template", one.template)
    for kind, other in (("VARIANT_OF", one.variant_of), ("PART_OF", one.part_of)):
        if other is not None:
            draft.link(kind, "Narrative", name, "Narrative", draft.key(other))
    for claim in one.supported_by:
        draft.link("SUPPORTS", "Claim", draft.key(claim), "Narrative", name)
    for claim in one.rebutted_by:
        draft.link("REBUTS", "Claim", draft.key(claim), "Narrative", name)
    _steps(draft, one)


def _steps(draft: DocumentDraft, one: StoryPart) -> None:
    previous: str | None = None
    for step in one.steps:
        name = _step(draft, one.id, step)
        draft.link("HAS_STEP", "Narrative", draft.key(one.id), "Step", name, n=step.n)
        if previous is not None and previous != name:
            lag: dict[str, Value] = {} if step.lag is None else {"lag": step.lag}
            draft.link("LEADS_TO", "Step", previous, "Step", name, **lag)
        previous = name


def _step(draft: DocumentDraft, story: str, one: ToldStepPart) -> str:
    """The step's node; the same physical step of an earlier story is that story's node."""
    local = f"{story}.{one.n}"
    name = draft.step_key(local)
    if one.same_as is None:
        draft.node(
            "Step", name, n=one.n, text=one.text, key=local, max_share=one.max_share, aliases=one.aliases or None
        )
    for i, prediction in enumerate(one.predicts, start=1):
        _prediction(draft, name, f"{draft.key(local)}.{i}", i, prediction)
    for claim in one.supported_by:
        draft.link("SUPPORTS", "Claim", draft.key(claim), "Step", name)
    return name


def _prediction(draft: DocumentDraft, step: str, name: str, i: int, one: ToldPredictionPart) -> None:
    window: dict[str, Value]
    if isinstance(one.when, WindowPart):
        window = {"window": "dates", "window_start": one.when.start, "window_end": one.when.end}
    else:
        window = {"window": one.when or "during"}
    draft.node(
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
        aliases=one.aliases or None,
    )
    draft.link("PREDICTS", "Step", step, "Prediction", name)
    draft.of_indicator("Prediction", name, one.indicator)
    draft.about("Prediction", name, one.subject)


def _argument(draft: DocumentDraft, one: ArgumentPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "Argument",
        name,
        standing(one.reliability or draft.file.reliability),
        statement=one.statement,
        kind=one.kind,
        basis=one.basis,
        strength=one.strength,
        status=one.status,
        why=one.why,
        known_at=draft.known,
        known_at_precision=draft.precise,
        aliases=one.aliases or None,
    )
    draft.asserted("Argument", name, one.in_)
    draft.made("Argument", name, one.by)
    for key, kind in _SIDES.items():
        for target in getattr(one, key):
            draft.link(kind, "Argument", name, *_target(draft, target))
    for claim in one.rests_on:
        draft.link("WAS_DERIVED_FROM", "Argument", name, "Claim", draft.key(claim))


def _target(draft: DocumentDraft, name: str) -> tuple[str, str]:
    """(label, key) of what an argument is about."""
    if "." in name:
        return "Step", draft.step_key(name)
    if name in {one.id for one in draft.file.claims}:
        return "Claim", draft.key(name)
    return ("Argument" if name in {one.id for one in draft.file.arguments} else "Narrative"), draft.key(name)


def _forecast(draft: DocumentDraft, one: ForecastPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "Forecast",
        name,
        statement=one.statement,
        criterion=one.criterion,
        due_at=one.due_at,
        probability=one.probability,
        status="open",
        valid_inferred=one.due_inferred or None,
        known_at=draft.known,
        known_at_precision=draft.precise,
        aliases=one.aliases or None,
    )
    draft.asserted("Forecast", name, one.in_)
    draft.made("Forecast", name, one.by)
    for thing in several(one.about):
        draft.about("Forecast", name, thing)


def _gap(draft: DocumentDraft, one: MissingPart) -> None:
    name = draft.key(one.id)
    draft.node(
        "DataGap",
        name,
        kind=one.kind,
        item=one.item,
        why=one.why,
        direction=one.direction,
        named_by=one.named_by,
        due_at=one.due_at,
        known_at=draft.known,
        known_at_precision=draft.precise,
        aliases=one.aliases or None,
    )
    draft.link("WAS_DERIVED_FROM", "DataGap", name, "Document", draft.id)
    if one.indicator is not None:
        draft.of_indicator("DataGap", name, one.indicator)
    if one.about is not None:
        draft.about("DataGap", name, one.about)
    if one.search is not None:
        map_search(draft, name, one.search, draft.known, draft.precise)
    for told in one.would_inform:
        draft.link("WOULD_INFORM", "DataGap", name, "Narrative", draft.key(told.story), sign=told.sign)
