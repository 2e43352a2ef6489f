"""A move that comes on many days needs no cause, with a series of it or without, and an answer says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from causal.explain import explain
from causal.explanation import Explanation
from causal.facts import share_as_far
from causal.model import Dossier
from causal.scoring import score
from causal.settings import Method
from causal.world import DIFFERENCE, Move, Scale
from tests.dossiers import INDICATORS, a_dossier, a_fact, a_narrative, a_prediction, an_indicator

METHOD = Method()
MOVE = a_dossier((), ()).move
TOLD = a_narrative("told", [a_prediction("trading volume", "fund", "up", strength="weak")])
OTHER = a_narrative("other", [a_prediction("holdings change", "holder", "down")])
VOLUME = a_fact("volume", "trading volume", "fund", "as usual", unit="text", direction="flat")


def moved(return_: float, **fields: object) -> Move:
    return replace(MOVE, return_=return_, **fields)  # type: ignore[arg-type]  # fields of a move


def world(return_: float, *facts: object) -> Dossier:
    return replace(a_dossier(facts, (TOLD, OTHER)), move=moved(return_))  # type: ignore[arg-type]  # facts


def run(dossier: Dossier) -> Explanation:
    return explain(dossier, tuple((one,) for one in dossier.narratives), METHOD)


def leak(dossier: Dossier) -> float:
    return score(dossier, tuple((one,) for one in dossier.narratives), METHOD).structure.leak


def test_a_move_is_as_ordinary_as_a_normal_law_of_half_its_usual_size_says() -> None:
    assert share_as_far(moved(0.0), 0.06) == 1.0
    assert share_as_far(moved(-0.0295545), 0.06) == pytest.approx(0.3173, abs=1e-4)  # one standard deviation in logs
    assert share_as_far(moved(0.0304545), 0.06) == pytest.approx(0.3173, abs=1e-4)
    assert share_as_far(moved(-0.2), 0.06) < 1e-10
    assert share_as_far(moved(-3.06), 0.06) == 0.0  # a price that fell below zero
    assert share_as_far(replace(MOVE, return_=None), 0.06) == 0.0


def test_the_longer_a_move_took_the_more_ordinary_it_is() -> None:
    day = moved(-0.03, valid_from=datetime(2030, 3, 11, tzinfo=UTC), valid_to=datetime(2030, 3, 12, tzinfo=UTC))
    month = replace(day, valid_to=datetime(2030, 4, 11, tzinfo=UTC))
    weekend = replace(day, valid_from=datetime(2030, 3, 15, tzinfo=UTC), valid_to=datetime(2030, 3, 18, tzinfo=UTC))
    assert share_as_far(month, 0.06) > share_as_far(day, 0.06)
    assert share_as_far(weekend, 0.06) == share_as_far(day, 0.06)  # a Friday to a Monday is one session


def test_a_change_of_a_yield_is_measured_in_basis_points() -> None:
    indicators = (*INDICATORS, an_indicator("yield change", family="yield", scales=(Scale(unit="bp", size=10.0),)))
    small = replace(world(0.0005), indicators=indicators)
    small = replace(small, move=replace(small.move, return_unit=DIFFERENCE))
    large = replace(small, move=replace(small.move, return_=0.0121))
    assert leak(small) == pytest.approx(0.3173, abs=1e-3)
    assert leak(large) == METHOD.leak


def test_an_ordinary_move_lifts_no_story_and_is_called_ordinary() -> None:
    calm, wild = run(world(-0.002, VOLUME)), run(world(-0.2, VOLUME))
    assert "the move is ordinary (about 95% of days that go this way go as far) and needs no cause" in calm.answer
    assert "ordinary" not in wild.answer
    for one in calm.narratives:
        assert one.prior_given_move == pytest.approx(one.prior, abs=0.02)
    assert max(n.prior_given_move - n.prior for n in wild.narratives) > 0.1


def test_readings_that_tell_nothing_are_not_enough() -> None:
    assert run(world(-0.2, VOLUME)).answer.startswith("Not enough evidence: what is known moves no narrative")
    sold = a_fact("sold", "holdings change", "holder", -30.0)
    assert not run(world(-0.2, VOLUME, sold)).answer.startswith("Not enough")
