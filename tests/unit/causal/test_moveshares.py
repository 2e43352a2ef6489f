"""Shares of a move on the graphs of its stories: what is bound, what is set aside, and the true driver gets most."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from causal.errors import InvalidGraphError
from causal.model import Dossier, Narrative, Span
from causal.movegraphs import joint_graph
from causal.moveshares import MoveShares, share_out
from causal.panel import Array, Panel
from causal.settings import Method
from causal.storynodes import bind_nodes
from tests.dossiers import DAY, a_narrative, a_prediction
from tests.panels import AFTER, SESSIONS, a_column, a_panel, a_series_dossier, prices, returns_of, with_move

METHOD = Method()
END = SESSIONS - 1 - AFTER


def a_market(*, seed: int = 1, share_moves: float = -0.06, own: float = -0.005, **fields: Any) -> Panel:
    """The pair moves the share, and both move the coin: share = 2 pair + e, coin = 1.5 share - pair + e."""
    pair = with_move(returns_of(seed, size=0.004), 0.0)
    share = with_move(2.0 * pair + returns_of(seed + 1, size=0.012), share_moves)
    coin = 1.5 * share - pair + with_move(returns_of(seed + 2, size=0.01), own)
    return a_panel(
        a_column("coin", prices(coin)),
        a_column("share", prices(share), **fields),
        a_column("usdjpy", prices(pair), indicator="fx level", unit="JPY per USD"),
        a_column("fund", prices(coin + 0.001 * np.random.default_rng(9).standard_normal(SESSIONS))),
    )


CARRY = a_narrative(
    "carry", [a_prediction("fx level", "usdjpy", "down")], [a_prediction("spot return", "share", "down")]
)
REDEMPTION = a_narrative("redemption", [a_prediction("spot return", "fund", "down")])
UNSEEN = a_narrative("unseen", [a_prediction("holdings change", "holder", "down")])
STORIES = (CARRY, REDEMPTION, UNSEEN)


def shares_of(panel: Panel | None, stories: tuple[Narrative, ...] = STORIES, **fields: Any) -> MoveShares:
    return share_out(made(panel, stories), stories, METHOD, **fields).answer


def made(panel: Panel | None, stories: tuple[Narrative, ...] = STORIES) -> Dossier:
    return a_series_dossier(panel, stories)


def test_the_shares_add_up_to_the_move_less_its_mean_and_are_near_the_true_ones() -> None:
    found = shares_of(a_market()).attribution
    assert found is not None
    assert math.fsum(one.share for one in found.nodes) == pytest.approx(found.move - found.mean, abs=1e-9)
    assert math.fsum(one.share for one in found.paths) == pytest.approx(found.move - found.mean, abs=1e-9)
    by_node = {one.node: one for one in found.nodes}
    assert found.move == pytest.approx(-9.5, abs=0.01)  # percent: 1.5 times -6, and -.5 of its own
    assert by_node["share spot return"].share == pytest.approx(-9.0, abs=1.5)  # betas are per volatility
    assert abs(by_node["coin"].share) < 1.5
    assert found.nodes[0].node == "share spot return"


def test_a_story_gets_what_its_steps_brought_under_its_own_graph() -> None:
    told = {one.narrative: one for one in shares_of(a_market()).stories}
    carry = told["carry"]
    assert carry.share is not None
    assert set(carry.nodes) == {"usdjpy spot return", "share spot return"}
    assert ("usdjpy spot return", "share spot return") in carry.edges
    assert ("share spot return", "coin") in carry.edges
    assert ("usdjpy spot return", "coin") not in carry.edges  # the story leads to the move by its last step
    assert carry.share.low < -8.0 < carry.share.high + 2.0


def test_what_tracks_the_price_is_no_cause_of_it_on_the_same_day() -> None:
    answer = shares_of(a_market())
    told = {one.narrative: one for one in answer.stories}
    assert told["redemption"].share is None
    assert "answers the price" in str(told["redemption"].not_identifiable)
    assert [one.series for one in answer.aside] == ["fund"]
    assert "unseen" not in told


def test_a_cause_that_closes_later_is_read_a_session_earlier() -> None:
    nodes = bind_nodes(made(a_market(lag=3.0)), STORIES, METHOD)
    assert nodes is not None
    (late,) = [one for one in nodes.nodes.values() if one.series == "share"]
    assert (late.lo, late.hi) == (-2, -1)
    assert late.id == "share spot return (the session before)"
    on_time = bind_nodes(made(a_market()), STORIES, METHOD)
    assert on_time is not None
    assert late.values[END] == pytest.approx(on_time.nodes["share spot return"].values[END - 1])


def test_what_a_story_says_of_an_earlier_day_is_a_node_of_its_own_and_of_a_later_day_none() -> None:
    before, day, after = (a_prediction("spot return", "share", "down", window=span(by)) for by in (-1, 0, 2))
    story = a_narrative("three days", [before], [day], [after])
    bound = bind_nodes(made(a_market(), (story,)), (story,), METHOD)
    assert bound is not None
    assert sorted((one.lo, one.hi) for one in bound.nodes.values()) == [(-2, -1), (-1, 0)]
    graph = joint_graph(bound, list(bound.nodes.values()))
    assert ("share spot return (the session before)", "share spot return") in graph.edges


def span(by: int) -> Span:
    day = DAY.replace(day=DAY.day + by)
    return Span(start=day, end=day)


def test_of_two_series_that_move_as_one_the_first_stands_for_both() -> None:
    panel = a_market()
    both = a_narrative(
        "twins", [a_prediction("spot return", "share", "down"), a_prediction("spot return", "twin", "down")]
    )
    dossier = made(a_panel(*panel.columns, a_column("twin", panel.column("share").at["last"] * 2.0)), (both,))
    answer = share_out(dossier, (both,), METHOD).answer
    assert [one.id for one in answer.aside] == ["twin spot return"]
    assert "moves with share spot return" in answer.aside[0].why


def test_a_series_that_is_too_short_beside_the_rest_costs_itself_alone() -> None:
    answer = shares_of(with_gaps(a_market()))
    assert answer.attribution is not None
    assert [one.node for one in answer.attribution.nodes if one.node != "coin"] == ["usdjpy spot return"]
    left = next(one for one in answer.aside if one.id == "share spot return")
    assert left.why == "fewer than 60 sessions in common with the rest"


def test_a_story_of_such_a_series_keeps_it_and_goes_without_the_common_driver() -> None:
    carry = a_narrative("carry", [a_prediction("fx level", "usdjpy", "down")])
    shares = a_narrative("shares", [a_prediction("spot return", "share", "down")])
    told = {one.narrative: one for one in shares_of(with_gaps(a_market()), (carry, shares)).stories}
    assert told["shares"].nodes == ("share spot return",)
    assert told["shares"].edges == (("share spot return", "coin"),)
    assert told["shares"].rows == 100
    assert told["carry"].nodes == ("usdjpy spot return",)


def with_gaps(panel: Panel) -> Panel:
    """The share is on record for 120 sessions before the move, the pair is not for 70 of them."""
    share, pair = (panel.column(name).at["last"].copy() for name in ("share", "usdjpy"))
    share[: END - 121] = np.nan
    pair[END - 90 : END - 20] = np.nan
    changed = {
        "share": a_column("share", share),
        "usdjpy": a_column("usdjpy", pair, indicator="fx level", unit="JPY per USD"),
    }
    return a_panel(*(changed.get(one.id, one) for one in panel.columns))


@pytest.mark.parametrize("rows", [40, 59])
def test_with_too_short_a_past_there_is_no_answer(rows: int) -> None:
    panel = a_market()
    short: Array = panel.column("share").at["last"].copy()
    short[: END - rows] = np.nan
    columns = [a_column("share", short) if one.id == "share" else one for one in panel.columns if one.id != "usdjpy"]
    answer = shares_of(a_panel(*columns))
    assert answer.attribution is None
    assert "no story names a series" in str(answer.not_identifiable)
    assert any("fewer than 60 sessions" in one.why for one in answer.aside)


def test_without_a_series_of_what_moved_there_is_no_answer() -> None:
    answer = shares_of(None)
    assert answer.attribution is None
    assert "what moved (coin) has no series" in str(answer.not_identifiable)


def test_a_graph_that_is_given_may_hold_what_answers_the_price() -> None:
    answer = shares_of(a_market(), edges=(("fund", "coin"), ("share", "fund")))
    assert answer.attribution is not None
    assert answer.edges == (("fund spot return", "coin"), ("share spot return", "fund spot return"))
    with pytest.raises(InvalidGraphError, match="names no series"):
        shares_of(a_market(), edges=(("rumour", "coin"),))
    with pytest.raises(InvalidGraphError, match="mean one series"):
        shares_of(a_market(), edges=(("share", "coin"), ("share spot return", "coin")))


def test_the_graph_of_one_story_is_asked_for_by_its_name() -> None:
    answer = shares_of(a_market(), narrative="carry")
    assert ("usdjpy spot return", "coin") not in answer.edges
    assert answer.attribution is not None
    with pytest.raises(InvalidGraphError, match="no series is bound"):
        shares_of(a_market(), narrative="unseen")


def test_the_same_question_has_the_same_answer_whatever_the_order_of_the_stories() -> None:
    one, other = shares_of(a_market()), shares_of(a_market(), STORIES[::-1])
    assert one.attribution == other.attribution
    assert one.edges == other.edges


def test_days_after_the_move_change_nothing() -> None:
    panel = a_market()
    later = [
        a_column(one.id, np.r_[one.at["last"][: END + 1], one.at["last"][END + 1 :] * 3.0], indicator=one.indicator)
        for one in panel.columns
    ]
    assert shares_of(panel).attribution == shares_of(a_panel(*later)).attribution
