"""Whether the series that such days move share a factor of the day, and what follows from it for what stories say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.breadth import Entry, Parent, correlations, shared_factor, temper
from causal.facts import FactIndex, gather_reports
from causal.panel import Array, Column
from causal.pulling import Pulled
from causal.settings import Method
from causal.subjects import build_world
from tests.panels import a_coin, a_column, a_panel, a_series_dossier, prices, returns_of, with_move

METHOD = Method()


def slow_correlation(one: Array, other: Array, first: Array, second: Array) -> float:
    """One pair by its definition, day after day."""
    days = [t for t in range(len(one)) if np.isfinite([one[t], other[t]]).all() and first[t] > 0 and second[t] > 0]
    if len(days) < 3:
        return 0.0
    w = np.array([np.sqrt(first[t] * second[t]) for t in days])
    return float(np.cov(one[days], other[days], aweights=w)[0, 1]) / float(
        np.sqrt(np.cov(one[days], aweights=w) * np.cov(other[days], aweights=w))
    )


def test_correlations_are_those_of_each_pair_on_the_days_that_both_have() -> None:
    rng = np.random.default_rng(3)
    scores, weights = rng.random((5, 40)), rng.random((5, 40))
    scores[rng.random((5, 40)) < 0.2] = np.nan
    weights[rng.random((5, 40)) < 0.3] = 0.0
    scores[4, 2:] = np.nan  # too few days with anything
    found = correlations(scores, weights)
    for i in range(5):
        for j in range(5):
            assert found[i, j] == pytest.approx(
                slow_correlation(scores[i], scores[j], weights[i], weights[j]), abs=1e-10
            )


def test_a_constant_series_goes_with_nothing() -> None:
    scores = np.stack([np.full(30, 0.5), np.linspace(0.0, 1.0, 30)])
    assert correlations(scores, np.ones((2, 30)))[0].tolist() == [0.0, 0.0]


def pulled_of(*columns: Column) -> tuple[FactIndex, list[Pulled]]:
    dossier = a_series_dossier(a_panel(a_coin(), *columns))
    index = FactIndex(dossier, build_world(dossier), METHOD)
    for column in columns:
        identity = index.world.identity("spot return", column.subject)
        assert identity is not None
        gather_reports(index, identity, "during", (identity.family, identity.subject, "during"))
    return index, [index.pulled[f"{column.id}:log_return@during"] for column in columns]


def series(count: int, common: float) -> list[Pulled]:
    """Of so many series, `common` times one factor beside noise of their own, all moved the same way by such days."""
    factor = returns_of(3, size=0.01)
    columns = [
        a_column(f"s{n}", prices(with_move(common * factor + returns_of(50 + n, size=0.01), 0.05)))
        for n in range(count)
    ]
    return [replace(pulled, calm=0.5) for pulled in pulled_of(*columns)[1]]


def test_a_factor_that_all_series_share_is_found() -> None:
    assert shared_factor(series(6, common=1.5), METHOD.generic_shift) > 0.95


def test_the_more_they_share_the_surer_it_is() -> None:
    found = [shared_factor(series(6, common=share), METHOD.generic_shift) for share in (0.0, 0.4, 0.8, 2.0)]
    assert found == sorted(found)
    assert found[0] < 0.7 < found[-1]


def test_series_that_go_against_what_such_days_do_share_no_factor_of_it() -> None:
    one, other = series(2, common=3.0)
    assert shared_factor([one, replace(other, calm=-0.5)], METHOD.generic_shift) == 0.0


def test_where_it_cannot_be_measured_a_factor_is_taken_for_granted() -> None:
    one, other = series(2, common=0.0)
    assert shared_factor([], METHOD.generic_shift) == 1.0
    assert shared_factor([one], METHOD.generic_shift) == 1.0
    assert shared_factor([one, replace(other, calm=0.1)], METHOD.generic_shift) == 1.0


def parents(shared: float) -> list[Parent]:
    """Three facts that any such day would give, in one story."""
    index, _ = pulled_of(a_column("s0", prices(with_move(returns_of(3, size=0.01), 0.05))))
    for n in range(3):
        index.reports["price", f"fact{n}", "during"] = ()
    made = [
        Entry(
            place=("price", f"fact{n}", "during"),
            parent=Parent(narrative=0, step=f"s.{n}", side="up", tilt=3.0, link=0.8),
            generic=True,
        )
        for n in range(3)
    ]
    return [parent for _, parent in temper(made, index, shared)]


def test_generic_facts_keep_their_weight_where_no_factor_is_shared() -> None:
    assert [(one.tilt, one.link) for one in parents(0.0)] == [(3.0, pytest.approx(0.8))] * 3


def test_generic_facts_weigh_less_the_surer_the_factor_is() -> None:
    tilts, links = zip(*((own[0].tilt, own[0].link) for own in map(parents, (0.0, 0.5, 1.0))), strict=True)
    assert list(tilts) == sorted(tilts, reverse=True)
    assert list(links) == sorted(links, reverse=True)
    assert tilts[-1] == pytest.approx(1.0 + 2.0 * METHOD.generic_tilt)
