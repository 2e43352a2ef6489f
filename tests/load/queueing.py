"""What waiting in line alone does to times: one server, requests that come at random, first come, first served.

No server at 80 % of its capacity answers all at once: even where each request takes equally long on average and by
chance (M/M/1), the slowest hundredth takes ln(100)/ln(2) = 6.6 times the median. What is small waits behind what is
large as well. The report prints this bound beside what was seen, so that one can be told from the other.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

REQUESTS = 100_000


def in_line(
    alone: Mapping[str, Sequence[float]], weights: Mapping[str, int], busy: float, *, requests: int = REQUESTS
) -> dict[str, float]:
    """How many times the median the slowest hundredth takes, by kind, in a server that is busy for a share of the time.

    `alone` are the times that requests of a kind take when there are no others, in any unit; each comes as often as its
    weight says, at instants of a Poisson process (Lindley's recursion).
    """
    chance, names = random.Random(11), list(alone)
    drawn = chance.choices(names, [weights[name] for name in names], k=requests)
    served = [chance.choice(alone[name]) for name in drawn]
    gap = sum(served) / len(served) / busy
    seen: defaultdict[str, list[float]] = defaultdict(list)
    waited = 0.0
    for name, own in zip(drawn, served, strict=True):
        seen[name].append(waited + own)
        waited = max(0.0, waited + own - chance.expovariate(1.0 / gap))
    return {name: _at(found, 0.99) / _at(found, 0.5) for name, found in seen.items()}


def _at(found: list[float], share: float) -> float:
    found.sort()
    return found[int(share * len(found))]
