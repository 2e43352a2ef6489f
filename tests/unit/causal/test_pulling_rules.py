"""What a series may not say: of less than half a week where it comes weekly, of what somebody measured more closely."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from causal.breadth import Parent
from causal.choosing import log_ratio
from causal.facts import FactIndex, Report, gather_reports
from causal.model import Span, Window
from causal.observables import Observable
from causal.panel import Column, Panel
from causal.pit import bin_masses
from causal.pulling import Pulled, Refused, SeriesIndex
from causal.settings import Method
from causal.spans import window_offsets
from causal.subjects import Identity, build_world
from causal.surprise import Reading
from causal.world import Fact
from tests.dossiers import CLOSE, DAY, a_fact
from tests.panels import (
    AFTER,
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

METHOD = Method()
END = SESSIONS - 1 - AFTER
INTEREST = Identity(family="open interest change", subject="coin", sign=1)
PRICE = Identity(family="price", subject="share", sign=1)


def weekly(on: int = 0) -> Column:
    """Open interest that comes every seventh day, the last before the move on the day so many days before it."""
    level = prices(returns_of(3))
    level[[i for i in range(SESSIONS) if (i - END + on) % 7 != 0]] = np.nan
    return a_column("coin.oi", level, slow=True, indicator="open interest", subject="coin")


def ask(panel: Panel, identity: Identity, window: Window) -> tuple[Pulled | None, tuple[Refused, ...]]:
    dossier = a_series_dossier(panel)
    return SeriesIndex(dossier, panel, build_world(dossier), METHOD).pull(identity, window)


def reports(panel: Panel, facts: list[Fact], identity: Identity, window: Window = "during") -> list[str]:
    """The reports on an observable: `series` for that of a series, else the fact."""
    dossier = a_series_dossier(panel, (), facts)
    index = FactIndex(dossier, build_world(dossier), METHOD)
    place = (identity.family, identity.subject, "a window")
    gather_reports(index, identity, window, place)
    return ["series" if report.fact in index.pulled else report.fact for report in index.reports[place]]


def test_a_weekly_figure_speaks_of_the_day_of_the_move_with_less_trust() -> None:
    day, _ = ask(a_panel(a_coin(), weekly(3)), INTEREST, "during")
    before, _ = ask(a_panel(a_coin(), weekly(3)), INTEREST, "before")
    assert day is not None
    assert before is not None
    assert day.slow
    assert not before.slow
    assert day.reliability == pytest.approx(METHOD.series_reliability * METHOD.earlier_reliability)
    assert before.reliability == METHOD.series_reliability
    assert day.exact


def test_a_weekly_figure_is_no_answer_for_two_days_that_are_named() -> None:
    short = Span(start=DAY - timedelta(days=1), end=DAY)
    pulled, refused = ask(a_panel(a_coin(), weekly()), INTEREST, short)
    assert (pulled, [one.why for one in refused]) == (None, ["its figures are too far apart for this window"])
    pulled, _ = ask(a_panel(a_coin(), weekly()), INTEREST, replace(short, start=DAY - timedelta(days=13)))
    assert pulled is not None


def test_what_covers_the_day_itself_comes_before_a_weekly_figure() -> None:
    panel = a_panel(a_coin(), weekly(3))
    assert reports(panel, [], INTEREST) == ["series"]
    assert reports(panel, [a_fact("day", "open interest change", "coin", -22.0)], INTEREST) == ["day"]


def proxy() -> Panel:
    """Nothing is stored of the share; a fund that tracks the coin stands for the coin."""
    return a_panel(a_column("fund", prices(with_move(returns_of(5), -0.2))), moved="fund")


def test_a_proxy_speaks_only_where_nobody_speaks_of_the_thing_itself() -> None:
    coin = Identity(family="price", subject="coin", sign=1)
    later = DAY + timedelta(days=1)
    assert reports(proxy(), [], coin, "after") == ["series"]
    assert reports(proxy(), [a_fact("told", "spot return", "coin", 3.0, day=later)], coin, "after") == ["told"]


def test_a_series_speaks_beside_what_is_told_of_the_same_thing() -> None:
    panel = a_panel(a_coin(), a_column("share", prices(with_move(returns_of(5), 0.2))))
    assert reports(panel, [a_fact("told", "spot return", "share", -9.0)], PRICE) == ["series", "told"]


@pytest.mark.parametrize(
    ("hours", "length", "wanted"),
    [
        ((-9, -9), timedelta(minutes=5), None),
        ((-24, 0), timedelta(0), (-1, 0)),
        ((-72, -24), timedelta(0), (-3, -1)),
        ((-24, 48), timedelta(0), (-1, 2)),
        ((-20, 4), timedelta(0), (-1, 0)),
    ],
    ids=["five minutes", "the move", "two days before", "three days", "most of one session"],
)
def test_instants_take_the_sessions_that_lie_mostly_between_them(
    hours: tuple[int, int], length: timedelta, wanted: tuple[int, int] | None
) -> None:
    start, end = (CLOSE + timedelta(hours=by) for by in hours)
    span = Span(start=start, end=end + length)
    assert window_offsets(span, a_panel(a_coin()), a_derivation("log_return")) == wanted


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [(0, 0, (-1, 0)), (-3, -1, (-4, -1)), (1, 3, (0, 3)), (-2, 40, (-3, AFTER)), (20, 30, None), (-9999, -9000, None)],
    ids=["the day", "days before", "days after", "until after the last", "still to come", "long before the first"],
)
def test_days_take_their_sessions(first: int, last: int, wanted: tuple[int, int] | None) -> None:
    span = Span(start=DAY + timedelta(days=first), end=DAY + timedelta(days=last))
    assert window_offsets(span, a_panel(a_coin()), a_derivation("log_return")) == wanted


def test_windows_before_and_after_take_as_long_where_there_is_a_session_every_day() -> None:
    """Five trading days are a week: five sessions of an exchange, seven of what trades every day."""
    every_day = a_panel(a_coin())
    kept = [i for i, day in enumerate(every_day.days) if day.weekday() < 5]
    of_weekdays = replace(
        every_day, days=tuple(every_day.days[i] for i in kept), closes=tuple(every_day.closes[i] for i in kept)
    )
    assert [every_day.sessions(n) for n in (1, 5, 20)] == [1, 7, 28]
    assert [of_weekdays.sessions(n) for n in (1, 5, 20)] == [1, 5, 20]
    week = a_derivation("log_return", before=5)
    assert window_offsets("before", every_day, week) == (-8, -1)
    assert window_offsets("during", replace(every_day, start=every_day.end - 3), week) == (-3, 0)


@pytest.mark.parametrize("effective", [20.0, 60.0, 500.0])
def test_the_bins_of_a_reading_are_as_sure_as_its_days_are_many(effective: float) -> None:
    for u in (0.02, 0.2, 0.5, 0.95):
        masses = bin_masses(u, effective)
        assert sum(masses) == pytest.approx(1.0)
        assert min(masses) >= 0.0
        assert bin_masses(1.0 - u, effective) == pytest.approx(masses[::-1], abs=1e-12)
    sure, unsure = bin_masses(0.97, 500.0), bin_masses(0.97, 20.0)
    assert sure[4] > 0.99 > 0.95 > unsure[4] > unsure[3] > unsure[2]
    rng = np.random.default_rng(0)
    drawn = np.searchsorted([0.1, 0.3, 0.7, 0.9], rng.binomial(int(effective), 0.2, 20000) / effective)
    assert bin_masses(0.2, effective) == pytest.approx(np.bincount(drawn, minlength=5) / 20000, abs=0.12)


@pytest.mark.parametrize("side", ["up", "down", "flat"])
@pytest.mark.parametrize("tilt", sorted(METHOD.tilt.values()))
@pytest.mark.parametrize("effective", [20.0, 100.0])
def test_a_reading_that_may_be_anything_multiplies_the_odds_by_one_on_average(
    side: str, tilt: float, effective: float
) -> None:
    parent = Parent(narrative=0, step="s", side=side, tilt=tilt, link=METHOD.links["medium"])
    ratios = []
    for u in (np.arange(200) + 0.5) / 200:
        reading = Reading(bins=bin_masses(float(u), effective), z=None, reason="drawn")
        report = Report(fact="x", copies=("x",), reading=reading, reliability=METHOD.series_reliability)
        one = Observable(family="f", subject="s", window="during", calm=0.0, parents=(parent,), reports=(report,))
        ratios.append(np.exp(log_ratio(one, parent, replace(METHOD, acting_share=0.0))))  # against all days
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.05)
