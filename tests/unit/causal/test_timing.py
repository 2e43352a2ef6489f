"""The order in which steps were seen, against enumeration: an effect before its cause speaks against the pair."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from causal.model import Narrative
from causal.robustness import posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import Fact
from tests import enumeration
from tests.dossiers import CLOSE, a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
NOON = CLOSE - timedelta(hours=9)
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("spot return", "share", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up")], [a_prediction("fx level", "usdjpy", "down")])


def at(fact: Fact, hours: float) -> Fact:
    """The fact as of an instant, hours after noon."""
    when: datetime = NOON + timedelta(hours=hours)
    return replace(fact, valid_from=when, valid_to=when, trade_date=None, trade_date_end=None)


def facts(yen: float, share: float, size: float = 11.0) -> tuple[Fact, ...]:
    return (
        at(a_fact("yen", "fx spot return", "usdjpy", -2.4, grade="B"), yen),
        at(a_fact("share", "spot return", "share", size, grade="B"), share),
    )


def scored_of(found: tuple[Fact, ...], narratives: tuple[Narrative, ...] = (ONE,), method: Method = METHOD) -> Scored:
    dossier = a_dossier(found, narratives)
    return score(dossier, tuple((one,) for one in narratives), method)


def posterior(scored: Scored) -> list[float]:
    variables = [*scored.structure.narratives, scored.structure.unknown]
    return [float(scored.beliefs.table[0, v]) for v in variables]


@pytest.mark.parametrize("share", [-3.0, 0.1, 3.0])
def test_the_network_with_orders_is_that_of_the_definition(share: float) -> None:
    scored = scored_of(facts(0.0, share), (ONE, TWO))
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)
    for item in scored.items:
        left = frozenset(scored.items) - {item}
        row = scored.beliefs.table[scored.rows.without[item]]
        wanted = enumeration.posteriors(scored, left)
        assert [float(row[v]) for v in scored.structure.narratives] == pytest.approx(list(wanted[:2]), abs=1e-12)


def test_an_effect_before_its_cause_lowers_the_story_and_one_after_it_raises_it() -> None:
    plain = posterior(scored_of(facts(0.0, 3.0), method=Method(lag_reversed=1.0)))[0]
    assert posterior(scored_of(facts(0.0, -3.0)))[0] < plain < posterior(scored_of(facts(0.0, 3.0)))[0]


def test_over_both_orders_instants_say_nothing() -> None:
    scored = scored_of(facts(0.0, 3.0))
    [after], [before] = scored.structure.lags, scored_of(facts(0.0, -3.0)).structure.lags
    assert after.ratio + before.ratio == pytest.approx(2.0)
    rho = math.prod(report.reliability for one in scored.findings.observables for report in one.reports)
    assert before.ratio == pytest.approx(rho * METHOD.lag_reversed + 1.0 - rho)


def test_what_lies_within_the_error_of_clocks_or_has_no_instant_has_no_order() -> None:
    assert scored_of(facts(0.0, 0.2)).structure.lags == ()
    days = (a_fact("yen", "fx spot return", "usdjpy", -2.4), a_fact("share", "spot return", "share", 11.0))
    assert scored_of(days).structure.lags == ()
    assert scored_of((facts(0.0, 3.0)[0], days[1])).structure.lags == ()


def test_when_something_did_not_happen_is_no_time_of_its_step() -> None:
    assert scored_of(facts(0.0, 3.0, size=-11.0)).structure.lags == ()


def test_draws_of_the_judgements_keep_the_order() -> None:
    found = (facts(0.0, hours) for hours in (3.0, -3.0))
    after, before = (posteriors_under_draws(scored_of(one), 64)[:, 0] for one in found)
    assert (before < after).all()
