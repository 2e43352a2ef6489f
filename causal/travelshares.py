"""The search over a whole graph: how far this system's mechanisms hold, who began, and how much came along each edge.

Whether the regressions of normal time hold in an anomaly differs from system to system. The chance of each way is
therefore learnt from all nodes that an anomaly came through: one step of expectation and maximisation from the usual
ways (Dempster, Laird and Rubin 1977), which themselves count as `TravelMethod.system_weight` nodes.
"""

from __future__ import annotations

from dataclasses import dataclass

from causal.faultgraph import Edge, FaultGraph
from causal.moving import Motion
from causal.travel import Travelled, infer
from causal.travelsettings import TravelMethod
from causal.travelterms import EVEN, Ways, Weighed, carried_share, node_terms, usual_ways

LEAST = 1e-9


def search(
    graph: FaultGraph, motion: Motion, target: str, prior: float, method: TravelMethod
) -> tuple[Travelled, dict[str, float]]:
    """The posteriors given that the target is anomalous, and the reach of each node (`_Paths.reach`)."""
    weighed = _weigh(graph, motion, method, EVEN)
    first = infer(graph, {node: one.terms for node, one in weighed.items()}, target, prior, method)
    weighed = _weigh(graph, motion, method, _tilt(graph, motion, weighed, first, method))
    found = infer(graph, {node: one.terms for node, one in weighed.items()}, target, prior, method)
    paths = _Paths(graph=graph, motion=motion, weighed=weighed, found=found, method=method)
    return found, paths.reach(target)


def _weigh(graph: FaultGraph, motion: Motion, method: TravelMethod, tilt: Ways) -> dict[str, Weighed]:
    return {node: node_terms(node, graph, motion, method, tilt) for node in graph.order}


def _tilt(
    graph: FaultGraph, motion: Motion, weighed: dict[str, Weighed], found: Travelled, method: TravelMethod
) -> Ways:
    """How much more often than usual each way was taken, up to a factor."""
    held = method.held + 0.5 * method.held_fitted
    usual = [method.exactly * held, (1.0 - method.exactly) * held, 1.0 - held]
    seen = [method.system_weight * share for share in usual]
    wanted = list(seen)
    for node, one in weighed.items():
        if one.ways is None:
            continue
        came = max(found.travelled[parent, node] for parent in graph.parents[node]) * (1.0 - found.own[node])
        expected = usual_ways(motion.left[node], method)
        for place, (saw, was) in enumerate(zip(_parts(one.ways), _parts(expected), strict=True)):
            seen[place] += came * saw
            wanted[place] += came * was
    ratios = [saw / was for saw, was in zip(seen, wanted, strict=True)]
    total = sum(ratios)
    return Ways(exact=ratios[0] / total, rough=ratios[1] / total, broken=ratios[2] / total)


def _parts(ways: Ways) -> tuple[float, float, float]:
    return ways.exact, ways.rough, ways.broken


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paths:
    graph: FaultGraph
    motion: Motion
    weighed: dict[str, Weighed]
    found: Travelled
    method: TravelMethod

    def reach(self, target: str) -> dict[str, float]:
        """For each node the best path to the target by its weakest edge: 1 for the target, 0 where there is no path.

        An edge is as strong as the chance that the anomaly travelled along it, times what it brought beside the most
        that anything else did: a small excursion upstream does not account for a large one below.
        """
        width = {edge: chance * self._brought(edge) for edge, chance in self.found.travelled.items()}
        return self.graph.widest(width, target)

    def _brought(self, edge: Edge) -> float:
        """In [0, 1]; 1 where the sizes of sender or receiver say nothing."""
        cause, effect = edge
        receiver, left = self.motion.moved.get(effect), self.motion.left.get(effect)
        came = {parent: self._excursion(parent, effect) for parent in self.graph.parents[effect]}
        mine = came.pop(cause)
        if receiver is None or mine is None:
            return 1.0
        own = receiver.surprise.size if left is None else left.sharp.size / left.finer
        rest = [size * self.found.travelled[parent, effect] for parent, size in came.items() if size is not None]
        most = max(own * self.found.own[effect], *rest, LEAST)
        return min(1.0, mine / most)

    def _excursion(self, parent: str, node: str) -> float | None:
        """What a parent's excursion brings, in scales: by its slope where the mechanism held, else in full."""
        sender, link = self.motion.moved.get(parent), self.motion.links.get((parent, node))
        ways = self.weighed[node].ways
        if sender is None or sender.surprise.kind == "silence":
            return None
        if link is None or ways is None:
            return sender.surprise.size
        return sender.surprise.size * ((1.0 - ways.broken) * carried_share(link, self.method) + ways.broken)
