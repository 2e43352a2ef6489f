"""The structural model: mechanisms, noises, shares of a move by node and by path, and when there is no answer."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from causal.errors import InvalidGraphError
from causal.faultgraph import fault_graph
from causal.frames import read_frame
from causal.mechanisms import NUS, fit_student, student_log_density
from causal.shares import MOST_PATHS, MoveAttribution, attribute_move
from causal.structural import NotIdentifiable, StructuralModel, fit_structural
from causal.volatility import ewma_volatility, volatility_filtered

Array = NDArray[np.float64]
EDGES = [
    ("rates", "dollar"),
    ("rates", "flow"),
    ("dollar", "flow"),
    ("dollar", "btc"),
    ("flow", "btc"),
    ("btc", "miner"),
]
TRUE = {
    ("rates", "dollar"): 0.8,
    ("rates", "flow"): -0.5,
    ("dollar", "flow"): 0.6,
    ("dollar", "btc"): -0.7,
    ("flow", "btc"): 1.2,
}
NODES = ("rates", "dollar", "flow", "btc")


def history(rows: int, seed: int, *, tail: float = 4.0, bad: float = 0.0) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    table: dict[str, Array] = {}
    for node in NODES:
        table[node] = 0.3 + rng.standard_t(tail, rows)
        for (cause, effect), weight in TRUE.items():
            if effect == node:
                table[node] = table[node] + weight * table[cause]
    for node in NODES:
        wild = rng.random(rows) < bad
        table[node] = np.where(wild, rng.standard_cauchy(rows) * 30.0, table[node])
    return table | {"miner": rng.standard_normal(rows)}


def attributed(table: dict[str, Array], day: dict[str, float], draws: int = 200) -> MoveAttribution:
    found = attribute_move(EDGES, table, day, "btc", np.random.default_rng(0), draws)
    assert isinstance(found, MoveAttribution)
    return found


DAY = {"rates": 2.0, "dollar": 3.0, "flow": -4.0, "btc": -9.0}


def test_shares_by_node_and_by_path_add_up_to_the_move_less_its_mean() -> None:
    found = attributed(history(250, 1), DAY)
    assert sum(share.share for share in found.nodes) == pytest.approx(found.move - found.mean, abs=1e-9)
    assert sum(path.share for path in found.paths) == pytest.approx(found.move - found.mean, abs=1e-9)
    for node in found.nodes:
        own = sum(path.share for path in found.paths if path.path[0] == node.node)
        assert own == pytest.approx(node.share, abs=1e-9)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(2, 7))
def test_shares_add_up_on_any_graph_and_are_the_shapley_values_of_the_game_of_means(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"v{i}" for i in range(size)]
    edges = [pair for pair in itertools.combinations(names, 2) if rng.random() < 0.6] + [(names[-2], names[-1])]
    table: dict[str, Array] = {}
    for name in names:
        parents = [cause for cause, effect in set(edges) if effect == name]
        table[name] = rng.standard_t(3, 90) + sum((rng.normal() * table[p] for p in sorted(parents)), np.zeros(90))
    day = {name: float(rng.normal(0, 5)) for name in names}
    found = attribute_move(edges, table, day, names[-1], rng, 20)
    assert isinstance(found, MoveAttribution)
    assert math.fsum(share.share for share in found.nodes) == pytest.approx(found.move - found.mean, abs=1e-9)
    assert math.fsum(path.share for path in found.paths) == pytest.approx(found.move - found.mean, abs=1e-9)
    model = fitted(edges, table, names[-1])
    for share in found.nodes:
        assert share.share == pytest.approx(_shapley_of_means(model, day, share.node), abs=1e-8)


def fitted(edges: list[tuple[str, str]], table: dict[str, Array], target: str) -> StructuralModel:
    graph = fault_graph(edges, target)
    model = fit_structural(graph, read_frame(table, graph.order, name="history"), target)
    assert isinstance(model, StructuralModel)
    return model


def _shapley_of_means(model: StructuralModel, day: dict[str, float], node: str) -> float:
    """From the definition: over all coalitions, noises in it as on the day, the others at their location 0."""
    noise = model.noise_of(np.array([day[name] for name in model.order]))
    player, count = model.order.index(node), len(model.order)
    others = [i for i in range(count) if i != player]
    total = 0.0
    for size in range(count):
        for coalition in itertools.combinations(others, size):
            rows = np.zeros((2, count))
            rows[:, list(coalition)] = noise[list(coalition)]
            rows[1, player] = noise[player]
            gain = np.diff(model.values_of(rows)[:, -1])[0]
            total += gain * math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
    return total


def test_the_shares_are_near_those_of_the_true_mechanisms_though_two_rows_in_a_hundred_are_wild() -> None:
    robust, squares = [], []
    effect = {"btc": 1.0, "flow": 1.2, "dollar": -0.7 + 1.2 * 0.6, "rates": 0.0}
    effect["rates"] = 0.8 * effect["dollar"] - 0.5 * effect["flow"]
    for seed in range(12):
        table = history(250, seed, tail=3.0, bad=0.02)
        noise = {n: DAY[n] - 0.3 - sum(w * DAY[c] for (c, e), w in TRUE.items() if e == n) for n in NODES}
        truth = np.array([effect[node] * noise[node] for node in NODES])
        found = {share.node: share.share for share in attributed(table, DAY, 20).nodes}
        robust.append(np.abs([found[n] for n in NODES] - truth).sum() / np.abs(truth).sum())
        squares.append(np.abs(_least_squares(table) - truth).sum() / np.abs(truth).sum())
    assert np.mean(robust) < 0.25
    assert np.mean(robust) < 0.3 * np.mean(squares)


def _least_squares(table: dict[str, Array]) -> Array:
    weights, start = np.zeros((4, 4)), np.zeros(4)
    for v, node in enumerate(NODES):
        parents = [p for p, cause in enumerate(NODES) if (cause, node) in TRUE]
        x = np.column_stack([np.ones(table[node].size), *(table[NODES[p]] for p in parents)])
        beta = np.linalg.lstsq(x, table[node], rcond=None)[0]
        start[v], weights[v, parents] = beta[0], beta[1:]
    day = np.array([DAY[node] for node in NODES])
    effect = np.linalg.inv(np.eye(4) - weights)[-1]
    return effect * (day - start - weights @ day)


def test_the_band_holds_the_true_share_about_nine_times_in_ten() -> None:
    inside = []
    for seed in range(60):
        found = {s.node: s for s in attributed(history(250, seed), DAY, 200).nodes}
        noise = DAY["flow"] - 0.3 + 0.5 * DAY["rates"] - 0.6 * DAY["dollar"]
        inside.append(found["flow"].low <= 1.2 * noise <= found["flow"].high)
    assert 0.82 <= np.mean(inside) <= 0.98


def test_rows_with_a_gap_are_left_out_for_that_mechanism_alone() -> None:
    table = history(200, 3)
    table["flow"] = np.where(np.arange(200) < 80, np.nan, table["flow"])
    model = fitted(EDGES, table, "btc")
    assert {node: int(model.mechanisms[node].rows.sum()) for node in model.order} == {
        "rates": 200,
        "dollar": 200,
        "flow": 120,
        "btc": 120,
    }
    whole = {name: series[80:] for name, series in table.items()}
    assert model.mechanisms["btc"].beta == pytest.approx(fitted(EDGES, whole, "btc").mechanisms["btc"].beta, abs=1e-9)


def test_fewer_than_sixty_rows_are_no_answer() -> None:
    assert isinstance(attribute_move(EDGES, history(60, 1), DAY, "btc", np.random.default_rng(0), 5), MoveAttribution)
    found = attribute_move(EDGES, history(59, 1), DAY, "btc", np.random.default_rng(0), 5)
    assert isinstance(found, NotIdentifiable)
    assert "59 rows in common, 60 are needed" in found.reason


@pytest.mark.parametrize(("lost", "what"), [("btc", "the target"), ("dollar", "an ancestor of the target")])
def test_a_target_or_ancestor_outside_the_data_is_no_answer(lost: str, what: str) -> None:
    table, rng = history(100, 1), np.random.default_rng(0)
    without = {name: series for name, series in table.items() if name != lost}
    assert attribute_move(EDGES, pa.table(without), DAY, "btc", rng) == NotIdentifiable(
        node=lost,
        reason=f"'{lost}', {what}, has no series; add it to the data",
    )
    found = attribute_move(EDGES, table, {k: v for k, v in DAY.items() if k != lost}, "btc", rng)
    assert isinstance(found, NotIdentifiable)
    assert found.node == lost


def test_causes_that_determine_each_other_are_no_answer() -> None:
    table = history(100, 1)
    table["dollar"] = 2.0 * table["rates"] + 1.0
    found = attribute_move(EDGES, table, DAY, "btc", np.random.default_rng(0))
    assert isinstance(found, NotIdentifiable)
    assert found.node == "flow"


def test_a_target_that_no_edge_names_is_refused() -> None:
    with pytest.raises(InvalidGraphError, match="no edge names the target"):
        attribute_move(EDGES, history(100, 1), DAY, "gold", np.random.default_rng(0))


def test_too_many_paths_are_counted_and_not_listed() -> None:
    names = [f"v{i:02d}" for i in range(14)]
    rng = np.random.default_rng(2)
    table = {name: rng.standard_normal(120) for name in names}
    day = dict.fromkeys(names, 1.0)
    found = attribute_move(list(itertools.combinations(names, 2)), table, day, "v13", rng, 10)
    assert isinstance(found, MoveAttribution)
    assert found.path_count == 2**13 > MOST_PATHS
    assert found.paths == ()
    assert math.fsum(share.share for share in found.nodes) == pytest.approx(found.move - found.mean, abs=1e-9)


def test_noise_and_values_undo_each_other_and_a_counterfactual_keeps_the_noise() -> None:
    table = history(120, 5)
    graph = fault_graph(EDGES, "btc")
    model = fit_structural(graph, read_frame(table, graph.order, name="history"), "btc", {"btc": "quadratic"})
    assert isinstance(model, StructuralModel)
    rows = np.column_stack([table[node] for node in model.order])
    assert model.values_of(model.noise_of(rows)) == pytest.approx(rows, abs=1e-9)
    held = model.counterfactual(rows, {"flow": 0.0})
    assert (held[:, model.order.index("flow")] == 0.0).all()
    assert held[:, model.order.index("dollar")] == pytest.approx(table["dollar"])
    both = np.column_stack([table["dollar"], np.zeros(120)])
    expected = model.mechanisms["btc"].predict(both) + model.noise_of(rows)[:, -1]
    assert held[:, -1] == pytest.approx(expected)
    with pytest.raises(ValueError, match="quadratic"):
        model.transmission()


def test_a_quadratic_mechanism_finds_squares_and_products() -> None:
    rng = np.random.default_rng(9)
    a, b = rng.standard_normal((2, 400))
    y = 1.0 + 2.0 * a - b + 0.5 * a * a + 0.25 * a * b + 0.05 * rng.standard_t(4, 400)
    graph = fault_graph([("a", "y"), ("b", "y")], "y")
    frame = read_frame({"a": a, "b": b, "y": y}, graph.order, name="history")
    model = fit_structural(graph, frame, "y", {"y": "quadratic"})
    assert isinstance(model, StructuralModel)
    assert model.mechanisms["y"].beta == pytest.approx([1.0, 2.0, -1.0, 0.5, 0.25, 0.0], abs=0.02)


def test_the_fit_is_a_maximum_of_the_student_likelihood_and_its_nu_the_best_of_the_list() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(300), rng.standard_normal(300)])
    y = x @ np.array([1.0, 2.0]) + 0.5 * rng.standard_t(3, 300)
    fit = fit_student(x, y)
    for change in itertools.product((-0.01, 0.0, 0.01), repeat=3):
        moved = student_log_density(y - x @ (fit.beta + change[:2]), fit.scale * (1 + change[2]), fit.nu).sum()
        assert moved <= fit.log_likelihood + 1e-9
    assert fit.nu in (3.0, 4.0)
    assert fit.log_likelihood == max(fit_student(x, y, nus=(nu,)).log_likelihood for nu in NUS)
    assert fit_student(x, x @ np.array([1.0, 2.0]) + rng.standard_normal(300)).nu >= 10.0


def test_the_student_density_integrates_to_one() -> None:
    grid = np.linspace(-400.0, 400.0, 400_001)
    assert np.trapezoid(np.exp(student_log_density(grid, 0.7, 4.0)), grid) == pytest.approx(1.0, abs=1e-6)


def test_the_volatility_of_a_day_knows_nothing_of_that_day_or_later() -> None:
    rng = np.random.default_rng(1)
    values = rng.standard_normal(200)
    before = ewma_volatility(values)
    values[150] = 40.0
    after = ewma_volatility(values)
    assert np.isnan(before[:20]).all()
    assert after[20:151] == pytest.approx(before[20:151])
    assert after[151] == pytest.approx(math.sqrt(0.94 * after[150] ** 2 + 0.06 * 1600.0))


def test_the_filter_evens_out_calm_and_wild_times_and_passes_over_gaps() -> None:
    rng = np.random.default_rng(2)
    values = rng.standard_normal(2000) * np.repeat([1.0, 8.0], 1000)
    values[500] = np.nan
    filtered = volatility_filtered(values)
    assert np.isnan(filtered[500])
    assert np.nanstd(filtered[1100:]) / np.nanstd(filtered[100:1000]) == pytest.approx(1.0, abs=0.15)
    assert ewma_volatility(values)[501] == ewma_volatility(values)[500]
    with pytest.raises(ValueError, match="decay"):
        ewma_volatility(values, decay=1.0)
