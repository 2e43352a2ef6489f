"""Answers by parts equal those of a pass of the whole network, whatever differs between the entries of a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.network import Factor, Plan, compile_plan
from causal.parting import PartedPlan, parted

FAMILIES, MEMBERS, BATCH = 6, 4, 40
PIVOT = FAMILIES * MEMBERS


def families(rng: np.random.Generator, pivot_scopes: float = 1.0) -> list[Factor]:
    """Families of variables that meet in the pivot alone, each with tables of its own and one on two of the entries."""
    factors = [Factor(scope=(PIVOT,), table=np.array([[1.0, -0.9]]))]
    for family in range(FAMILIES):
        own = range(family * MEMBERS, (family + 1) * MEMBERS)
        factors += [Factor(scope=(v,), table=rng.uniform(0.05, 1.0, (1, 2))) for v in own]
        for _ in range(MEMBERS):
            scope = tuple(int(v) for v in rng.choice(own, size=rng.integers(1, MEMBERS), replace=False))
            factors.append(Factor(scope=scope, table=rng.uniform(0.05, 1.0, (1, *(2,) * len(scope)))))
        if rng.random() < pivot_scopes:
            silent = np.array([[[1.0, 1.0], [1.0, rng.uniform(0.1, 0.9)]]])
            factors.append(Factor(scope=(PIVOT, own[0]), table=silent))
        factors.append(Factor(scope=(own[1], own[2]), table=rng.uniform(0.05, 1.0, (3, 2, 2)), rows=few(rng, family)))
    return factors


def few(rng: np.random.Generator, family: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Which of three tables each entry has: the first, but for two entries of the batch."""
    rows = np.zeros(BATCH, dtype=np.uint8)
    rows[[2 * family, 2 * family + 1]] = rng.integers(1, 3, size=2)
    return rows


def of(factors: list[Factor]) -> PartedPlan:
    return parted(compile_plan(PIVOT + 1, [factor.scope for factor in factors]), PIVOT)


@pytest.mark.parametrize("seed", range(30))
def test_answers_by_parts_equal_those_of_the_whole(seed: int) -> None:
    factors = families(np.random.default_rng(seed), pivot_scopes=0.7)
    plan = of(factors)
    assert plan._local(factors) is not None
    wanted, totals = Plan.marginals(plan, factors)
    found, log_total = plan.marginals(factors)
    assert np.abs(found - wanted).max() <= 1e-12
    assert np.abs(log_total - totals).max() <= 1e-12
    assert np.abs(plan.log_total(factors) - totals).max() <= 1e-12
    some, _ = plan.marginals(factors, wanted=(PIVOT, 3, 17))
    assert np.abs(some - wanted[:, [PIVOT, 3, 17]]).max() <= 1e-12


def test_what_differs_in_the_pivot_alone_is_answered_too() -> None:
    factors = families(np.random.default_rng(7))
    moves = np.array([[1.0, -0.9], [0.0, 0.9], [1.0, 0.0]])
    factors[0] = Factor(scope=(PIVOT,), table=moves, rows=np.arange(BATCH) % 3)
    plan = of(factors)
    assert plan._local(factors) is not None
    for found, wanted in zip(plan.marginals(factors), Plan.marginals(plan, factors), strict=True):
        assert np.abs(found - wanted).max() <= 1e-12


def test_a_batch_that_differs_everywhere_is_passed_as_a_whole() -> None:
    rng = np.random.default_rng(8)
    factors = families(rng)
    everywhere = [
        factor if factor.rows is None else replace(factor, table=rng.uniform(0.1, 1.0, (BATCH, 2, 2)), rows=order)
        for factor, order in zip(factors, [rng.permutation(BATCH) for _ in factors], strict=True)
    ]
    plan = of(everywhere)
    assert plan._local(everywhere) is None
    written = [factor.part(0, BATCH) for factor in everywhere]
    for found, wanted in zip(plan.marginals(everywhere), Plan.marginals(plan, written), strict=True):
        assert np.array_equal(found, wanted)


def test_an_entry_of_a_batch_has_the_answer_that_it_has_alone() -> None:
    factors = families(np.random.default_rng(9))
    plan = of(factors)
    found, log_total = plan.marginals(factors)
    for entry in range(BATCH):
        alone, total = plan.marginals([factor.part(entry, 1) for factor in factors])
        assert np.abs(found[entry] - alone[0]).max() <= 1e-12
        assert abs(log_total[entry] - total[0]) <= 1e-12
