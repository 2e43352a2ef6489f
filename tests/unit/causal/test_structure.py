"""The whole narrative network against enumeration of its own definition (causal.md 3.2 to 3.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causal.model import Narrative
from causal.scoring import score
from causal.settings import Method
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction
from tests.enumeration import posteriors

METHOD = Method()
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0),
)


def stories() -> tuple[Narrative, ...]:
    one = a_narrative(
        "one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("trading volume", "fund", "up")]
    )
    two = a_narrative("two", [a_prediction("spot return", "share", "up")], [a_prediction("fx level", "usdjpy", "up")])
    shared = replace(two.steps[1], key="one.2", predictions=one.steps[1].predictions)
    return one, replace(two, slot="rebound", steps=(two.steps[0], shared))


def test_posteriors_equal_enumeration_with_a_shared_step_and_shared_observables() -> None:
    dossier = a_dossier(FACTS, stories())
    scored = score(dossier, tuple((n,) for n in dossier.narratives), METHOD)
    expected = posteriors(scored)
    found = [float(scored.beliefs.table[0, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]
    assert found == pytest.approx(list(expected), abs=1e-12)


def test_an_absorber_or_rebound_does_not_compete_through_the_move() -> None:
    silent = a_narrative("silent", [], slot="rebound")
    scored = score(a_dossier((), (silent,)), ((silent,),), METHOD)
    assert scored.prior_given_move[0] == pytest.approx(scored.priors[0])
    competing = replace(silent, slot="catalyst")
    scored = score(a_dossier((), (competing,)), ((competing,),), METHOD)
    assert scored.prior_given_move[0] > scored.priors[0]


def test_stories_compete_when_they_do_not_share_evidence() -> None:
    one, _ = stories()
    other = a_narrative("other", [a_prediction("spot return", "share", "up")])
    alone = score(a_dossier(FACTS, (one,)), ((one,),), METHOD)
    both = score(a_dossier(FACTS, (one, other)), ((one,), (other,)), METHOD)
    prior = replace(one, prior=alone.priors[0])
    both = score(a_dossier(FACTS, (prior, other)), ((prior,), (other,)), METHOD)
    assert both.beliefs.table[0, both.structure.narratives[0]] < alone.beliefs.table[0, alone.structure.narratives[0]]


def test_the_cast_that_can_be_looked_at_is_taken_whatever_is_seen() -> None:
    seen = a_narrative("T99", [a_prediction("spot return", "share", "down")], roles={"peer": "share"})
    unseen = a_narrative("T99", [a_prediction("spot return", "nobody", "down")], roles={"peer": "nobody"})
    scored = score(a_dossier(FACTS, ()), ((unseen, seen),), METHOD)
    assert scored.narratives[0].roles == {"peer": "share"}
    assert [n.roles for n in scored.other_bindings[0]] == [{"peer": "nobody"}]


def test_of_two_casts_that_are_answered_alike_the_closer_is_taken_even_if_worse() -> None:
    closer = a_narrative("T99", [a_prediction("spot return", "share", "down")], roles={"peer": "share"})
    better = a_narrative("T99", [a_prediction("spot return", "share", "up")], roles={"peer": "other"})
    scored = score(a_dossier(FACTS, ()), ((closer, better),), METHOD)
    assert scored.narratives[0].roles == {"peer": "share"}


def test_of_the_variants_of_one_cast_the_best_supported_is_taken() -> None:
    poor = a_narrative("T99", [a_prediction("spot return", "share", "down")], roles={"peer": "share"})
    good = a_narrative("T99", [a_prediction("spot return", "share", "up")], roles={"peer": "share"})
    scored = score(a_dossier(FACTS, ()), ((poor, good),), METHOD)
    assert scored.narratives[0].steps[0].predictions[0].direction == "up"


def unread(count: int) -> tuple[Narrative, ...]:
    """Templates of the library of which nothing speaks."""
    return tuple(
        a_narrative(f"T{n}", [a_prediction("holdings change", "nobody", "down")], origin="library", recorded_from=None)
        for n in range(20, 20 + count)
    )


def test_a_move_about_which_nothing_is_known_is_left_to_something_else() -> None:
    nothing = score(a_dossier((), ()), tuple((one,) for one in unread(20)), METHOD)
    assert nothing.beliefs.table[0, nothing.structure.unknown] > 0.95
    found = nothing.beliefs.table[0, list(nothing.structure.narratives)]
    assert found == pytest.approx(METHOD.library_prior)


def test_what_nobody_could_look_at_weighs_on_the_rest_as_causes_of_the_move_do() -> None:
    told = a_narrative("told", [a_prediction("fx level", "usdjpy", "down")])
    seen = a_narrative("T19", [a_prediction("spot return", "share", "up")], origin="library", recorded_from=None)
    scored = score(a_dossier(FACTS, (told,)), tuple((one,) for one in (told, seen, *unread(3))), METHOD)
    every = posteriors(scored)  # in which each of the five is a cause of its own
    assert scored.beliefs.table[0, list(scored.structure.narratives[:2])] == pytest.approx(every[:2], abs=1e-12)
    assert scored.beliefs.table[0, list(scored.structure.narratives[2:])] == pytest.approx(METHOD.unlisted_prior)
    assert scored.beliefs.table[0, scored.structure.unknown] > every[-1]


def test_a_story_gains_nothing_by_being_the_only_one_that_was_looked_at() -> None:
    seen = a_narrative("T19", [a_prediction("spot return", "share", "down")], origin="library", recorded_from=None)

    def of(*others: Narrative) -> float:
        scored = score(a_dossier(FACTS[2:], ()), tuple((one,) for one in (seen, *others)), METHOD)
        return float(scored.beliefs.table[0, scored.structure.narratives[0]])

    assert of() > METHOD.library_prior  # no other is there to have made the move
    assert of(*unread(20)) < METHOD.library_prior  # what was seen speaks against it
