"""Readings against the table of the design, one row at a time."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from causal.rules import Unreadable
from causal.surprise import Reading, Setting, binned, read_fact
from causal.units import read_unit
from causal.windows import falls_into
from causal.world import AssetClass, Fact, Indicator, Scale
from tests.dossiers import CLASSES, CLOSE, DAY, a_dossier, a_fact, an_indicator

CRYPTO = CLASSES[0]


def read(fact: Fact, indicator: Indicator, asset: AssetClass = CRYPTO, stress: int = 0, **fields: object) -> object:
    setting = Setting(indicator=indicator, asset_class=asset, stress=stress, shift_factor=1.0)
    others = fields.pop("others", ())
    inside = bool(fields.pop("inside", False))
    return read_fact(fact, setting, others, inside=inside, baseline_days=60)  # type: ignore[arg-type]  # a test's mapping


def z_of(reading: object) -> float:
    assert isinstance(reading, Reading)
    assert reading.z is not None
    return reading.z


def test_a_return_is_scaled_by_its_class_and_the_root_of_its_days() -> None:
    indicator = an_indicator("spot return", family="price", by_price=True)
    assert z_of(read(a_fact("a", "spot return", "coin", -12.0), indicator)) == pytest.approx(-2.0)
    month = a_fact("a", "spot return", "coin", -12.0, trade_date_end=DAY + timedelta(days=3))
    assert z_of(read(month, indicator)) == pytest.approx(-1.0)


def test_the_event_shift_is_taken_off_inside_the_window_only() -> None:
    indicator = an_indicator("spot return", family="price", by_price=True)
    fact = a_fact("a", "spot return", "coin", -6.0)
    assert z_of(read(fact, indicator, stress=1, inside=True)) == pytest.approx(-0.4)
    assert z_of(read(fact, indicator, stress=1, inside=False)) == pytest.approx(-1.0)
    assert z_of(read(fact, indicator, stress=-1, inside=True)) == pytest.approx(-1.6)


@pytest.mark.parametrize(("z", "expected"), [(-2.0, 1), (-1.0, 2), (0.0, 3), (1.0, 4), (2.0, 5)])
def test_bins_are_cut_at_the_stated_quantiles(z: float, expected: int) -> None:
    assert binned(z, 0.0).bin == expected


def test_a_ratio_to_the_baseline_is_logged() -> None:
    indicator = an_indicator("trading volume", "log_ratio", scales=(Scale(unit="ratio", size=0.5),))
    fact = a_fact("a", "trading volume", "coin", 8.0, unit="USD billion", baseline_value=4.0, baseline_kind="previous")
    assert z_of(read(fact, indicator)) == pytest.approx(math.log(2) / 0.5)


@pytest.mark.parametrize(
    ("value", "baseline", "unit", "z"),
    [
        (7.7, 7.9, "percent", -4 / 3),  # by points, whatever the level
        (1.7, 1.9, "percent", -4 / 3),
        (0.2, -0.1, "percent", 2.0),
        (57.0, 60.0, "index points", -1.0),  # anything else by its share
        (114.0, 0.0, "thousand", None),
    ],
)
def test_a_release_in_percent_surprises_by_points(value: float, baseline: float, unit: str, z: float | None) -> None:
    scales = (Scale(unit="pp", size=0.15), Scale(unit="ratio", size=0.05))
    indicator = an_indicator("macro release surprise", "surprise", scales=scales)
    named = {"unit": unit, "baseline_value": baseline, "baseline_kind": "forecast"}
    found = read(a_fact("a", "macro release surprise", "coin", value, **named), indicator)
    assert isinstance(found, Reading)
    assert found.z == (None if z is None else pytest.approx(z))


@pytest.mark.parametrize(("value", "z"), [(9.5, 1.6), (12.0, 1.6), (5.0, 0.8), (7.0, 1.2), (2.5, 0.8)])
def test_a_record_is_read_by_its_share(value: float, z: float) -> None:
    indicator = an_indicator("trading volume", "log_ratio", scales=(Scale(unit="ratio", size=0.5),))
    fact = a_fact("a", "trading volume", "coin", value, unit="USD billion", baseline_value=10.0, baseline_kind="record")
    assert z_of(read(fact, indicator)) == pytest.approx(z if value >= 5 else 1.6 * value / 10)


def test_a_level_without_baseline_uses_the_latest_earlier_reading_or_is_unreadable() -> None:
    indicator = an_indicator("trading volume", "log_ratio", scales=(Scale(unit="ratio", size=0.5),))
    fact = a_fact("a", "trading volume", "coin", 8.0, unit="USD billion")
    assert isinstance(read(fact, indicator), Unreadable)
    earlier = [
        a_fact("b", "trading volume", "coin", 2.0, unit="USD billion", day=DAY - timedelta(days=9)),
        a_fact("c", "trading volume", "coin", 4.0, unit="USD billion", day=DAY - timedelta(days=2)),
        a_fact("d", "trading volume", "coin", 1.0, unit="contracts", day=DAY - timedelta(days=1)),
    ]
    assert z_of(read(fact, indicator, others=[*earlier, fact])) == pytest.approx(math.log(2) / 0.5)


def test_a_flow_is_measured_against_the_other_days_of_its_series() -> None:
    indicator = an_indicator("net ETF flow", "flow", scales=(Scale(unit="USD", size=3e8),))
    fact = a_fact("a", "net ETF flow", "fund", -600.0, unit="USD million")
    assert z_of(read(fact, indicator)) == pytest.approx(-2.0)
    others = [
        a_fact(f"o{i}", "net ETF flow", "fund", v, unit="USD million", day=date(2030, 3, i + 1))
        for i, v in enumerate((100.0, -200.0, 50.0))
    ]
    assert z_of(read(fact, indicator, others=[*others, fact])) == pytest.approx(-6.0)


def test_at_most_halves_and_a_positive_loss_is_a_negative_profit() -> None:
    indicator = an_indicator("peg deviation", "value", scales=(Scale(unit="percent", size=0.5),))
    assert z_of(read(a_fact("a", "peg deviation", "coin", -1.0, bound="at most"), indicator)) == pytest.approx(-1.0)
    loss = read(a_fact("a", "loss", "holder", 5.0, unit="USD billion"), an_indicator("loss", "sign", sign=-1))
    assert isinstance(loss, Reading)
    assert loss.bin == 1


def test_directions_and_events_have_their_own_masses() -> None:
    up = read(a_fact("a", "x", "coin", "rose", unit="text", direction="up"), an_indicator("x", "log_ratio"))
    assert isinstance(up, Reading)
    assert up.bins == (0.0, 0.0, 0.0, 0.5, 0.5)
    event = an_indicator("default", "occurs", kind="event")
    happened = read(a_fact("a", "default", "holder", True, unit="bool"), event)
    denied = read(a_fact("a", "default", "holder", False, unit="bool"), event)
    assert isinstance(happened, Reading)
    assert isinstance(denied, Reading)
    assert happened.bins == (0.0, 0.0, 0.0, 0.35, 0.65)
    assert denied.bins == happened.bins[::-1]


def test_a_word_without_direction_is_unreadable() -> None:
    assert isinstance(read(a_fact("a", "x", "coin", "odd", unit="text"), an_indicator("x", "log_ratio")), Unreadable)


@pytest.mark.parametrize(
    ("text", "kind", "multiplier"),
    [
        ("USD billion", "USD", 1e9),
        ("percent a year", "percent", 1.0),
        ("million shares", "shares", 1e6),
        ("JPY per USD", "level", 1.0),
        ("contracts", "contracts", 1.0),
    ],
)
def test_units_are_read_from_plain_words(text: str, kind: str, multiplier: float) -> None:
    assert read_unit(text).kind == kind
    assert read_unit(text).multiplier == multiplier


def test_the_day_of_the_first_close_is_before_and_that_of_the_second_is_during() -> None:
    move = a_dossier((), ()).move
    for offset, window in ((-1, "before"), (0, "during"), (1, "after")):
        fact = a_fact("a", "x", "coin", 1.0, day=DAY + timedelta(days=offset))
        held = [w for w in ("before", "during", "after") if falls_into(fact, w, move)]  # type: ignore[arg-type]  # literals
        assert held == [window]


def test_instants_are_compared_with_the_closes() -> None:
    move = a_dossier((), ()).move
    late = CLOSE + timedelta(hours=2)
    fact = a_fact("a", "x", "coin", 1.0, trade_date=None, valid_from=late, valid_to=late)
    assert falls_into(fact, "after", move)
    assert not falls_into(fact, "during", move)


def test_a_quarter_may_have_been_before_during_or_after() -> None:
    move = a_dossier((), ()).move
    start = CLOSE.replace(month=1, day=1, hour=0)
    fact = a_fact("a", "x", "coin", 1.0, time_precision="quarter", valid_from=start, valid_to=start.replace(month=4))
    assert falls_into(fact, "before", move)
    assert falls_into(fact, "during", move)
    assert falls_into(fact, "after", move)
