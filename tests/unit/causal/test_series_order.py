"""An explanation with series is the same whatever the order of what it is given; a move is as ordinary as its past."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import pytest

from causal.explain import explain
from causal.explanation import Explanation
from causal.model import Dossier, Narrative
from causal.pulling import SeriesIndex
from causal.scoring import score
from causal.settings import Method
from causal.subjects import build_world
from causal.world import Relation
from tests.dossiers import RELATIONS, a_dossier, a_fact, a_narrative, a_prediction
from tests.panels import (
    DERIVATIONS,
    SERIES_INDICATORS,
    a_coin,
    a_column,
    a_derivation,
    a_panel,
    a_series_dossier,
    prices,
    returns_of,
    with_holes,
    with_move,
)

METHOD = Method()
T = TypeVar("T")
STORIES: tuple[Narrative, ...] = (
    a_narrative(
        "carry",
        [a_prediction("fx level", "usdjpy", "down"), a_prediction("spot return", "jpy", "up", window="before")],
        [a_prediction("spot return", "share", "down"), a_prediction("trading volume", "fund", "up")],
    ),
    a_narrative(
        "rally",
        [a_prediction("spot return", "share", "up"), a_prediction("spot return", "other", "up", window="after")],
        [a_prediction("open interest change", "coin", "flat"), a_prediction("spot return", "fund", "down")],
    ),
)
FACTS = (a_fact("told", "fx spot return", "usdjpy", 1.1), a_fact("share", "spot return", "share", -6.0))
TIES = (
    *RELATIONS,
    Relation(type="peer_of", from_="share", to="other"),
    Relation(type="peer_of", from_="other", to="third"),
)
SPREAD = a_derivation("spread_to_peers", answers=("relative return",), peers="peer_of")
COLUMNS = (
    a_coin(),
    a_column("usdjpy", with_holes(prices(returns_of(1, size=0.006)), 1, 0.05), indicator="fx level"),
    *(
        a_column(name, prices(with_move(returns_of(n, size=0.01), -0.01 * n)))
        for n, name in enumerate(("share", "other", "third"), 2)
    ),
    a_column("fund.volume", prices(returns_of(7)), indicator="trading volume", subject="fund"),
    a_column("fund.price", prices(returns_of(0) + returns_of(8, size=0.002)), subject="fund"),
    a_column("coin.oi", prices(returns_of(9)), indicator="open interest", subject="coin"),
)


def world(columns: Sequence = COLUMNS, **fields: object) -> Dossier:  # type: ignore[type-arg]  # of columns
    values = {"relations": TIES, "derivations": (*DERIVATIONS, SPREAD)} | fields
    return a_series_dossier(a_panel(*columns), STORIES, FACTS, **values)


def run(dossier: Dossier) -> Explanation:
    return explain(dossier, tuple((one,) for one in dossier.narratives), METHOD)


def figures(explanation: Explanation) -> dict[str, float]:
    found = {one.id: one.posterior for one in explanation.narratives} | {"unknown": explanation.unknown.posterior}
    found |= {f"{one.id}.{step.n}": step.posterior for one in explanation.narratives for step in one.steps}
    return found | {" ".join(item.fact_ids): float(item.bin or 0) for item in explanation.evidence}


def mixed(values: Sequence[T], seed: int) -> tuple[T, ...]:
    return tuple(random.Random(seed).sample(list(values), len(values)))


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_series_instruments_relations_and_derivations_does_not_matter(seed: int) -> None:
    plain = world()
    shuffled = world(
        mixed(COLUMNS, seed),
        instruments=mixed(plain.instruments, seed),
        relations=mixed(TIES, seed),
        derivations=mixed(plain.derivations, seed),
        indicators=mixed(SERIES_INDICATORS, seed),
    )
    shuffled = replace(shuffled, facts=mixed(FACTS, seed), narratives=mixed(STORIES, seed))
    wanted = figures(run(plain))
    assert len([name for name in wanted if "@" in name]) >= 6  # so many series have their say
    assert figures(run(shuffled)) == pytest.approx(wanted, abs=1e-12)


def test_series_that_nobody_asks_for_change_nothing() -> None:
    more = (*COLUMNS, *(a_column(f"stranger_{n}", prices(returns_of(30 + n))) for n in range(5)))
    assert figures(run(world(more))) == pytest.approx(figures(run(world())), abs=1e-12)


def test_without_a_panel_derivations_change_nothing() -> None:
    with_derivations = replace(a_dossier(FACTS, STORIES), derivations=(*DERIVATIONS, SPREAD))
    assert figures(run(with_derivations)) == figures(run(a_dossier(FACTS, STORIES)))


def test_a_panel_of_the_move_alone_changes_only_how_ordinary_the_move_is() -> None:
    alone = world((COLUMNS[0],))
    index = SeriesIndex(alone, a_panel(COLUMNS[0]), build_world(alone), METHOD)
    assert index.ordinariness() < METHOD.leak  # so rare a move needs a cause all the same
    assert figures(run(alone)) == pytest.approx(figures(run(replace(alone, panel=None))), abs=1e-12)


def ordinariness(move: float, seed: int = 0) -> float:
    fell = a_coin(seed, move=move)
    dossier = a_series_dossier(a_panel(fell), move=replace(a_dossier((), ()).move, return_=None))
    return SeriesIndex(dossier, a_panel(fell), build_world(dossier), METHOD).ordinariness()


def test_a_move_is_as_ordinary_as_the_share_of_the_past_that_went_as_far() -> None:
    returns = returns_of(0)
    for move in (-0.2, -0.03, -0.001, 0.03):
        kept = with_move(returns, move)[1:]
        same = kept[kept * move > 0.0]
        wanted = (abs(same) >= abs(move) - 1e-12).mean()
        assert ordinariness(move) == pytest.approx(wanted, abs=2.0 / len(same))
    assert ordinariness(-0.001) > 0.9
    assert ordinariness(-0.2) < 0.02


def test_the_more_ordinary_a_move_the_less_it_speaks_for_any_cause() -> None:
    told = a_narrative("told", [a_prediction("holdings change", "holder", "down")])
    given = []
    for move in (-0.2, -0.03, -0.001):
        dossier = a_series_dossier(
            a_panel(a_coin(move=move)), (told,), move=replace(a_dossier((), ()).move, return_=None)
        )
        given.append(score(dossier, ((told,),), METHOD).prior_given_move[0])
    assert given[0] > given[1] > given[2]
    prior = score(a_dossier((), (told,)), ((told,),), METHOD).priors[0]
    assert given[2] == pytest.approx(prior, abs=0.03)


def test_a_link_that_is_worth_nothing_makes_no_connection() -> None:
    told = a_narrative("told", [a_prediction("spot return", "share", "up")])
    dossier = a_dossier([a_fact("rise", "spot return", "share", 6.0)], (told,))
    for link, sensors in ((METHOD.least_link * 0.99, 0), (METHOD.least_link, 1), (METHOD.links["medium"], 1)):
        scored = score(dossier, ((told,),), replace(METHOD, links=dict.fromkeys(METHOD.links, link)))
        assert len(scored.structure.sensors) == sensors
        moved = abs(scored.beliefs.table[0, scored.structure.narratives[0]] - scored.prior_given_move[0])
        assert (moved > 1e-6) == bool(sensors)
