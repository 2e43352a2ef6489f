"""Which window a run has where its caller says only some of it: from the newest value on, and not too far back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.series import SeriesStore
from graph.seriesadding import Row, Rows, add_rows
from graph.seriesvalues import NO_DAY, NO_INSTANT, microseconds
from ingest.errors import InvalidWindowError
from ingest.runwindow import window_of
from ingest.sources import load_source

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)


def stored(folder: Path, name: str, newest: datetime) -> SeriesStore:
    """A store in which every series of a source ends at an instant."""
    series = SeriesStore(folder)
    at = microseconds(newest)
    for one in load_source(name).series:
        rows = Rows()
        rows.append(Row(at=at, known_at=NO_INSTANT, had_at=at, value=1.0, day=NO_DAY))
        add_rows(series, one.id, rows)
    return series


def test_a_first_run_goes_back_as_its_source_says(tmp_path: Path) -> None:
    window = window_of(load_source("coinbase"), SeriesStore(tmp_path), now=NOW)
    assert (window.since, window.until) == (NOW - load_source("coinbase").backfill, NOW)
    assert window.symbols == tuple(load_source("coinbase").symbols)


@pytest.mark.parametrize(
    ("pause", "back"),
    [
        (timedelta(hours=6), timedelta(hours=7)),
        (timedelta(hours=23), timedelta(days=1)),
        (timedelta(days=40), timedelta(days=1)),
    ],
)
def test_a_later_run_goes_on_from_the_newest_value_and_no_further_back_than_the_source_allows(
    tmp_path: Path, pause: timedelta, back: timedelta
) -> None:
    gdelt = load_source("gdelt")
    assert (gdelt.overlap, gdelt.catch_up) == (timedelta(hours=1), timedelta(days=1))
    assert window_of(gdelt, stored(tmp_path, "gdelt", NOW - pause), now=NOW).since == NOW - back


def test_who_says_since_when_gets_all_of_it(tmp_path: Path) -> None:
    since = NOW - timedelta(days=40)
    assert window_of(load_source("gdelt"), stored(tmp_path, "gdelt", NOW), now=NOW, since=since).since == since


def test_a_source_without_a_bound_makes_good_what_was_missed(tmp_path: Path) -> None:
    source = load_source("coinbase")
    newest = NOW - timedelta(days=200)
    assert window_of(source, stored(tmp_path, "coinbase", newest), now=NOW).since == newest - source.overlap


@pytest.mark.parametrize(
    ("source", "name", "symbols"),
    [
        ("cftc", "gold", ("GOLD",)),
        ("cftc", "Gold_Futures", ("GOLD",)),
        ("coinbase", "btc-usd", ("BTC-USD",)),
        ("coinbase", "btcusd", ("BTC-USD", "BTC-USD-HOURS")),
    ],
)
def test_a_symbol_is_named_as_the_source_does_or_by_its_instrument_in_capitals_or_not(
    tmp_path: Path, source: str, name: str, symbols: tuple[str, ...]
) -> None:
    assert window_of(load_source(source), SeriesStore(tmp_path), now=NOW, symbols=[name]).symbols == symbols


def test_a_symbol_that_is_not_known_and_an_empty_window_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidWindowError, match="no symbol 'dogecoin'"):
        window_of(load_source("coinbase"), SeriesStore(tmp_path), now=NOW, symbols=["dogecoin"])
    with pytest.raises(InvalidWindowError, match="is empty"):
        window_of(load_source("coinbase"), SeriesStore(tmp_path), now=NOW, since=NOW)
