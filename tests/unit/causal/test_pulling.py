"""Which series answers a question, in which window, against which days; and why one that is there does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from causal.model import Span
from causal.panel import Array
from causal.pulling import SeriesIndex
from causal.subjects import build_world
from causal.world import Relation
from tests.dossiers import CLOSE, DAY
from tests.panels import (
    SESSIONS,
    a_coin,
    a_column,
    a_derivation,
    a_panel,
    a_series_dossier,
    prices,
    returns_of,
    with_move,
)
from tests.unit.causal.pulling_kit import END, METHOD, answer, refusal, share, since


def test_a_reading_is_ranked_among_the_days_on_which_the_same_thing_moved_like_this() -> None:
    pulled = answer(a_panel(a_coin(), share(0.2)), "spot return", "share")
    assert pulled.found.u > 0.95
    assert pulled.reading.bin == 5
    assert pulled.reliability == METHOD.series_reliability
    assert (pulled.exact, pulled.fact.series) == (True, "share")
    assert pulled.found.effective >= METHOD.comparable_days
    assert answer(a_panel(a_coin(), share(-0.2)), "spot return", "share").reading.bin == 1


def test_the_fact_says_what_was_measured_from_when_to_when_and_since_when_it_is_known() -> None:
    fact = answer(a_panel(a_coin(), share(0.2, lag=3.0)), "spot return", "share").fact
    assert fact.value == pytest.approx(20.0)
    assert (fact.unit, fact.indicator, fact.subject, fact.modality) == ("percent", "spot return", "share", "measured")
    assert (fact.trade_date, fact.trade_date_end) == (DAY, DAY)
    assert (fact.valid_from, fact.valid_to) == (CLOSE - timedelta(days=1), CLOSE)
    assert fact.known_at == CLOSE + timedelta(hours=3)
    assert "share" in fact.statement
    assert "+20" in fact.statement


def test_what_overlaps_the_move_is_no_history_of_it() -> None:
    ranks = answer(a_panel(a_coin(), share(0.2)), "spot return", "share").ranks
    assert np.isnan(ranks[END - 1 : END + 2]).all()
    wide = answer(a_panel(a_coin(), share(0.2), span=3), "spot return", "share")
    assert np.isnan(wide.ranks[END - 5 : END + 6]).all()
    assert np.isfinite(wide.ranks[: END - 5]).sum() > 20


def moved_by(values: Array, days: slice) -> Array:
    answer = values.copy()
    answer[days] *= np.linspace(1.5, 3.0, len(answer[days]))
    return answer


def test_neighbouring_days_that_share_the_window_cannot_change_the_answer() -> None:
    """A price on the day after the move changes only readings whose windows overlap it."""
    level = prices(with_move(returns_of(5), 0.01))
    later = level.copy()
    later[END + 1 :] *= 1.7  # the return of the day after; every other return stays
    plain = answer(a_panel(a_coin(), a_column("share", level)), "spot return", "share")
    other = answer(a_panel(a_coin(), a_column("share", later)), "spot return", "share")
    assert other.found.u == pytest.approx(plain.found.u, abs=1e-12)
    np.testing.assert_allclose(other.ranks, plain.ranks, atol=1e-12)
    past = answer(a_panel(a_coin(), a_column("share", moved_by(level, slice(100, 300)))), "spot return", "share")
    assert np.nanmax(np.abs(past.ranks - plain.ranks)) > 0.01


def test_the_size_of_the_move_chooses_the_days() -> None:
    """What falls with every large fall is ordinary on such a day, and unusual on a small one."""
    returns = returns_of(1)
    beside = prices(np.minimum(returns, 0.0) + 0.001 * np.random.default_rng(2).standard_normal(SESSIONS))
    for move, bins in ((-0.09, {2, 3, 4}), (-0.003, {1})):
        fell = a_column("coin", prices(with_move(returns, move)))
        followed = beside.copy()
        followed[END:] *= np.exp(-0.09 - np.log(beside[END] / beside[END - 1]))
        dossier = a_series_dossier(a_panel(fell, a_column("share", followed)))
        index = SeriesIndex(dossier, a_panel(fell, a_column("share", followed)), build_world(dossier), METHOD)
        index.size = 100.0 * move
        identity = build_world(dossier).identity("spot return", "share")
        assert identity is not None
        pulled, _ = index.pull(identity, "during")
        assert pulled is not None
        assert pulled.reading.bin in bins


def test_a_window_of_days_reads_these_days() -> None:
    returns = returns_of(5)
    returns[END - 9 : END - 5] = 0.03
    panel = a_panel(a_coin(), a_column("share", prices(returns)))
    span = Span(start=DAY - timedelta(days=9), end=DAY - timedelta(days=6))
    fact = answer(panel, "spot return", "share", span).fact
    assert fact.value == pytest.approx(12.0)
    assert (fact.trade_date, fact.trade_date_end) == (span.start, span.end)


def test_before_ends_where_the_move_starts_and_after_starts_where_it_ends() -> None:
    returns = np.zeros(SESSIONS)
    returns[: END - 20] = returns_of(5)[: END - 20]
    returns[END - 1], returns[END], returns[END + 1] = 0.01, 0.1, 0.001
    panel = a_panel(a_coin(), a_column("share", prices(returns)))
    for window, value in (("before", 1.0), ("during", 10.0), ("after", 0.1)):
        assert answer(panel, "spot return", "share", window).fact.value == pytest.approx(value)  # type: ignore[arg-type]  # a window


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ([slice(END - 30, None)], f"the series ends on {DAY - timedelta(days=31)}"),
        ([slice(None, END + 1)], f"the series starts on {DAY + timedelta(days=1)}"),
        ([slice(END, END + 1)], f"no value between {DAY - timedelta(days=1)} and {DAY}"),
        ([slice(None)], "no value at these sessions"),
    ],
    ids=["ended long ago", "starts later", "no value on the day", "no value at all"],
)
def test_a_series_that_has_nothing_for_the_window_says_why(missing: Sequence[slice], why: str) -> None:
    level = prices(returns_of(5))
    for days in missing:
        level[days] = np.nan
    assert refusal(a_panel(a_coin(), a_column("share", level)), "spot return", "share").startswith(why)


STANDING = ("drawdown", "momentum", "level_against_usual")  # readings of where a price stands


@pytest.mark.parametrize("name", STANDING)
def test_a_price_that_is_carried_on_says_nothing_of_the_day(name: str) -> None:
    level = prices(with_move(returns_of(5), 0.2))
    stands = (a_derivation(name),)
    assert answer(a_panel(a_coin(), a_column("share", level)), "spot return", "share", derivations=stands).exact
    level[END] = np.nan
    why = refusal(a_panel(a_coin(), a_column("share", level)), "spot return", "share", derivations=stands)
    assert why.startswith(f"no value between {DAY - timedelta(days=1)} and {DAY}")


@pytest.mark.parametrize("name", STANDING)
def test_before_the_move_a_price_stands_where_it_stood_last(name: str) -> None:
    level = prices(returns_of(5))
    level[END - 1] = np.nan
    stood = (a_derivation(name, before=1),)
    assert answer(a_panel(a_coin(), a_column("share", level)), "spot return", "share", "before", derivations=stood)


def test_too_short_a_history_is_refused_with_the_number_of_days() -> None:
    level = since(prices(with_move(returns_of(5), 0.2)), END - 30)
    falls = int((np.diff(np.log(a_coin().at["last"][END - 30 : END - 1])) < 0).sum())
    after = int((np.diff(np.log(a_coin().at["last"][END + 1 :])) < 0).sum())
    assert 0 < falls + after < METHOD.comparable_days
    why = refusal(a_panel(a_coin(), a_column("share", level)), "spot return", "share")
    assert why == f"{falls + after} comparable days on record, 20 are needed"


def test_a_window_that_is_not_over_is_refused() -> None:
    level = prices(with_move(returns_of(5), 0.2, after=0))
    fell = a_column("coin", prices(with_move(returns_of(0), -0.128, after=0)), after=0)
    panel = a_panel(fell, a_column("share", level, after=0), after=0)
    assert refusal(panel, "spot return", "share", "after") == "the window was not over, or its figures not out, by then"
    coming = Span(start=DAY + timedelta(days=1), end=DAY + timedelta(days=2))
    assert refusal(panel, "spot return", "share", coming).startswith("the window was not over")
    assert answer(panel, "spot return", "share", "during").fact.value == pytest.approx(20.0)


def test_a_move_over_several_sessions_needs_so_many_times_the_days() -> None:
    level = since(prices(with_move(returns_of(5), 0.2)), END - 110)
    fell = a_coin()
    assert answer(a_panel(fell, a_column("share", level)), "spot return", "share").found.effective >= 20
    why = refusal(a_panel(fell, a_column("share", level), span=5), "spot return", "share")
    assert why.endswith("comparable days on record, 20 are needed")


def test_only_peers_that_are_not_the_same_thing_are_compared_with() -> None:
    spread = (a_derivation("spread_to_peers", answers=("price",), peers="peer_of"),)
    ties = [
        ("peer_of", "share", "one"),
        ("peer_of", "two", "share"),
        ("peer_of", "share", "etf"),
        ("tracks", "etf", "share"),
    ]
    relations = tuple(Relation(type=kind, from_=one, to=other) for kind, one, other in ties)
    moves = {"one": 0.01, "two": 0.03, "etf": 0.2, "stranger": 0.5}
    others = [a_column(name, prices(with_move(returns_of(i), move))) for i, (name, move) in enumerate(moves.items())]
    panel = a_panel(a_coin(), share(0.2), *others)
    pulled = answer(panel, "spot return", "share", relations=relations, derivations=spread)
    assert pulled.fact.value == pytest.approx(18.0)
    assert refusal(panel, "spot return", "share", relations=(), derivations=spread)
