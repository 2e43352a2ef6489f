"""What is seen at a node, and how likely that is under each way to be anomalous or not.

x is the ln surprise of the series, y that of its residual given its parents, in scales of that residual; r is the ln
of how many of those one scale of the series is, q the ln of how many of them the excursion of the parents asks for:

    calm            x still and y still, or a small change of its own that x follows
    spared          the parents moved and nothing came: x still, y up to q
    own change      y broad and large, x follows from y - r and from what the parents sent beside it
    sent            x about what the sender's excursion carries, and y
                      still                 where the mechanism held to the letter
                      anywhere up to q      where it held roughly
                      as large as x + r     where it broke far from normal time, or the edge was not fitted

How often mechanisms hold in this system is learnt from the nodes themselves (`causal/travelshares.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from causal.faultgraph import FaultGraph
from causal.moving import Left, Link, Motion, Moved
from causal.travel import Terms
from causal.travelsettings import TravelMethod

SLACK = 0.3  # in ln: by how much a residual may exceed, or must fall short of, what the parents ask for


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a mechanism fared where an anomaly came through it: held to the letter, roughly, or broke; adds up to 1."""

    exact: float
    rough: float
    broken: float

    def times(self, other: Ways) -> Ways:
        """The product, again adding up to 1."""
        parts = (self.exact * other.exact, self.rough * other.rough, self.broken * other.broken)
        total = sum(parts)
        return Ways(exact=parts[0] / total, rough=parts[1] / total, broken=parts[2] / total)


EVEN = Ways(exact=1.0 / 3.0, rough=1.0 / 3.0, broken=1.0 / 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The terms of a node and, if it has a fitted mechanism, the posterior of its ways were it sent an anomaly."""

    terms: Terms
    ways: Ways | None = None


def usual_ways(left: Left, method: TravelMethod) -> Ways:
    """The ways of a mechanism before anything is seen of it."""
    held = method.holds(left.fitted)
    return Ways(exact=held * method.exactly, rough=held * (1.0 - method.exactly), broken=1.0 - held)


def node_terms(node: str, graph: FaultGraph, motion: Motion, method: TravelMethod, tilt: Ways = EVEN) -> Weighed:
    """The log densities at one node; `tilt` multiplies the usual ways of mechanisms by what the system showed."""
    parents, own = graph.parents[node], motion.moved.get(node)
    if own is None:
        return Weighed(terms=Terms(sent=dict.fromkeys(parents, 0.0)))
    x = own.surprise.log
    size = {parent: _size(x, parent, node, motion, method) for parent in parents}
    left = motion.left.get(node)
    if left is None or own.surprise.kind == "silence":
        calm = math.log(method.calm(x))
        return Weighed(terms=Terms(calm=calm, spared=calm, own=math.log(method.large(x)), sent=size))
    return _with_residual(
        x, left, {parent: (size[parent], (parent, node) in motion.links) for parent in parents}, method, tilt
    )


def _with_residual(
    x: float, left: Left, sizes: dict[str, tuple[float, bool]], method: TravelMethod, tilt: Ways
) -> Weighed:
    y, finer, due = left.sharp.log, math.log(left.finer), math.log(max(left.due, 0.5))
    small = method.drift * method.small(y) * method.near(x, y - finer, method.follow_width)
    still = (1.0 - method.drift) * method.still(x)
    missing = 0.5 * method.below(y, due + SLACK) + 0.5 * method.near(y, due, method.near_width)
    both = float(np.logaddexp(y, due - math.log(2.0))) - finer
    broken = method.near(y, x + finer, method.near_width)
    usual = usual_ways(left, method).times(tilt)
    parts = (usual.exact * method.calm(y), usual.rough * method.below(y, due - SLACK), usual.broken * broken)
    through = sum(parts)
    terms = Terms(
        calm=math.log(still * method.still(y) + small),
        spared=math.log(still * missing + small),
        own=math.log(method.large(y) * method.near(x, both, method.follow_width)),
        sent={parent: size + math.log(through if fitted else broken) for parent, (size, fitted) in sizes.items()},
    )
    ways = Ways(exact=parts[0] / through, rough=parts[1] / through, broken=parts[2] / through)
    return Weighed(terms=terms, ways=ways)


def _size(x: float, parent: str, node: str, motion: Motion, method: TravelMethod) -> float:
    """ln p(x) when the anomaly came from `parent`, with what speaks for or against it in direction and order."""
    sender, link = motion.moved.get(parent), motion.links.get((parent, node))
    if sender is None or sender.surprise.kind == "silence":  # its size says nothing of what it sent
        return math.log(method.large(x))
    loss = method.damped if link is None else -math.log(carried_share(link, method))
    answer = math.log(method.passed_on(x, sender.surprise.log - loss))
    return answer if link is None else answer + _manner(sender, motion.moved[node], link, method)


def carried_share(link: Link, method: TravelMethod) -> float:
    """What an edge may pass on of an excursion, in scales per scale: its slope and error, within bounds."""
    return min(max(abs(link.slope) + link.error, method.least_slope), 1.0)


def _manner(sender: Moved, receiver: Moved, link: Link, method: TravelMethod) -> float:
    """Log ratio for direction and order in time: what fits the edge speaks for it, what does not against it."""
    ratio = 0.0
    if sender.surprise.kind == receiver.surprise.kind == "level" and link.slope != 0.0:
        sure = math.erf(abs(link.slope) / link.error / math.sqrt(2.0))
        agrees = sender.surprise.sign * receiver.surprise.sign * np.sign(link.slope) > 0
        ratio += math.log1p(method.direction * sure * (1.0 if agrees else -1.0))
    return ratio + _order(sender.onset, receiver.onset, link, method)


def _order(sent: int | None, received: int | None, link: Link, method: TravelMethod) -> float:
    if sent is None or received is None:
        return 0.0
    return math.log(method.too_early) if received < sent - 1 and link.lag == 0 else 0.0
