"""The engine against brute force and against pyAgrum: exact means equal to rounding."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.errors import NetworkTooWideError
from causal.network import Factor, Scope, compile_plan

Array = NDArray[np.float64]


def random_network(seed: int, size: int, batch: int) -> list[Factor]:
    rng = np.random.default_rng(seed)
    factors = [Factor(scope=(v,), table=rng.uniform(0.05, 1.0, (1, 2))) for v in range(size)]
    for _ in range(size + 2):
        scope = tuple(int(v) for v in rng.choice(size, size=rng.integers(1, min(4, size) + 1), replace=False))
        rows = batch if rng.random() < 0.5 else 1
        factors.append(Factor(scope=scope, table=rng.uniform(0.0, 1.0, (rows,) + (2,) * len(scope))))
    return factors


def full_joint(factors: list[Factor], size: int, batch: int) -> Array:
    joint = np.ones((batch,) + (2,) * size)
    for assignment in itertools.product((0, 1), repeat=size):
        for factor in factors:
            joint[(slice(None), *assignment)] *= factor.table[(slice(None), *(assignment[v] for v in factor.scope))]
    return joint


@pytest.mark.parametrize("seed", range(200))
def test_marginals_and_totals_equal_enumeration(seed: int) -> None:
    size, batch = 2 + seed % 8, 3
    factors = random_network(seed, size, batch)
    plan = compile_plan(size, [factor.scope for factor in factors])
    joint = full_joint(factors, size, batch)
    total = joint.reshape(batch, -1).sum(axis=1)
    expected = np.stack([joint.take(1, axis=v + 1).reshape(batch, -1).sum(axis=1) / total for v in range(size)], axis=1)
    marginals, log_total = plan.marginals(factors)
    assert np.abs(marginals - expected).max() <= 1e-10
    assert np.abs(log_total - np.log(total)).max() <= 1e-10
    assert np.abs(plan.log_total(factors) - np.log(total)).max() <= 1e-10


@pytest.mark.parametrize("seed", range(10))
def test_large_networks_equal_pyagrum(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gum = pytest.importorskip("pyagrum", reason="pyAgrum is not installed: the oracle of large networks is missing")
    rng = np.random.default_rng(1000 + seed)
    size = 60 + 10 * seed
    net = gum.BayesNet()
    for v in range(size):
        net.add(gum.LabelizedVariable(f"v{v}", "", 2))
    factors: list[Factor] = []
    for v in range(size):
        parents = tuple(
            int(p) for p in rng.choice(range(max(0, v - 6), v), size=min(v, 3, int(rng.integers(0, 4))), replace=False)
        )
        on = rng.uniform(0.05, 0.95, (2,) * len(parents))
        table = np.stack([1.0 - on, on], axis=-1)
        for parent in parents:
            net.addArc(f"v{parent}", f"v{v}")
        for values in itertools.product((0, 1), repeat=len(parents)):
            net.cpt(f"v{v}")[{f"v{p}": b for p, b in zip(parents, values, strict=True)}] = table[values].tolist()
        factors.append(Factor(scope=(*parents, v), table=table[np.newaxis]))
    seen = [int(v) for v in rng.choice(size, size=size // 4, replace=False)]
    soft = {v: [float(x) for x in rng.uniform(0.05, 1.0, 2)] for v in seen}
    factors += [Factor(scope=(v,), table=np.array([soft[v]])) for v in seen]
    engine = gum.LazyPropagation(net)
    engine.setEvidence({f"v{v}": soft[v] for v in seen})
    engine.makeInference()
    expected = np.array([engine.posterior(f"v{v}").tolist()[1] for v in range(size)])
    marginals, _ = compile_plan(size, [factor.scope for factor in factors]).marginals(factors)
    assert np.abs(marginals[0] - expected).max() <= 1e-10


def test_a_network_that_is_too_wide_is_refused_with_its_width() -> None:
    scopes: list[Scope] = list(itertools.combinations(range(12), 2))
    with pytest.raises(NetworkTooWideError) as caught:
        compile_plan(12, scopes, width_limit=8)
    assert caught.value.width == 11


def test_a_table_that_does_not_fit_its_scope_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Factor(scope=(0, 1), table=np.ones((1, 2)))
    with pytest.raises(ValueError, match="twice"):
        Factor(scope=(0, 0), table=np.ones((1, 2, 2)))


def test_independent_parts_do_not_disturb_each_other() -> None:
    factors = [Factor(scope=(0,), table=np.array([[0.2, 0.8]])), Factor(scope=(1,), table=np.array([[0.5, 0.5]]))]
    marginals, log_total = compile_plan(2, [(0,), (1,)]).marginals(factors)
    assert marginals[0] == pytest.approx([0.8, 0.5])
    assert log_total[0] == pytest.approx(0.0)


@pytest.mark.parametrize("seed", range(5))
def test_asking_about_some_variables_gives_what_asking_about_all_gives(seed: int) -> None:
    factors = random_network(seed, 9, 3)
    plan = compile_plan(9, [factor.scope for factor in factors])
    everything, log_total = plan.marginals(factors)
    some, same = plan.marginals(factors, wanted=(7, 2, 4))
    assert np.array_equal(some, everything[:, [7, 2, 4]])
    assert np.array_equal(same, log_total)


@pytest.mark.parametrize("seed", range(20))
def test_joints_of_scopes_equal_enumeration_in_the_order_of_the_scope(seed: int) -> None:
    size, batch = 7, 3
    factors = random_network(seed, size, batch)
    plan = compile_plan(size, [factor.scope for factor in factors])
    joint = full_joint(factors, size, batch)
    joint /= joint.reshape(batch, -1).sum(axis=1).reshape(batch, *[1] * size)
    scopes = [factor.scope for factor in factors] + [factor.scope[::-1] for factor in factors]
    found, _ = plan.joints(factors, scopes)
    for scope, table in zip(scopes, found, strict=True):
        ordered = np.moveaxis(joint, [v + 1 for v in scope], range(1, len(scope) + 1))
        expected = ordered.reshape(batch, *[2] * len(scope), -1).sum(axis=-1)
        assert np.abs(table - expected).max() <= 1e-12


def test_a_batch_that_is_passed_in_portions_gives_what_its_rows_give_alone() -> None:
    rows, size = 70, 13
    pairs = list(itertools.combinations(range(size), 2))  # one clique of all: 32 rows at a time
    rng = np.random.default_rng(5)
    factors = [
        Factor(scope=pair, table=rng.uniform(0.5, 1.0, (rows if i % 3 else 1, 2, 2))) for i, pair in enumerate(pairs)
    ]
    plan = compile_plan(size, pairs)
    marginals, log_total = plan.marginals(factors)
    for row in (0, 31, 32, 69):
        own = [Factor(scope=f.scope, table=f.table[row % len(f.table)][np.newaxis]) for f in factors]
        alone, alone_total = plan.marginals(own)
        assert marginals[row] == pytest.approx(alone[0], abs=1e-13)
        assert log_total[row] == pytest.approx(alone_total[0], abs=1e-12)
