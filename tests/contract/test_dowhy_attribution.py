"""Our attribution beside `dowhy.gcm.attribute_anomalies`: the same mechanisms, draws and orders, the same values."""

from __future__ import annotations

import numpy as np
import pytest

from causal.attribution import attribute_anomaly
from causal.coalitions import joining_orders
from tests.dowhy_kit import Pair, Shape, a_pair, attributed_by_dowhy, gcm, luck_of

pytestmark = pytest.mark.filterwarnings("ignore")  # of the oracle and what it stands on
ROWS, SEED = 300, 11


@pytest.mark.parametrize(("nodes", "shape"), [(4, "linear"), (4, "quadratic"), (8, "linear"), (8, "quadratic")])
def test_anomaly_attributions_are_those_of_dowhy(nodes: int, shape: Shape) -> None:
    pair = a_pair(nodes, ROWS, nodes, shape)
    theirs, luck = attributed_by_dowhy(pair, SEED), luck_of(pair, SEED)
    ours = attribute_anomaly(pair.ours, luck.noise, pair.row, luck.orders)
    assert set(theirs) == set(ours.nodes)
    assert max(abs(ours.of(node) - value) for node, value in theirs.items()) <= 1e-9
    assert ours.exact is (nodes == 4)
    assert max(abs(value) for value in theirs.values()) > 0.1


@pytest.mark.parametrize("nodes", [8, 15])
def test_signed_shares_are_the_mean_deviation_attributions_of_dowhy(nodes: int) -> None:
    pair = a_pair(nodes, ROWS, nodes)
    options = {"attribute_mean_deviation": True, "anomaly_scorer": _identity(), "num_distribution_samples": 3000}
    theirs, luck = attributed_by_dowhy(pair, SEED, **options), luck_of(pair, SEED)
    shares = pair.ours.transmission() * (pair.ours.noise_of(pair.row) - luck.noise.mean(axis=0))
    assert max(abs(share - theirs[node]) for node, share in zip(pair.ours.order, shares, strict=True)) <= 1e-9
    some = joining_orders(nodes, 4, np.random.default_rng(1))
    ours = attribute_anomaly(pair.ours, luck.noise, pair.row, some, values="mean deviation")
    assert max(abs(ours.of(node) - value) for node, value in theirs.items()) <= 1e-9


@pytest.mark.parametrize("shape", ["linear", "quadratic"])
def test_counterfactuals_and_interventions_are_those_of_dowhy_on_the_same_noise(shape: Shape) -> None:
    pair, module = a_pair(8, ROWS, 3, shape), gcm()
    nodes = list(pair.ours.order)
    rows, held = pair.history[nodes].to_numpy()[:40], nodes[2]
    counterfactual = module.counterfactual_samples(
        pair.theirs, {held: lambda _: 1.5}, observed_data=pair.history.iloc[:40]
    )
    assert np.abs(pair.ours.counterfactual(rows, {held: 1.5}) - counterfactual[nodes].to_numpy()).max() <= 1e-9
    forced = module.interventional_samples(pair.theirs, {held: lambda _: -2.0}, observed_data=pair.history.iloc[:40])
    assert _upstream_is_untouched(pair, forced, held)
    drawn = luck_of(pair, SEED).noise
    again = _drawn_by_dowhy(pair, held)
    assert np.abs(pair.ours.values_of(drawn, {held: -2.0}) - again[nodes].to_numpy()).max() <= 1e-9


def _upstream_is_untouched(pair: Pair, forced: object, held: str) -> bool:
    values = forced[list(pair.ours.order)].to_numpy()  # type: ignore[index]
    before = pair.history[list(pair.ours.order)].to_numpy()[:40]
    place = pair.ours.order.index(held)
    return bool((values[:, place] == -2.0).all() and (values[:, :place] == before[:, :place]).all())


def _drawn_by_dowhy(pair: Pair, held: str) -> object:
    """DoWhy's intervention on the noises that it draws for the attribution, by its counterfactual of noise data."""
    import pandas as pd

    noise = luck_of(pair, SEED).noise.copy()
    roots = [place for place, node in enumerate(pair.ours.order) if not pair.ours.mechanisms[node].parents]
    noise[:, roots] += [pair.ours.mechanisms[pair.ours.order[place]].beta[0] for place in roots]
    drawn = pd.DataFrame(noise, columns=list(pair.ours.order))
    return gcm().counterfactual_samples(pair.theirs, {held: lambda _: -2.0}, noise_data=drawn)


def _identity() -> object:
    from dowhy.gcm.anomaly_scorer import AnomalyScorer

    class Identity(AnomalyScorer):  # type: ignore[misc]
        def fit(self, X: object) -> None:
            """Nothing to fit."""

        def score(self, X: object) -> object:
            return np.asarray(X).reshape(-1)

    return Identity()
