"""Amplifiers and what they amplify as one more cause of the move, against enumeration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.flipping import flips
from causal.necessity import necessity
from causal.scoring import Scored, score
from causal.settings import Method
from tests import enumeration
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

FACTS = (a_fact("yen", "fx spot return", "usdjpy", -2.4, grade="B"), a_fact("share", "spot return", "share", 11.0))
CARRY = a_narrative("carry", [a_prediction("fx level", "usdjpy", "down")])
SALES = a_narrative("sales", [a_prediction("spot return", "share", "up")])
DEALERS = replace(a_narrative("dealers", [a_prediction("spot return", "share", "up")]), slot="amplifier")


def scored_of(amplification: float) -> Scored:
    stories = (CARRY, SALES, DEALERS)
    method = Method(amplification=amplification)
    return score(a_dossier(FACTS, stories), tuple((one,) for one in stories), method)


def posterior(scored: Scored) -> list[float]:
    return [float(scored.beliefs.table[0, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]


@pytest.mark.parametrize("amplification", [0.0, 0.4, 0.9])
def test_pairs_are_one_more_cause_of_the_move(amplification: float) -> None:
    scored = scored_of(amplification)
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)


def test_an_amplifier_and_what_it_amplifies_raise_each_other() -> None:
    plain, paired = (posterior(scored_of(weight)) for weight in (0.0, 0.6))
    assert all(paired[one] > plain[one] for one in (0, 2))  # sales have the evidence of the dealers, and compete for it


def test_the_other_questions_are_answered_with_pairs_too() -> None:
    scored = scored_of(0.4)
    assert flips(scored).entries > 0
    assert all(0.0 <= p <= 1.0 for p in necessity(scored).but_for.values() if p is not None)
