"""The masses of days without any step: what is left of the base when days with some step are taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.breadth import Parent
from causal.likelihood import BASE, LEAST_QUIET, quiet_masses, quiet_of, tilted
from causal.observables import Observable
from causal.robustness import posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from tests import enumeration
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

SHARES = (0.0, 0.1, 0.25)
FACTS = (a_fact("yen", "fx spot return", "usdjpy", -2.4, grade="B"), a_fact("share", "spot return", "share", 11.0))
CARRY = a_narrative("carry", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("spot return", "share", "up")])
SALES = a_narrative("sales", [a_prediction("spot return", "share", "down", strength="strong")])


def scored_of(method: Method) -> Scored:
    return score(a_dossier(FACTS, (CARRY, SALES)), ((CARRY,), (SALES,)), method)


def posterior(scored: Scored) -> list[float]:
    return [float(scored.beliefs.table[0, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]


@pytest.mark.parametrize("side", ["up", "down", "flat"])
@pytest.mark.parametrize("tilt", [1.7, 3.0, 6.0])
@pytest.mark.parametrize("share", SHARES)
def test_the_two_sorts_of_days_make_up_the_base_and_no_bin_is_empty(side: str, tilt: float, share: float) -> None:
    on = tilted(side, tilt, 0.0, 0.7775)
    off = quiet_masses([on], share)
    assert off.sum() == pytest.approx(1.0)
    assert (off >= LEAST_QUIET * BASE - 1e-12).all()
    own = ((BASE - off) @ (on - off)) / ((on - off) @ (on - off)) if share else 0.0  # the share that makes up the base
    assert own <= share + 1e-12
    assert own * on + (1.0 - own) * off == pytest.approx(BASE, abs=1e-12)


def test_the_share_that_was_mixed_in_is_taken_out_again() -> None:
    on, off = tilted("up", 3.0, 0.0, 0.7775), np.array([0.12, 0.22, 0.41, 0.17, 0.08])
    mixed = 0.15 * on + 0.85 * off
    assert quiet_masses([on], 0.15) == pytest.approx(off + (BASE - mixed) / 0.85, abs=1e-12)


@pytest.mark.parametrize("share", SHARES)
def test_the_network_is_that_of_the_definition(share: float) -> None:
    scored = scored_of(Method(acting_share=share))
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)


@pytest.mark.parametrize("share", SHARES)
def test_draws_of_no_spread_answer_as_the_run_itself(share: float) -> None:
    method = Method(acting_share=share, prior_spread=0.0, reliability_spread=0.0, tilt_spread=0.0)
    scored = scored_of(method)
    assert posteriors_under_draws(scored, 64)[7] == pytest.approx(posterior(scored), abs=1e-12)


def test_a_hit_weighs_more_and_a_miss_more_against() -> None:
    mixed, apart = scored_of(Method(acting_share=0.0)), scored_of(Method(acting_share=0.15))
    assert posterior(apart)[0] > posterior(mixed)[0]
    assert posterior(apart)[1] < posterior(mixed)[1]


def test_on_days_without_a_step_a_reading_multiplies_the_odds_by_one_on_average() -> None:
    method = Method(acting_share=0.15)
    parent = Parent(narrative=0, step="s", side="up", tilt=3.0, link=0.8)
    one = Observable(family="f", subject="s", window="during", calm=0.0, parents=(parent,), reports=())
    off = quiet_of(one, method)
    on = 0.2 * off + 0.8 * tilted("up", 3.0, 0.0, method.flat_width)
    assert float(off @ (on / off)) == pytest.approx(1.0)
    assert quiet_of(replace(one, parents=()), method) is BASE
