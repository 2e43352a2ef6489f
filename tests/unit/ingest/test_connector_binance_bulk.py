"""Files of Binance: which are asked for, that they are what their checksum promises, and both units of time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.connecting import Parsed
from ingest.errors import SourceChangedError, SourceUnavailableError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
    NOTHING,
    Answer,
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

NAME = "binance_bulk"
MINUTES, INTEREST = "btcusd.price_level.minute_binance", "binance_btc_perp.open_interest.5m"
FUNDING = "binance_btc_perp.funding_rate.8h"
RATIOS = (
    "long_short_ratio.5m_accounts",
    "long_short_ratio.5m_top_accounts",
    "long_short_ratio.5m_top_positions",
    "taker_buy_sell_ratio.5m",
)
KLINES, CHECKSUM, METRICS, FUNDINGS = range(4)


def zipped(text: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("file.csv"), text)  # without the time of day
    return target.getvalue()


def parsed(text: str, sample: int) -> Parsed:
    return load_connector(NAME).parse(with_content(sample_payloads(NAME)[sample], zipped(text)), load_source(NAME))


def with_checksums(answer: Answer) -> Answer:
    """The same endpoint with the right checksum beside every file."""

    def both(asked: Asked) -> Reply:
        if not asked.path.endswith(".CHECKSUM"):
            return answer(asked)
        path = asked.path.removesuffix(".CHECKSUM")
        file = answer(Asked(method="GET", path=path, params={}, headers={}))
        if file.status != 200:
            return NOTHING
        text = f"{hashlib.sha256(file.body).hexdigest()}  {path.rsplit('/', 1)[-1]}\n"
        return Reply(body=text.encode(), content_type="binary/octet-stream")

    return both


async def test_files_of_days_and_months_that_are_over_are_read_and_absent_ones_are_no_error(tmp_path: Path) -> None:
    window = span("2026-01-31", "2026-02-06 06:00", "BTCUSDT", "BTCUSDT-PERP")
    async with playing(with_checksums(samples_of(NAME))) as endpoint:
        found = parse_all(NAME, await fetch_all(endpoint, NAME, window, tmp_path))
        names = [one.path.rsplit("/", 1)[-1] for one in endpoint.asked]
    assert sum(name.endswith(".zip") for name in names) == 6 + 6 + 1
    assert "BTCUSDT-1m-2026-02-06.zip" not in names
    assert "BTCUSDT-fundingRate-2026-02.zip" not in names
    assert [(one.at.minute, one.value) for one in points_of(found, MINUTES)] == [(1, 1000.5), (2, 998.25), (4, 998.75)]
    assert [one.value for one in points_of(found, INTEREST)] == [500.0, 470.25]
    assert [one.value for one in points_of(found, FUNDING)] == [
        pytest.approx(0.01),
        pytest.approx(-0.002),
        pytest.approx(0.008),
    ]
    assert points_of(found, FUNDING)[1].at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert sum(one.left_out["files that are not there"] for one in found) == 10


def test_each_ratio_is_read_of_its_own_column_and_an_empty_cell_is_no_value() -> None:
    found = load_connector(NAME).parse(sample_payloads(NAME)[METRICS], load_source(NAME))
    ratios = {name: [one.value for one in points_of([found], f"binance_btc_perp.{name}")] for name in RATIOS}
    assert ratios == {
        "long_short_ratio.5m_accounts": [1.4],
        "long_short_ratio.5m_top_accounts": [1.5, 1.75],
        "long_short_ratio.5m_top_positions": [1.2, 1.25],
        "taker_buy_sell_ratio.5m": [0.9, 0.8],
    }
    assert found.left_out == {"cells without a value": len(RATIOS) + 1 + 1}


async def test_a_file_that_is_not_what_its_checksum_promises_ends_the_run(tmp_path: Path) -> None:
    other = Reply(body=b"0" * 64 + b"  BTCUSDT-1m-2026-02-05.zip\n", content_type="text/plain")

    def answer(asked: Asked) -> Reply:
        return other if asked.path.endswith(".CHECKSUM") else samples_of(NAME)(asked)

    async with playing(answer) as endpoint:
        with pytest.raises(SourceUnavailableError, match="fetch it again"):
            await fetch_all(endpoint, NAME, span("2026-02-05", "2026-02-06", "BTCUSDT"), tmp_path)


async def test_a_cursor_carries_on_with_the_next_file_and_an_unchanged_file_is_not_sent_again(tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"1"':
            return Reply(status=304, headers={"ETag": '"1"'})
        day = asked.path.removesuffix(".CHECKSUM")[-14:-4]
        start = int(datetime.fromisoformat(f"{day}T00:00+00:00").timestamp()) * 1_000_000
        row = f"{start},1,1,1,1.5,1,{start + 59_999_999},1,1,1,1,0\n"
        return Reply(body=zipped(row), content_type="application/zip", headers={"ETag": '"1"'})

    window = span("2026-02-03", "2026-02-06", "BTCUSDT")
    async with playing(with_checksums(answer)) as endpoint:
        found = await fetch_all(endpoint, NAME, window, tmp_path)
        endpoint.asked.clear()
        again = await fetch_all(endpoint, NAME, window, tmp_path, cursor=found[1].cursor)
        assert [one.path[-14:-4] for one in endpoint.asked if one.path.endswith(".zip")] == ["2026-02-04", "2026-02-05"]
    assert [one.payload.content_hash for one in again] == [one.payload.content_hash for one in found[2:]]
    # a run that ends between a checksum and its file asks for both again
    assert [one.cursor for one in found[:2]] == ["[0, null]", found[2].cursor]
    assert found[-1].cursor is None


@pytest.mark.parametrize("unit", [1_000, 1_000_000])
@pytest.mark.parametrize("header", ["", "open_time,open,high,low,close,volume,close_time,q,n,b,c,i\n"])
def test_both_units_of_time_and_files_with_and_without_a_header_are_read(unit: int, header: str) -> None:
    start = 1770249600 * unit
    found = parsed(f"{header}{start},1,2,0.5,1.5,3,{start + 60 * unit - 1},4,5,1,1,0\n", KLINES)
    assert [(one.series, one.at, one.value) for one in found.points] == [
        (MINUTES, datetime(2026, 2, 5, 0, 1, tzinfo=UTC), 1.5),
        ("btcusd.trading_volume.minute_binance", datetime(2026, 2, 5, 0, 1, tzinfo=UTC), 3.0),
    ]


@pytest.mark.parametrize(
    ("text", "sample", "said"),
    [
        ("1770336000000000,1,1,1,1,1,1,1,1,1,1,0\n", KLINES, "not of its day 2026-02-05"),
        ("1770249600000000,1,1,1,1\n", KLINES, "5 cells where 12"),
        ("1770249600000000,1,1,1,,1,1,1,1,1,1,0\n", KLINES, "no close"),
        ("create_time,symbol,open_interest\n2026-02-05 00:05:00,BTCUSDT,1\n", METRICS, "has no sum_open_interest"),
        ("calc_time,funding_interval_hours,last_funding_rate,mark\n1,8,1,1\n", FUNDINGS, "mark, which is not known"),
        ("calc_time,funding_interval_hours,last_funding_rate\n1767225600,8,1\n", FUNDINGS, "none in 0.001 s"),
    ],
)
def test_another_shape_is_refused_with_its_place(text: str, sample: int, said: str) -> None:
    with pytest.raises(SourceChangedError, match=said):
        parsed(text, sample)


@live
async def test_the_source_answers_as_documented(tmp_path: Path) -> None:
    window = span("2025-02-28", "2025-03-01 00:00", "BTCUSDT", "BTCUSDT-PERP")
    found = parse_all(NAME, await fetch_live(NAME, window, tmp_path))
    assert len(points_of(found, MINUTES)) == 1440
    assert len(points_of(found, INTEREST)) > 200
    assert len(points_of(found, FUNDING)) == 28 * 3
