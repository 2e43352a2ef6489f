"""Nothing that was not public yet is read from a store: later rows, lags and revisions cannot change an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from causal.model import Dossier, Window
from causal.panel import Panel
from causal.pulling import Pulled, Refused, SeriesIndex
from causal.subjects import build_world
from tests.dossiers import CLOSE, DAY, a_dossier
from tests.unit.api.series_world import (
    AFTER,
    COUNT,
    HOUR,
    NOW,
    Shelf,
    a_shelf,
    closes,
    days,
    knowledge,
    panel_of,
    us,
    walk,
)

END = COUNT - 1 - AFTER
JUMP = walk(2)[END - 1] * 1.5  # of the share, on the day of the move: far above any other day


def a_world(panel: Panel) -> Dossier:
    """A dossier with what ships: every indicator, and every derived reading."""
    known = knowledge()
    return a_dossier(
        (),
        (),
        panel=panel,
        indicators=known.indicators,
        derivations=known.derivations,
        relations=(),
    )


async def ask(shelf: Shelf, as_of: datetime, window: Window = "during") -> tuple[Pulled | None, tuple[Refused, ...]]:
    """What the series say of the share's return in a window, as of an instant."""
    panel = await panel_of(shelf, as_of)
    assert panel is not None
    dossier = a_world(panel)
    world = build_world(dossier)
    identity = world.identity("spot return", "share")
    assert identity is not None
    return SeriesIndex(dossier, panel, world, knowledge().method).pull(identity, window)


async def reading(shelf: Shelf, as_of: datetime, window: Window = "during") -> Pulled:
    pulled, _ = await ask(shelf, as_of, window)
    assert pulled is not None
    return pulled


async def test_a_value_of_the_move_that_came_later_is_not_read(tmp_path: Path) -> None:
    """Planted: with it the share rose by half, without it the series has nothing to say of that day."""
    shelf = Shelf(tmp_path)
    shelf.daily("coin.price", walk(1))
    told = walk(2)
    told[END:] = JUMP
    public = closes(days())
    public[END] = us(CLOSE + timedelta(days=3))
    shelf.daily("share.price", told, known_at=public.tolist())
    early, refused = await ask(shelf, CLOSE + timedelta(hours=30))
    assert early is None
    assert [one.series for one in refused] == ["share.price"]
    late = await reading(shelf, CLOSE + timedelta(days=3))
    assert late.reading.bin == 5
    assert late.fact.known_at == CLOSE + timedelta(days=3)


