"""Exact posteriors of who began and what travelled, against enumerating every world."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.faultgraph import fault_graph
from causal.root_causes import rank_root_causes
from causal.travel import Terms, infer
from causal.travelsettings import TravelMethod

Table = dict[str, NDArray[np.float64]]
METHOD = TravelMethod()


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[tuple[str, str]], dict[str, Terms]]:
    size = draw(st.integers(2, 5))
    names = [f"v{i}" for i in range(size)]
    pairs = list(itertools.combinations(names, 2))
    edges = draw(st.lists(st.sampled_from(pairs), min_size=1, unique=True))
    logs = st.floats(-4.0, 4.0)
    terms = {
        node: Terms(
            calm=draw(logs), spared=draw(logs), own=draw(logs), sent={c: draw(logs) for c, e in edges if e == node}
        )
        for node in {n for edge in edges for n in edge}
    }
    return edges, terms


def by_enumeration(
    edges: list[tuple[str, str]], terms: dict[str, Terms], target: str, prior: float
) -> dict[object, float]:
    """Posteriors of own changes and of travelled edges, over every pattern of both, from the definition."""
    nodes = sorted(terms)
    total = 0.0
    sums: dict[object, float] = dict.fromkeys([*nodes, *edges], 0.0)
    for bits in itertools.product((0, 1), repeat=len(nodes) + len(edges)):
        own, open_ = dict(zip(nodes, bits, strict=False)), dict(zip(edges, bits[len(nodes) :], strict=True))
        state: dict[str, int] = {}
        weight = 1.0
        for node in nodes:  # named in causal order
            causes = [(c, e) for c, e in edges if e == node]
            on = [edge for edge in causes if state[edge[0]]]
            sent = [edge for edge in on if open_[edge]]
            state[node] = int(own[node] or bool(sent))
            weight *= prior if own[node] else 1 - prior
            t = terms[node]
            if own[node]:
                weight *= np.exp(t.own)
            elif sent:
                weight *= np.mean([np.exp((t.sent or {})[edge[0]]) for edge in on])
            else:
                weight *= np.exp(t.spared if on else t.calm)
        for edge in edges:
            weight *= METHOD.edge if open_[edge] else 1 - METHOD.edge
        if state[target]:
            total += weight
            for node in nodes:
                sums[node] += weight * own[node]
            for edge in edges:
                sums[edge] += weight * (open_[edge] and state[edge[0]])
    return {key: value / total for key, value in sums.items()}


@settings(max_examples=40, deadline=None, derandomize=True)
@given(networks(), st.floats(0.02, 0.4))
def test_posteriors_are_those_of_enumerating_every_world(
    given_: tuple[list[tuple[str, str]], dict[str, Terms]], prior: float
) -> None:
    edges, terms = given_
    target = edges[-1][1]
    found = infer(fault_graph(edges, target), terms, target, prior, METHOD)
    expected = by_enumeration(edges, terms, target, prior)
    assert found.own == pytest.approx({node: expected[node] for node in terms}, abs=1e-10)
    assert found.travelled == pytest.approx({edge: expected[edge] for edge in edges}, abs=1e-10)


def test_a_graph_too_dense_for_exact_inference_is_still_answered_and_says_what_it_took_as_certain() -> None:
    rng = np.random.default_rng(4)
    names = [f"v{i:02d}" for i in range(26)]
    edges = list(itertools.combinations(names, 2))
    tables = []
    for rows, shift in ((200, 0.0), (20, 25.0)):
        values: Table = {}
        for i, name in enumerate(names):
            parents = sum((0.2 * values[p] for p in names[max(0, i - 3) : i]), np.zeros(rows))
            values[name] = parents + rng.standard_normal(rows) + (shift if name == "v20" else 0.0)
        tables.append(values)
    answer = rank_root_causes(edges, *tables, "v25")
    assert answer.taken_as_certain
    assert answer.tree_width <= METHOD.width_limit
    assert answer.nodes[0].node == "v20"
