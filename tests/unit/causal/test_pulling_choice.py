"""Which of several series speaks of a thing, and by which of its names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from causal.panel import Panel
from causal.world import Relation
from tests.dossiers import CLOSE, RELATIONS, a_dossier, an_indicator
from tests.panels import (
    DERIVATIONS,
    SERIES_INDICATORS,
    a_coin,
    a_column,
    a_derivation,
    a_panel,
    prices,
    returns_of,
    with_move,
)
from tests.unit.causal.pulling_kit import METHOD, answer, ask, share, since


def test_a_pair_answers_for_its_currency_and_a_currency_for_its_pair_turned_round() -> None:
    pair = prices(with_move(returns_of(7, size=0.005), -0.02), start=150.0)
    by_pair = answer(a_panel(a_coin(), a_column("usdjpy", pair, indicator="fx level")), "fx spot return", "jpy")
    assert (by_pair.fact.subject, by_pair.reading.bin) == ("usdjpy", 1)
    turned = a_column("jpy", 1.0 / pair, indicator="price level")
    by_currency = answer(a_panel(a_coin(), turned), "fx spot return", "usdjpy")
    assert by_currency.found.u == pytest.approx(by_pair.found.u, abs=1e-9)
    assert by_currency.reading.bin == 1


TRACKS = (*RELATIONS, Relation(type="tracks", from_="etf", to="share"))


LEVEL = prices(with_move(returns_of(5), 0.2))
USUAL = replace(a_dossier((), ()).move, return_=-0.03)  # so many days are like it that the kernel stays narrow


def histories(etf: int | None = None, share: int | None = None) -> Panel:
    """A fund and the share that it tracks, each where it is given from that session on."""
    firsts = {"etf": etf, "share": share}
    columns = [a_column(name, since(LEVEL, first)) for name, first in firsts.items() if first is not None]
    return a_panel(a_coin(move=-0.03), *columns)


@pytest.mark.parametrize(
    ("first_own", "first_proxy", "speaks"),
    [(0, 0, "etf"), (250, 0, "etf"), (400, 0, "share"), (400, 300, "etf")],
    ids=["as long", "less than twice as long", "three times as long", "one and a half times as long"],
)
def test_what_is_tracked_speaks_only_where_its_history_is_more_than_twice_as_long(
    first_own: int, first_proxy: int, speaks: str
) -> None:
    pulled = answer(histories(first_own, first_proxy), "spot return", "etf", relations=TRACKS, move=USUAL)
    assert pulled.fact.subject == speaks
    assert pulled.exact == (speaks == "etf")
    factor = 1.0 if pulled.exact else METHOD.proxy_reliability
    assert pulled.reliability == pytest.approx(METHOD.series_reliability * factor)


@pytest.mark.parametrize("size", [-0.03, 0.02, -0.1])
def test_of_equal_worth_the_thing_itself_speaks_whatever_the_size_of_the_move(size: float) -> None:
    """Days of any size with a reading count, so that one series speaks of large moves and of small ones."""
    move = replace(USUAL, return_=size)
    wanted = 2 * answer(histories(etf=400), "spot return", "etf", move=move).found.usable
    found = [(n, answer(histories(share=n), "spot return", "share", move=move).found.usable) for n in range(200, 210)]
    twice = next(first for first, usable in found if usable == wanted)
    assert answer(histories(400, twice), "spot return", "etf", relations=TRACKS, move=move).exact
    assert not answer(histories(400, twice - 1), "spot return", "etf", relations=TRACKS, move=move).exact


def test_a_fund_speaks_for_what_it_tracks_where_that_has_no_series_but_not_of_its_volume() -> None:
    volume = a_column("etf.volume", np.abs(returns_of(9)) + 1.0, indicator="trading volume", subject="etf")
    panel = a_panel(a_coin(), a_column("etf", prices(with_move(returns_of(5), 0.2))), volume)
    assert answer(panel, "spot return", "share", relations=TRACKS).fact.subject == "etf"
    assert ask(panel, "trading volume", "share", relations=TRACKS) == (None, ())
    assert answer(panel, "trading volume", "etf", relations=TRACKS).exact


VOLATILITY = (*DERIVATIONS, a_derivation("log_return", id="iv", answers=("implied volatility",)))


def test_a_volatility_index_is_the_implied_volatility_that_it_measures_and_no_price() -> None:
    panel = a_panel(a_coin(), a_column("coinvol", prices(with_move(returns_of(8), 0.5))), share(0.2))
    for indicator in ("implied volatility", "spot return"):
        assert answer(panel, indicator, "coinvol", derivations=VOLATILITY).fact.id.startswith("coinvol:iv@")
    assert ask(panel, "implied volatility", "share", derivations=VOLATILITY) == (None, ())
    assert answer(panel, "spot return", "share", derivations=VOLATILITY).fact.id.startswith("share:log_return@")


def test_a_reading_holds_for_its_kinds_and_windows_alone() -> None:
    panel = a_panel(a_coin(), share(0.2))
    stable = (a_derivation("log_return", kinds=("stablecoin",)),)
    assert ask(panel, "spot return", "share", derivations=stable) == (None, ())
    later = (a_derivation("log_return", windows=("after",)),)
    assert ask(panel, "spot return", "share", "during", derivations=later) == (None, ())
    assert answer(panel, "spot return", "share", "after", derivations=later).fact.valid_from == CLOSE


@pytest.mark.parametrize("name", ["usdjpy", "jpy"])
def test_a_reading_without_a_direction_is_not_turned_round_with_the_quote(name: str) -> None:
    """A currency whose price leaps is more volatile, whether the pair or the currency is what is quoted."""
    vol = (a_derivation("realised_volatility", answers=("realised volatility",), indicator="realised volatility"),)
    known = (*SERIES_INDICATORS, an_indicator("realised volatility", "log_ratio"))
    panel = a_panel(a_coin(), a_column(name, prices(with_move(returns_of(7, size=0.005), 0.08))))
    pulled = answer(panel, "realised volatility", name, derivations=vol, indicators=known)
    assert pulled.reading.bin == 5
    assert isinstance(pulled.fact.value, float)
    assert pulled.fact.value > 100.0
    price = answer(panel, "spot return", name)
    assert price.reading.bin == (5 if name == "usdjpy" else 1)  # that of the pair
