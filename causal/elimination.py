"""In which order the variables of a network are eliminated: always the one that ties the fewest others together."""

from __future__ import annotations

from heapq import heappop, heappush


def min_fill(neighbours: list[set[int]]) -> tuple[list[int], list[frozenset[int]]]:
    """Elimination order and each variable's neighbours at its turn, ties by number; `neighbours` is used up.

    Stale entries of the heap are passed over.
    """
    rank = {v: (_fill_edges(neighbours, v), len(neighbours[v]), v) for v in range(len(neighbours))}
    heap = sorted(rank.values())
    order: list[int] = []
    around: list[frozenset[int]] = []
    while heap:
        entry = heappop(heap)
        chosen = entry[2]
        if rank.get(chosen) != entry:
            continue
        del rank[chosen]
        rest = neighbours[chosen]
        touched = set(rest)
        for one in rest:
            new = rest - neighbours[one] - {one}
            if new:
                neighbours[one] |= new
                touched |= neighbours[one]
            neighbours[one].discard(chosen)
        order.append(chosen)
        around.append(frozenset(rest))
        for variable in touched & rank.keys():
            fresh = (_fill_edges(neighbours, variable), len(neighbours[variable]), variable)
            if fresh != rank[variable]:
                rank[variable] = fresh
                heappush(heap, fresh)
    return order, around


def _fill_edges(neighbours: list[set[int]], variable: int) -> int:
    rest = neighbours[variable]
    return sum(len(rest) - 1 - len(rest & neighbours[one]) for one in rest) // 2
