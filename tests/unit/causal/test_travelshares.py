"""What root causes rest on: the whole window, sharp residuals, this system's mechanisms, and what each edge brought."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from causal.faultgraph import FaultGraph, fault_graph
from causal.frames import read_frame
from causal.moving import Motion, motion
from causal.root_causes import RootCauses, rank_root_causes
from causal.travelsettings import TravelMethod
from causal.travelshares import search
from causal.travelterms import EVEN, node_terms, usual_ways
from causal.unusual import surprise_of

Array = NDArray[np.float64]
Table = dict[str, Array]
METHOD = TravelMethod()
CHAIN = [("a", "b"), ("b", "c"), ("c", "d")]


def chain(rows: int, seed: int, *, bend: float = 0.0, **shifts: float) -> Table:
    """a -> b -> c -> d, each its cause and a little noise; beyond 4 a share `bend` of the cause is added."""
    rng = np.random.default_rng(seed)
    series: Table = {}
    before = np.zeros(rows)
    for node in "abcd":
        passed = before + bend * np.sign(before) * np.maximum(np.abs(before) - 4.0, 0.0)
        before = passed + (1.0 if node == "a" else 0.3) * rng.standard_normal(rows) + shifts.get(node, 0.0)
        series[node] = before
    return series


def ask(during: Table, target: str = "d") -> RootCauses:
    return rank_root_causes(CHAIN, chain(300, 1), during, target)


def read(during: Table) -> tuple[FaultGraph, Motion]:
    graph = fault_graph(CHAIN, "d")
    before = read_frame(chain(300, 1), graph.order, name="normal")
    return graph, motion(graph, before, read_frame(during, graph.order, name="anomalous"))


def test_the_last_rows_of_a_window_count_where_blocks_are_shorter_than_it() -> None:
    rng = np.random.default_rng(3)
    calm, window = rng.standard_normal(200), rng.standard_normal(30)
    window[27:] += 12.0
    assert surprise_of(calm, window).size > 4.0


def test_a_change_that_only_the_residual_shows_is_a_root_cause() -> None:
    during = chain(30, 2, c=2.4)  # eight scales of c's own noise, a little more than two of its series
    found = {node.node: node for node in ask(during).nodes}
    assert found["c"].rank == 1
    evidence = found["c"].evidence
    assert evidence is not None
    assert evidence.unexplained is not None
    assert evidence.unexplained > 2.0 * evidence.surprise


def test_what_a_parent_accounts_for_to_the_letter_is_no_root_cause() -> None:
    found = {node.node: node.posterior for node in ask(chain(30, 2, a=25.0)).nodes}
    assert found["a"] > 0.8
    assert max(found["b"], found["c"], found["d"]) < 0.1


def test_ways_add_up_to_one_and_follow_what_is_seen() -> None:
    graph, seen = read(chain(30, 2, a=25.0))
    ways = node_terms("b", graph, seen, METHOD, EVEN).ways
    usual = usual_ways(seen.left["b"], METHOD)
    assert ways is not None
    assert abs(ways.exact + ways.rough + ways.broken - 1.0) < 1e-12
    assert ways.broken < 0.2 * usual.broken
    bent = read(chain(30, 2, a=25.0, bend=1.5))
    broken = node_terms("b", *bent, METHOD, EVEN).ways
    assert broken is not None
    assert broken.exact < 0.01


def test_a_small_excursion_upstream_reaches_less_than_the_large_one_it_meets() -> None:
    graph, seen = read(chain(30, 2, a=5.0, c=40.0))
    found, reach = search(graph, seen, "d", 0.25, METHOD)
    assert found.own["a"] > 0.3
    assert reach["c"] > 0.9
    assert reach["a"] < 0.3
    assert reach["d"] == 1.0


def test_a_silent_node_is_found_by_its_silence() -> None:
    during = chain(30, 2, b=15.0)
    during["b"] = np.full(30, np.nan)
    assert ask(during).nodes[0].node == "b"
