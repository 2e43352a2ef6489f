"""Which node began? The public question over any causal graph of series: `rank_root_causes`.

The narrative engine's ideas on numbers alone: each node has a latent "root cause here", anomalies propagate along edges
by noisy-or gates, and what is seen are tail surprises of each series and of its residual given its parents. Every node
is answered, with its posterior and what it rests on, and every edge: did the anomaly travel along it?
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from causal.errors import InvalidTableError
from causal.faultgraph import FaultGraph, fault_graph
from causal.frames import Tabular, read_frame
from causal.moving import Motion, motion
from causal.travel import Travelled
from causal.travelsettings import TravelMethod
from causal.travelshares import search
from causal.unusual import Kind

EdgeWord = Literal["travelled", "did not travel", "open", "untested"]
SURE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEvidence:
    """What a node's series showed, in its own units and as surprises (about 1 where nothing happened).

    `kind` and `sign` are those of its most unusual statistic; `unexplained` is the surprise of what its parents leave
    over, None where it has no usable parent; `onset` is the row of the anomalous table it set in, where that shows.
    """

    kind: Kind
    sign: int
    before: float
    during: float
    scale: float
    surprise: float
    unexplained: float | None
    onset: int | None
    prepared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCause:
    """A node's answer. `posterior`: its own mechanism changed, and that reached the target.

    `changed` is the first half alone; `reach` the weakest edge on the best path to the target, 0 where none leads
    there; an edge is the weaker the less of the effect's excursion came along it. `own_bits` is what its own series did
    to the odds of `changed`, in bits; `note` says why it could not be seen.
    """

    node: str
    rank: int
    posterior: float
    prior: float
    changed: float
    reach: float
    own_bits: float
    evidence: NodeEvidence | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeVerdict:
    """Did the anomaly travel from `cause` to `effect`? `lag` in rows and `slope` in scales are of normal time."""

    cause: str
    effect: str
    posterior: float
    verdict: EdgeWord
    lag: int | None
    slope: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RootCauses:
    """The whole answer: every node, best first; every edge; what was left aside; how it was computed.

    Posteriors take it as given that the target is anomalous; with a `target_surprise` below about 2.5 its series does
    not show it.
    """

    target: str
    target_surprise: float
    nodes: tuple[RootCause, ...]
    edges: tuple[EdgeVerdict, ...]
    unseen: tuple[str, ...]
    ignored_columns: tuple[str, ...]
    taken_as_certain: tuple[str, ...]
    normal_rows: int
    anomalous_rows: int
    tree_width: int


def rank_root_causes(
    graph: Iterable[tuple[str, str]],
    normal: Tabular,
    anomalous: Tabular,
    target: str,
    method: TravelMethod | None = None,
) -> RootCauses:
    """Rank every node of a causal graph by its posterior of being a root cause of the target's anomaly.

    `graph` are (cause, effect) pairs. `normal` and `anomalous` are tables of the same series before and during the
    anomaly, rows in order of time at the same steps: anything with the Arrow C stream interface (pyarrow, pandas,
    polars), or a mapping of column to numbers. Nodes without a column are latent and are answered from their
    neighbours; columns that are no node are ignored; missing values stay missing. The same input gives the same answer.

    Raises InvalidGraphError (cycle, self loop, no edge, unknown target) and InvalidTableError (no rows, not numeric,
    ragged, no column of the graph, no usable column for the target).
    """
    method = method or TravelMethod()
    checked = fault_graph(graph, target)
    before = read_frame(normal, checked.order, name="normal")
    during = read_frame(anomalous, checked.order, name="anomalous")
    seen = motion(checked, before, during)
    if target in seen.unusable:
        raise InvalidTableError(f"the target {target!r} cannot be read: {seen.unusable[target]}")
    prior = min(max(method.expected / len(checked.order), 0.01), 0.25)
    found, reach = search(checked, seen, target, prior, method)
    posterior = {node: found.own[node] * method.reaching(reach[node]) for node in checked.order}
    return RootCauses(
        target=target,
        target_surprise=seen.moved[target].surprise.size,
        nodes=_ranked(posterior, reach, seen, found, prior),
        edges=_edges(checked, seen, found),
        unseen=tuple(sorted(seen.unusable)),
        ignored_columns=tuple(sorted({*before.others, *during.others})),
        taken_as_certain=found.certain,
        normal_rows=before.rows,
        anomalous_rows=during.rows,
        tree_width=found.width,
    )


def _ranked(
    posterior: dict[str, float], reach: dict[str, float], seen: Motion, found: Travelled, prior: float
) -> tuple[RootCause, ...]:
    size = {n: seen.moved[n].surprise.size if n in seen.moved else 0.0 for n in posterior}
    ranked = sorted(posterior, key=lambda n: (-posterior[n], -size[n], n))
    return tuple(
        RootCause(
            node=node,
            rank=position + 1,
            posterior=posterior[node],
            prior=prior,
            changed=found.own[node],
            reach=reach[node],
            own_bits=_log_odds(found.own[node]) - _log_odds(found.own_blind[node]),
            evidence=_evidence(node, seen),
            note=seen.unusable.get(node),
        )
        for position, node in enumerate(ranked)
    )


def _log_odds(probability: float) -> float:
    """In bits, within +-100."""
    return math.log2(max(probability, 2.0**-100)) - math.log2(max(1.0 - probability, 2.0**-100))


def _evidence(node: str, seen: Motion) -> NodeEvidence | None:
    own, left = seen.moved.get(node), seen.left.get(node)
    if own is None:
        return None
    return NodeEvidence(
        kind=own.surprise.kind,
        sign=own.surprise.sign,
        before=own.before,
        during=own.during,
        scale=own.scale,
        surprise=own.surprise.size,
        unexplained=None if left is None else left.surprise.size,
        onset=own.onset,
        prepared=own.prepared,
    )


def _edges(graph: FaultGraph, seen: Motion, found: Travelled) -> tuple[EdgeVerdict, ...]:
    answer = []
    for edge in graph.edges:
        posterior, link = found.travelled[edge], seen.links.get(edge)
        word: EdgeWord = "travelled" if posterior >= SURE else "did not travel" if posterior <= 1.0 - SURE else "open"
        answer.append(
            EdgeVerdict(
                cause=edge[0],
                effect=edge[1],
                posterior=posterior,
                verdict="untested" if edge[0] not in seen.moved and edge[1] not in seen.moved else word,
                lag=None if link is None else link.lag,
                slope=None if link is None else link.slope,
            )
        )
    return tuple(answer)
