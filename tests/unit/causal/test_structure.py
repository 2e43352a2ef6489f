"""The whole narrative network against enumeration of its own definition (causal.md 3.2 to 3.4)."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.likelihood import BASE, bin_likelihood, tilted
from causal.model import Narrative
from causal.scoring import Scored, score
from causal.settings import Method
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

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


def enumerate_posteriors(scored: Scored) -> NDArray[np.float64]:
    """P(narratives, unknown | evidence, move) by summing over every assignment of narratives and steps."""
    narratives, method = scored.narratives, scored.method
    keys = sorted(scored.structure.steps)
    total = np.zeros(len(narratives) + 1)
    mass = 0.0
    for bits in itertools.product((0, 1), repeat=len(narratives) + 1 + len(keys)):
        on, unknown = bits[: len(narratives)], bits[len(narratives)]
        steps = dict(zip(keys, bits[len(narratives) + 1 :], strict=True))
        p = method.unknown_prior if unknown else 1 - method.unknown_prior
        for bit, prior in zip(on, scored.priors, strict=True):
            p *= prior if bit else 1 - prior
        for key in keys:
            quiet = 1 - max(
                method.base_rate["common"] if key in scored.written_after else 0.0, method.base_rate["uncommon"]
            )
            for bit, narrative in zip(on, narratives, strict=True):
                previous = 1
                for step in narrative.steps:
                    if step.key == key:
                        quiet *= 1 - {(1, 1): 0.92, (1, 0): 0.28, (0, 1): 0.11, (0, 0): 0.0}[(bit, previous)] * (
                            1 if step.n > 1 or bit else 0
                        )
                    previous = steps[step.key]
            p *= (1 - quiet) if steps[key] else quiet
        quiet = (1 - method.leak) * (1 - method.unknown_transmission) ** unknown
        for bit, narrative in zip(on, narratives, strict=True):
            quiet *= (1 - method.transmission) ** (bit if narrative.slot != "rebound" else 0)
        p *= 1 - quiet
        for observable in scored.findings.observables:
            p *= observable_likelihood(observable, steps)
        mass += p
        total += p * np.array([*on, unknown])
    return total / mass


def observable_likelihood(observable, steps) -> float:  # type: ignore[no-untyped-def]  # a test's own helper
    reports = bin_likelihood(observable, np.ones((1, len(observable.reports))))[0]
    groups: dict[tuple[str, float], dict[str, float]] = {}
    for parent in observable.parents:  # a step that two narratives share acts once
        groups.setdefault((parent.side, parent.tilt), {})[parent.step] = parent.link
    ordered = sorted(groups)
    chances = [1 - np.prod([1 - w * steps[s] for s, w in groups[g].items()]) for g in ordered]
    answer = 0.0
    for pattern in itertools.product((0, 1), repeat=len(ordered)):
        weight = np.prod([c if bit else 1 - c for c, bit in zip(chances, pattern, strict=True)])
        tilts = [tilted(*g, observable.calm, METHOD.flat_width) for g, bit in zip(ordered, pattern, strict=True) if bit]
        answer += weight * float((np.mean(tilts, axis=0) if tilts else BASE) @ reports)
    return answer


def test_posteriors_equal_enumeration_with_a_shared_step_and_shared_observables() -> None:
    dossier = a_dossier(FACTS, stories())
    scored = score(dossier, tuple((n,) for n in dossier.narratives), METHOD)
    expected = enumerate_posteriors(scored)
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


def test_a_template_that_no_reading_speaks_of_is_no_cause_of_the_move() -> None:
    told = a_narrative("told", [a_prediction("fx level", "usdjpy", "up")])
    templates = tuple(
        a_narrative(f"T{n}", [a_prediction("holdings change", "nobody", "down")], origin="library", recorded_from=None)
        for n in range(20, 40)
    )
    nothing = score(a_dossier((), ()), tuple((one,) for one in templates), METHOD)
    assert nothing.beliefs.table[0, nothing.structure.unknown] > 0.7
    assert nothing.beliefs.table[0, nothing.structure.narratives[0]] == pytest.approx(METHOD.library_prior)
    beside = score(a_dossier((), (told,)), tuple((one,) for one in (told, *templates)), METHOD)
    alone = score(a_dossier((), (told,)), ((told,),), METHOD)
    assert beside.beliefs.table[0, beside.structure.narratives[0]] == pytest.approx(
        alone.beliefs.table[0, alone.structure.narratives[0]]
    )
