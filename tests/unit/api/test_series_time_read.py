"""Which time of a stored series is read for a panel: what its sessions can be in need of, and nothing long before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from api.gathering_series import Around, read_panel
from causal.panel import Column, Panel
from causal.world import Instrument, Relation
from graph.series import SeriesStore
from tests.dossiers import CLOSE, DAY
from tests.unit.api.series_world import HOUR, NOW, Shelf, a_move, a_shelf, a_tie, days, knowledge, us, walk

FIRST = days()[0]  # of the coin, which moved
LONG = 1_000  # days that other things have
HOURS = [us(CLOSE) - n * HOUR for n in range(24 * LONG, -1, -1)]


async def _read(shelf: Shelf, store: SeriesStore, relations: Sequence[Relation] = ()) -> Panel:
    coin = Instrument(id="coin", name="coin", kind="crypto spot", asset_class="any")
    around = Around(move=a_move(), instruments=(coin,), relations=relations, as_of=NOW)
    panel = await read_panel(around, shelf.rows, store, knowledge())
    assert panel is not None
    return panel


def _same(one: Column, other: Column) -> None:
    for how, values in one.at.items():
        np.testing.assert_array_equal(other.at[how], values)
    assert (one.hours is None) == (other.hours is None)
    if one.hours is not None and other.hours is not None:
        np.testing.assert_array_equal(one.hours, other.hours)


def _break_year_before(folder: Path, series: str) -> int:
    files = [*(folder / f"series={series}").glob(f"year={FIRST.year - 1}/*.parquet")]
    for file in files:
        file.write_bytes(b"no Parquet")
    return len(files)


async def test_a_year_before_the_first_session_is_not_read_and_not_missed(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.daily("fund.price", walk(3, LONG))
    shelf.hourly("rate.price", HOURS, walk(4, len(HOURS)))
    store = shelf.stored()
    whole = await _read(shelf, store)
    assert [_break_year_before(tmp_path, name) for name in ("fund.price", "rate.price")] == [1, 1]
    part = await _read(shelf, SeriesStore(tmp_path))
    for name in ("fund.price", "rate.price"):
        _same(whole.column(name), part.column(name))


async def test_what_came_before_the_first_session_counts_as_long_as_it_does_anywhere(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.daily("share.positioning", [7.0, 8.0], [FIRST - timedelta(days=4), DAY])
    shelf.daily("fund.positioning", [5.0, 6.0], [FIRST - timedelta(days=40), DAY], frequency="P30D")
    shelf.daily("rate.positioning", [5.0, 6.0], [FIRST - timedelta(days=46), DAY], frequency="P30D")
    panel = await _read(shelf, shelf.stored())
    assert panel.column("share.positioning").at["last"][:2].tolist() == [7.0, 7.0]
    assert panel.column("fund.positioning").at["last"][0] == 5.0
    assert np.isnan(panel.column("rate.positioning").at["last"][0])


async def test_what_comes_after_the_last_session_counts_as_the_next_figure(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    last = days()[-1]
    shelf.daily("fund.price", [5.0, 6.0], [last - timedelta(days=60), last + timedelta(days=9)], frequency="P30D")
    panel = await _read(shelf, shelf.stored())
    assert panel.column("fund.price").at["next"][-1] == 6.0


async def test_the_longest_of_several_prices_behind_a_future_is_told_by_its_whole_history(tmp_path: Path) -> None:
    """Both have a price at each close of the future; what lies before the sessions tells which one is longer."""
    shelf = a_shelf(tmp_path)
    shelf.daily("dated.price", walk(5, LONG))
    recent = [at for at in HOURS if at >= us(CLOSE) - 24 * 250 * HOUR]
    shelf.hourly("coin.price1", recent, [1.0] * len(recent))
    shelf.hourly("coin.price2", HOURS[: -24 * 150], [2.0] * len(HOURS[: -24 * 150]))
    panel = await _read(shelf, shelf.stored(), [a_tie("underlying", "dated", "coin")])
    spot = panel.column("dated.price").at["spot"]
    both = panel.days.index(DAY - timedelta(days=200))
    assert spot[both] == 2.0
    assert spot[panel.days.index(DAY)] == 1.0
