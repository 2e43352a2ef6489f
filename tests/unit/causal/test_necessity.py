"""But-for probabilities and the surprise gain against enumeration with explicit fire bits."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from causal.explain import explain
from causal.model import COMPETING, Narrative
from causal.necessity import necessity
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Argument
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction
from tests.enumeration import silence, states

METHOD = Method()
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0),
)
ARGUMENTS = (Argument(id="a1", narrative="two", kind="rebuts", statement="no", grade="B", credibility=2),)
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("trading volume", "fund", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up"), a_prediction("fx level", "usdjpy", "up")])
AFTER = a_narrative("after", [a_prediction("trading volume", "fund", "up")], slot="rebound")


def scored_of(*narratives: Narrative, method: Method = METHOD) -> Scored:
    dossier = a_dossier(FACTS, narratives, arguments=ARGUMENTS)
    return score(dossier, tuple((narrative,) for narrative in narratives), method)


def only_it_fired(scored: Scored, number: int) -> float:
    """P(it fired, nothing else fired | evidence, move), over every state and every pattern of fires."""
    method, competing = scored.method, [n.slot in COMPETING for n in scored.narratives]
    happened = alone = 0.0
    for state in states(scored):
        chances = [bit * method.transmission * own for bit, own in zip(state.on, competing, strict=True)]
        chances += [state.unknown * method.unknown_transmission, method.leak]
        for fires in itertools.product((0, 1), repeat=len(chances)):
            weight = state.weight
            for fire, chance in zip(fires, chances, strict=True):
                weight *= chance if fire else 1 - chance
            happened += weight if any(fires) else 0.0
            alone += weight if fires[number] and sum(fires) == 1 else 0.0
    return alone / happened


@pytest.mark.parametrize("method", [METHOD, Method(transmission=0.35, unknown_transmission=0.6, leak=0.2)])
def test_but_for_is_the_chance_that_it_alone_fired(method: Method) -> None:
    scored = scored_of(ONE, TWO, method=method)
    found = necessity(scored).but_for
    for number, narrative in enumerate(scored.narratives):
        assert found[narrative.id] == pytest.approx(only_it_fired(scored, number), abs=1e-12)


def test_what_follows_a_move_is_no_cause_of_it() -> None:
    found = necessity(scored_of(ONE, AFTER)).but_for
    assert found["after"] is None
    assert found["one"] is not None


def test_a_story_is_needed_less_than_it_is_believed_and_less_beside_another() -> None:
    alone, both = scored_of(ONE), scored_of(ONE, replace(ONE, id="twin"))
    need = necessity(alone).but_for["one"]
    beside = necessity(both).but_for["one"]
    assert need is not None
    assert beside is not None
    assert 0 < beside < need < alone.beliefs.table[0, alone.structure.narratives[0]]


def test_the_surprise_gain_is_that_of_all_stories_over_none() -> None:
    scored = scored_of(ONE, TWO)
    everything, move = [0.0, 0.0], [0.0, 0.0]
    for state in states(scored):
        weight = state.weight * (1 - silence(scored, state))
        everything[0] += weight
        everything[1] += 0.0 if any(state.on) else weight
    for state in states(scored, frozenset()):
        weight = state.weight * (1 - silence(scored, state))
        move[0] += weight
        move[1] += 0.0 if any(state.on) else weight
    gain = math.log2(everything[0] / move[0]) - math.log2(everything[1] / move[1])
    assert necessity(scored).surprise_gain_bits == pytest.approx(gain, abs=1e-10)
    assert gain > 0


def test_without_evidence_nothing_is_gained() -> None:
    result = explain(a_dossier((), (ONE,)), ((ONE,),), METHOD)
    assert result.unknown.surprise_gain_bits == pytest.approx(0.0, abs=1e-12)
    assert explain(a_dossier((), ()), (), METHOD).unknown.surprise_gain_bits == pytest.approx(0.0, abs=1e-12)


def test_stories_that_foretold_the_opposite_lose_against_something_else() -> None:
    wrong = a_narrative(
        "wrong", [a_prediction("fx level", "usdjpy", "up"), a_prediction("spot return", "share", "down")]
    )
    assert necessity(scored_of(wrong)).surprise_gain_bits < 0
