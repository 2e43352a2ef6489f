"""Series and facts about one observable: what restates the series adds nothing, what contradicts it does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causal.explain import explain
from causal.explanation import Evidence, Explanation
from causal.model import Narrative
from causal.panel import Column, Panel
from causal.settings import Method
from causal.world import Fact
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction
from tests.panels import (
    DERIVATIONS,
    SESSIONS,
    a_coin,
    a_column,
    a_derivation,
    a_panel,
    a_series_dossier,
    prices,
    returns_of,
    with_move,
)

METHOD = Method()
RISE = a_narrative("rise", [a_prediction("spot return", "share", "up")])
FALL = a_narrative("fall", [a_prediction("spot return", "share", "down")])
STORIES = (RISE, FALL)


def share(move: float = 0.12) -> Column:
    """A share that rose by this much (log) on the day of the move, far more than on other such days."""
    return a_column("share", prices(with_move(returns_of(5, size=0.01), move)))


PANEL = a_panel(a_coin(), share())


def run(facts: Sequence[Fact] = (), panel: Panel | None = PANEL, stories: Sequence[Narrative] = STORIES) -> Explanation:
    dossier = a_series_dossier(panel, stories, facts)
    return explain(dossier, tuple((one,) for one in stories), METHOD)


def posteriors(explanation: Explanation) -> dict[str, float]:
    return {one.id: one.posterior for one in explanation.narratives} | {"unknown": explanation.unknown.posterior}


def of_series(explanation: Explanation) -> Evidence:
    found = [one for one in explanation.evidence if one.kind == "series"]
    assert len(found) == 1
    return found[0]


def told(value: Any, **fields: Any) -> Fact:
    return a_fact("told", "spot return", "share", value, **fields)


def test_a_series_answers_without_any_fact() -> None:
    result = run()
    assert [one.id for one in result.narratives] == ["rise", "fall"]
    rise, fall = result.narratives
    assert rise.posterior > rise.prior_given_move + 0.05
    assert fall.posterior < fall.prior_given_move - 0.05
    assert of_series(result).series is not None
    coverage = result.narratives[0].coverage
    assert (coverage.predictions, coverage.by_series, coverage.by_reports) == (1, 1, 0)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (12.75, {}),
        (12.0, {}),
        (14.0, {}),
        (None, {"direction": "up"}),
    ],
    ids=["the same figure", "a little less", "a little more", "in words"],
)
def test_a_fact_that_restates_the_series_changes_nothing(value: Any, fields: dict[str, Any]) -> None:
    with_fact = run([told(value, **fields)])
    assert posteriors(with_fact) == pytest.approx(posteriors(run()), abs=1e-12)
    assert of_series(with_fact).fact_ids[1:] == ("told",)
    assert of_series(with_fact).copies == 2
    assert with_fact.not_scored.unused == 0


def alone_and_told(column: Column, story: Narrative, fact: Fact, **fields: Any) -> tuple[float, float, int]:
    """The posterior of a story from a series, with a fact beside it, and how many reports the series stands for."""
    panel = a_panel(a_coin(), column)
    answers = [
        explain(a_series_dossier(panel, (story,), facts, **fields), ((story,),), METHOD) for facts in ((), (fact,))
    ]
    alone, both = (one.narratives[0].posterior for one in answers)
    return alone, both, of_series(answers[1]).copies if len(answers[1].evidence) == 1 else 1


def test_what_is_said_of_a_currency_is_a_copy_of_the_series_of_its_pair() -> None:
    """The pair fell by two percent, and the currency is said to have risen by two."""
    pair = a_column("usdjpy", prices(with_move(returns_of(7, size=0.005), -0.02), start=150.0), indicator="fx level")
    yen = a_narrative("yen", [a_prediction("fx spot return", "jpy", "up")])
    alone, both, copies = alone_and_told(pair, yen, a_fact("told", "fx spot return", "jpy", 2.0))
    assert (both, copies) == (pytest.approx(alone, abs=1e-12), 2)
    alone, both, copies = alone_and_told(pair, yen, a_fact("told", "fx spot return", "jpy", -2.0))
    assert (both < alone - 1e-3, copies) == (True, 1)


@pytest.mark.parametrize(
    ("value", "copy"), [(115.6, True), (76.8, True), (250.0, False)], ids=["simple", "logarithm", "neither"]
)
def test_a_doubling_is_told_as_simple_percent_or_as_its_logarithm(value: float, copy: bool) -> None:
    """115.6 percent is 100 ln 2.156 = 76.8."""
    answers = (*DERIVATIONS, a_derivation("log_return", id="iv", answers=("implied volatility",)))
    vol = a_column("coinvol", prices(with_move(returns_of(8, size=0.05), math.log(2.156))))
    fear = a_narrative("fear", [a_prediction("spot return", "coinvol", "up")])
    fact = a_fact("told", "spot return", "coinvol", value)
    alone, both, copies = alone_and_told(vol, fear, fact, derivations=answers)
    assert copies == (2 if copy else 1)
    assert (both == pytest.approx(alone, abs=1e-12)) == copy


@pytest.mark.parametrize(("value", "copy"), [(0.1, True), (0.0, True), (-0.1, True), (0.9, False), (-0.9, False)])
def test_a_small_figure_that_was_rounded_is_a_copy_where_it_is_near_by_the_spread(value: float, copy: bool) -> None:
    """A quarter of almost nothing is nothing: on such days this share moves by one percent either way."""
    small = a_column("share", prices(with_move(returns_of(5, size=0.01), 0.0007)))
    _, _, copies = alone_and_told(small, RISE, told(value))
    assert copies == (2 if copy else 1)


def test_a_figure_of_another_kind_is_a_copy_where_it_is_read_alike() -> None:
    """Standard deviations are no percent: what counts is whether the bin is the same one or the next."""
    for value, copies in ((2.0, 2), (-2.0, 1)):
        assert alone_and_told(share(), RISE, told(value, unit="standard deviations"))[2] == copies


def test_many_that_restate_it_are_listed_and_change_nothing() -> None:
    facts = [a_fact(f"told_{n}", "spot return", "share", 12.0 + n / 10, origin=f"paper_{n}") for n in range(6)]
    result = run(facts)
    assert posteriors(result) == pytest.approx(posteriors(run()), abs=1e-12)
    assert of_series(result).fact_ids[1:] == tuple(f"told_{n}" for n in range(6))


@pytest.mark.parametrize("value", [-12.0, -30.0], ids=["the opposite", "far the other way"])
def test_a_fact_that_contradicts_the_series_is_a_channel_of_its_own(value: float) -> None:
    alone, both = run(), run([told(value)])
    before, after = posteriors(alone), posteriors(both)
    assert after["rise"] < before["rise"] - 1e-3
    assert after["fall"] > before["fall"] + 1e-3
    assert {one.fact_ids[0] for one in both.evidence} == {of_series(both).fact_ids[0], "told"}


def test_the_series_outweighs_a_poor_report_that_denies_it() -> None:
    result = posteriors(run([told(-12.0, grade="D", credibility=4)]))
    assert result["rise"] > 0.5 > result["fall"]


def test_a_fact_of_another_window_is_no_copy() -> None:
    later = a_fact("later", "spot return", "share", 12.0, day=PANEL.days[PANEL.end + 1])
    assert posteriors(run([later])) == pytest.approx(posteriors(run()), abs=1e-12)
    assert of_series(run([later])).copies == 1


def test_leaving_the_series_out_leaves_its_copies_out_too() -> None:
    """Where the series is one item, so is all that repeats it: its weight is that of both."""
    plain, copied = of_series(run()), of_series(run([told(12.5)]))
    assert [c.leave_one_out_bits for c in copied.contributions] == pytest.approx(
        [c.leave_one_out_bits for c in plain.contributions], abs=1e-12
    )


def test_without_a_panel_nothing_is_pulled() -> None:
    facts = [told(12.0)]
    with_derivations = run(facts, panel=None)
    plain = explain(a_dossier(facts, STORIES), tuple((one,) for one in STORIES), METHOD)
    assert posteriors(with_derivations) == posteriors(plain)
    assert [one.kind for one in with_derivations.evidence] == ["observation"]


def test_a_panel_of_the_moved_thing_alone_answers_nothing_about_others() -> None:
    """Its own fall is the condition; only how ordinary such a fall is may be read off it."""
    result = run([told(12.0)], panel=a_panel(a_coin()))
    assert [one.kind for one in result.evidence] == ["observation"]
    far = replace(METHOD, leak=0.999)
    dossiers = [a_series_dossier(panel, STORIES, [told(12.0)]) for panel in (a_panel(a_coin()), None)]
    one, other = (explain(dossier, tuple((story,) for story in STORIES), far) for dossier in dossiers)
    assert posteriors(one) == pytest.approx(posteriors(other), abs=1e-12)


FACTOR = 0.01 * np.random.default_rng(11).standard_t(4, SESSIONS)


def driven(name: str, seed: int, factor: float, noise: float = 0.001) -> Column:
    """A share that one factor drives; on the day of the move the factor was this."""
    own = noise * np.random.default_rng(seed).standard_normal(SESSIONS)
    return a_column(name, prices(with_move(FACTOR + own, factor)))


def padded(count: int, *, each: bool) -> Narrative:
    """A junk story with `count` predictions that all of the market bears out, in one step or in one each."""
    told = [a_prediction("spot return", f"s{n}", "up") for n in range(count)]
    steps = [[one] for one in told] if each else [told]
    return a_narrative("junk", [a_prediction("holdings change", "holder", "down")], *steps)


def junk(count: int, factor: float, *, each: bool) -> float:
    panel = a_panel(a_coin(), *(driven(f"s{n}", n, factor) for n in range(7)))
    stories = (padded(count, each=each), FALL)
    return posteriors(run((), panel, stories))["junk"]


@pytest.mark.parametrize("each", [False, True], ids=["in one step", "in a step each"])
@pytest.mark.parametrize("factor", [0.004, 0.012, 0.03], ids=["a usual rise", "a large rise", "a record"])
def test_six_more_predictions_of_one_factor_raise_a_story_by_less_than_a_twentieth(factor: float, each: bool) -> None:
    assert junk(7, factor, each=each) - junk(1, factor, each=each) < 0.05


def test_six_more_predictions_that_are_independent_raise_it_by_more() -> None:
    """The guard is about sameness: six rises that do not move together are six."""
    own = [a_column(f"s{n}", prices(with_move(returns_of(20 + n, size=0.01), 0.04))) for n in range(7)]
    panel = a_panel(a_coin(), *own)
    few, many = (posteriors(run((), panel, (padded(n, each=True), FALL)))["junk"] for n in (1, 7))
    assert many - few > 0.2