async def test_a_revision_holds_from_when_it_was_public(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    shelf.revise("share.price", DAY, JUMP, CLOSE + timedelta(days=10))
    early, late = await reading(shelf, CLOSE + timedelta(days=9)), await reading(shelf, CLOSE + timedelta(days=10))
    assert early.fact.value == pytest.approx(100.0 * np.log(walk(2)[END] / walk(2)[END - 1]), rel=1e-5)
    assert late.fact.value == pytest.approx(100.0 * np.log(1.5), rel=1e-5)
    assert early.fact.known_at == CLOSE
    assert late.fact.known_at == CLOSE + timedelta(days=10)


@pytest.mark.parametrize(("lag", "hours"), [("PT1H", 1), ("P2D", 48), ("PT36H", 36)])
async def test_a_publication_lag_holds_back_each_value(tmp_path: Path, lag: str, hours: int) -> None:
    shelf = Shelf(tmp_path)
    shelf.daily("coin.price", walk(1))
    shelf.daily("share.price", walk(2), publication_lag=lag)
    public = CLOSE + timedelta(hours=hours)
    before, _ = await ask(shelf, public - timedelta(microseconds=1))
    assert before is None
    assert (await reading(shelf, public)).fact.known_at == public


async def test_what_came_after_is_not_there_before_it_came(tmp_path: Path) -> None:
    shelf = a_shelf(tmp_path)
    pulled, refused = await ask(shelf, CLOSE, "after")
    assert pulled is None
    assert [one.why for one in refused if one.series == "share.price"] == [
        "the window was not over, or its figures not out, by then"
    ]
    after = await reading(shelf, CLOSE + timedelta(days=1), "after")
    assert after.fact.valid_to == CLOSE + timedelta(days=1)
    assert after.fact.known_at == CLOSE + timedelta(days=1)


async def test_the_move_itself_is_not_known_before_its_close_is_out(tmp_path: Path) -> None:
    assert await panel_of(a_shelf(tmp_path / "one"), CLOSE - timedelta(microseconds=1)) is None
    assert await panel_of(a_shelf(tmp_path / "two"), CLOSE) is not None


def full(folder: Path) -> Shelf:
    """Daily, weekly, hourly and revised series, each with its own lag."""
    shelf = a_shelf(folder)
    weekly = days()[::7]
    shelf.daily("coin.oi", walk(3, len(weekly)), weekly, frequency="P7D", publication_lag="P3D")
    shelf.daily("fund.flow", walk(4) - 100.0, publication_lag="PT14H")
    at = np.arange(us(CLOSE) - 60 * 24 * HOUR, us(CLOSE) + AFTER * 24 * HOUR, HOUR)
    shelf.hourly("share.price2", at, walk(5, len(at), 0.002))
    for back in (0, 1, 5, 40):
        shelf.revise("share.price", DAY - timedelta(days=back), 77.0 + back, CLOSE + timedelta(days=2))
    return shelf


def cut(shelf: Shelf, as_of: datetime, folder: Path) -> Shelf:
    """Only what was public by then: what a store of that day would have held."""
    lags = {"coin.oi": 72 * HOUR, "fund.flow": 14 * HOUR}
    for name, rows in shelf.held.items():
        lag = lags.get(name, 0)
        public = [at + lag if own is None else own for at, own in zip(rows["at"], rows["known_at"], strict=True)]
        kept = [i for i, when in enumerate(public) if when <= us(as_of)]
        shelf.held[name] = {key: [values[i] for i in kept] for key, values in rows.items()}
    shelf.folder = folder
    return shelf


@pytest.mark.parametrize("hours", [0, 7, 14, 24, 30, 48, 71, 96, 500])
async def test_a_store_of_that_day_gives_the_same_panel(tmp_path: Path, hours: int) -> None:
    as_of = CLOSE + timedelta(hours=hours)
    whole = await panel_of(full(tmp_path / "whole"), as_of)
    then = await panel_of(cut(full(tmp_path / "unused"), as_of, tmp_path / "then"), NOW)
    assert whole is not None
    assert then is not None
    assert (whole.days, whole.closes, whole.start, whole.end) == (then.days, then.closes, then.start, then.end)
    assert max(whole.closes) <= as_of
    for column in then.columns:
        found = whole.column(column.id)
        for how, told in column.at.items():
            np.testing.assert_array_equal(found.at[how], told, err_msg=f"{column.id} {how}")
        assert (found.hours is None) == (column.hours is None)
        if found.hours is not None and column.hours is not None:
            np.testing.assert_array_equal(found.hours, column.hours)


async def test_no_answer_is_known_later_than_it_is_asked(tmp_path: Path) -> None:
    """Of every series that ships a reading: whatever answers was public by then."""
    seen = 0
    for hours in (0, 14, 48, 96):
        as_of = CLOSE + timedelta(hours=hours)
        panel = await panel_of(full(tmp_path / str(hours)), as_of)
        assert panel is not None
        dossier = a_world(panel)
        world = build_world(dossier)
        index = SeriesIndex(dossier, panel, world, knowledge().method)
        windows: tuple[Window, ...] = ("before", "during", "after")
        for indicator, subject in {(one.indicator, one.subject) for one in panel.columns}:
            for window in windows:
                identity = world.identity(indicator, subject)
                assert identity is not None
                pulled, _ = index.pull(identity, window)
                if pulled is not None:
                    assert pulled.fact.known_at <= as_of, (pulled.fact.id, hours)
                    seen += 1
    assert seen > 20
