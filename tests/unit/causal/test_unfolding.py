"""The belief of each date against enumeration, and against runs that never heard of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from causal.explain import explain
from causal.scoring import Scored, score
from causal.settings import Method
from causal.unfolding import belief_over_time, known_at
from causal.world import Argument, Fact
from tests.dossiers import CLOSE, NOW, a_dossier, a_fact, a_narrative, a_prediction
from tests.enumeration import posteriors

METHOD = Method()


def later(days: float) -> datetime:
    return CLOSE + timedelta(days=days)


FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1, known_at=later(-0.5)),
    a_fact(
        "volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual",
        known_at=later(2),
    ),
    a_fact("share", "spot return", "share", 6.0, known_at=later(5)),
)  # fmt: skip
DATED = Argument(id="a1", narrative="two", kind="rebuts", statement="no", grade="B", credibility=2, known_at=later(3))
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("trading volume", "fund", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up"), a_prediction("fx level", "usdjpy", "up")])


def scored_of(facts: tuple[Fact, ...] = FACTS, arguments: tuple[Argument, ...] = (DATED,)) -> Scored:
    return score(a_dossier(facts, (ONE, TWO), arguments=arguments), ((ONE,), (TWO,)), METHOD)


def test_each_date_is_the_network_with_what_was_known_by_then() -> None:
    scored = scored_of()
    found = belief_over_time(scored)
    assert [one.as_of for one in found] == [CLOSE, later(2), later(3), later(5)]
    for one, items in zip(found, [{"yen"}, {"yen", "volume"}, {"yen", "volume", "a1"}, set(scored.items)], strict=True):
        expected = posteriors(scored, frozenset(items))
        assert list(one.posteriors) == ["one", "two", "unknown"]
        assert list(one.posteriors.values()) == pytest.approx(list(expected), abs=1e-12)


def test_a_date_is_what_a_run_says_that_never_heard_of_the_rest() -> None:
    [_, second, *_] = belief_over_time(scored_of())
    own = scored_of(FACTS[:2], ())
    row = own.beliefs.table[own.rows.full]
    expected = [float(row[v]) for v in (*own.structure.narratives, own.structure.unknown)]
    assert list(second.posteriors.values()) == pytest.approx(expected, abs=1e-12)


def test_the_last_date_has_the_posteriors_of_the_explanation() -> None:
    explanation = explain(a_dossier(FACTS, (ONE, TWO), arguments=(DATED,)), ((ONE,), (TWO,)), METHOD)
    last = explanation.belief[-1].posteriors
    assert last == pytest.approx(
        {n.id: n.posterior for n in explanation.narratives} | {"unknown": explanation.unknown.posterior}, abs=1e-12
    )


def test_an_item_is_known_with_its_first_copy_and_one_without_a_date_at_the_end() -> None:
    copy = replace(FACTS[2], id="relay", key="case:relay", known_at=later(1))
    known = known_at(scored_of((*FACTS, copy), (replace(DATED, known_at=None),)))
    assert known == {"yen": CLOSE, "volume": later(2), "share": later(1), "a1": NOW} or known == {
        "yen": CLOSE, "volume": later(2), "relay": later(1), "a1": NOW
    }  # fmt: skip


def test_of_many_dates_an_even_selection_with_both_ends_is_told() -> None:
    scored = scored_of()
    assert [one.as_of for one in belief_over_time(scored, most=2)] == [CLOSE, later(5)]
    assert len(belief_over_time(scored, most=3)) == 3


def test_without_evidence_there_is_one_date_the_close_of_the_move() -> None:
    [only] = belief_over_time(score(a_dossier((), (ONE,)), ((ONE,),), METHOD))
    assert only.as_of == CLOSE
    assert 0 < only.posteriors["one"] < 1
