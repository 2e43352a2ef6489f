"""What any day like this one would move tells little of a story: softened, by a series less, and counted together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from causal.breadth import Parent
from causal.facts import FactIndex
from causal.model import Prediction
from causal.observables import collect
from causal.panel import Array, Column
from causal.settings import Method
from causal.subjects import build_world
from causal.world import Fact
from tests.dossiers import a_fact, a_narrative, a_prediction
from tests.panels import a_coin, a_column, a_panel, a_series_dossier, prices, returns_of, with_move

METHOD = Method()
MEDIUM, STRONG = METHOD.tilt["medium"], METHOD.tilt["strong"]


def beside(name: str, share_of_coin: float, seed: int = 5) -> Column:
    """A share that takes this part of what the coin does, and fell with it."""
    returns: Array = share_of_coin * returns_of(0) + returns_of(seed, size=0.01)
    return a_column(name, prices(with_move(returns, -0.1)))


def parents(
    predictions: Sequence[Prediction], *columns: Column, facts: Sequence[Fact] = ()
) -> dict[str, tuple[Parent, float]]:
    """The link of each answered prediction by its subject, and z of an ordinary day."""
    story = a_narrative("story", predictions)
    dossier = a_series_dossier(a_panel(a_coin(), *columns), (story,), facts)
    found = collect(FactIndex(dossier, build_world(dossier), METHOD), dossier.narratives)
    return {one.subject: (one.parents[0], one.calm) for one in found.observables}


def tilt(prediction: Prediction, *columns: Column, facts: Sequence[Fact] = ()) -> float:
    found = parents([prediction], *columns, facts=facts)
    return found[str(prediction.subject)][0].tilt


def falls(subject: str, **fields: str) -> Prediction:
    return a_prediction("spot return", subject, "down", **fields)


def test_a_series_that_falls_with_such_moves_has_half_the_tilt_where_a_fall_was_predicted() -> None:
    together = beside("share", 0.8)
    _, calm = parents([falls("share")], together)["share"]
    assert calm > METHOD.generic_shift
    assert tilt(falls("share"), together) == pytest.approx(1.0 + 0.5 * (MEDIUM - 1.0))
    assert tilt(falls("share", strength="weak"), together) == pytest.approx(1.0 + 0.5 * (METHOD.tilt["weak"] - 1.0))
    assert tilt(a_prediction("spot return", "share", "up"), together) == MEDIUM
    assert tilt(a_prediction("spot return", "share", "flat"), together) == MEDIUM


def test_a_strong_prediction_keeps_its_tilt_on_a_series_but_not_on_a_fact() -> None:
    assert tilt(falls("share", strength="strong"), beside("share", 0.8)) == STRONG
    told = a_fact("told", "spot return", "share", -9.0)
    wanted = 1.0 + METHOD.generic_tilt * (STRONG - 1.0)
    assert tilt(falls("share", strength="strong"), facts=[told]) == pytest.approx(wanted)


def test_a_series_that_such_moves_leave_alone_keeps_the_tilt_where_its_class_alone_would_lose_it() -> None:
    """By table every share falls on a day of stress; the series shows that this one does not."""
    apart = beside("share", 0.0)
    _, calm = parents([falls("share")], apart)["share"]
    assert abs(calm) < METHOD.generic_shift
    assert tilt(falls("share"), apart) == MEDIUM
    told = a_fact("told", "spot return", "share", -9.0)
    assert tilt(falls("share"), facts=[told]) == pytest.approx(1.0 + METHOD.generic_tilt * (MEDIUM - 1.0))


def test_outside_the_move_nothing_is_what_such_a_day_does() -> None:
    after = falls("share", window="after")
    assert tilt(after, beside("share", 0.8)) == MEDIUM


def gain(parent: Parent) -> float:
    """Log odds from a hit in the outermost bin."""
    return math.log(1.0 + parent.link * ((1.0 - 0.9**parent.tilt) / 0.1 - 1.0))


VOLUME = a_prediction("trading volume", "fund", "up")
TRADED = a_fact("traded", "trading volume", "fund", 9.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual")
FEAR = a_prediction("implied volatility", "coinvol", "up")
AFRAID = a_fact(
    "afraid", "implied volatility", "coinvol", 90.0, unit="percent", baseline_value=50.0, baseline_kind="usual"
)


def test_a_generic_fact_weighs_less_beside_generic_readings_of_series_and_they_as_much_beside_it() -> None:
    facts = [TRADED]
    alone = gain(parents([VOLUME], facts=facts)["fund"][0])
    read = parents([falls("share")], beside("share", 0.8))["share"][0]
    both = parents([VOLUME, falls("share")], beside("share", 0.8), facts=facts)
    assert gain(both["fund"][0]) == pytest.approx(alone / (1.0 + METHOD.breadth_correlation))
    assert both["share"][0] == read


def test_a_reading_that_is_not_generic_leaves_a_generic_fact_as_it_is() -> None:
    facts = [TRADED]
    alone = parents([VOLUME], facts=facts)["fund"][0]
    apart = parents([VOLUME, falls("share")], beside("share", 0.0), facts=facts)["fund"][0]
    strong = parents([VOLUME, falls("share", strength="strong")], beside("share", 0.8), facts=facts)["fund"][0]
    assert alone == apart == strong


def test_three_generic_answers_of_both_sorts_share_what_one_fact_gains() -> None:
    three = parents([VOLUME, FEAR, falls("share")], beside("share", 0.8), facts=[TRADED, AFRAID])
    volume = gain(parents([VOLUME], facts=[TRADED])["fund"][0])
    fear = gain(parents([FEAR], facts=[AFRAID])["coinvol"][0])
    assert gain(three["fund"][0]) == pytest.approx(volume / 3.0)
    assert gain(three["coinvol"][0]) == pytest.approx(fear / 3.0)
