"""The conditional tables against the formulas of the design."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from causal import gates
from causal.likelihood import BASE, KERNEL, argument_ratio, tilted
from causal.network import Factor, compile_plan
from causal.settings import Method
from causal.structure import _Builder, build_structure  # the chain is a private part with a public meaning

METHOD = Method()


def test_hybrid_gate_is_the_leaky_noisy_or_of_narrative_and_previous_step() -> None:
    table = gates.step_table(0.1, [gates.activation(METHOD, 0.92, first=False)])[0]
    assert table[1, 1, 1] == pytest.approx(1 - 0.9 * (1 - 0.92))
    assert table[1, 0, 1] == pytest.approx(1 - 0.9 * (1 - 0.28))
    assert table[0, 1, 1] == pytest.approx(1 - 0.9 * (1 - 0.11))
    assert table[0, 0, 1] == pytest.approx(0.1)
    assert table.sum(axis=-1) == pytest.approx(np.ones((2, 2)))


@pytest.mark.parametrize("pattern", list(itertools.product((0, 1), repeat=3)))
def test_alternatives_are_a_noisy_or_with_leak(pattern: tuple[int, ...]) -> None:
    weights = (0.8, 0.6, 0.3)
    builder = _Builder(METHOD)
    causes = [builder.variable() for _ in range(3)]
    switch = builder.silence(list(zip(causes, weights, strict=True)))
    plan = compile_plan(builder.size, [f.scope for f in builder.factors])
    clamps = [Factor(scope=(c,), table=gates.prior_table(float(bit))) for c, bit in zip(causes, pattern, strict=True)]
    happened = Factor(scope=(switch,), table=np.array([[1.0, 0.03 - 1.0]]))
    expected = 1 - 0.97 * np.prod([1 - w * b for w, b in zip(weights, pattern, strict=True)])
    assert np.exp(plan.log_total([*builder.factors, *clamps, happened]))[0] == pytest.approx(expected)


def test_switched_tables_give_the_mixture_over_who_acts() -> None:
    rng = np.random.default_rng(3)
    table = rng.uniform(0.1, 1.0, (5, 2, 2))
    silences = rng.uniform(0.0, 1.0, 2)
    mixed = np.einsum("oab,a,b->o", table, *[np.array([s, 1 - s]) for s in silences])
    turned = gates.switched(table, 2)
    assert np.einsum("oab,a,b->o", turned, *[np.array([1.0, s]) for s in silences]) == pytest.approx(mixed)


@pytest.mark.parametrize(
    ("strength", "tilt", "expected"),
    [("weak", 1.7, 1.64), ("medium", 3.0, 2.71), ("strong", 6.0, 4.69)],
)
def test_top_bin_of_a_tilt_has_the_stated_likelihood_ratio(strength: str, tilt: float, expected: float) -> None:
    assert METHOD.tilt[strength] == tilt
    assert tilted("up", tilt, 0.0, METHOD.flat_width)[4] / BASE[4] == pytest.approx(expected, abs=0.005)


def test_tilts_are_distributions_and_mirror_each_other() -> None:
    up, down = tilted("up", 3.0, 0.0, 0.7775), tilted("down", 3.0, 0.0, 0.7775)
    assert up.sum() == pytest.approx(1.0)
    assert down == pytest.approx(up[::-1])
    assert tilted("flat", 3.0, 0.0, 0.7775) == pytest.approx([0.05, 0.2, 0.5, 0.2, 0.05], abs=0.001)


def test_kernel_columns_two_and_four_are_monotone() -> None:
    assert list(KERNEL[:, 1]) == [0.8, 0.8, 0.1, 0.0, 0.0]
    assert list(KERNEL[:, 3]) == [0.0, 0.0, 0.1, 0.8, 0.8]


def test_arguments_mirror_each_other_and_cannot_veto() -> None:
    against = argument_ratio(5.0, 0.9, against=True)
    assert against == pytest.approx(0.9 / 5 + 0.1)
    assert argument_ratio(5.0, 0.9, against=False) == pytest.approx(1 / against)
    assert argument_ratio(1e9, 0.9, against=True) >= 0.1


def test_an_empty_story_list_leaves_only_the_unknown_cause() -> None:
    structure = build_structure((), (), frozenset(), (), METHOD)
    marginals, _ = structure.plan.marginals([*structure.factors, *structure.move])
    expected = 0.1 * (1 - 0.97 * 0.2) / (0.1 * (1 - 0.97 * 0.2) + 0.9 * 0.03)
    assert marginals[0, structure.unknown] == pytest.approx(expected)
