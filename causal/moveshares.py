"""How much of the move comes from where, by a structural model on the graph of the stories: shares with intervals.

One graph joins what all competing stories name; each story has one more of its own: its steps in their order, with the
common drivers beside them. Series are divided by their volatility beforehand, rows are moves of this length that do not
overlap, and none is filled. Every share is one under its graph; the part that no series explains is told as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from causal.errors import InvalidGraphError
from causal.mechanisms import NUS
from causal.model import Dossier, Narrative
from causal.movegraphs import Edge, MoveGraph, given_graph, joint_graph, made_ready, story_graph, together, usable
from causal.settings import Method
from causal.shares import GroupShare, MoveAttribution, attribute_move
from causal.storynodes import Bound, SetAside, StoryNode, bind_nodes, first_of_like
from causal.structural import LEAST_ROWS, NotIdentifiable
from causal.whatif import WhatIf, what_if

MOST_NODES = 12
MOST_STORIES = 10
ALIKE = 0.9
BAND_DRAWS = 300
USUAL_NU = 4.0  # of the graphs of single stories
SEED = 20_260_205
TARGET = "move"
OWN = "its steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryShare:
    """What a story's steps brought beyond the common drivers, under the story's own graph; or why that is unknown."""

    narrative: str
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    share: GroupShare | None
    rows: int | None
    not_identifiable: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveShares:
    """The answer: the move in its `unit`, the shares of the joint graph, of each story, and what could not take part.

    `attribution` is None where `not_identifiable` says why; its numbers are in the unit of the move.
    """

    target: str
    unit: str
    edges: tuple[Edge, ...]
    attribution: MoveAttribution | None
    not_identifiable: str | None
    stories: tuple[StoryShare, ...]
    aside: tuple[SetAside, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """The answer with what it was computed on: the joint graph, None where there is none, and the nodes."""

    answer: MoveShares
    graph: MoveGraph | None
    bound: Bound | None


def share_out(
    dossier: Dossier,
    narratives: Sequence[Narrative],
    method: Method,
    edges: Sequence[Edge] = (),
    narrative: str | None = None,
) -> Shared:
    """The shares of the move; of stories the first ten that name a series, in the order in which they are given.

    The graph of the answer is that of all stories together, or with `narrative` that of this one, or with `edges` one
    that is given: (cause, effect) pairs of node ids, subjects or series, and what moved. The same input gives the same
    answer; nothing is raised for want of data. Raises InvalidGraphError on edges or a narrative that cannot be read.
    """
    bound = bind_nodes(dossier, narratives, method, sorted({end for edge in edges for end in edge}))
    if bound is None:
        reason = f"what moved ({dossier.move.instrument}) has no series over the move; ingest one"
        return Shared(answer=_nothing(dossier.move.instrument, reason), graph=None, bound=None)
    listed = {one.id for one in narratives if one.origin != "library"}
    ranked = sorted(bound.nodes.values(), key=lambda one: _standing(one, listed))
    distinct, left = first_of_like([one for one in ranked if usable(one, bound)], ALIKE, MOST_NODES)
    kept = together(distinct, bound)
    left |= {one.id: f"fewer than {LEAST_ROWS} sessions in common with the rest" for one in distinct if one not in kept}
    aside = {**bound.aside, **{name: _left(bound.nodes[name], why) for name, why in left.items()}}
    for node in ranked:
        if not usable(node, bound):
            aside[node.id] = _left(node, f"fewer than {LEAST_ROWS} sessions on record, or none on the day")
    graph = joint_graph(bound, kept)
    if edges:
        graph = given_graph(bound, edges)
    elif narrative is not None:
        graph = _graph_of(bound, kept, narrative)
    found = _attributed(graph, ()) if graph.edges else NotIdentifiable(node=bound.target, reason=NO_NODE)
    told = [one for one in narratives if bound.of(one.id) or _aside_of(bound, one.id)][:MOST_STORIES]
    answer = MoveShares(
        target=bound.target,
        unit=bound.unit,
        edges=graph.edges,
        attribution=found if isinstance(found, MoveAttribution) else None,
        not_identifiable=found.reason if isinstance(found, NotIdentifiable) else None,
        stories=tuple(_story_share(bound, kept, one) for one in told),
        aside=tuple(aside[name] for name in sorted(aside)),
    )
    return Shared(answer=answer, graph=graph if graph.edges else None, bound=bound)


def _standing(node: StoryNode, listed: set[str]) -> tuple[bool, int, int, str]:
    """Those that a listed story names come first, then those that many name."""
    tellers = {narrative for narrative, _ in node.named_by}
    return not tellers & listed, -len(tellers), node.tier, node.id


NO_NODE = "no story names a series that could have moved before or beside it; name one in a step, or ingest one"


def _nothing(target: str, reason: str) -> MoveShares:
    return MoveShares(target=target, unit="", edges=(), attribution=None, not_identifiable=reason, stories=(), aside=())


def _left(node: StoryNode, why: str) -> SetAside:
    return SetAside(id=node.id, series=node.series, why=why, named_by=node.named_by)


def _aside_of(bound: Bound, narrative: str) -> tuple[str, ...]:
    return tuple(sorted(one.id for one in bound.aside.values() if any(n == narrative for n, _ in one.named_by)))


def _graph_of(bound: Bound, drivers: Sequence[StoryNode], narrative: str) -> MoveGraph:
    if not bound.of(narrative) and not _aside_of(bound, narrative):
        raise InvalidGraphError(f"no series is bound to a step of {narrative!r}; name another narrative, or give edges")
    return story_graph(bound, drivers, narrative) or made_ready(bound, [], [])


def _attributed(graph: MoveGraph, own: Sequence[str]) -> MoveAttribution | NotIdentifiable:
    groups = {OWN: tuple(own)} if own else {}
    found = attribute_move(
        graph.edges,
        graph.history,
        graph.day,
        graph.target,
        np.random.default_rng(SEED),
        BAND_DRAWS,
        groups,
        nus=(USUAL_NU,) if own else NUS,
    )
    return found if isinstance(found, NotIdentifiable) else scaled(found, graph)


def scaled(found: MoveAttribution, graph: MoveGraph) -> MoveAttribution:
    """The same in the units of the target, noises in those of their nodes."""
    scale = graph.scale

    def times(one: GroupShare) -> GroupShare:
        return replace(one, share=one.share * scale, low=one.low * scale, high=one.high * scale)

    return replace(
        found,
        move=found.move * scale,
        mean=found.mean * scale,
        nodes=tuple(
            replace(
                one,
                share=one.share * scale,
                low=one.low * scale,
                high=one.high * scale,
                noise=one.noise * graph.scales[one.node],
                effect=one.effect * scale / graph.scales[one.node],
            )
            for one in found.nodes
        ),
        paths=tuple(
            replace(one, share=one.share * scale, low=one.low * scale, high=one.high * scale) for one in found.paths
        ),
        groups={name: times(one) for name, one in found.groups.items()},
    )


def _story_share(bound: Bound, drivers: Sequence[StoryNode], narrative: Narrative) -> StoryShare:
    graph = story_graph(bound, drivers, narrative.id)
    if graph is None:
        aside = _aside_of(bound, narrative.id)
        why = f"its steps are seen only in what answers the price within the same window: {', '.join(aside)}"
        return StoryShare(
            narrative=narrative.id,
            nodes=(),
            edges=(),
            share=None,
            rows=None,
            not_identifiable=why if aside else "no usable series stands for one of its steps; ingest one",
        )
    own = tuple(node.id for node in graph.nodes if any(name == narrative.id for name, _ in node.named_by))
    found = _attributed(graph, own)
    share: GroupShare | None = None
    rows: int | None = None
    reason: str | None = None
    if isinstance(found, NotIdentifiable):
        reason = found.reason
    else:
        share, rows = found.groups[OWN], found.rows
    return StoryShare(
        narrative=narrative.id, nodes=own, edges=graph.edges, share=share, rows=rows, not_identifiable=reason
    )


def what_if_of(
    graph: MoveGraph, outcome: str, wanted: Mapping[str, float | None]
) -> tuple[WhatIf | NotIdentifiable, dict[str, float]]:
    """What the outcome (a node, or what moved) would have been with nodes at values, and those values.

    Values and the answer are in the units of the nodes; None is the median of the history at the volatility of the day.
    Raises ValueError when nothing is wanted.
    """
    held = {
        node: float(np.nanmedian(graph.history[node])) if value is None else value / graph.scales[node]
        for node, value in wanted.items()
    }
    found = what_if(graph.edges, graph.history, graph.day, outcome, held, np.random.default_rng(SEED), BAND_DRAWS)
    told = {node: value * graph.scales[node] for node, value in held.items()}
    if isinstance(found, NotIdentifiable):
        return found, told
    scale = graph.scales[outcome]
    return replace(
        found,
        actual=found.actual * scale,
        estimate=found.estimate * scale,
        low=found.low * scale,
        high=found.high * scale,
        held=told,
    ), told
