"""Anomaly attribution against its definition, written out slowly, and the tail score against many draws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.attribution import Attribution, ancestor_masks, attribute_anomaly, outside
from causal.coalitions import joining_orders, shapley_exact
from causal.faultgraph import fault_graph
from causal.frames import read_frame
from causal.structural import StructuralModel, fit_structural
from causal.tailscore import student_tail, tail_score

Array = NDArray[np.float64]


def a_model(seed: int, size: int, *, quadratic: bool = False, rows: int = 120) -> StructuralModel:
    """A model fitted on a random graph, of all whose nodes the last is a descendant."""
    rng = np.random.default_rng(seed)
    names = [f"v{i}" for i in range(size)]
    edges = [pair for pair in itertools.combinations(names, 2) if rng.random() < 0.4]
    edges += [(name, names[-1]) for name in names[:-1] if not any(cause == name for cause, _ in edges)]
    table: dict[str, Array] = {}
    for name in names:
        parents = sorted({cause for cause, effect in edges if effect == name})
        table[name] = 0.5 + rng.standard_t(4, rows) + sum((rng.normal() * table[p] for p in parents), np.zeros(rows))
        if quadratic and parents:
            table[name] += 0.2 * table[parents[0]] ** 2
    graph = fault_graph(edges, names[-1])
    shapes = dict.fromkeys(names[1::2] + names[-1:], "quadratic") if quadratic else {}
    model = fit_structural(graph, read_frame(table, graph.order, name="history"), names[-1], shapes)  # type: ignore[arg-type]
    assert isinstance(model, StructuralModel)
    return model


def a_row(model: StructuralModel, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(len(model.order))
    noise[int(rng.integers(len(model.order)))] += 5.0
    return model.values_of(noise)


def score(x: float, sample: Array) -> float:
    """DoWhy's default outlier score: 1 - 2 min(share above, share below), ties counted by half."""
    equal = np.sum(sample == x) / 2
    return 1.0 - 2.0 * min(np.sum(sample > x) + equal, np.sum(sample < x) + equal) / sample.size


def slow_value(model: StructuralModel, noise: Array, row: Array, coalition: tuple[int, ...]) -> float:
    """v(S) from the definition: replace the coalition's noises, compute every target, score each beside the sample."""
    sample = model.values_of(noise)[:, -1]
    replaced = noise.copy()
    replaced[:, list(coalition)] = model.noise_of(row)[list(coalition)]
    targets = model.values_of(replaced)[:, -1] if len(coalition) < len(row) else np.full(len(noise), row[-1])
    at_least = sum(score(target, sample) >= score(row[-1], sample) for target in targets)
    return math.log((at_least + 0.5) / (len(noise) + 0.5))


def slow_exact(model: StructuralModel, noise: Array, row: Array) -> Array:
    players = len(row)
    answer = np.zeros(players)
    for player in range(players):
        others = [i for i in range(players) if i != player]
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for coalition in itertools.combinations(others, size):
                gain = slow_value(model, noise, row, (*coalition, player)) - slow_value(model, noise, row, coalition)
                answer[player] += weight * gain
    return answer


def slow_orders(model: StructuralModel, noise: Array, row: Array, orders: NDArray[np.int64]) -> Array:
    answer = np.zeros(len(row))
    for order in orders:
        for place, player in enumerate(order):
            before = slow_value(model, noise, row, tuple(order[:place]))
            answer[player] += (slow_value(model, noise, row, tuple(order[: place + 1])) - before) / len(orders)
    return answer


