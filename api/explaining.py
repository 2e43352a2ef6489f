"""The one use case that every way in calls: gather what is known, bind stories to it, weigh them, keep the answer."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson

from api.ask import Ask
from api.dates import write_instant
from api.gathering import Gathered, survey
from api.judgements import cells
from api.knowledge import Knowledge
from api.recording import to_batch
from api.recording_run import Run, choose
from api.values import as_json
from causal.binding import bind
from causal.explain import explain
from causal.explanation import Explanation
from causal.model import Dossier, Narrative
from causal.panel import Panel
from graph.reading import Clocks, explanations_of_move
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

Bound = tuple[tuple[Narrative, ...], ...]


async def explain_move(
    ask: Ask,
    store: GraphStore,
    *,
    knowledge: Knowledge,
    series: SeriesStore | None = None,
    record: bool = True,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """The explanation object of the move that is asked about, kept in the graph unless `record` is false.

    Without `series` only what the graph holds is looked at.

    No evidence is an answer, not an error. Raises `NotInGraphError`, `InvalidAskError`, `NetworkTooWideError`,
    `GraphUnavailableError`, `QueryOverBudgetError`.
    """
    progress("gathering what is known")
    started = time.perf_counter()
    gathered = await survey(ask, store, knowledge, series)
    took = {"gather": _milliseconds(started)}
    progress(f"weighing stories against {len(gathered.dossier.facts)} facts")
    started = time.perf_counter()
    narratives, explanation = await asyncio.to_thread(_weigh, knowledge, gathered.dossier)
    took["score"] = _milliseconds(started)
    content = to_object(explanation, gathered)
    judged = await cells(store, _clocks(gathered.dossier), move=gathered.dossier.move.id)
    if judged:  # beside the answer: no number of it follows from them
        content["judged"] = judged
    id_ = "exp_" + hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]
    answer = {"id": id_, **content, "took_ms": took}
    if record:
        progress("keeping the explanation")
        run = Run(
            id=id_,
            body=orjson.dumps(answer).decode(),
            explanation=explanation,
            gathered=gathered,
            chosen=choose(explanation, narratives),
            library=knowledge.library,
        )
        others = await explanations_of_move(store, gathered.dossier.move.id)
        await store.upsert(to_batch(run, others))
    return answer


def _clocks(dossier: Dossier) -> Clocks:
    return Clocks(as_of=dossier.as_of, as_at=dossier.as_at)


def _weigh(knowledge: Knowledge, dossier: Dossier) -> tuple[Bound, Explanation]:
    narratives = bind(knowledge.library, dossier)
    return narratives, explain(dossier, narratives, knowledge.method)


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
