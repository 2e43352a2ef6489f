"""The band against enumeration of single draws, and what must hold of every band."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.drawing import Draws
from causal.likelihood import argument_ratio
from causal.model import Dossier, Narrative
from causal.observables import Observable
from causal.posterior import VirtualEvidence
from causal.robustness import bands, draws_of, posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Argument
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction
from tests.enumeration import posteriors

Array = NDArray[np.float64]
METHOD = Method()
DRAWS = 64
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1, grade="B"),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("more", "trading volume", "fund", 4.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0),
)
ARGUMENTS = (
    Argument(id="a1", narrative="one", kind="undercuts", step=2, statement="no", grade="B", credibility=2),
    Argument(id="a2", narrative="two", kind="supports", statement="yes", grade="C", credibility=3),
)
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("trading volume", "fund", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up"), a_prediction("fx level", "usdjpy", "up")])


def scored_of(narratives: tuple[Narrative, ...] = (ONE, TWO), method: Method = METHOD, **fields: object) -> Scored:
    values: dict[str, object] = {"facts": FACTS, "arguments": ARGUMENTS} | fields
    dossier: Dossier = a_dossier(values.pop("facts"), narratives, **values)  # type: ignore[arg-type]  # a test's own
    return score(dossier, tuple((narrative,) for narrative in narratives), method)


def moved(probability: float, size: float) -> float:
    odds = probability / (1 - probability) * np.exp(size)
    return float(odds / (1 + odds))


def as_drawn(scored: Scored, draw: int) -> Scored:
    """The same run with every judgement as one draw has it."""
    at = lambda *name: float(Draws(DRAWS).of(*name)[draw])  # noqa: E731  # a test's shorthand
    priors = tuple(moved(p, 0.7 * at("prior", n.id)) for p, n in zip(scored.priors, scored.narratives, strict=True))
    method = replace(scored.method, unknown_prior=moved(scored.method.unknown_prior, 0.7 * at("prior", "unknown")))
    observables = [_observable(one, at) for one in scored.findings.observables]
    standings = tuple(
        (one, replace(standing, weight=_weight(standing.weight, at))) for one, standing in scored.standings
    )
    findings = replace(scored.findings, observables=observables)
    return replace(scored, priors=priors, method=method, findings=findings, standings=standings)


def _weight(weight: VirtualEvidence | None, at) -> VirtualEvidence | None:  # type: ignore[no-untyped-def]  # likewise
    if weight is None:
        return None
    rho = moved(weight.reliability, 0.7 * at("reliability", weight.item))
    return replace(weight, ratio=argument_ratio(weight.strength, rho, against=weight.against))


def _observable(one: Observable, at) -> Observable:  # type: ignore[no-untyped-def]  # a test's own helper
    place = (one.family, one.subject, one.window)
    reports = tuple(
        replace(report, reliability=moved(report.reliability, 0.7 * at("reliability", report.fact)))
        for report in one.reports
    )
    parents = tuple(
        replace(p, tilt=max(1.0, p.tilt * float(np.exp(0.3 * at("tilt", *place, p.side, repr(p.tilt))))))
        for p in one.parents
    )
    return replace(one, reports=reports, parents=parents)


@pytest.mark.parametrize("draw", [0, 17, 63])
def test_a_draw_is_the_network_with_other_priors_reliabilities_and_tilts(draw: int) -> None:
    scored = scored_of()
    found = posteriors_under_draws(scored, DRAWS)[draw]
    assert found == pytest.approx(list(posteriors(as_drawn(scored, draw))), abs=1e-12)
    assert found != pytest.approx(list(posteriors(scored)), abs=1e-3)


def test_shares_of_first_places_add_up_to_one_and_bands_lie_in_order() -> None:
    found = bands(scored_of())
    assert found.draws == 512
    assert set(found.by_id) == {"one", "two", "unknown"}
    assert sum(band.p_rank_1 for band in found.by_id.values()) == pytest.approx(1.0, abs=1e-12)
    assert all(0 <= band.low < band.high <= 1 for band in found.by_id.values())


def test_the_posterior_lies_in_its_band_and_what_leads_clearly_leads_in_most_draws() -> None:
    scored = scored_of()
    found = bands(scored)
    exact = dict(zip(("one", "two", "unknown"), posteriors(scored), strict=True))
    assert all(found.by_id[name].low < p < found.by_id[name].high for name, p in exact.items())
    leader = max(exact, key=lambda name: exact[name])
    assert found.by_id[leader].p_rank_1 > 0.5


def test_without_spreads_the_band_is_the_posterior() -> None:
    still = Method(prior_spread=0.0, reliability_spread=0.0, tilt_spread=0.0)
    scored = scored_of(method=still)
    found = bands(scored)
    for name, p in zip(("one", "two", "unknown"), posteriors(scored), strict=True):
        assert [found.by_id[name].low, found.by_id[name].high] == pytest.approx([p, p], abs=1e-12)


def test_the_order_of_stories_and_facts_changes_no_band() -> None:
    one, other = bands(scored_of()), bands(scored_of((TWO, ONE), facts=FACTS[::-1], arguments=ARGUMENTS[::-1]))
    for name, band in one.by_id.items():
        same = other.by_id[name]
        assert [band.low, band.high, band.p_rank_1] == pytest.approx([same.low, same.high, same.p_rank_1], abs=1e-9)


def test_draws_are_normal_and_those_of_two_names_do_not_go_together() -> None:
    one, other = Draws(512).of("prior", "a"), Draws(512).of("prior", "b")
    assert one.mean() == pytest.approx(0.0, abs=1e-12)
    assert one.std() == pytest.approx(1.0, abs=0.01)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.15
    assert np.array_equal(one, Draws(512).of("prior", "a"))


def test_a_wide_network_gets_fewer_draws() -> None:
    assert draws_of(METHOD, 8_850) == 512
    assert draws_of(METHOD, 100_000) == 80
    assert draws_of(METHOD, 10_000_000) == 64
    assert draws_of(Method(robustness_draws=10), 10_000_000) == 10


def test_without_stories_something_else_always_comes_first() -> None:
    found = bands(scored_of((), facts=(), arguments=()))
    assert found.by_id["unknown"].p_rank_1 == 1.0


def test_the_draws_of_a_name_are_those_of_a_generator_with_its_digest_as_the_key() -> None:
    draws = Draws(64)
    draws.of("something", "before")
    key = int.from_bytes(hashlib.blake2b(b"tilt\na", digest_size=8).digest())
    strata = np.array([NormalDist().inv_cdf((i + 0.5) / 64) for i in range(64)])
    assert np.array_equal(draws.of("tilt", "a"), np.random.Generator(np.random.Philox(key=key)).permutation(strata))
