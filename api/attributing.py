"""How much of a move comes from where, for every way in: gathered, bound, shared out, and as JSON.

The shares stand beside the posterior and do not enter it; checks of the graph do, as weak arguments of one origin each
step at most once (`check_arguments`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.ask import Ask
from api.checking import Checks, ask_about, run_checks
from api.dates import write_instant
from api.gathering import survey
from api.knowledge import Knowledge
from api.values import as_json, return_is
from causal.binding import bind
from causal.checkresults import CheckResult, check_ratios
from causal.model import Dossier, Narrative
from causal.movegraphs import Edge
from causal.moveshares import Shared, share_out
from causal.shares import MoveAttribution
from causal.storynodes import ASKED
from causal.world import Argument
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.series import SeriesStore

MOST_PATHS = 12
CHECKED_BY = "DoWhy"
Bindings = Sequence[Sequence[Narrative]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """A dossier with what was bound to it (the first binding of each narrative) and its shares."""

    dossier: Dossier
    narratives: tuple[Narrative, ...]
    shared: Shared


async def attribute(  # noqa: PLR0917 - the services first, as everywhere
    ask: Ask,
    store: GraphStore,
    knowledge: Knowledge,
    series: SeriesStore | None,
    edges: Sequence[Edge] = (),
    narrative: str | None = None,
) -> Attributed:
    """The shares of the move that is asked about, on the joint graph, one narrative's, or one that is given.

    Raises what `survey` raises, and InvalidGraphError on a graph that is none.
    """
    dossier = (await survey(ask, store, knowledge, series)).dossier
    narratives = first_of(bind(knowledge.library, dossier))
    shared = await asyncio.to_thread(share_out, dossier, narratives, knowledge.method, edges, narrative)
    return Attributed(dossier=dossier, narratives=narratives, shared=shared)


def first_of(bound: Bindings) -> tuple[Narrative, ...]:
    """The first binding of each narrative, those that a case lists before those of the library."""
    firsts = [group[0] for group in bound if group]
    return tuple(sorted(firsts, key=lambda one: (one.origin == "library", one.id)))


async def checked(shared: Shared, seconds: float, checks: Sequence[str] = ()) -> Checks:
    """Checks of the joint graph within so many seconds."""
    return await run_checks(ask_about(shared, checks), seconds, checks=checks)


def check_arguments(shared: Shared, results: Sequence[CheckResult]) -> tuple[Argument, ...]:
    """What checks say for and against steps, as arguments that weigh once a step, within the cap of a weak one."""
    if shared.bound is None or shared.graph is None:
        return ()
    kept = {node.id for node in shared.graph.nodes}
    steps = {node.id: [place for place in node.named_by if place[0] != ASKED] for node in shared.bound.nodes.values()}
    ratios = check_ratios(results, {node: places for node, places in steps.items() if node in kept})
    words = {one.subject: one.words for one in results if one.name == "estimate"}
    return tuple(
        Argument(
            id=f"check:{narrative}.{step}",
            narrative=narrative,
            kind="supports" if ratio > 1.0 else "rebuts",
            step=step,
            strength="weak",
            by=CHECKED_BY,
            statement="; ".join(words[node] for node in sorted(words) if (narrative, step) in steps.get(node, ())),
            grade="A",
            credibility=1,
        )
        for (narrative, step), ratio in sorted(ratios.items())
    )


def shares_object(shared: Shared) -> dict[str, object]:
    """The shares as JSON has them: numbers in the unit of the move, the largest first."""
    answer, found = shared.answer, shared.answer.attribution
    return {
        "target": answer.target,
        "unit": answer.unit or None,
        "move": None if found is None else found.move,
        "mean": None if found is None else found.mean,
        "rows": None if found is None else found.rows,
        "not_identifiable": answer.not_identifiable,
        "nodes": [] if found is None else _nodes(found, shared),
        "unexplained": None if found is None else _unexplained(found),
        "paths": [] if found is None else as_json(found.paths[:MOST_PATHS]),
        "path_count": 0 if found is None else found.path_count,
        "edges": [{"cause": cause, "effect": effect} for cause, effect in answer.edges],
        "stories": [
            {
                "narrative": one.narrative,
                "nodes": list(one.nodes),
                "share": None if one.share is None else one.share.share,
                "low": None if one.share is None else one.share.low,
                "high": None if one.share is None else one.share.high,
                "rows": one.rows,
                "not_identifiable": one.not_identifiable,
            }
            for one in answer.stories
        ],
        "aside": [
            {"id": one.id, "series": one.series, "why": one.why, "named_by": _named(one.named_by)}
            for one in answer.aside
        ],
    }


def _nodes(found: MoveAttribution, shared: Shared) -> list[dict[str, object]]:
    assert shared.graph is not None
    known, raw = {node.id: node for node in shared.graph.nodes}, shared.graph.raw
    return [
        {
            "node": one.node,
            "series": known[one.node].series,
            "subject": known[one.node].subject,
            "indicator": known[one.node].indicator,
            "unit": known[one.node].unit,
            "value": raw[one.node],
            "beyond_causes": one.noise,
            "effect": one.effect,
            "share": one.share,
            "low": one.low,
            "high": one.high,
            "named_by": _named(known[one.node].named_by),
        }
        for one in found.nodes
        if one.node in known
    ]


def _unexplained(found: MoveAttribution) -> dict[str, float]:
    own = next(one for one in found.nodes if one.node == found.target)
    return {"share": own.share, "low": own.low, "high": own.high}


def _named(places: Iterable[tuple[str, int]]) -> list[dict[str, object]]:
    return [{"narrative": narrative, "step": step} for narrative, step in places if narrative != ASKED]


def checks_object(checks: Checks) -> dict[str, object]:
    """The checks as JSON has them."""
    return {
        "state": checks.state,
        "budget_s": checks.budget_s,
        "why": checks.why,
        "results": [as_json(one) for one in checks.results],
    }


def move_object(dossier: Dossier) -> dict[str, object]:
    """Which move an answer is about, and by which clocks."""
    move = dossier.move
    return {
        "move": {
            "id": move.id,
            "instrument": move.instrument,
            "start": as_json(move.start),
            "end": as_json(move.end),
            "return": move.return_,
            "return_is": return_is(move.return_unit),
        },
        "as_of": write_instant(dossier.as_of),
        "as_at": write_instant(dossier.as_at),
    }


def attribution_object(found: Attributed, checks: Checks | None = None) -> dict[str, Any]:
    """The whole answer of an attribution."""
    return {
        **move_object(found.dossier),
        "shares": shares_object(found.shared),
        "checks": None if checks is None else checks_object(checks),
    }
