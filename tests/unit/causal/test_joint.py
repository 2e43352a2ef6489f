"""The credible list of joint explanations against enumeration of all sets of narratives."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from causal.explain import explain
from causal.scoring import score
from causal.settings import Method
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction
from tests.enumeration import silence, states

METHOD = Method()
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0),
)
STORIES = (
    a_narrative("one", [a_prediction("fx level", "usdjpy", "down")]),
    a_narrative("two", [a_prediction("spot return", "share", "up"), a_prediction("fx level", "usdjpy", "up")]),
    a_narrative("three", [a_prediction("trading volume", "fund", "up")], slot="rebound"),
)
DOSSIER = a_dossier(FACTS, STORIES)
GROUPS = tuple((one,) for one in STORIES)


def by_trying_all() -> dict[tuple[str, ...], float]:
    """P(exactly this set operated | evidence, move) of every set."""
    scored = score(DOSSIER, GROUPS, METHOD)
    mass: dict[tuple[str, ...], float] = defaultdict(float)
    for state in states(scored):
        members = tuple(sorted(n.id for n, bit in zip(scored.narratives, state.on, strict=True) if bit))
        mass[members] += state.weight * (1 - silence(scored, state))
    total = sum(mass.values())
    return {members: weight / total for members, weight in mass.items()}


def test_the_list_is_the_smallest_that_holds_nine_tenths() -> None:
    everything = by_trying_all()
    assert sum(everything.values()) == pytest.approx(1.0)
    order = sorted(everything, key=lambda members: -everything[members])
    held = list(itertools.accumulate(everything[members] for members in order))
    wanted = next(i for i, mass in enumerate(held, start=1) if mass >= 0.9)
    told = explain(DOSSIER, GROUPS, METHOD).joint
    assert [one.narratives for one in told] == order[:wanted]
    assert [one.probability for one in told] == pytest.approx([everything[m] for m in order[:wanted]], abs=1e-12)


def test_how_much_the_list_holds_and_of_how_many_stories_is_said() -> None:
    result = explain(DOSSIER, GROUPS, METHOD)
    assert result.diagnostics["joint_probability"] == pytest.approx(sum(one.probability for one in result.joint))
    assert result.diagnostics["joint_probability"] >= 0.9
    assert result.diagnostics["joint_narratives"] == 3


def test_stories_that_are_not_combined_are_summed_over() -> None:
    two = explain(DOSSIER, GROUPS, Method(joint_size=2))
    assert two.diagnostics["joint_narratives"] == 2
    combined = {name for one in two.joint for name in one.narratives}
    marginal: dict[tuple[str, ...], float] = defaultdict(float)
    for members, probability in by_trying_all().items():
        marginal[tuple(name for name in members if name in combined)] += probability
    for one in two.joint:
        assert one.probability == pytest.approx(marginal[one.narratives], abs=1e-12)
