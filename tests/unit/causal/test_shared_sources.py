"""Reports that share the reliability of their source, against enumeration over which sources were reliable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.conditioning import tie
from causal.explain import explain
from causal.flipping import flips
from causal.latents import shared_sources
from causal.necessity import necessity
from causal.posterior import ask, evidence_factors
from causal.robustness import posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from tests import enumeration
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -2.4, origin="daily", grade="C"),
    a_fact("share", "spot return", "share", 11.0, origin="daily", grade="C", credibility=4),
    a_fact("fall", "spot return", "share", -11.0, origin="weekly", grade="B"),
    a_fact("oi", "open interest change", "coin", -40.0, origin="weekly", grade="D"),
    a_fact("lost", "default", "holder", True, origin="alone", grade="D"),
)
CARRY = a_narrative(
    "carry",
    [a_prediction("fx level", "usdjpy", "down")],
    [a_prediction("spot return", "share", "up"), a_prediction("default", "holder", "occurs")],
)
SALES = a_narrative(
    "sales", [a_prediction("spot return", "share", "down"), a_prediction("open interest change", "coin", "down")]
)


def scored_of(share: float, **settings: float) -> Scored:
    stories = (CARRY, SALES)
    method = Method(shared_sources=share, **settings)  # type: ignore[arg-type]  # numbers alone
    return score(a_dossier(FACTS, stories), tuple((one,) for one in stories), method)


def posterior(scored: Scored, row: int = 0) -> list[float]:
    return [float(scored.beliefs.table[row, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]


def chances(scored: Scored) -> dict[frozenset[str], float]:
    latents = {one.variable: one for sensor in scored.structure.sensors for one in sensor.latents}
    return {frozenset(one.scales): one.chance for one in latents.values()}


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_posteriors_are_the_mixture_over_which_sources_were_reliable(share: float) -> None:
    scored = scored_of(share)
    assert len(chances(scored)) == (2 if share else 0)
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)


def test_every_question_of_the_batch_is_exact() -> None:
    scored = scored_of(0.7)
    for row, mask in enumerate(scored.masks):
        items = frozenset(name for name, held in zip(scored.items, mask, strict=True) if held)
        assert posterior(scored, row) == pytest.approx(list(enumeration.posteriors(scored, items)), abs=1e-12)


def test_a_source_that_says_one_thing_is_no_latent_and_the_chance_is_that_of_its_best_report() -> None:
    reliability = Method().reliability
    found = chances(scored_of(0.5))
    assert found == {
        frozenset({"yen", "share"}): pytest.approx(reliability("C", 1)),
        frozenset({"fall", "oi"}): pytest.approx(reliability("B", 1)),
    }


def test_one_report_of_a_source_alone_says_what_it_does_without_the_latent() -> None:
    plain, shared = scored_of(0.0), scored_of(1.0)
    for item in plain.items:
        masks = np.array([[1.0 if name == item else 0.0 for name in plain.items]])
        tables = [ask(one.structure, one.evidence, one.items, masks).table[0] for one in (plain, shared)]
        assert tables[0] == pytest.approx(tables[1], abs=1e-8)
    assert posterior(plain) != pytest.approx(posterior(shared), abs=1e-3)


def test_nothing_shared_is_the_same_run_to_the_last_digit() -> None:
    plain = scored_of(0.0)
    structure, standings = tie(plain.index, plain.structure, plain.standings)
    assert structure is plain.structure
    assert standings is plain.standings


def test_bands_without_spread_are_the_posteriors() -> None:
    scored = scored_of(0.6, prior_spread=0.0, reliability_spread=0.0, tilt_spread=0.0)
    drawn = posteriors_under_draws(scored, 4)
    assert drawn == pytest.approx(np.tile(posterior(scored), (4, 1)), abs=1e-12)


def test_flips_of_a_report_bring_two_stories_level_with_its_source_held() -> None:
    scored = scored_of(0.5)
    found = [one for one in flips(scored).flips if one.item in ("yen", "share", "fall", "oi")]
    assert found
    for flip in found:
        sensors = tuple(
            replace(
                sensor,
                observable=replace(
                    sensor.observable,
                    reports=tuple(
                        replace(one, reliability=flip.to) if one.fact == flip.item else one
                        for one in sensor.observable.reports
                    ),
                ),
            )
            for sensor in scored.structure.sensors
        )
        level = ask(replace(scored.structure, sensors=sensors), (), scored.items, scored.masks[:1]).table[0]
        ranked = sorted(level[[*scored.structure.narratives, scored.structure.unknown]])
        assert ranked[-1] == pytest.approx(ranked[-2], abs=1e-9)


def test_joints_over_a_source_are_those_of_its_clamped_patterns() -> None:
    scored = scored_of(0.8)
    structure = scored.structure
    factors = [*structure.factors, *structure.move]
    factors += evidence_factors(structure, scored.evidence, scored.items, scored.masks[:1])
    sensor = next(one for one in structure.sensors if one.latents)
    (joint, both), _ = structure.plan.joints(factors, [sensor.reach, sensor.reach[:1]])
    assert joint.sum() == pytest.approx(1.0)
    assert both == pytest.approx(joint.reshape(1, 2, -1).sum(axis=2))
    assert joint.sum(axis=1)[0, ..., 1].sum() == pytest.approx(scored.beliefs.table[0, sensor.scope[-1]])


def test_the_other_questions_are_answered_with_sources_too() -> None:
    found = necessity(scored_of(0.4)).but_for.values()
    assert all(p is None or 0.0 <= p <= 1.0 for p in found)


def test_of_many_sources_those_are_conditioned_on_whose_reports_weigh_most() -> None:
    observables = [sensor.observable for sensor in scored_of(0.0).structure.sensors]
    origins = {fact.id: fact.citation.origin for fact in FACTS}
    both, one = (shared_sources(observables, origins, 0.5, most) for most in (8, 1))
    assert (len(both), len(one)) == (2, 1)
    assert one[0] == both[0]
    assert set(one[0].scales) == {"fall", "oi"}


def test_ten_sources_leave_eight_latents_and_all_reports_in() -> None:
    subjects = [("share", "spot return", 11.0), ("usdjpy", "fx spot return", -2.4)]
    facts = [
        a_fact(f"{origin}-{subject}", indicator, subject, value + 0.1 * number, origin=f"o{origin}", grade="D")
        for number, origin in enumerate("abcdefghij")
        for subject, indicator, value in subjects
    ]
    plain, shared = (
        score(a_dossier(facts, (CARRY, SALES)), ((CARRY,), (SALES,)), Method(shared_sources=share))
        for share in (0.0, 0.5)
    )
    assert len(chances(shared)) == 8
    assert shared.items == plain.items
    assert len(shared.items) == 20
    assert posterior(shared, 1) == pytest.approx(posterior(plain, 1), abs=1e-12)


def test_an_explanation_is_whole_with_both_settings_on() -> None:
    method = Method(shared_sources=0.5, argument_validity="graded")
    result = explain(a_dossier(FACTS, (CARRY, SALES)), ((CARRY,), (SALES,)), method)
    assert {one.id: one.posterior for one in result.narratives} == pytest.approx(
        dict(zip(("carry", "sales"), posterior(scored_of(0.5)), strict=False)), abs=1e-12
    )
    assert all(one.low <= one.high for one in result.narratives)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_outside_zero_and_one_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        Method(shared_sources=share)