@pytest.mark.parametrize("quadratic", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_all_coalitions_give_the_shapley_values_of_the_definition(seed: int, quadratic: bool) -> None:
    model = a_model(seed, 5, quadratic=quadratic)
    noise, row = np.random.default_rng(seed).standard_t(4, (80, 5)), a_row(model, seed)
    found = attribute_anomaly(model, noise, row)
    assert found.exact
    assert found.values == pytest.approx(slow_exact(model, noise, row), abs=1e-9)
    assert found.total == pytest.approx(found.values.sum(), abs=1e-12)
    assert found.total == pytest.approx(-slow_value(model, noise, row, ()), abs=1e-12)


@pytest.mark.parametrize("quadratic", [False, True])
@pytest.mark.parametrize("size", [1 + 2, 8])
def test_given_draws_and_orders_give_the_values_of_the_definition(size: int, quadratic: bool) -> None:
    model = a_model(11, size, quadratic=quadratic)
    rng = np.random.default_rng(7)
    noise, row, orders = rng.standard_t(4, (60, size)), a_row(model, 3), joining_orders(size, 5, rng)
    found = attribute_anomaly(model, noise, row, orders)
    assert not found.exact
    assert found.values == pytest.approx(slow_orders(model, noise, row, orders), abs=1e-9)
    assert found.values.sum() == pytest.approx(found.total, abs=1e-9)


@pytest.mark.parametrize("quadratic", [False, True])
def test_all_orders_are_all_coalitions(quadratic: bool) -> None:
    model = a_model(2, 5, quadratic=quadratic)
    noise, row = np.random.default_rng(1).standard_t(4, (300, 5)), a_row(model, 1)
    orders = np.array(list(itertools.permutations(range(5))))
    by_orders, exact = attribute_anomaly(model, noise, row, orders), attribute_anomaly(model, noise, row)
    assert by_orders.values == pytest.approx(exact.values, abs=1e-9)


@pytest.mark.parametrize("quadratic", [False, True])
def test_mean_deviations_add_up_to_the_value_less_the_mean_of_the_draws(quadratic: bool) -> None:
    model = a_model(5, 6, quadratic=quadratic)
    rng = np.random.default_rng(2)
    noise, row = rng.standard_t(4, (500, 6)), a_row(model, 8)
    expected = row[-1] - model.values_of(noise)[:, -1].mean()
    exact = attribute_anomaly(model, noise, row, values="mean deviation")
    some = attribute_anomaly(model, noise, row, joining_orders(6, 4, rng), values="mean deviation")
    assert exact.values.sum() == pytest.approx(expected, abs=1e-9)
    assert some.values.sum() == pytest.approx(expected, abs=1e-9)
    if not quadratic:  # additive: every order gives effect times noise less its mean
        closed = model.transmission() * (model.noise_of(row) - noise.mean(axis=0))
        assert exact.values == pytest.approx(closed, abs=1e-9)
        assert some.values == pytest.approx(closed, abs=1e-9)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12), st.integers(-10, 10), st.integers(-10, 10))
def test_the_interval_rule_is_the_comparison_of_scores_ties_and_all(sample: list[int], y: int, other: int) -> None:
    drawn = np.array(sample, dtype=float)
    rule = outside(drawn, y / 2)
    expected = score(other / 2, drawn) >= score(y / 2, drawn)
    assert bool(rule.share_of(np.array([[other / 2]]))[0]) == expected


def test_the_node_that_was_pushed_gets_the_largest_share_and_a_node_without_effect_none() -> None:
    rng = np.random.default_rng(3)
    a, b, c = rng.standard_normal((3, 400))
    table = {"a": a, "b": b, "c": c, "y": a + b + rng.standard_normal(400)}
    graph = fault_graph([("a", "y"), ("b", "y"), ("c", "y")], "y")
    model = fit_structural(graph, read_frame(table, graph.order, name="history"), "y")
    assert isinstance(model, StructuralModel)
    row = model.values_of(np.array([{"a": 6.0}.get(node, 0.0) for node in model.order]))
    found = attribute_anomaly(model, rng.standard_normal((2000, 4)), row)
    assert found.of("a") > 0.9 * found.total
    assert abs(found.of("c")) < 0.05 * found.total


def test_the_counting_score_saturates_and_the_tail_score_does_not() -> None:
    model = a_model(4, 4)
    rng = np.random.default_rng(0)
    noise, orders = drawn(model, 500, rng), joining_orders(4, 6, rng)
    counted, tail = [], []
    for push in (40.0, 400.0):
        row = model.values_of(np.array([0.0, 0.0, 0.0, push]))
        counted.append(attribute_anomaly(model, noise, row, orders).total)
        tail.append(tail_score(model, noise, row, orders).total)
    assert counted == pytest.approx([math.log(500.5 / 0.5)] * 2)
    assert tail[1] > tail[0] + 2.0 > counted[0] - 2.0


def drawn(model: StructuralModel, count: int, rng: np.random.Generator) -> Array:
    """Noises from the model's own t laws."""
    fits = [model.mechanisms[node].fit for node in model.order]
    return np.column_stack([fit.scale * rng.standard_t(fit.nu, count) for fit in fits])


