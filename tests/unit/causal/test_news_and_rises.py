"""What templates ask: news within a move, rises as falls, acts of central banks, shorts who are no funds."""

from __future__ import annotations

import pytest

from causal.binding import bind
from causal.library import get_template, load_library
from causal.model import Dossier, Narrative, Prediction
from tests.unit.causal.dossiers import actors, dossier, instruments, relations

LIBRARY = load_library()
NEWS = ("macro release surprise", "policy rate change", "earnings guidance", "analyst rating", "share issue")


def told(narrative: Narrative, indicator: str, window: str = "during") -> list[Prediction]:
    predictions = [p for step in narrative.steps for p in step.predictions]
    return [p for p in predictions if (p.indicator, p.window) == (indicator, window)]


def bound(world: Dossier, template: str, title: str = "") -> Narrative:
    (group,) = bind([get_template(LIBRARY, template)], world)
    return next(narrative for narrative in group if title in narrative.title)


def index(return_: float) -> Dossier:
    return dossier("ndx", return_, instruments=instruments("ndx: equity index", "ust10: yield"))


def test_news_counts_as_well_within_the_move_as_before_it() -> None:
    steps = get_template(LIBRARY, "T11").steps
    predictions = [p for step in steps for p in step.predictions if p.indicator in NEWS]
    places = {(p.indicator, p.role, p.direction, p.variant, p.window) for p in predictions}
    before = {place[:4] for place in places if place[4] == "before"}
    assert before
    assert before == {place[:4] for place in places if place[4] == "during"}


@pytest.mark.parametrize(("return_", "rates", "growth"), [(-0.04, "up", "down"), (0.07, "down", "up")])
def test_a_rise_has_the_news_of_a_fall_turned_round(return_: float, rates: str, growth: str) -> None:
    for title, direction in (("rates", rates), ("growth", growth)):
        story = bound(index(return_), "T11", title)
        for indicator in ("macro release surprise", "yield change"):
            assert {p.direction for p in told(story, indicator)} == {direction}


def test_the_central_bank_of_a_currency_acts_on_its_pairs() -> None:
    world = dossier(
        "eurchf",
        -0.15,
        instruments=instruments("eurchf: currency pair", "chf: currency"),
        actors=actors("snb: central bank", "paper: press"),
        relations=relations("eurchf quoted_in chf", "snb plays chf central_bank"),
    )
    story = bound(world, "T12")
    assert story.roles["official"] == "snb"
    assert {p.direction for p in told(story, "policy change") + told(story, "fx intervention")} == {"occurs"}


def test_a_producer_who_is_short_in_futures_can_be_squeezed() -> None:
    world = dossier(
        "metal",
        0.6,
        instruments=instruments("metal: commodity", "metal_fut: futures"),
        actors=actors("smelter: company", "issuer: company"),
        relations=relations("metal_fut underlying metal", "smelter plays metal_fut holder"),
    )
    story = bound(world, "T13")
    assert story.roles["hedgers"] == "smelter"
    assert [(p.subject, p.direction) for p in told(story, "margin calls") if p.role == "hedgers"] == [("smelter", "up")]
    assert ("smelter", "down") in [(p.subject, p.direction) for p in told(story, "positioning", "before")]
