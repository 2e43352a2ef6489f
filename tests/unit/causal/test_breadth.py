"""What readings that move together are worth: m equal ones as one, m independent ones as m, never less than nothing."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causal.breadth import SHRINK, Entry, Parent, best_weights, co_movement, temper
from causal.facts import FactIndex, gather_reports
from causal.panel import Array, Column
from causal.pulling import Pulled
from causal.settings import Method
from causal.subjects import build_world
from tests.panels import a_coin, a_column, a_panel, a_series_dossier, prices, returns_of, with_move

METHOD = Method()
TILT = 3.0


def weighed(correlation: float, count: int) -> Array:
    together = np.full((count, count), correlation)
    np.fill_diagonal(together, 1.0)
    return best_weights(together, np.full(count, math.log(TILT)))


@pytest.mark.parametrize("count", [1, 2, 5, 9])
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
def test_equally_tied_readings_weigh_as_the_effective_number_of_them(count: int, correlation: float) -> None:
    effective = count / (1.0 + (count - 1) * correlation)  # causal.md 3.4
    assert weighed(correlation, count).sum() == pytest.approx(effective)


@pytest.mark.parametrize("count", [2, 5, 9])
def test_equal_readings_weigh_as_one_and_independent_ones_as_many(count: int) -> None:
    assert weighed(1.0 - 1e-9, count).sum() == pytest.approx(1.0)
    assert weighed(0.0, count).tolist() == [1.0] * count


def brute_force(together: Array, effects: Array) -> Array:
    """The non-negative w that makes w.d - w.R.w / 2 largest, by trying which are zero; over d."""
    best, most = np.zeros(len(effects)), 0.0
    for size in range(1, len(effects) + 1):
        for members in map(list, itertools.combinations(range(len(effects)), size)):
            inverse = np.linalg.inv(together[np.ix_(members, members)])
            w = np.zeros(len(effects))
            w[members] = inverse @ effects[members]
            value = float(w @ effects - 0.5 * w @ together @ w)
            if (w >= 0.0).all() and value > most:
                best, most = w / effects, value
    return best


def a_cluster(rng: np.random.Generator) -> tuple[Array, Array]:
    """Correlations of readings on up to three factors, none negative, and how far each moves."""
    count = int(rng.integers(1, 6))
    loading = rng.uniform(0.0, 1.0, (count, 3))
    loading /= np.maximum(1.0, np.sqrt((loading**2).sum(axis=1, keepdims=True)))
    together = (1.0 - SHRINK) * loading @ loading.T
    np.fill_diagonal(together, 1.0)
    return together, np.log(rng.choice([1.2, 1.7, 3.0, 6.0], count))


@given(st.integers(0, 10**9))
@settings(deadline=None)
def test_weights_are_never_negative_and_never_above_one(seed: int) -> None:
    together, effects = a_cluster(np.random.default_rng(seed))
    found = best_weights(together, effects)
    assert (found >= 0.0).all()
    assert (found <= 1.0).all()
    assert found.max() > 0.0


def test_weights_are_those_of_the_best_sum_and_in_a_few_clusters_near_it() -> None:
    """All that would get less than nothing are dropped at once, which is not always the best choice of them."""
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(600):
        together, effects = a_cluster(rng)
        found, best = (w * effects for w in (best_weights(together, effects), brute_force(together, effects)))
        worth = [float(w @ effects - 0.5 * w @ together @ w) for w in (found, best)]
        shares.append(worth[0] / worth[1])
        if np.count_nonzero(found) == len(effects):
            np.testing.assert_allclose(found, best, atol=1e-9)
    assert max(shares) < 1.0 + 1e-9
    assert min(shares) > 0.8
    assert np.mean(np.array(shares) > 1.0 - 1e-9) > 0.98


def test_one_more_equal_reading_takes_from_its_equal_and_not_from_a_stranger() -> None:
    together = np.eye(3)
    together[0, 1] = together[1, 0] = 0.9
    found = best_weights(together, np.full(3, math.log(TILT)))
    assert found[2] == 1.0
    assert found[0] == found[1] == pytest.approx(1 / 1.9)


def pulled_of(*columns: Column) -> tuple[FactIndex, list[Pulled]]:
    dossier = a_series_dossier(a_panel(a_coin(), *columns))
    index = FactIndex(dossier, build_world(dossier), METHOD)
    found = []
    for column in columns:
        identity = index.world.identity("spot return", column.subject)
        assert identity is not None
        gather_reports(index, identity, "during", (identity.family, identity.subject, "during"))
        found.append(index.pulled[f"{column.id}:log_return@during"])
    return index, found


def column(name: str, returns: Array) -> Column:
    return a_column(name, prices(with_move(returns, 0.05)))


COMMON = returns_of(3, size=0.01)


def test_readings_that_move_together_are_correlated_by_what_is_predicted_of_them() -> None:
    _, (one, same, against, other) = pulled_of(
        column("one", COMMON),
        column("same", COMMON + returns_of(4, size=0.0005)),
        column("against", -COMMON),
        column("other", returns_of(5, size=0.01)),
    )
    ups = co_movement([(one, "up"), (same, "up"), (against, "up"), (other, "up")])
    assert ups[0, 1] > 0.8
    assert ups[0, 2] == 0.0
    assert abs(ups[0, 3]) < 0.3
    turned = co_movement([(one, "up"), (same, "down"), (against, "down"), (other, "up")])
    assert turned[0, 1] == 0.0
    assert turned[0, 2] == pytest.approx(1.0 - SHRINK)
    assert (ups == ups.T).all()
    assert (np.diag(ups) == 1.0).all()


def entries(names: list[str], side: str = "up", tilt: float = TILT) -> list[Entry]:
    made = (
        Parent(narrative=0, step=f"s.{n}", side=side, tilt=tilt, link=METHOD.links["medium"]) for n in range(len(names))
    )
    return [
        Entry(place=("price", name, "during"), parent=parent, generic=False)
        for name, parent in zip(names, made, strict=True)
    ]


def gain(parent: Parent) -> float:
    """Log odds from a hit in the outermost bin."""
    top = (1.0 - 0.9**parent.tilt) / 0.1
    return math.log(1.0 + parent.link * (top - 1.0))


@pytest.mark.parametrize("count", [2, 4])
def test_hits_of_equal_series_together_gain_what_one_gains(count: int) -> None:
    names = [f"s{n}" for n in range(count)]
    index, _ = pulled_of(*(column(name, COMMON) for name in names))
    one = gain(entries(["s0"])[0].parent)
    together = sum(gain(parent) for _, parent in temper(entries(names), index, 1.0))
    assert together == pytest.approx(one * count / (1.0 + (count - 1) * (1.0 - SHRINK)), rel=1e-6)
    assert together < 1.15 * one


def test_hits_of_independent_series_gain_nearly_as_many() -> None:
    names = [f"s{n}" for n in range(4)]
    index, _ = pulled_of(*(column(name, returns_of(30 + n, size=0.01)) for n, name in enumerate(names)))
    together = sum(gain(parent) for _, parent in temper(entries(names), index, 1.0))
    assert 3.0 < together / gain(entries(["s0"])[0].parent) <= 4.0


def test_one_reading_alone_keeps_its_link() -> None:
    index, _ = pulled_of(column("s0", COMMON))
    [(_, parent)] = temper(entries(["s0"]), index, 1.0)
    assert parent == entries(["s0"])[0].parent


def test_the_order_of_predictions_does_not_matter() -> None:
    names = [f"s{n}" for n in range(4)]
    noisy = [COMMON + returns_of(40 + n, size=0.003 * n) for n in range(4)]
    index, _ = pulled_of(*(column(name, returns) for name, returns in zip(names, noisy, strict=True)))
    plain = {place: parent.link for place, parent in temper(entries(names), index, 1.0)}
    turned = {place: parent.link for place, parent in temper(entries(names)[::-1], index, 1.0)}
    assert turned == pytest.approx(plain, abs=1e-12)
    assert len(set(plain.values())) > 1