def test_the_tail_score_is_that_of_very_many_draws_with_less_noise() -> None:
    model = a_model(6, 5)
    rng = np.random.default_rng(5)
    many = model.values_of(drawn(model, 400_000, rng))[:, -1]
    far = float(np.quantile(np.abs(many - np.median(many)), 0.999))
    row = model.values_of(np.zeros(5))
    row[-1] = np.median(many) + far
    orders = joining_orders(5, 4, rng)
    found = [tail_score(model, drawn(model, 1000, rng), row, orders).total for _ in range(12)]
    assert np.mean(found) == pytest.approx(math.log(1000.0), abs=0.25)
    counted = [attribute_anomaly(model, drawn(model, 1000, rng), row, orders).total for _ in range(12)]
    assert np.std(found) < np.std(counted)


def test_tail_scores_add_up_and_name_the_node_that_was_pushed() -> None:
    model = a_model(9, 6)
    rng = np.random.default_rng(1)
    pushed = int(
        np.argmax(np.abs(model.transmission()[:-1]) * [model.mechanisms[n].fit.scale for n in model.order[:-1]])
    )
    own = np.zeros(6)
    own[pushed] = 30.0 * model.mechanisms[model.order[pushed]].fit.scale
    found = tail_score(model, drawn(model, 1000, rng), model.values_of(own), joining_orders(6, 20, rng))
    assert found.values.sum() == pytest.approx(found.total, abs=1e-9)
    assert int(np.argmax(found.values)) == pushed


@pytest.mark.parametrize(
    ("nu", "t", "expected"),
    [
        (1.0, 1.0, 0.25),
        (2.0, 3.0, 0.5 - 3.0 / (2.0 * math.sqrt(11.0))),
        (4.0, 2.776445105, 0.025),
        (3.0, 3.182446305, 0.025),
        (6.0, 3.707428021, 0.005),
        (10.0, 4.143700494, 0.001),
        (30.0, 1.697260887, 0.05),
    ],
)
def test_the_tail_of_the_t_is_that_of_the_tables(nu: float, t: float, expected: float) -> None:
    assert student_tail(np.array([t, -t, 0.0]), nu) == pytest.approx([expected, 1 - expected, 0.5], rel=1e-8)


@pytest.mark.parametrize("nu", [3.0, 4.0, 6.0, 10.0, 30.0])
def test_the_tail_of_the_t_has_its_density_as_slope_and_its_power_far_out(nu: float) -> None:
    t = np.linspace(0.1, 12.0, 60)
    slope = (student_tail(t - 1e-5, nu) - student_tail(t + 1e-5, nu)) / 2e-5
    constant = math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / math.sqrt(nu * math.pi)
    assert slope == pytest.approx(constant * (1 + t**2 / nu) ** (-(nu + 1) / 2), rel=1e-5, abs=1e-13)
    far = student_tail(np.array([1e6, 1e7]), nu)
    assert far[0] / far[1] == pytest.approx(10.0**nu, rel=1e-6)


def test_shapley_values_of_a_known_game() -> None:
    # two left gloves (0, 1) and one right glove (2): a pair is worth 1
    worth = np.array([0, 0, 0, 0, 0, 1, 1, 1], dtype=float)
    assert shapley_exact(worth) == pytest.approx([1 / 6, 1 / 6, 4 / 6])


def test_ancestors_of_the_target_are_all_players() -> None:
    model = a_model(1, 7)
    assert ancestor_masks(model)[-1] == 2**7 - 1


def test_orders_come_in_reversed_pairs() -> None:
    orders = joining_orders(6, 5, np.random.default_rng(0))
    assert orders.shape == (5, 6)
    assert (orders[1] == orders[0][::-1]).all()


def test_what_does_not_fit_is_refused() -> None:
    model = a_model(1, 4)
    noise, row = np.zeros((10, 4)), np.zeros(4)
    with pytest.raises(ValueError, match="by the model's order"):
        attribute_anomaly(model, noise[:, :3], row)
    with pytest.raises(ValueError, match="missing value"):
        attribute_anomaly(model, np.full((10, 4), np.nan), row)
    with pytest.raises(ValueError, match="once"):
        attribute_anomaly(model, noise, row, np.array([[0, 1, 2, 2]]))
    with pytest.raises(ValueError, match="too many coalitions"):
        attribute_anomaly(a_model(1, 16, rows=300), np.zeros((10, 16)), np.zeros(16))
    with pytest.raises(ValueError, match="whole number"):
        student_tail(row, 2.5)
    assert isinstance(attribute_anomaly(model, noise, row), Attribution)
