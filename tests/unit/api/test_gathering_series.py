"""The panel around a move as it is read from a store: its sessions, and how each series lies on them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.gathering_series import MOST, measured_move
from causal.panel import Column, Panel
from tests.dossiers import CLOSE, DAY
from tests.unit.api.series_world import (
    AFTER,
    COUNT,
    HOUR,
    LAST,
    a_move,
    a_shelf,
    a_tie,
    closes,
    days,
    panel_of,
    us,
    walk,
)

END = COUNT - 1 - AFTER


async def whole(*asked: Any, **fields: Any) -> Panel:
    found = await panel_of(*asked, **fields)
    assert found is not None
    return found


async def test_the_sessions_are_those_of_what_moved(tmp_path: Path) -> None:
    found = await whole(a_shelf(tmp_path))
    assert list(found.days) == days()
    assert found.closes[END] == CLOSE
    assert (found.start, found.end, found.span, found.moved, found.level) == (END - 1, END, 1, "coin.price", False)
    assert {column.id for column in found.columns} == {"coin.price", "share.price"}
    assert found.column("share.price").at["last"].tolist() == walk(2).tolist()
    with pytest.raises(KeyError):
        found.column("nobody.price")


async def test_days_are_paired_as_days_whatever_the_close(tmp_path: Path) -> None:
    """A close in Tokyo comes before one in New York, and both are of the same day."""
    shelf = a_shelf(tmp_path)
    shelf.daily("fund.price", walk(3), hour=6)
    shelf.daily("fund.price2", walk(4), hour=23)
    found = await whole(shelf)
    for name, seed, hour in (("fund.price", 3, 6), ("fund.price2", 4, 23)):
        column = found.column(name)
        assert column.at["last"].tolist() == walk(seed).tolist()
        assert column.at["stamp"].tolist() == [day * 24.0 * HOUR for day in closes(days()) // (24 * HOUR)]
        assert column.at["known"].tolist() == closes(days(), hour).tolist()


async def test_a_day_without_a_value_shows_the_last_one_with_its_own_stamp(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    kept = [day for day in days() if not DAY - timedelta(days=8) < day <= DAY - timedelta(days=1)]
    shelf.daily("fund.price", np.arange(float(len(kept))), kept)
    column = (await whole(shelf)).column("fund.price")
    last, stamp = column.at["last"][: END + 1], column.at["stamp"][: END + 1]
    assert last[END - 8] == last[END - 3] == last[END] - 1.0
    assert np.isnan(last[END - 2 : END]).all()  # more than five days old
    assert stamp[END - 8] == stamp[END - 3] < stamp[END]


async def test_weekly_figures_are_slow_and_the_next_one_is_at_hand(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    told = days()[::7]
    shelf.daily("coin.oi", np.arange(float(len(told))), told, frequency="P7D", publication_lag="P3D")
    found = await whole(shelf)
    column = found.column("coin.oi")
    assert column.slow
    assert not found.column("share.price").slow
    assert column.at["last"][:15].tolist() == [0.0] * 7 + [1.0] * 7 + [2.0]
    assert column.at["next"][:15].tolist() == [0.0, *[1.0] * 7, *[2.0] * 7]
    public = closes(told) + 3 * 24 * HOUR
    assert column.at["known"][6] == public[0]
    assert column.at["known_next"][6] == public[1]


async def test_flows_are_summed_over_each_session(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.daily("fund.flow", np.arange(float(COUNT)))
    assert (await whole(shelf)).column("fund.flow").at["sum"][1:].tolist() == list(range(1, COUNT))


async def test_what_comes_by_the_hour_is_read_at_the_close_and_hour_by_hour(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    first = int(closes(days())[0]) - 30 * HOUR
    at = np.arange(first, int(closes(days())[-1]), HOUR)
    shelf.hourly("share.price2", at, np.arange(float(len(at))))
    column = (await whole(shelf)).column("share.price2")
    assert isinstance(column, Column)
    assert column.hours is not None
    assert column.hours.shape == (COUNT, 24)
    assert column.hours[0].tolist() == list(range(7, 31))
    assert column.at["last"][0] == 30.0
    assert np.isnan(column.hours[-1, -1])  # no value at the last close itself


async def test_minutes_are_read_only_where_nothing_coarser_is_there_and_not_too_many(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    at = np.arange(us(CLOSE) - HOUR, us(CLOSE), HOUR // 60)
    shelf.hourly("share.price2", at, np.ones(len(at)), frequency="PT1M")
    shelf.hourly("fund.price", at, np.ones(len(at)), frequency="PT1M")
    shelf.hourly("dated.price", at, np.ones(len(at)), frequency="PT1M", count=MOST + 1)
    assert {one.id for one in (await whole(shelf)).columns} == {"coin.price", "share.price", "fund.price"}


async def test_what_nothing_is_derived_from_is_not_read(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.daily("share.price2", walk(3), indicator="ownership share")
    assert {one.id for one in (await whole(shelf)).columns} == {"coin.price", "share.price"}


async def test_a_future_has_the_spot_price_of_its_own_hour(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    at = np.arange(us(CLOSE) - 40 * 24 * HOUR, us(CLOSE) + HOUR, HOUR)
    shelf.hourly("coin.price2", at, np.arange(float(len(at))))
    shelf.daily("dated.price", walk(3), hour=18)
    ties = (a_tie("underlying", "dated", "coin"),)
    spot = (await whole(shelf, relations=ties)).column("dated.price").at["spot"]
    assert spot[END] == len(at) - 1 - 3  # the last is of the close, and the future's own is three hours before
    assert np.isnan(spot[: END - 45]).all()
    assert "spot" not in (await whole(shelf)).column("dated.price").at


async def test_own_daily_prices_give_the_sessions_before_hourly_ones_and_before_those_of_a_fund(tmp_path: Path) -> None:
    ties = (a_tie("tracks", "fund", "coin"),)
    shelf = a_shelf(tmp_path / "own")
    at = np.arange(us(CLOSE) - 300 * 24 * HOUR, us(CLOSE) + 100 * HOUR, HOUR)
    shelf.hourly("coin.price2", at, np.ones(len(at)))
    shelf.daily("fund.price", walk(3))
    assert (await whole(shelf, relations=ties)).moved == "coin.price"
    shelf.rows = [row for row in shelf.rows if row["id"] != "coin.price"]
    shelf.folder = tmp_path / "hourly"
    by_hour = await whole(shelf, relations=ties)
    assert by_hour.moved == "coin.price2"
    assert by_hour.closes[by_hour.end] == CLOSE  # 17:00 in New York, by summer time
    shelf.rows = [row for row in shelf.rows if row["id"] != "coin.price2"]
    shelf.folder = tmp_path / "fund"
    assert (await whole(shelf, relations=ties)).moved == "fund.price"
    assert await panel_of(shelf, relations=()) is None


async def test_a_yield_moves_by_its_level(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.daily("rate.yield", 4.0 + 0.01 * np.arange(COUNT))
    found = await whole(shelf, move=a_move(instrument="rate"))
    assert (found.moved, found.level) == ("rate.yield", True)
    moved = measured_move(a_move(instrument="rate"), found)
    assert moved.return_ == pytest.approx(0.0001)


async def test_a_move_that_nobody_recorded_takes_its_return_from_its_series(tmp_path: Path) -> None:
    found = await whole(a_shelf(tmp_path))
    level = walk(1)
    moved = measured_move(a_move(), found)
    assert moved.return_ == pytest.approx(level[END] / level[END - 1] - 1.0)
    assert "coin.price" in moved.measure
    assert f"{DAY - timedelta(days=1)} to {DAY}" in moved.measure
    told = a_move(return_=-0.5, measure="as told")
    assert measured_move(told, found) == told


@pytest.mark.parametrize(
    "move",
    [
        a_move(start=LAST + timedelta(days=30), end=LAST + timedelta(days=31)),
        a_move(start=days()[0] - timedelta(days=9), end=days()[0] - timedelta(days=8)),
        a_move(instrument="nobody"),
    ],
    ids=["after the last session", "before the first", "of something without a series"],
)
async def test_where_the_series_of_what_moved_does_not_reach_there_is_no_panel(tmp_path: Path, move: Any) -> None:
    assert await panel_of(a_shelf(tmp_path), move=move) is None


async def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path / "one")
    shelf.daily("fund.price", walk(3))
    plain = await whole(shelf, relations=(a_tie("tracks", "fund", "coin"),))
    shelf.rows.reverse()
    shelf.folder = tmp_path / "two"
    turned = await whole(shelf, relations=(a_tie("tracks", "fund", "coin"),))
    assert plain.moved == turned.moved
    for column in plain.columns:
        for how, told in column.at.items():
            np.testing.assert_array_equal(turned.column(column.id).at[how], told)
