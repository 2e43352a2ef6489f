"""Properties that hold of any dossier, looked for by hypothesis in small random ones."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from causal.explain import explain
from causal.explanation import Explanation
from causal.model import Dossier, Narrative, Prediction
from causal.settings import Method
from causal.world import Fact
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
SUBJECTS = ("fund", "usdjpy", "share", "coinvol")
GRADES = st.sampled_from("ABCDEF")
DIRECTIONS = st.sampled_from(("up", "down", "flat"))


@st.composite
def facts(draw: st.DrawFn) -> tuple[Fact, ...]:
    values = draw(st.lists(st.tuples(st.sampled_from(SUBJECTS), st.floats(-30, 30), GRADES), max_size=6))
    return tuple(
        a_fact(f"f{i}", "spot return", subject, value, grade=grade, credibility=2)
        for i, (subject, value, grade) in enumerate(values)
    )


@st.composite
def stories(draw: st.DrawFn) -> tuple[Narrative, ...]:
    told = draw(
        st.lists(st.lists(st.tuples(st.sampled_from(SUBJECTS), DIRECTIONS), max_size=3), min_size=1, max_size=4)
    )
    return tuple(
        a_narrative(f"n{i}", *([a_prediction("spot return", subject, side)] for subject, side in steps))
        for i, steps in enumerate(told)
    )


def run(dossier: Dossier) -> Explanation:
    return explain(dossier, tuple((narrative,) for narrative in dossier.narratives), METHOD)


def posteriors(explanation: Explanation) -> dict[str, float]:
    return {n.id: n.posterior for n in explanation.narratives} | {"unknown": explanation.unknown.posterior}


def close(one: dict[str, float], other: dict[str, float], tolerance: float) -> bool:
    return one.keys() == other.keys() and all(abs(one[name] - other[name]) <= tolerance for name in one)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(facts(), stories())
def test_probabilities_lie_in_their_interval_and_joint_sets_do_not_pass_one(
    known: tuple[Fact, ...], told: tuple[Narrative, ...]
) -> None:
    found = run(a_dossier(known, told))
    assert all(0.0 <= p <= 1.0 for p in posteriors(found).values())
    assert sum(one.probability for one in found.joint) <= 1.0 + 1e-9
    assert all(math.isfinite(n.bits) for n in found.narratives)
    assert [n.rank for n in found.narratives] == list(range(1, len(told) + 1))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(facts(), stories())
def test_order_and_repetition_change_nothing(known: tuple[Fact, ...], told: tuple[Narrative, ...]) -> None:
    one = posteriors(run(a_dossier(known, told)))
    assert close(posteriors(run(a_dossier(known[::-1], told[::-1]))), one, 1e-12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(facts(), stories())
def test_what_an_item_does_is_what_its_absence_undoes(known: tuple[Fact, ...], told: tuple[Narrative, ...]) -> None:
    full = run(a_dossier(known, told))
    for item in full.evidence:
        if item.kind != "observation" or item.fact_ids[0] not in {fact.id for fact in known} or item.copies > 1:
            continue
        less = run(a_dossier(tuple(fact for fact in known if fact.id != item.fact_ids[0]), told))
        bits = {n.id: n.bits for n in full.narratives}
        without = {n.id: n.bits for n in less.narratives}
        for one in item.contributions:
            if one.leave_one_out_bits is not None:
                assert abs(bits[one.narrative] - without[one.narrative] - one.leave_one_out_bits) < 1e-6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(facts(), st.floats(0.001, 25), GRADES, st.integers(1, 6))
def test_a_rise_never_helps_who_predicted_a_fall(
    known: tuple[Fact, ...], size: float, grade: str, credibility: int
) -> None:
    told = (a_narrative("fall", [fall()]), a_narrative("rise", [a_prediction("fx level", "usdjpy", "up")]))
    rise = a_fact("zz", "fx spot return", "usdjpy", size, grade=grade, credibility=credibility)
    before = posteriors(run(a_dossier(known, told)))["fall"]
    assert posteriors(run(a_dossier((*known, rise), told)))["fall"] <= before + 1e-12


def fall() -> Prediction:
    return a_prediction("fx level", "usdjpy", "down")
