from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.simulator.days import large_falls, live
from tests.simulator.noise import REGIMES, SERIES, Noise, by_regime, read_noise
from tests.simulator.worlds import draw_world


def changes(seed: int, count: int = 3_000) -> np.ndarray:
    """Changes whose size comes in spells, more of them down."""
    rng = np.random.default_rng(seed)
    size = np.repeat(rng.choice([0.5, 1.0, 3.0], count // 50), 50)
    return np.asarray(size * (rng.standard_t(5, count) - 0.1))


def write(folder: Path) -> None:
    for seed, (name, (column, _)) in enumerate(SERIES.items()):
        levels = 100.0 * np.exp(np.cumsum(changes(seed) / 200.0))
        rows = [f"day {n},{level}" for n, level in enumerate(levels)]
        (folder / name).write_text("\n".join([f"date,{column}", *rows, "the last day,"]), encoding="utf-8")


def test_regimes_are_told_by_the_days_before_and_scaled_by_the_middle_one() -> None:
    pools = by_regime(changes(1))
    assert [len(pool) for pool in pools] == pytest.approx([len(pools[1])] * REGIMES, abs=2)
    assert pools[1].std() == pytest.approx(1.0)
    assert pools[0].std() < 0.9 < 1.3 < pools[2].std()
    assert sum(pool.sum() for pool in pools) == pytest.approx(0.0, abs=1e-6)


def test_a_day_draws_what_days_of_its_regime_did() -> None:
    noise = Noise(
        pools=((np.array([-1.0]), np.array([0.0]), np.array([1.0])), tuple(np.full(1, 5.0) for _ in range(3)))
    )
    drawn = noise.draw(np.random.default_rng(0), np.array([2, 0, 1]), 3)
    assert drawn.tolist() == [[1.0, 5.0, 1.0], [-1.0, 5.0, -1.0], [0.0, 5.0, 0.0]]


def test_files_are_read_where_they_are_all_there(tmp_path: Path) -> None:
    assert read_noise(tmp_path) is None
    write(tmp_path)
    noise = read_noise(tmp_path)
    assert noise is not None
    assert len(noise.pools) == len(SERIES)
    (tmp_path / next(iter(SERIES))).unlink()
    assert read_noise(tmp_path) is None


def test_a_world_with_the_noise_of_markets_has_other_days_and_the_same_mechanisms(tmp_path: Path) -> None:
    write(tmp_path)
    plain, noisy = draw_world(3), draw_world(3, None, read_noise(tmp_path))
    assert plain.chains == noisy.chains
    assert not np.array_equal(live(plain, 200, stream=1).returns, live(noisy, 200, stream=1).returns)
    assert 1.4 < large_falls(noisy, 300, stream=1).causes().sum(axis=1).mean() < 2.6
