"""Shapley shares against the sum over all sets of items, and what must hold of every share."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from causal.explain import explain
from causal.model import Narrative
from causal.posterior import ask, logits
from causal.scoring import Scored, score
from causal.settings import Method
from causal.shapley import shares
from causal.world import Argument, Fact
from tests.dossiers import a_dossier, a_fact, a_narrative, a_prediction

Array = NDArray[np.float64]
METHOD = Method()
FACTS = (
    a_fact("yen", "fx spot return", "usdjpy", -1.1),
    a_fact("again", "fx spot return", "usdjpy", -1.4, grade="B"),
    a_fact("volume", "trading volume", "fund", 10.0, unit="USD billion", baseline_value=3.0, baseline_kind="usual"),
    a_fact("share", "spot return", "share", 6.0),
)
ARGUMENTS = (Argument(id="a1", narrative="two", kind="rebuts", statement="no", grade="B", credibility=2),)
ONE = a_narrative("one", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("trading volume", "fund", "up")])
TWO = a_narrative("two", [a_prediction("spot return", "share", "up"), a_prediction("fx level", "usdjpy", "up")])


def scored_of(
    facts: tuple[Fact, ...] = FACTS, narratives: tuple[Narrative, ...] = (ONE, TWO), method: Method = METHOD
) -> Scored:
    dossier = a_dossier(facts, narratives, arguments=ARGUMENTS)
    return score(dossier, tuple((narrative,) for narrative in narratives), method)


def worth(scored: Scored) -> dict[frozenset[str], Array]:
    """The log odds of the narratives under every set of items."""
    sets = [one for size in range(len(scored.items) + 1) for one in itertools.combinations(scored.items, size)]
    masks = np.array([[float(item in one) for item in scored.items] for one in sets])
    table = ask(scored.structure, scored.evidence, scored.items, masks).table[:, list(scored.structure.narratives)]
    return dict(zip(map(frozenset, sets), logits(table), strict=True))


def exact(scored: Scored, item: str) -> Array:
    """The sum over all sets without the item, each with its weight |S|! (n - |S| - 1)! / n!."""
    values, n = worth(scored), len(scored.items)
    without = [one for one in values if item not in one]
    weight = lambda size: math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)  # noqa: E731  # a test's shorthand
    return np.sum([weight(len(one)) * (values[one | {item}] - values[one]) for one in without], axis=0)


def test_sampled_shares_are_those_of_all_sets() -> None:
    scored = scored_of(method=Method(shapley_permutations=2048))
    found = shares(scored)
    assert set(found.by_item) == set(scored.items)
    for item in scored.items:
        assert found.by_item[item] == pytest.approx(exact(scored, item), abs=0.01)


def test_sixty_four_orders_are_close_to_all() -> None:
    scored = scored_of()
    found = shares(scored)
    assert found.permutations == 64
    for item in scored.items:
        assert found.by_item[item] == pytest.approx(exact(scored, item), abs=0.06)


@pytest.mark.parametrize("most", [1, 3, 200])
def test_shares_add_up_to_what_all_items_do(most: int) -> None:
    scored = scored_of(method=Method(shapley_items=most))
    found = shares(scored)
    values = worth(scored)
    total = np.sum([*found.by_item.values(), found.rest], axis=0)
    assert len(found.by_item) == min(most, len(scored.items))
    assert total == pytest.approx(values[frozenset(scored.items)] - values[frozenset()], abs=1e-12)


def test_what_is_said_twice_is_shared_where_leaving_either_out_shows_little() -> None:
    twice = (FACTS[0], replace(FACTS[1], grade="A"))
    explanation = explain(a_dossier(twice, (ONE,)), ((ONE,),), METHOD)
    parts = [
        part for item in explanation.evidence for part in item.contributions if part.leave_one_out_bits is not None
    ]
    assert len(parts) == 2
    assert parts[0].shapley_bits == pytest.approx(parts[1].shapley_bits, abs=1e-9)
    for part in parts:
        assert part.shapley_bits is not None
        assert part.leave_one_out_bits is not None
        assert part.shapley_bits > 2 * part.leave_one_out_bits > 0


def test_the_order_of_stories_and_facts_changes_no_share() -> None:
    plain, turned = shares(scored_of()), shares(scored_of(FACTS[::-1], (TWO, ONE)))
    for item, share in plain.by_item.items():
        assert share == pytest.approx(turned.by_item[item][::-1], abs=1e-12)


def test_a_small_budget_tells_of_fewer_items_and_orders() -> None:
    cells = scored_of().structure.plan.cells
    found = shares(scored_of(method=Method(shapley_cells=18 * cells)))
    assert len(found.by_item) == 2
    assert found.permutations == 6


def test_without_stories_or_items_there_is_nothing_to_share() -> None:
    assert shares(score(a_dossier((), ()), (), METHOD)).by_item == {}
    assert shares(score(a_dossier((), (ONE,)), ((ONE,),), METHOD)).by_item == {}
