from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.settings import Method
from tests.simulator.days import LINE, large_falls, live
from tests.simulator.dossiers import Market, open_market
from tests.simulator.experts import ask_expert, indicator_name, without_error
from tests.simulator.reports import Plea, right_today
from tests.simulator.worlds import CHAIN_LENGTHS, MECHANISMS, STEPS, Setup, World, draw_world

STREAM = 7


@pytest.fixture(scope="module")
def world() -> World:
    return draw_world(3)


@pytest.fixture(scope="module")
def market(world: World) -> Market:
    return open_market(world, Method())


@pytest.mark.parametrize("seed", range(6))
def test_three_of_twenty_steps_are_shared_by_two_mechanisms(seed: int) -> None:
    chains = draw_world(seed).chains
    assert tuple(map(len, chains)) == CHAIN_LENGTHS
    users = [sum(step in chain for chain in chains) for step in range(STEPS)]
    assert sorted(users) == [1] * 17 + [2] * 3


def test_a_seed_gives_the_same_days_again_and_another_seed_gives_others(world: World) -> None:
    one, again, other = live(world, 50, stream=1), live(draw_world(3), 50, stream=1), live(draw_world(4), 50, stream=1)
    assert np.array_equal(one.readings, again.readings)
    assert not np.array_equal(one.returns, other.returns)


def test_a_setup_changes_experts_and_sources_but_no_day() -> None:
    plain, wrong = draw_world(3), draw_world(3, Setup(forgotten=0.5, pets=False))
    assert np.array_equal(live(plain, 50, stream=1).returns, live(wrong, 50, stream=1).returns)


def test_only_large_falls_are_asked_about_and_about_two_mechanisms_are_true_of_each() -> None:
    true, unexplained = [], []
    for seed in range(5):
        falls = large_falls(draw_world(seed), 400, stream=STREAM)
        assert len(falls) == 400
        assert (falls.returns <= -LINE).all()
        true.append(falls.causes().sum(axis=1).mean())
        unexplained.append(falls.unexplained().mean())
    assert 1.6 < np.mean(true) < 2.4
    assert 0.12 < np.mean(unexplained) < 0.28


def test_selection_makes_mechanisms_more_frequent_than_their_prior_says(market: Market) -> None:
    falls = market.falls(400, stream=STREAM)
    priors = [narrative.prior or 0.0 for narrative in market.expert.narratives]
    assert (falls.strength > 0.0).mean() > 1.2 * np.mean(priors)


def test_on_idle_days_nothing_is_a_cause(world: World) -> None:
    falls = large_falls(world, 60, stream=STREAM, idle=True)
    assert not falls.causes().any()
    assert falls.unexplained().all()
    assert not falls.but_for().any()


def test_an_indicator_moves_the_way_its_step_drives_it(world: World) -> None:
    falls = large_falls(world, 2_000, stream=STREAM)
    fired = np.isfinite(falls.fired[:, world.step])
    for j in range(30):
        on, off = falls.readings[fired[:, j], j], falls.readings[~fired[:, j], j]
        assert world.sign[j] * (on.mean() - off.mean()) > 0.0


def test_experts_without_error_name_every_link_with_its_sign_and_strength(world: World) -> None:
    exact = without_error(world)
    expert = ask_expert(exact, live(exact, 1_500, stream=0), Method())
    for k in range(MECHANISMS):
        steps = expert.narratives[k].steps
        told = {(step.key, p.indicator, p.direction, p.strength) for step in steps for p in step.predictions}
        true = {
            (f"step_{step}", indicator_name(j), "up" if sign > 0 else "down", world.level[j])
            for step, j, sign in world.links(k)
        }
        assert told == true


def test_the_usual_experts_err_about_as_often_as_they_are_said_to() -> None:
    kept, flipped, total = 0, 0, 0
    for seed in range(40):
        world = draw_world(seed)
        expert = ask_expert(world, live(world, 300, stream=0), Method())
        for k in range(MECHANISMS):
            told = {
                (step.key, p.indicator): p.direction for step in expert.narratives[k].steps for p in step.predictions
            }
            for step, j, sign in world.links(k):
                direction = told.get((f"step_{step}", indicator_name(j)))
                total += 1
                kept += direction is not None
                flipped += direction is not None and direction != ("up" if sign > 0 else "down")
    assert kept / total == pytest.approx(0.85, abs=0.03)
    assert flipped / kept == pytest.approx(0.03, abs=0.015)


