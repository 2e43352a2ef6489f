"""A causal graph as lists: checked once, so that everything behind it may trust it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from causal.errors import InvalidGraphError

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultGraph:
    """Nodes in causal order (ties by name), the parents of each, and the edges (cause, effect) without repetitions."""

    order: tuple[str, ...]
    parents: dict[str, tuple[str, ...]]
    edges: tuple[Edge, ...]

    def widest(self, width: dict[Edge, float], target: str) -> dict[str, float]:
        """For each node the best path to the target by its weakest edge: 1 for the target, 0 where there is no path."""
        best = dict.fromkeys(self.order, 0.0) | {target: 1.0}
        for effect in reversed(self.order):
            for cause in self.parents[effect]:
                best[cause] = max(best[cause], min(width[cause, effect], best[effect]))
        return best

    def ancestors(self, target: str) -> frozenset[str]:
        """The nodes from which a directed path leads to the target, and the target."""
        reached = self.widest(dict.fromkeys(self.edges, 1.0), target)
        return frozenset(node for node, width in reached.items() if width > 0.0)


def fault_graph(edges: Iterable[tuple[str, str]], target: str) -> FaultGraph:
    """Check a list of (cause, effect) pairs and put its nodes into causal order.

    Raises InvalidGraphError on an entry that is no pair of names, no edge at all, a self loop, a cycle, or a target
    that no edge names.
    """
    pairs = sorted({_pair(entry) for entry in edges})
    if not pairs:
        raise InvalidGraphError("the graph has no edge; give (cause, effect) pairs")
    loops = [cause for cause, effect in pairs if cause == effect]
    if loops:
        raise InvalidGraphError(f"{loops[0]!r} causes itself; leave the edge out")
    nodes = sorted({node for pair in pairs for node in pair})
    if target not in nodes:
        near = difflib.get_close_matches(target, nodes, 3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; name one of its nodes"
        raise InvalidGraphError(f"no edge names the target {target!r}{hint}")
    parents = {node: tuple(cause for cause, effect in pairs if effect == node) for node in nodes}
    return FaultGraph(order=_causal_order(parents), parents=parents, edges=tuple(pairs))


def _pair(entry: object) -> Edge:
    if isinstance(entry, tuple | list) and len(entry) == 2 and all(isinstance(end, str) and end for end in entry):
        return entry[0], entry[1]
    raise InvalidGraphError(f"{entry!r} is no edge; an edge is a pair of names, (cause, effect)")


def _causal_order(parents: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    placed: dict[str, None] = {}
    waiting = dict(parents)
    while waiting:
        ready = [node for node, causes in waiting.items() if all(cause in placed for cause in causes)]
        if not ready:
            raise InvalidGraphError(
                f"the graph has a cycle: {' -> '.join(_cycle(waiting))}; leave one of its edges out"
            )
        for node in ready:
            placed[node] = None
            del waiting[node]
    return tuple(placed)


def _cycle(waiting: dict[str, tuple[str, ...]]) -> list[str]:
    """A cycle among the nodes that wait, in the direction of its edges, its first node again at the end."""
    path = [min(waiting)]
    while path[-1] not in path[:-1]:
        path.append(next(cause for cause in waiting[path[-1]] if cause in waiting))
    return path[path.index(path[-1]) :][::-1]
