from __future__ import annotations

import itertools
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tests.simulator.curves import reliability_svg
from tests.simulator.scores import (
    auc,
    brier,
    calibration_error,
    chance_error,
    debiased_error,
    log_loss,
    reliability,
    score_of,
)


def test_what_was_said_for_certain_and_was_so_costs_nothing() -> None:
    truth = np.array([[True, False], [False, True]])
    found = score_of(truth.astype(np.float64), truth)
    assert (found.brier, found.ece, found.auc, found.top) == (0.0, 0.0, 1.0, 1.0)
    assert found.log_loss == pytest.approx(0.0, abs=1e-5)


def test_a_coin_flip_costs_a_quarter_and_ln_two() -> None:
    p, truth = np.full((1, 2), 0.5), np.array([[True, False]])
    assert brier(p, truth) == 0.25
    assert log_loss(p, truth) == pytest.approx(np.log(2.0))
    assert auc(p, truth) == 0.5


def test_auc_counts_pairs() -> None:
    rng = np.random.default_rng(0)
    p, truth = rng.integers(0, 5, 60) / 4.0, rng.random(60) < 0.4
    pairs = [(1.0 if a > b else 0.5 if a == b else 0.0) for a, b in itertools.product(p[truth], p[~truth])]
    assert auc(p, truth) == pytest.approx(np.mean(pairs))


def test_calibration_error_is_the_distance_of_what_was_said_from_what_was_so() -> None:
    p = np.array([0.1] * 10 + [0.9] * 10)
    truth = np.array([True] * 3 + [False] * 7 + [True] * 9 + [False])
    assert calibration_error(p, truth) == pytest.approx(0.5 * 0.2 + 0.5 * 0.0)
    assert [count for _, _, count in reliability(p, truth)] == [10, 10]


def test_probability_one_falls_into_the_last_bin() -> None:
    assert reliability(np.array([1.0]), np.array([True])) == [(1.0, 1.0, 1)]


def test_the_picture_is_well_formed_and_shows_each_method_and_each_bin_that_holds_enough() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(4_000)
    truth = rng.random(4_000) < p
    text = reliability_svg("a < b", {"one & only": (p, truth), "other": (p, truth)})
    root = ET.fromstring(text)
    names = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "one & only" in names
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 30


def drawn(seed: int, count: int, off: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (count, 8), and truths drawn with chances that are higher by `off`."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1.0, 2.0, (count, 8)) * (1.0 - off)
    return p, rng.random(p.shape) < p + off


def test_the_calibration_error_of_a_perfect_forecaster_is_its_chance_error() -> None:
    found = [(calibration_error(*drawn(seed, 100)), chance_error(drawn(seed, 100)[0])) for seed in range(40)]
    plain, chance = np.mean(found, axis=0)
    assert plain > 0.02
    assert chance == pytest.approx(plain, abs=0.003)


def test_with_more_moves_the_chance_error_falls_as_the_root_of_their_number() -> None:
    few, many = (chance_error(drawn(1, count)[0]) for count in (100, 1_600))
    assert many == pytest.approx(few / 4.0, rel=0.15)


def test_the_debiased_error_of_few_moves_is_nearer_to_that_of_very_many() -> None:
    for off in (0.0, 0.06):
        found = np.mean([(calibration_error(*one), debiased_error(*one)) for one in few_moves(off)], axis=0)
        assert abs(found[1] - off) < 0.7 * abs(found[0] - off)


def few_moves(off: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Forty forecasters who are off by as much, of 100 moves each."""
    return [drawn(seed, 100, off) for seed in range(40)]