def test_nothing_is_in_a_dossier_before_it_was_known(market: Market) -> None:
    falls = market.falls(5, stream=STREAM)
    for row in range(5):
        press = market.press(falls, row, stream=STREAM)
        early, late = (market.dossier(falls, row, press, hours=hours) for hours in (4.0, 1_440.0))
        assert all(fact.known_at <= early.as_of for fact in early.facts)
        assert {fact.id for fact in early.facts} < {fact.id for fact in late.facts}
        assert early.panel is not None
        assert late.panel is not None
        assert np.isnan(early.panel.columns[1].at["sum"][-1])
        assert np.isfinite(late.panel.columns[1].at["sum"][-1])


def test_copies_that_show_where_they_are_from_share_an_origin_and_without_copying_none_do(market: Market) -> None:
    falls = market.falls(20, stream=STREAM)
    origins = [[r.origin for r in market.press(falls, row, stream=STREAM).reports] for row in range(20)]
    assert sum(len(own) - len(set(own)) for own in origins) > 20
    alone = replace(market, world=draw_world(3, Setup(copied=0.0)))
    for row in range(20):
        own = [r.origin for r in alone.press(falls, row, stream=STREAM).reports]
        assert len(own) == len(set(own))


def test_extreme_readings_are_reported_more_often_than_ordinary_ones(market: Market) -> None:
    falls = market.falls(150, stream=STREAM)
    surprise = np.abs(falls.readings / market.expert.scale - market.expert.usual)[:, 10:]
    counts = np.zeros((150, 30))
    quiet = replace(market, world=draw_world(3, Setup(copied=0.0, pets=False)))
    for row in range(150):
        for report in quiet.press(falls, row, stream=STREAM).reports:
            counts[row, report.indicator] += 1
    reported = counts[:, 10:]
    assert reported[surprise > 1.5].mean() > 1.5 * reported[surprise < 0.5].mean()


def test_sources_that_err_in_a_whole_article_are_wrong_as_often_as_before_but_together() -> None:
    plain, articles = (draw_world(3, Setup(copied=0.0, shared_errors=share)) for share in (0.0, 1.0))
    days = live(plain, 300, stream=1)
    assert np.array_equal(days.readings, live(articles, 300, stream=1).readings)
    chances = np.array([right_today(articles, 1, row) for row in range(2_000)])
    usual = [source.reliability for source in articles.sources]
    assert chances.mean(axis=0) == pytest.approx(usual, abs=0.03)
    assert set(np.unique(chances)) == {0.0, 1.0}
    assert right_today(plain, 1, 0) == usual


def test_with_articles_all_that_a_source_says_of_a_move_is_one_document() -> None:
    world = draw_world(3, Setup(copied=0.0, shared_errors=1.0))
    market = open_market(world, Method())
    reports = market.press(live(world, 3, stream=1), 0, stream=1).reports
    assert {(one.source, one.origin) for one in reports} == {(one.source, f"article_{one.source}") for one in reports}


def test_arguments_that_are_answered_are_rebutted_by_later_ones_of_the_other_side() -> None:
    market = open_market(draw_world(3, Setup(answered=1.0, arguments=20.0)), Method())
    pleas = market.press(market.falls(1, stream=STREAM), 0, stream=STREAM).pleas
    pairs = [(plea, pleas[n]) for plea in pleas for n in plea.rebuts]
    assert pairs
    for plea, other in pairs:
        assert plea.mechanism == other.mechanism
        assert plea.kind != other.kind
    assert not any(plea.rebuts for plea in _unanswered())


def _unanswered() -> tuple[Plea, ...]:
    market = open_market(draw_world(3, Setup(arguments=20.0)), Method())
    return market.press(market.falls(1, stream=STREAM), 0, stream=STREAM).pleas


def test_an_amplifier_does_little_alone_and_more_beside_another_mechanism() -> None:
    before, after = (live(draw_world(3, Setup(amplifiers=count)), 4_000, stream=1) for count in (0, 2))
    own, beside = before.strength[:, 6:] > 0.0, (before.strength[:, :6] > 0.0).any(axis=1)
    ratio = after.strength[:, 6:][own] / before.strength[:, 6:][own]
    together = np.broadcast_to(beside[:, np.newaxis], own.shape)[own]
    assert ratio[together] == pytest.approx(1.5)
    assert ratio[~together] == pytest.approx(0.3)
    assert np.array_equal(after.strength[:, :6], before.strength[:, :6])
