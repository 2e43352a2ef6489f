"""Learns from judged moves: each is weighed as an explanation weighs it, and nothing of it is kept in the graph."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from api.bundled import ensure_case
from api.errors import InvalidAskError, InvalidLabelsError
from api.gathering import survey
from api.knowledge import Knowledge
from api.labels import Label, Question
from causal.binding import bind
from causal.errors import CausalError
from causal.lessons import Lesson, Told, lesson_of
from causal.recalibration import Judged, Recalibration, fit_recalibration, require_enough
from causal.scoring import score
from graph.errors import NotInGraphError, QueryOverBudgetError
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

Labels = Mapping[Question, Sequence[Label]]
_NOT_EXPLAINED = (InvalidAskError, NotInGraphError, QueryOverBudgetError, CausalError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    """What was learned so far: the narratives judged, the line of each, and what is wrong with which line."""

    judged: list[Judged] = field(default_factory=list)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    faults: list[tuple[int, str]] = field(default_factory=list)


async def learn(
    labels: Labels,
    store: GraphStore,
    knowledge: Knowledge,
    series: SeriesStore | None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Recalibration, int]:
    """The recalibration that the labels teach, and how many narratives were judged.

    Raises TooFewJudgedError before anything is weighed, InvalidLabelsError that names every line that fits no
    narrative or no move, GraphUnavailableError.
    """
    require_enough(len(labels))
    found = _Collected()
    for number, (question, lines) in enumerate(labels.items(), 1):
        progress(f"weighing move {number} of {len(labels)}: {question}")
        try:
            move, lesson = await _weighed(question, store, knowledge, series)
        except _NOT_EXPLAINED as error:
            found.faults.extend((one.line, f"{question} cannot be explained: {error}") for one in lines)
            continue
        for one in lines:
            _collect(one, move, lesson, found)
    if found.faults:
        raise InvalidLabelsError(sorted(found.faults))
    judged = found.judged
    if len({one.true for one in judged}) == 1:
        word = "true" if judged[0].true else "false"
        raise InvalidLabelsError([(1, f"every line says {word}; judge narratives that were {_OTHER[word]} as well")])
    progress(f"learning from {len(judged)} judged narratives")
    settings_hash = knowledge.method.settings_hash()
    return await asyncio.to_thread(fit_recalibration, judged, settings_hash=settings_hash), len(judged)


_OTHER = {"true": "no causes", "false": "causes"}


async def _weighed(
    question: Question, store: GraphStore, knowledge: Knowledge, series: SeriesStore | None
) -> tuple[str, Lesson]:
    await ensure_case(question.ask(), store)
    gathered = await survey(question.ask(), store, knowledge, series)  # asked anew, once a bundled case was recorded
    dossier = gathered.dossier
    bound = bind(knowledge.library, dossier)
    scored = await asyncio.to_thread(score, dossier, bound, knowledge.method)
    return dossier.move.id, lesson_of(scored)


def _collect(label: Label, move: str, lesson: Lesson, found: _Collected) -> None:
    told = _named(label.narrative, lesson.narratives)
    if isinstance(told, str):
        found.faults.append((label.line, f"{label.narrative!r} of {label.question}: {told}"))
        return
    first = found.lines.setdefault((move, told.id), label.line)
    if first != label.line:
        found.faults.append((label.line, f"judges {told.id} of {move} again, as line {first} does"))
        return
    found.judged.append(
        Judged(
            move=move,
            narrative=told.name,
            posterior=told.posterior,
            true=label.true,
            features=told.features,
            context=lesson.context,
        )
    )


def _named(wanted: str, narratives: Sequence[Told]) -> Told | str:
    """The narrative of this id, else the one of this template; else why there is none."""
    for name in ("id", "name"):
        matching = [one for one in narratives if str(getattr(one, name)).casefold() == wanted.casefold()]
        if len(matching) == 1:
            return matching[0]
        if matching:
            return f"several narratives are of this template; name one of {', '.join(one.id for one in matching)}"
    names = sorted({name for one in narratives for name in (one.id, one.name)})
    near = get_close_matches(wanted, names, n=3, cutoff=0.4)
    return f"no narrative of this move; did you mean {', '.join(near)}?" if near else "no narrative of this move"
