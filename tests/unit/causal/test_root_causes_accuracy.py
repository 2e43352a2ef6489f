"""Floors of the search for root causes in worlds that its constants were not chosen on, and beside baselines."""

from __future__ import annotations

import numpy as np
import pytest

from tests.accuracy.fault_baselines import BASELINES
from tests.accuracy.fault_worlds import HELD_OUT, TUNED, Incident, World, incident
from tests.accuracy.root_causes import OURS, Figures, calibration, calibration_error, figures, measure, ranks

SEEDS = range(700, 712)
Measured = tuple[dict[str, Figures], list[tuple[float, bool]], float]


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    return {name: measure(world, SEEDS) for name, world in HELD_OUT.items()}


def test_true_causes_are_among_the_first_in_every_held_out_world(measured: dict[str, Measured]) -> None:
    found = {name: one[0][OURS] for name, one in measured.items()}
    assert min(one.top3 for one in found.values()) >= 0.75
    assert np.mean([one.top1 for one in found.values()]) >= 0.8
    assert np.mean([one.top3 for one in found.values()]) >= 0.85


def test_no_baseline_is_better_over_the_held_out_worlds(measured: dict[str, Measured]) -> None:
    mean = {method: np.mean([one[0][method].top3 for one in measured.values()]) for method in (OURS, *BASELINES)}
    assert max(mean, key=lambda method: mean[method]) == OURS


def test_posteriors_are_calibrated_over_the_held_out_worlds(measured: dict[str, Measured]) -> None:
    pairs = [pair for one in measured.values() for pair in one[1]]
    assert calibration_error(pairs) <= 0.08
    sure = [true for said, true in pairs if said > 0.8]
    assert np.mean(sure) >= 0.85


@pytest.mark.parametrize("world", [*HELD_OUT.values(), *TUNED.values()], ids=[*HELD_OUT, *TUNED])
def test_an_incident_is_the_same_for_the_same_seed_and_its_target_is_hurt_by_its_roots(world: World) -> None:
    one, again = incident(world, 3), incident(world, 3)
    assert one.edges == again.edges
    assert one.roots == again.roots
    assert all(np.array_equal(one.normal[name], again.normal[name], equal_nan=True) for name in one.normal)
    assert one.target in one.normal
    assert one.roots <= set(one.nodes)


def test_ranks_and_recall_are_counted_from_one() -> None:
    case = Incident(
        edges=[("a", "b")], normal={}, anomalous={}, target="b", roots=frozenset("ac"), nodes=("a", "b", "c")
    )
    assert sorted(ranks({"a": 0.9, "b": 0.5, "c": 0.1}, case)) == [1, 3]
    found = figures([[1, 3], [2]])
    assert (found.top1, found.top3, found.rank) == (0.5, 1.0, 2.0)


def test_calibration_pools_by_bin() -> None:
    rows = calibration([(0.95, True), (0.93, False), (0.01, False)])
    assert rows == [("0.00-0.02", 0.01, 0.0, 1), ("0.90-1.00", pytest.approx(0.94), 0.5, 2)]
