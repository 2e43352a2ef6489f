"""Binance by its interfaces: pages, gaps, candles that still form, intervals of funding, addresses kept out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.errors import SourceChangedError, SourceRefusedError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    LEGAL,
    Asked,
    Reply,
    fetch_all,
    fetch_live,
    live,
    parse_all,
    playing,
    points_of,
    samples_of,
    span,
    with_content,
)

PRICE = "btcusd.price_level.hourly_binance"
FUNDING, INTEREST = "binance_btc_perp.funding_rate.8h_latest", "binance_btc_perp.open_interest.5m_latest"
HOUR = 3_600_000


def parsed(name: str, rows: object, sample: int = 0) -> Parsed:
    payload = sample_payloads(name)[sample]
    return load_connector(name).parse(with_content(payload, json.dumps(rows).encode()), load_source(name))


def candle(start: int, close: str = "100.5", length: int = HOUR) -> list[object]:
    return [start, "100", "101", "99", close, "5", start + length - 1, "500", 9, "2", "200", "0"]


def settlement(at: int, rate: str = "0.0001") -> dict[str, object]:
    return {"symbol": "BTCUSDT", "fundingTime": at, "fundingRate": rate, "markPrice": "100"}


async def test_candles_that_ended_are_stored_at_their_end_and_absent_ones_stay_absent(tmp_path: Path) -> None:
    window, now = span("2026-02-10", "2026-02-11", "BTCUSDT"), datetime(2026, 2, 10, 3, 30, tzinfo=UTC)
    async with playing(samples_of("binance")) as endpoint:
        found = parse_all("binance", await fetch_all(endpoint, "binance", window, tmp_path, at=now))
    points = points_of(found, PRICE)
    assert [(one.at.hour, one.value) for one in points] == [(1, 1005.5), (3, 960.25)]
    assert found[0].left_out == {"candles that were still forming": 1}


async def test_pages_follow_until_one_is_not_full_and_a_cursor_carries_on(tmp_path: Path) -> None:
    window = span("2025-01-01", "2025-03-31", "BTCUSDT")

    def answer(asked: Asked) -> Reply:
        start, end = int(asked.params["startTime"]), int(asked.params["endTime"])
        return Reply(body=json.dumps([candle(at) for at in range(start, end, HOUR)][:1000]).encode())

    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, "binance", window, tmp_path)
        assert len(endpoint.asked) == 3
        again = await fetch_all(endpoint, "binance", window, tmp_path, cursor=found[1].cursor)
    assert [one.payload.content_hash for one in again] == [found[2].payload.content_hash]
    times = [one.at for one in points_of(parse_all("binance", found), PRICE)]
    assert times == [window.since + timedelta(hours=n + 1) for n in range(24 * 89)]


async def test_minutes_are_asked_for_of_the_last_two_days_alone_and_absent_ones_stay_absent(tmp_path: Path) -> None:
    window, now = (
        span("2025-12-01", "2026-02-10 03:30:30", "BTCUSDT-MINUTES"),
        datetime(2026, 2, 10, 3, 30, 30, tzinfo=UTC),
    )
    async with playing(samples_of("binance")) as endpoint:
        found = parse_all("binance", await fetch_all(endpoint, "binance", window, tmp_path, at=now))
    (asked,) = endpoint.asked
    assert (asked.params["symbol"], asked.params["interval"]) == ("BTCUSDT", "1m")
    start = datetime.fromtimestamp(int(asked.params["startTime"]) / 1000, UTC)
    assert start == datetime(2026, 2, 8, 3, 30, tzinfo=UTC)
    points = points_of(found, "btcusd.price_level.minute_binance_latest")
    assert [(one.at.minute, one.value) for one in points] == [(28, 960.5), (29, 961.75)]
    assert found[0].left_out == {"candles that were still forming": 1}


async def test_a_page_that_does_not_move_on_is_refused(tmp_path: Path) -> None:
    old = json.dumps([candle(n * HOUR + 1_600_000_000_000 // HOUR * HOUR) for n in range(1000)]).encode()
    async with playing(lambda _: Reply(body=old)) as endpoint:
        with pytest.raises(SourceChangedError, match="before the time that was asked for"):
            await fetch_all(endpoint, "binance", span("2025-01-01", "2025-03-01", "BTCUSDT"), tmp_path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (candle(1770681600000)[:11], "12 fields"),
        (candle(1770681600000, length=HOUR // 60), "1h was asked for"),
        (candle(1770681600000, close="-"), "without close"),
        (candle(1770681600), "none in 0.001 s"),
    ],
)
def test_another_shape_of_candle_is_refused(row: list[object], said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed("binance", [row])


async def test_funding_is_given_per_eight_hours_at_the_minute_of_its_settlement(tmp_path: Path) -> None:
    async with playing(samples_of("binance_futures")) as endpoint:
        window = span("2026-02-10", "2026-02-11", "BTCUSDT")
        found = parse_all("binance_futures", await fetch_all(endpoint, "binance_futures", window, tmp_path))
    assert [(one.at.hour, one.value) for one in points_of(found, FUNDING)] == [
        (0, pytest.approx(-0.005)),
        (8, pytest.approx(0.0025)),
    ]
    assert points_of(found, FUNDING)[0].at == datetime(2026, 2, 10, tzinfo=UTC)
    assert [one.value for one in points_of(found, INTEREST)] == [500.0, 480.5]


def test_funding_of_another_interval_is_brought_to_eight_hours_and_a_hole_tells_none() -> None:
    start = 1770652800000
    rows = [settlement(start + hours * HOUR) for hours in (0, 4, 8, 32)]
    found = parsed("binance_futures", rows)
    assert [one.value for one in found.points] == [pytest.approx(0.02), pytest.approx(0.02)]
    assert found.left_out["settlements whose interval cannot be told"] == 1


async def test_pages_of_funding_share_one_settlement_so_that_no_interval_is_lost(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        if "period" in asked.params:
            return Reply(body=b"[]")
        start, end = int(asked.params["startTime"]), int(asked.params["endTime"])
        first = -(-start // (8 * HOUR)) * 8 * HOUR
        return Reply(body=json.dumps([settlement(at) for at in range(first, end, 8 * HOUR)][:1000]).encode())

    window = span("2024-01-01", "2025-01-01", "BTCUSDT")
    async with playing(answer) as endpoint:
        found = await fetch_all(endpoint, "binance_futures", window, tmp_path)
        asked = [one for one in endpoint.asked if "period" not in one.params]
        assert len(asked) == 2
        spans = [(int(one.params["startTime"]), int(one.params["endTime"])) for one in endpoint.asked[len(asked) :]]
    times = {one.at for one in points_of(parse_all("binance_futures", found), FUNDING)}
    assert len(times) == 366 * 3
    # of open interest the last 29 days alone, 500 steps of five minutes a request, end to end
    assert len(spans) == 17
    assert all(after[0] == before[1] + 1 for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("rows", "sample", "said"),
    [
        ([settlement(1770652800000), {**settlement(1770681600000), "symbol": "ETHUSDT"}], 0, "'ETHUSDT'"),
        ([settlement(1770652800000), settlement(1770681600000, rate="")], 0, "without a rate"),
        ([{**settlement(1770652800000), "interestRate": "0"}], 0, "interestRate, which is not known"),
        ([{"symbol": "BTCUSDT", "timestamp": 1770652800000}], 1, "has no sumOpenInterest"),
        ({"code": -1130, "msg": "parameter 'startTime' is invalid."}, 1, "where rows were agreed"),
    ],
)
def test_another_shape_of_funding_or_interest_is_refused(rows: object, sample: int, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed("binance_futures", rows, sample)


async def test_an_address_that_is_kept_out_is_told_so_at_once(tmp_path: Path) -> None:
    async with playing(lambda _: LEGAL) as endpoint:
        with pytest.raises(SourceRefusedError, match="451"):
            await fetch_all(endpoint, "binance_futures", span("2026-02-09", "2026-02-10"), tmp_path)
        assert len(endpoint.asked) == 1


@live
@pytest.mark.parametrize("name", ["binance", "binance_futures"])
async def test_the_source_answers_as_documented(name: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = span((now - timedelta(days=2)).date().isoformat(), now.date().isoformat(), "BTCUSDT")
    assert sum(len(one.points) for one in parse_all(name, await fetch_live(name, window, tmp_path))) > 4
