"""What was looked for and not found, against enumeration: it speaks against what would have been seen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from causal.explain import explain
from causal.likelihood import bin_likelihood
from causal.model import Narrative
from causal.robustness import posteriors_under_draws
from causal.scoring import Scored, score
from causal.settings import Method
from causal.world import DataGap, Fact
from tests import enumeration
from tests.dossiers import NOW, a_dossier, a_fact, a_narrative, a_prediction

METHOD = Method()
FAILURE = a_narrative("failure", [a_prediction("default", "holder", "occurs")])
CALM = a_narrative("calm", [a_prediction("default", "holder", "absent")])
YEN = a_narrative("yen", [a_prediction("fx level", "jpy", "up")])
STORIES = (FAILURE, CALM, YEN)


def a_search(**fields: Any) -> DataGap:
    values: dict[str, Any] = {
        "id": "gap.1",
        "kind": "gap",
        "item": "a default of the holder",
        "indicator": "default",
        "subject": "holder",
        "search": "not_found",
        "detection": 0.8,
        "searched_at": NOW,
        "search_by": "a reviewer",
    }
    return DataGap(**{**values, **fields})


def scored_of(
    *gaps: DataGap, facts: tuple[Fact, ...] = (), stories: tuple[Narrative, ...] = STORIES, method: Method = METHOD
) -> Scored:
    return score(a_dossier(facts, stories, gaps=gaps), tuple((one,) for one in stories), method)


def posterior(scored: Scored) -> list[float]:
    return [float(scored.beliefs.table[0, v]) for v in (*scored.structure.narratives, scored.structure.unknown)]


@pytest.mark.parametrize("detection", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("false_alarm", [0.0, 0.05])
def test_the_odds_of_what_was_looked_for_are_multiplied_by_the_miss_over_the_all_clear(
    detection: float, false_alarm: float
) -> None:
    scored = scored_of(a_search(detection=detection, false_alarm=false_alarm))
    (one,) = scored.findings.observables
    said = bin_likelihood(one, np.ones((1, 1)))[0]
    assert said[3:] / said[0] == pytest.approx([(1.0 - detection) / (1.0 - false_alarm)] * 2)
    assert said[:3] == pytest.approx([said[0]] * 3)


@pytest.mark.parametrize("detection", [0.1, 0.5, 0.95])
def test_the_network_with_searches_is_that_of_the_definition(detection: float) -> None:
    other = a_search(id="gap.2", indicator="fx level", subject="usdjpy", direction="down", detection=0.6)
    scored = scored_of(a_search(detection=detection), other)
    assert posterior(scored) == pytest.approx(list(enumeration.posteriors(scored)), abs=1e-12)
    still = replace(scored.method, prior_spread=0.0, reliability_spread=0.0, tilt_spread=0.0)
    drawn = posteriors_under_draws(replace(scored, method=still), 64)[3]
    assert drawn == pytest.approx(posterior(scored), abs=1e-12)
    for item in scored.items:
        row = scored.beliefs.table[scored.rows.without[item]]
        wanted = enumeration.posteriors(scored, frozenset(scored.items) - {item})
        assert [float(row[v]) for v in scored.structure.narratives] == pytest.approx(list(wanted[:3]), abs=1e-12)


def test_it_lowers_who_predicted_it_the_more_the_surer_it_would_have_been_seen() -> None:
    plain = posterior(scored_of())
    weak, strong = (posterior(scored_of(a_search(detection=one))) for one in (0.3, 0.9))
    assert plain[0] > weak[0] > strong[0]
    assert plain[1] < weak[1] < strong[1]  # who said that nothing of it would be


def test_the_side_follows_the_pair_to_its_currency() -> None:
    fell = a_search(indicator="fx level", subject="usdjpy", direction="down")
    rose = replace(fell, direction="up")
    plain = posterior(scored_of())[2]
    assert posterior(scored_of(fell))[2] < plain < posterior(scored_of(rose))[2]


@pytest.mark.parametrize(
    "silent",
    [
        {"search": "open"},
        {"search": "found"},
        {"search": "not_public"},
        {"detection": None},
        {"detection": 0.0},
        {"detection": 0.2, "false_alarm": 0.2},
        {"search_window": "after"},
        {"subject": None},
        {"indicator": "no such thing"},
        {"indicator": "fx level", "subject": "usdjpy"},  # of a measure nobody says which way it was looked for
    ],
)
def test_nothing_follows_where_nothing_is_said(silent: dict[str, Any]) -> None:
    assert posterior(scored_of(a_search(**silent))) == posterior(scored_of())


def test_a_search_is_silent_beside_a_report() -> None:
    seen = a_fact("seen", "default", "holder", True, unit="")
    assert posterior(scored_of(a_search(), facts=(seen,))) == posterior(scored_of(facts=(seen,)))


def test_the_explanation_shows_the_search_and_no_longer_asks_to_look() -> None:
    dossier = a_dossier((), STORIES, gaps=(a_search(),))
    found = explain(dossier, tuple((one,) for one in STORIES), METHOD)
    (item,) = found.evidence
    assert item.statement == "Looked for and not found: a default of the holder."
    assert item.source is not None and item.source.publisher == "a reviewer"
    failure = next(one for one in found.narratives if one.id == "failure")
    (prediction,) = failure.steps[0].predictions
    assert (prediction.answered_by, prediction.outcome, prediction.evidence) == ("searched", "contradicted", ("ev_1",))
    assert prediction.why == item.statement
    assert failure.evidence_against == ("ev_1",)
    assert "default" not in {one.indicator for one in found.look_next}
    assert all(math.isfinite(part.weight_bits) for part in item.contributions)
