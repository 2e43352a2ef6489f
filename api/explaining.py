"""The one use case that every way in calls: gather what is known, bind stories to it, weigh them, keep the answer."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from api.ask import Ask
from api.attributing import Bindings, check_arguments, checked, checks_object, first_of, shares_object
from api.checking import Checks
from api.dates import write_instant
from api.gathering import Gathered, survey
from api.judgements import cells
from api.knowledge import Knowledge
from api.recalibrated import beside, put_beside, read_taught
from api.recording import to_batch
from api.recording_run import Run, choose
from api.timing import part
from api.values import as_json, return_is
from causal.binding import bind
from causal.explain import explain_scored
from causal.explanation import Explanation
from causal.model import Dossier, Narrative
from causal.moveshares import Shared, share_out
from causal.panel import Panel
from causal.scoring import score
from graph.reading import Clocks, explanations_of_move
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore


async def explain_move(
    ask: Ask,
    store: GraphStore,
    *,
    knowledge: Knowledge,
    series: SeriesStore | None = None,
    record: bool = True,
    check_seconds: float | None = None,
    checks: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """The explanation object of the move that is asked about, kept in the graph unless `record` is false.

    Without `series` only what the graph holds is looked at. With `check_seconds` the structural model is checked for so
    long (by the named `checks`, else by all), and what the checks say of a step weighs as a weak argument.

    No evidence is an answer, not an error. Raises `NotInGraphError`, `InvalidAskError`, `NetworkTooWideError`,
    `GraphUnavailableError`, `QueryOverBudgetError`.
    """
    weighed = await _weigh(ask, store, knowledge, series, check_seconds, checks, progress)
    gathered, explanation = weighed.gathered, weighed.explanation
    content = {**to_object(explanation, gathered), "shares": shares_object(weighed.shared)}
    content = put_beside(content, weighed.beside)
    judged = await cells(store, _clocks(gathered.dossier), move=gathered.dossier.move.id)
    if judged:  # beside the answer: no number of it follows from them
        content["judged"] = judged
    told = None if weighed.checks is None else checks_object(weighed.checks)
    id_ = (
        "exp_" + hashlib.sha256(orjson.dumps(content if told is None else [content, _timeless(told)])).hexdigest()[:16]
    )
    answer = {"id": id_, **content, "took_ms": weighed.took}
    if told is not None:
        answer["checks"] = told
    if record:
        progress("keeping the explanation")
        run = Run(
            id=id_,
            body=orjson.dumps(answer).decode(),
            explanation=explanation,
            gathered=gathered,
            chosen=choose(explanation, weighed.narratives),
            library=knowledge.library,
        )
        with part("record"):
            others = await explanations_of_move(store, gathered.dossier.move.id)
            await store.upsert(to_batch(run, others))
    return answer


def _clocks(dossier: Dossier) -> Clocks:
    return Clocks(as_of=dossier.as_of, as_at=dossier.as_at)


def _timeless(checks: Mapping[str, Any]) -> list[object]:
    """What of checks makes another explanation: what they found, not the time that they took."""
    return [{name: value for name, value in one.items() if name != "seconds"} for one in checks["results"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    gathered: Gathered
    narratives: Bindings
    explanation: Explanation
    shared: Shared
    checks: Checks | None
    beside: dict[str, Any]
    took: dict[str, float]


async def _weigh(  # noqa: PLR0917 - what the use case was called with
    ask: Ask,
    store: GraphStore,
    knowledge: Knowledge,
    series: SeriesStore | None,
    check_seconds: float | None,
    named: Sequence[str],
    progress: Callable[[str], None],
) -> _Weighed:
    progress("gathering what is known")
    started = time.perf_counter()
    with part("gather"):
        gathered = await survey(ask, store, knowledge, series)
    took = {"gather": _milliseconds(started)}
    narratives = bind(knowledge.library, gathered.dossier)
    progress("sharing the move out")
    started = time.perf_counter()
    with part("core"):
        shared = await asyncio.to_thread(share_out, gathered.dossier, first_of(narratives), knowledge.method)
    took["share"] = _milliseconds(started)
    checks = None
    if check_seconds is not None:
        progress(f"checking the structural model for at most {check_seconds:g} seconds")
        with part("check"):
            checks = await checked(shared, check_seconds, named)
        gathered = _with_checks(gathered, shared, checks)
    progress(f"weighing stories against {len(gathered.dossier.facts)} facts")
    started = time.perf_counter()
    with part("core"):
        explanation, told = await asyncio.to_thread(_explain, gathered.dossier, narratives, knowledge)
    took["score"] = _milliseconds(started)
    return _Weighed(
        gathered=gathered,
        narratives=narratives,
        explanation=explanation,
        shared=shared,
        checks=checks,
        beside=told,
        took=took,
    )


def _explain(
    dossier: Dossier, narratives: Sequence[tuple[Narrative, ...]], knowledge: Knowledge
) -> tuple[Explanation, dict[str, Any]]:
    """The explanation, and what stands beside it of what was learned from judged moves."""
    scored = score(dossier, narratives, knowledge.method)
    return explain_scored(scored, narratives), beside(read_taught(knowledge), scored)


def _with_checks(gathered: Gathered, shared: Shared, checks: Checks) -> Gathered:
    said = check_arguments(shared, checks.results)
    return replace(gathered, dossier=replace(gathered.dossier, arguments=(*gathered.dossier.arguments, *said)))


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000.0, 1)


def to_object(explanation: Explanation, gathered: Gathered) -> dict[str, object]:
    """The JSON-ready object, but for its id and the time that it took."""
    ask, dossier = gathered.ask, gathered.dossier
    move = {
        "id": dossier.move.id,
        "instrument": dossier.move.instrument,
        "start": as_json(dossier.move.start),
        "end": as_json(dossier.move.end),
        "return": dossier.move.return_,
        "return_unit": "fraction",
        "return_is": return_is(dossier.move.return_unit),
        "measure": dossier.move.measure or None,
        "document_id": dossier.move.document_id,
        "path": path_of(dossier.panel),
    }
    body = as_json(explanation)
    scored = body if isinstance(body, dict) else {}
    return {
        "method_version": scored.pop("method_version"),
        "settings_hash": scored.pop("settings_hash"),
        "ask": {
            "instrument": ask.instrument,
            "start": as_json(ask.start),
            "end": as_json(ask.end),
            "case": dossier.case,
        },
        "as_of": write_instant(dossier.as_of),
        "as_at": write_instant(dossier.as_at),
        "move": move,
        **scored,
    }


BEFORE, AFTER = 30, 10  # sessions


def path_of(panel: Panel | None) -> list[dict[str, object]]:
    """What moved, from thirty sessions before the move to ten after it, as an index that is 100 at its start."""
    if panel is None:
        return []
    level = panel.column(panel.moved).at["last"].tolist()
    base = level[panel.start]
    if panel.level:
        return []
    return [
        {"day": panel.days[i].isoformat(), "index": round(100.0 * level[i] / base, 4)}
        for i in range(max(0, panel.start - BEFORE), min(len(level), panel.end + AFTER + 1))
        if level[i] == level[i]
    ]
