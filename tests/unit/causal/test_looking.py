"""What looking would tell: the expected gain against seeing each outcome in turn, and what is named first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from causal.explain import explain
from causal.looking import open_predictions
from causal.model import Narrative, Prediction
from causal.network import Factor
from causal.observables import Observable
from causal.panel import Array
from causal.posterior import evidence_factors
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Fact
from tests.dossiers import DAY, INDICATORS, a_dossier, a_fact, a_narrative, a_prediction, an_indicator
from tests.panels import SERIES_INDICATORS, a_coin, a_column, a_panel, a_series_dossier, prices, returns_of

METHOD = Method()
OPEN = ("share", "price", "after")  # what nobody looked at: the subject, its family, its window
LATER = a_fact("later", "spot return", "share", 0.0, day=DAY + timedelta(days=2))
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
)


def stories(asked: Prediction, *, first: bool = False) -> tuple[Narrative, ...]:
    """Two stories that share a step; one step of the first asks for what nobody looked at."""
    told = a_prediction("fx level", "usdjpy", "down")
    steps = [[told], [a_prediction("trading volume", "fund", "up")]]
    one = a_narrative("one", *([[asked], *steps] if first else [*steps, [asked]]))
    two = a_narrative("two", [a_prediction("trading volume", "fund", "down")], [told])
    return one, two


def scored_of(facts: Sequence[Fact], narratives: Sequence[Narrative]) -> Scored:
    dossier = a_dossier(facts, narratives)
    return score(dossier, tuple((one,) for one in narratives), METHOD)


def bits(p: Array) -> float:
    """Bits of several yes or no."""
    return float(-(p * np.log2(p) + (1.0 - p) * np.log2(1.0 - p)).sum())


def seen(with_fact: Scored, which: int) -> tuple[Array, float]:
    """The posteriors and the log probability of all evidence with the observable seen to be in one bin for certain."""
    structure = with_fact.structure
    sensor = next(one for one in structure.sensors if place_of(one.observable) == OPEN)
    full = np.ones((1, len(with_fact.items)))
    others = [one for one in structure.sensors if one is not sensor]
    outcome = np.eye(5)[which : which + 1]
    factors = [*structure.factors, *structure.move]
    factors += evidence_factors(replace(structure, sensors=tuple(others)), with_fact.evidence, with_fact.items, full)
    factors.append(Factor(scope=sensor.scope, table=np.tensordot(outcome, sensor.table, axes=(1, 0))))
    table, log_evidence = structure.plan.marginals(factors)
    return table[0, list(structure.narratives)], float(log_evidence[0])


def place_of(observable: Observable) -> tuple[str, str, str]:
    return observable.subject, observable.family, observable.window


@pytest.mark.parametrize("direction", ["up", "down", "flat"])
@pytest.mark.parametrize("strength", ["weak", "medium", "strong"])
@pytest.mark.parametrize("first", [False, True], ids=["last step", "first step"])
def test_the_gain_is_what_seeing_each_of_the_five_outcomes_tells_on_average(
    direction: Any, strength: str, first: bool
) -> None:
    told = stories(a_prediction("spot return", "share", direction, window="after", strength=strength), first=first)
    scored = scored_of(FACTS, told)
    found = [one for one in open_predictions(scored) if (one.subject, one.window) == ("share", "after")]
    assert len(found) == 1
    now = scored.beliefs.table[0, list(scored.structure.narratives)]
    outcomes = [seen(scored_of((*FACTS, LATER), told), which) for which in range(5)]
    chances = np.exp(np.array([log for _, log in outcomes]) - float(scored.beliefs.log_evidence[0]))
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)
    assert chances @ np.array([p for p, _ in outcomes]) == pytest.approx(now, abs=1e-9)
    wanted = bits(now) - sum(chance * bits(p) for chance, (p, _) in zip(chances, outcomes, strict=True))
    assert found[0].gain_bits == pytest.approx(wanted, abs=1e-9)
    assert found[0].gain_bits > 1e-5


def test_what_would_tell_most_is_named_first() -> None:
    strong = a_prediction("spot return", "share", "up", window="after", strength="strong")
    weak = a_prediction("spot return", "share", "up", window="before", strength="weak")
    scored = scored_of(FACTS, (*stories(strong), a_narrative("three", [weak])))
    found = open_predictions(scored)
    assert [one.gain_bits for one in found] == sorted((one.gain_bits for one in found), reverse=True)
    assert [one.window for one in found] == ["after", "before"]
    assert [one.separates for one in found] == [("one",), ("three",)]


def test_a_prediction_that_was_answered_is_not_looked_for() -> None:
    told = stories(a_prediction("spot return", "share", "up", window="after"))
    assert open_predictions(scored_of((*FACTS, LATER), told)) == ()


def test_of_several_steps_that_ask_for_one_thing_the_most_informative_counts() -> None:
    asked = a_prediction("spot return", "share", "up", window="after")
    twice = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [asked], [asked])
    gains = []
    for silent in (None, 1, 2):
        steps = tuple(
            replace(step, predictions=()) if number == silent else step for number, step in enumerate(twice.steps)
        )
        [found] = open_predictions(scored_of(FACTS, (replace(twice, steps=steps),)))
        gains.append(found.gain_bits)
    assert gains[0] == pytest.approx(max(gains[1:]), abs=1e-12)
    assert gains[1] != pytest.approx(gains[2], abs=1e-6)


def test_a_story_that_is_next_to_impossible_is_not_looked_at_more_closely() -> None:
    told = stories(a_prediction("spot return", "share", "up", window="after"))
    hopeless = (replace(told[0], prior=1e-4), told[1])
    found = open_predictions(scored_of(FACTS, hopeless))
    assert [one.gain_bits for one in found] == [0.0]


def test_the_order_of_stories_and_facts_changes_no_gain() -> None:
    told = stories(a_prediction("spot return", "share", "up", window="after"))
    more = tuple(a_narrative(f"n{i}", [a_prediction("spot return", "share", "up", window="before")]) for i in range(2))
    plain = open_predictions(scored_of(FACTS, (*told, *more)))
    turned = open_predictions(scored_of(FACTS[::-1], (*more[::-1], *told[::-1])))
    assert [(one.indicator, one.subject, one.window, one.separates) for one in plain] == [
        (one.indicator, one.subject, one.window, one.separates) for one in turned
    ]
    assert [one.gain_bits for one in plain] == pytest.approx([one.gain_bits for one in turned], abs=1e-12)


def test_a_thing_in_several_roles_is_one_row_that_names_them() -> None:
    flow = a_prediction("net ETF flow", "fund", "down")
    told = tuple(a_narrative(f"n{i}", [replace(flow, role=role)]) for i, role in enumerate(("vehicle", "holding")))
    [found] = open_predictions(scored_of((), told))
    assert (found.subject, found.role, found.separates) == ("fund", "holding, vehicle", ("n0", "n1"))
    nobody = tuple(
        a_narrative(f"n{i}", [replace(flow, subject=None, role=role)]) for i, role in enumerate(("vehicle", "holding"))
    )
    assert [one.role for one in open_predictions(scored_of((), nobody))] == ["holding", "vehicle"]


def test_who_publishes_such_figures_is_named() -> None:
    flow = an_indicator("net ETF flow", "flow", family="etf flow", available_from="the issuers, daily")
    indicators = (*(one for one in INDICATORS if one.name != flow.name), flow)
    told = a_narrative(
        "one", [a_prediction("net ETF flow", "fund", "down"), a_prediction("default", "holder", "occurs")]
    )
    found = explain(a_dossier((), (told,), indicators=indicators), ((told,),), METHOD).look_next
    assert {one.indicator: one.available_from for one in found} == {
        "net ETF flow": "the issuers, daily",
        "default": None,
    }


def test_of_a_series_that_could_not_answer_more_is_asked_for_and_why() -> None:
    level = prices(returns_of(5))
    level[:-20] = np.nan
    told = a_narrative("one", [a_prediction("spot return", "share", "up")])
    dossier = a_series_dossier(a_panel(a_coin(), a_column("share", level)), (told,), indicators=SERIES_INDICATORS)
    [found] = explain(dossier, ((told,),), METHOD).look_next
    assert found.available_from is not None
    assert found.available_from.startswith("more of the series that is loaded: share (")
    assert "20 are needed" in found.available_from
