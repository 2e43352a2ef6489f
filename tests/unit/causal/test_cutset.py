"""Conditioning on variables against eliminating them: the same answers from random networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from causal.cutset import CutsetPlan
from causal.network import Factor, Plan, Scope, compile_plan

SIZE = 5  # variables that are eliminated; those of the cut are numbered after them
CHAIN: list[Scope] = [(0,), (0, 1), (1, 2), (3, 2), (3, 4)]


def network(cut: int, batch: int, asked: Sequence[Scope] = ()) -> tuple[list[Factor], Plan, CutsetPlan]:
    """A chain whose links hang on the variables of the cut in turn, and the two ways to ask it."""
    rng = np.random.default_rng(11 + cut)
    scopes: list[Scope] = [*CHAIN, *((SIZE + k,) for k in range(cut))]
    scopes += [(SIZE + k, *CHAIN[1 + k % 4]) for k in range(cut)]
    scopes += [(1, SIZE, SIZE + cut - 1, 2)] if cut > 1 else []
    factors = [
        Factor(scope=scope, table=rng.uniform(0.1, 1.0, (batch if number % 3 == 0 else 1, *(2,) * len(scope))))
        for number, scope in enumerate(scopes)
    ]
    inner = compile_plan(SIZE, CHAIN)
    given = CutsetPlan(size=SIZE, position=inner.position, cliques=inner.cliques, width=inner.width, cut=cut)
    return factors, compile_plan(SIZE + cut, [*scopes, *asked]), given


@pytest.mark.parametrize(("cut", "batch"), [(1, 1), (2, 7), (3, 1), (8, 1), (8, 37), (8, 33)])
def test_marginals_and_totals_are_those_of_elimination(cut: int, batch: int) -> None:
    factors, eliminated, given = network(cut, batch)
    wanted, log_total = eliminated.marginals(factors, range(SIZE))
    found, found_total = given.marginals(factors)
    assert found == pytest.approx(wanted, abs=1e-12)
    assert found_total == pytest.approx(log_total, abs=1e-10)
    assert given.log_total(factors) == pytest.approx(log_total, abs=1e-10)


@pytest.mark.parametrize(("cut", "batch"), [(2, 7), (8, 37)])
def test_joints_may_name_variables_of_the_cut_in_any_order(cut: int, batch: int) -> None:
    scopes: list[Scope] = [(1, SIZE, SIZE + cut - 1, 2), (SIZE,), (2, 1), (SIZE + 1, 2, 3)]
    factors, eliminated, given = network(cut, batch, scopes)
    for wanted, found in zip(eliminated.joints(factors, scopes)[0], given.joints(factors, scopes)[0], strict=True):
        assert found == pytest.approx(wanted, abs=1e-12)


def test_each_variable_of_the_cut_doubles_the_cost() -> None:
    assert network(3, 1)[2].cells == 8 * compile_plan(SIZE, CHAIN).cells
