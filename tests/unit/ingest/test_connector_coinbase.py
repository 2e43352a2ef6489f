"""Candles of Coinbase: spans of 300, columns in their own order, holes that stay holes, the last bar left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from ingest.connecting import Payload, Window
from ingest.connectors.coinbase.connector import FORMING, parse, plan
from ingest.errors import SourceChangedError
from ingest.sources import load_source, sample_payloads
from tests.connector_kit import fetch_live, live, parse_all, points_of, with_content

SOURCE = load_source("coinbase")
SAMPLE, HOURS = sample_payloads("coinbase")
CLOSE, VOLUME = "btcusd.price_level.coinbase_daily", "btcusd.trading_volume.coinbase_daily"
HOURLY = "btcusd.price_level.coinbase_hourly"


def spans(since: datetime, until: datetime, symbol: str = "BTC-USD") -> list[tuple[str, str]]:
    requests = plan(SOURCE, Window(since=since, until=until, symbols=(symbol,)))
    return [(dict(one.params)["start"], dict(one.params)["end"]) for one in requests]


def with_rows(*rows: list[float | str | None]) -> Payload:
    return with_content(SAMPLE, orjson.dumps(rows))


def test_a_window_is_cut_into_spans_of_300_candles_that_do_not_overlap() -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC)
    found = [tuple(map(datetime.fromisoformat, span)) for span in spans(since, since + timedelta(days=700))]
    assert len(found) == 3
    assert found[0] == (since, since + timedelta(days=299))
    for before, after in pairwise(found):
        assert after[0] - before[1] == timedelta(days=1)
    assert found[-1][1] == since + timedelta(days=700)


def test_a_window_within_a_day_asks_for_that_day() -> None:
    noon = datetime(2026, 2, 5, 12, tzinfo=UTC)
    assert spans(noon, noon + timedelta(hours=1)) == [("2026-02-05T00:00:00Z", "2026-02-05T13:00:00Z")]


def test_hours_are_asked_for_by_the_product_in_spans_of_300_of_them() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    requests = plan(SOURCE, Window(since=since, until=since + timedelta(days=30), symbols=("BTC-USD-HOURS",)))
    assert {one.url.partition("/products/")[2] for one in requests} == {"BTC-USD/candles"}
    assert {dict(one.params)["granularity"] for one in requests} == {"3600"}
    found = spans(since, since + timedelta(days=30), "BTC-USD-HOURS")
    assert found[0] == ("2026-01-01T00:00:00Z", "2026-01-13T11:00:00Z")
    assert [start for start, _ in found[1:]] == ["2026-01-13T12:00:00Z", "2026-01-26T00:00:00Z"]


def test_an_hour_without_a_trade_stays_a_hole_and_the_hour_that_still_runs_is_left_out() -> None:
    parsed = parse(HOURS, SOURCE)
    closes = [(point.day, point.at.isoformat()[5:16], point.value) for point in parsed.points if point.series == HOURLY]
    assert closes == [(None, "02-05T21:00", 972.75), (None, "02-05T22:00", 950.5), (None, "02-06T00:00", 960.0)]
    assert parsed.left_out == {FORMING: 1}


def test_the_sample_gives_ended_candles_at_their_ends_with_their_days() -> None:
    parsed = parse(SAMPLE, SOURCE)
    closes = [(point.day, point.at, point.value) for point in parsed.points if point.series == CLOSE]
    assert closes == [
        (date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC), 1001.0),
        (date(2026, 1, 3), datetime(2026, 1, 4, tzinfo=UTC), 1000.5),
    ]
    assert [point.value for point in parsed.points if point.series == VOLUME] == [9.75, 10.0]
    assert parsed.left_out == {FORMING: 1}


def test_a_candle_counts_once_it_has_ended() -> None:
    end = datetime(2026, 1, 5, tzinfo=UTC)
    before = replace(SAMPLE, fetched_at=end - timedelta(seconds=1))
    assert len(parse(before, SOURCE).points) == 4
    assert len(parse(replace(SAMPLE, fetched_at=end), SOURCE).points) == 6


def test_an_answer_without_candles_is_empty() -> None:
    assert not parse(with_rows(), SOURCE).points


@pytest.mark.parametrize(
    "row",
    [
        [1767225600, 1, 2, 3, 4],
        [1767225600, 1, 2, 3, 4, 5, 6],
        [1767225600, 1, 2, 3, None, 5],
        [1767225600, 1, 2, 3, "?", 5],
        [1767225600000, 1, 2, 3, 4, 5],
        ["", 1, 2, 3, 4, 5],
    ],
)
def test_another_shape_is_refused(row: list[float | str | None]) -> None:
    with pytest.raises(SourceChangedError, match="coinbase"):
        parse(with_rows(row), SOURCE)


def test_an_error_in_place_of_rows_is_refused() -> None:
    with pytest.raises(SourceChangedError, match="dict where rows were agreed"):
        parse(with_content(SAMPLE, b'{"message": "granularity too small for the requested time range"}'), SOURCE)


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=5), until=now, symbols=("BTC-USD", "BTC-USD-HOURS"))
    found = parse_all("coinbase", await fetch_live("coinbase", window, tmp_path))
    assert len(points_of(found, CLOSE)) > 3
    assert len(points_of(found, HOURLY)) > 110
