"""Graphs of a move over the series that stories name, made ready for fitting: joint, of one story, or given.

Columns are divided by their volatility beforehand (returns of calm and of wild times become comparable), rows are moves
of this length that do not overlap, and none is filled.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.errors import InvalidGraphError
from causal.panel import Array, Panel
from causal.storynodes import Bound, StoryNode
from causal.structural import LEAST_ROWS
from causal.volatility import ewma_volatility

MOST_ROWS = 1_500
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MoveGraph:
    """A graph made ready: edges over node ids and the target, the history of whole columns and the day, all filtered.

    `scale` turns a value of the target in filtered units into its own; `days` are the sessions of the rows.
    """

    target: str
    edges: tuple[Edge, ...]
    nodes: tuple[StoryNode, ...]
    history: dict[str, Array]
    day: dict[str, float]
    raw: dict[str, float]
    scales: dict[str, float]
    days: tuple[str, ...]

    @property
    def scale(self) -> float:
        """What one filtered unit of the target is in its own."""
        return self.scales[self.target]


def usable(node: StoryNode, bound: Bound) -> bool:
    """Whether the node has a value on the day and, filtered, enough beside those of what moved before it."""
    both = _known(node.values, bound) & _known(bound.returns, bound)
    return bool(both[-1]) and int(both[:-1].sum()) >= LEAST_ROWS


def together(nodes: Sequence[StoryNode], bound: Bound, firm: Sequence[StoryNode] = ()) -> list[StoryNode]:
    """The nodes without the fewest that leave the rest too few sessions in common: a short series costs itself alone.

    The one whose absence brings most sessions goes first, the last of equals; those of `firm` only when no other is
    left.
    """
    known = {node.id: _known(node.values, bound) for node in nodes}
    target, held = _known(bound.returns, bound), {one.id for one in firm}
    kept = list(nodes)

    def common(without: StoryNode | None) -> int:
        rows = np.logical_and.reduce([target, *(known[one.id] for one in kept if one is not without)])
        return int(rows[:-1].sum())

    while kept and common(None) < LEAST_ROWS:
        loose = [one for one in kept if one.id not in held] or kept
        kept.remove(max(reversed(loose), key=common))
    return kept


def _known(values: Array, bound: Bound) -> NDArray[np.bool_]:
    """Which rows of a graph have a value that can be filtered, the day last."""
    rows = _rows(bound.panel)
    return np.isfinite(values[rows]) & (ewma_volatility(values[rows]) > 0.0)


def _rows(panel: Panel) -> NDArray[np.intp]:
    """Sessions a move apart, the last of them that of the move."""
    return np.arange(panel.end % panel.span, panel.end + 1, panel.span)[-(MOST_ROWS + 1) :]


def joint_graph(bound: Bound, nodes: Sequence[StoryNode]) -> MoveGraph:
    """Each node causes what moved, and every node that it precedes."""
    edges = [(one.id, other.id) for one, other in itertools.permutations(nodes, 2) if one.precedes(other)]
    return made_ready(bound, nodes, [*edges, *((one.id, bound.target) for one in nodes)])


def story_graph(bound: Bound, drivers: Sequence[StoryNode], narrative: str) -> MoveGraph | None:
    """A story's steps in their order, the last causing what moved; common drivers cause all that they precede.

    None where no usable series stands for a step.
    """
    steps = [
        [node for node in map(bound.nodes.__getitem__, names) if usable(node, bound)]
        for names in bound.of(narrative).values()
    ]
    fit = together(list(dict.fromkeys(node for step in steps for node in step)), bound)
    steps = [left for step in steps if (left := [node for node in step if node in fit])]
    if not steps:
        return None
    own: list[StoryNode] = []
    chain: list[Edge] = []
    before: list[StoryNode] = []
    for step in steps:
        new = [node for node in step if node not in own]
        chain += [(one.id, node.id) for one in before for node in new if one.hi <= node.hi]
        own, before = [*own, *new], new or before
    led_on = {cause for cause, _ in chain}
    chain += [(node.id, bound.target) for node in own if node.id not in led_on or node in before]
    beside = [
        one for one in together([*own, *(one for one in drivers if one not in own)], bound, own) if one not in own
    ]
    edges = [(one.id, node.id) for one in beside for node in [*own, *beside] if one.precedes(node)]
    return made_ready(bound, [*own, *beside], [*chain, *edges, *((one.id, bound.target) for one in beside)])


def given_graph(bound: Bound, edges: Sequence[Edge]) -> MoveGraph:
    """A graph that somebody says is right; it may hold what answers the price.

    Raises InvalidGraphError where an end is neither what moved nor a series that can be read, or is so twice.
    """
    names: dict[str, str] = {}
    nodes: dict[str, StoryNode] = {}
    for end in sorted({end for edge in edges for end in edge} - {bound.target}):
        node = bound.named(end)
        if node is None:
            known = ", ".join(sorted({*bound.nodes, *bound.answering})[:6])
            raise InvalidGraphError(
                f"{end!r} names no series that can be read beside {bound.target!r}; give one of {known} or its subject"
            )
        names[end], nodes[node.id] = node.id, node
    if len(nodes) < len(names):
        raise InvalidGraphError("two names of the graph mean one series; name it once")
    return made_ready(bound, list(nodes.values()), [(names.get(a, a), names.get(b, b)) for a, b in edges])


def made_ready(bound: Bound, nodes: Sequence[StoryNode], edges: Sequence[Edge]) -> MoveGraph:
    """Filter the columns and take rows that do not overlap, ending where the move begins."""
    panel, rows = bound.panel, _rows(bound.panel)
    columns = {node.id: node.values for node in nodes} | {bound.target: bound.returns}
    history: dict[str, Array] = {}
    day, raw, scales = {}, {}, {}
    for name, values in columns.items():
        taken = values[rows]
        sigma = ewma_volatility(taken)
        filtered = np.divide(taken, sigma, out=np.full(taken.size, np.nan), where=sigma > 0.0)
        history[name], day[name] = filtered[:-1], float(filtered[-1])
        raw[name], scales[name] = float(taken[-1]), float(sigma[-1])
    return MoveGraph(
        target=bound.target,
        edges=tuple(sorted(set(edges))),
        nodes=tuple(nodes),
        history=history,
        day=day,
        raw=raw,
        scales=scales,
        days=tuple(panel.days[row].isoformat() for row in rows[:-1]),
    )
