"""Does the graph contradict the data? Local Markov conditions, and whether the graph beats its own permutations.

Both ask for many conditional independences. DoWhy's kernel test takes minutes for them; the partial correlation of
ranks brought to a normal scale (a Gaussian copula) takes a part of a second and finds the same violations of graphs
whose mechanisms are monotone (causal.md 1.2).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from dowhy.gcm.falsify import FalsifyConst, falsify_graph, validate_lmc

from causal.checkresults import WHOLE_GRAPH, CheckResult, not_run
from causal.oraclemodel import Array, Bench

ALPHA = 0.05
SPEAKS = 0.01  # p below which more violations than chance gives speak against the graph
_NORMAL = NormalDist()


def rank_partial_correlation(x: Array, y: Array, z: Array | None = None) -> float:
    """p-value of X independent of Y given Z by the partial correlation of normal scores of ranks, Fisher's z.

    x and y are (n,) or (n, 1), z is (n, k). A column that does not move is independent of everything: 1.
    """
    both = np.column_stack([_scores(x), _scores(y)])
    given = np.ones((len(both), 1)) if z is None else np.column_stack([np.ones(len(both)), _scores(z)])
    left = both - given @ np.linalg.lstsq(given, both, rcond=None)[0]
    size = math.sqrt(float((left[:, 0] @ left[:, 0]) * (left[:, 1] @ left[:, 1])))
    if size <= 1e-12 * len(both):
        return 1.0
    r = min(max(float(left[:, 0] @ left[:, 1]) / size, -1.0 + 1e-12), 1.0 - 1e-12)
    free = len(both) - given.shape[1] - 2
    return 2.0 * _NORMAL.cdf(-abs(math.atanh(r)) * math.sqrt(max(free, 1)))


def _scores(columns: Array) -> Array:
    """Normal scores of ranks, mean ranks for ties, each column by itself; 0 for one that does not move."""
    table = np.asarray(columns, dtype=np.float64)
    table = table.reshape(len(table), -1)
    answer = np.zeros_like(table)
    quantile = np.vectorize(_NORMAL.inv_cdf)
    for place in range(table.shape[1]):
        known, where, count = np.unique(table[:, place], return_inverse=True, return_counts=True)
        if known.size > 1:
            middle = np.cumsum(count) - (count - 1) / 2.0
            answer[:, place] = quantile((middle - 0.5) / len(table))[where]
    return answer


def local_markov(made: Bench) -> list[CheckResult]:
    """The share of independences between a node and its non-descendants given its parents that the data deny.

    Violations of a true graph are about as many as `ALPHA` of the tests; p is that of as many or more, were they
    independent (binomial, so a rough guide).
    """
    made.seeded()
    found = validate_lmc(made.graph, made.data, **_tests())
    tests, broken = int(found[FalsifyConst.N_TESTS]), int(found[FalsifyConst.N_VIOLATIONS])
    if not tests:
        return [not_run("local Markov", WHOLE_GRAPH, "the graph says of no two nodes that they are independent")]
    p = sum(math.comb(tests, k) * ALPHA**k * (1 - ALPHA) ** (tests - k) for k in range(broken, tests + 1))
    outcome = "failed" if p < SPEAKS else "passed"
    words = (
        f"{broken} of {tests} independences that the graph claims are denied by the data at {ALPHA:.0%}; "
        f"about {ALPHA * tests:.0f} would be by chance"
    )
    worst = sorted(found[FalsifyConst.P_VALUES].items(), key=lambda item: (item[1][0], item[0]))
    parts = {f"{node} | {other}": float(value[0]) for (node, other), value in worst[:5] if value[1]}
    if parts:
        words += f"; most clearly that of {worst[0][0][0]} and {worst[0][0][1]}"
    share = broken / tests
    return [made.found("local Markov", WHOLE_GRAPH, outcome, words, statistic=share, p=min(p, 1.0), parts=parts)]


def falsification(made: Bench) -> list[CheckResult]:
    """The share of permuted graphs that violate no more independences than this one (Eulig and others 2023).

    DoWhy's own verdict only asks whether the graph is better than random ones, so a small p says little for it, and a
    large one that any order of its nodes would do.
    """
    made.seeded()
    if made.graph.number_of_edges() == _most_edges(made.graph):
        return [
            not_run("falsification", WHOLE_GRAPH, "every node causes every later one; nothing could deny the graph")
        ]
    result = falsify_graph(
        made.graph,
        made.data,
        n_permutations=made.ask.permutations,
        show_progress_bar=False,
        n_jobs=1,
        significance_ci=ALPHA,
        **_tests(),
    )
    p = float(result.summary[FalsifyConst.VALIDATE_LMC][FalsifyConst.P_VALUE])
    same = len(result.summary[FalsifyConst.MEC]) / made.ask.permutations
    outcome = "passed" if p <= ALPHA else "open" if p <= 0.5 else "failed"
    words = f"{p:.0%} of {made.ask.permutations} permutations of its nodes violate no more than the graph itself"
    return [made.found("falsification", WHOLE_GRAPH, outcome, words, p=p, parts={"equivalent permutations": same})]


def _most_edges(graph: Any) -> int:
    nodes = int(graph.number_of_nodes())
    return nodes * (nodes - 1) // 2


def _tests() -> dict[str, Any]:
    return {
        "independence_test": rank_partial_correlation,
        "conditional_independence_test": rank_partial_correlation,
    }
