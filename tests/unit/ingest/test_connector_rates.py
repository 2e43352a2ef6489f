"""Rates and currencies from those who set or collect them: Treasury, New York Fed, ECB, Japan's Ministry of Finance."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.connecting import Parsed, Window
from ingest.errors import SourceChangedError
from ingest.sources import load_connector, load_source, sample_payloads
from tests.connector_kit import (
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


def parsed(name: str, content: bytes, sample: int = 0) -> Parsed:
    payload = sample_payloads(name)[sample]
    return load_connector(name).parse(with_content(payload, content), load_source(name))


def zipped(text: str, name: str = "eurofxref-hist.csv") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, text)
    return held.getvalue()


async def test_a_yield_is_of_the_afternoon_and_a_maturity_without_one_is_left_open(tmp_path: Path) -> None:
    async with playing(samples_of("us_treasury")) as endpoint:
        found = parse_all(
            "us_treasury", await fetch_all(endpoint, "us_treasury", span("2026-01-20", "2026-02-10"), tmp_path)
        )
    last = points_of(found, "ust10.yield_level.daily")[-1]
    assert (last.day, last.value) == (date(2026, 2, 9), 3.21)
    assert last.at == datetime(2026, 2, 9, 20, 30, tzinfo=UTC)
    assert [one.day for one in points_of(found, "ust5.yield_level.daily")] == [date(2026, 2, 5), date(2026, 2, 9)]
    assert [one.value for one in points_of(found, "ust10_real.yield_level.daily")] == [1.3, 1.31]


async def test_the_treasury_is_asked_year_by_year_and_goes_on_after_a_cursor(tmp_path: Path) -> None:
    window = span("2024-12-31T23:00", "2026-02-10")
    content = sample_payloads("us_treasury")[0].content
    async with playing(lambda _: Reply(body=content, content_type="text/csv")) as endpoint:
        whole = await fetch_all(endpoint, "us_treasury", window, tmp_path / "whole")
        years = [asked.params["field_tdr_date_value"] for asked in endpoint.asked]
        rest = await fetch_all(endpoint, "us_treasury", window, tmp_path / "rest", cursor=whole[3].cursor)
    assert years == ["2024", "2025", "2026"] * 2
    assert [one.payload.id for one in rest] == [one.payload.id for one in whole[4:]]


def test_a_new_maturity_is_no_fault_and_a_lost_one_is() -> None:
    plain = 'Date,"2 Yr","5 Yr","10 Yr","30 Yr"\n02/05/2026,1,2,3,4\n'
    assert len(parsed("us_treasury", plain.encode()).points) == 4
    more = plain.replace('"2 Yr"', '"2.5 Yr","2 Yr"').replace("2026,1", "2026,9,1")
    assert parsed("us_treasury", more.encode()) == parsed("us_treasury", plain.encode())
    with pytest.raises(SourceChangedError, match="no column 10 yr"):
        parsed("us_treasury", plain.replace("10 Yr", "12 Yr").encode())
    with pytest.raises(SourceChangedError, match="a day like 02/05/2026"):
        parsed("us_treasury", plain.replace("02/05/2026", "2026-02-05").encode())


async def test_sofr_is_known_on_the_next_business_morning(tmp_path: Path) -> None:
    async with playing(samples_of("ny_fed")) as endpoint:
        found = parse_all("ny_fed", await fetch_all(endpoint, "ny_fed", span("2024-01-01", "2026-02-10"), tmp_path))
        starts = [(asked.params["startDate"], asked.params["endDate"]) for asked in endpoint.asked]
    friday = next(one for one in points_of(found, "sofr.yield_level.daily") if one.day == date(2026, 2, 6))
    assert (friday.value, friday.at) == (3.04, datetime(2026, 2, 7, 5, tzinfo=UTC))
    assert friday.known_at == datetime(2026, 2, 9, 13, tzinfo=UTC)
    ends = [date.fromisoformat(end) for _, end in starts[:-1]]
    assert [date.fromisoformat(start) for start, _ in starts[1:]] == [end + timedelta(days=1) for end in ends]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("percentRate", None, "has no percentRate"), ("type", "EFFR", "where sofr was asked"), ("news", 1, "not known")],
)
def test_a_rate_that_is_not_as_agreed_is_refused(field: str, value: object, said: str) -> None:
    row = {"effectiveDate": "2026-02-05", "type": "SOFR", "percentRate": 3.0, field: value}
    with pytest.raises(SourceChangedError, match=said):
        parsed("ny_fed", json.dumps({"refRates": [row]}).encode())


async def test_euro_rates_become_rates_of_pairs_and_what_was_not_fixed_none(tmp_path: Path) -> None:
    async with playing(samples_of("ecb_fx")) as endpoint:
        found = parse_all("ecb_fx", await fetch_all(endpoint, "ecb_fx", span("2026-02-01", "2026-02-10"), tmp_path))
    dollars = points_of(found, "usdjpy.fx_level.daily_ecb")
    assert [one.value for one in dollars] == [155.0, 150.0, 160.0]
    assert dollars[0].at == datetime(2026, 2, 5, 13, 15, tzinfo=UTC)
    assert [one.day for one in points_of(found, "audjpy.fx_level.daily_ecb")] == [date(2026, 2, 5), date(2026, 2, 9)]
    assert points_of(found, "eurjpy.fx_level.daily_ecb")[0].value == 186.0
    assert sum(found[0].left_out.values()) == 1


def test_a_zip_that_is_none_or_holds_another_table_is_refused() -> None:
    head, row = "Date,USD,JPY,CHF,MXN,AUD,", "2026-02-05,1,2,3,4,5,"
    assert len(parsed("ecb_fx", zipped(f"{head}\n{row}\n")).points) == 6
    for content, said in (
        (b"PK\x03\x04 cut off", "no zip"),
        (zipped(f"{head.replace('JPY,', '')}\n{row}\n"), "has no JPY"),
        (zipped(f"{head}\n{row.replace('1,', '0,', 1)}\n"), "a rate of 0 USD"),
        (zipped(f"{head}\n2026-02-05,1,2\n"), "has 3 cells"),
    ):
        with pytest.raises(SourceChangedError, match=said):
            parsed("ecb_fx", content)


async def test_yields_of_japan_come_from_the_archive_and_the_month(tmp_path: Path) -> None:
    name = "mof_japan"
    async with playing(samples_of(name)) as endpoint:
        found = parse_all(name, await fetch_all(endpoint, name, span("2026-01-20", "2026-02-10"), tmp_path))
        assert len(endpoint.asked) == 2
        await fetch_all(endpoint, name, span("2026-02-02", "2026-02-10"), tmp_path)
        assert [asked.path.rpartition("/")[2] for asked in endpoint.asked[2:]] == ["jgbcme.csv"]
    two = points_of(found, "jgb2.yield_level.daily")
    assert [one.value for one in two] == [9.4, 0.91, 1.01, 1.02]
    assert two[2].at == datetime(2026, 2, 5, 6, tzinfo=UTC)
    assert [one.day for one in points_of(found, "jgb10.yield_level.daily")][-1] == date(2026, 2, 9)


def test_a_file_of_japan_without_its_unit_or_a_maturity_is_refused() -> None:
    whole = sample_payloads("mof_japan")[0].content
    with pytest.raises(SourceChangedError, match="Unit"):
        parsed("mof_japan", whole.partition(b"\n")[2])
    with pytest.raises(SourceChangedError, match="has no 10Y"):
        parsed("mof_japan", whole.replace(b"10Y", b"11Y"))


@live
@pytest.mark.parametrize("name", ["us_treasury", "ny_fed", "ecb_fx", "mof_japan"])
async def test_the_real_sources_of_rates_answer_as_documented(name: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    window = Window(since=now - timedelta(days=20), until=now, symbols=tuple(load_source(name).symbols))
    found = parse_all(name, await fetch_live(name, window, tmp_path))
    assert sum(len(one.points) for one in found) > 4
    assert not sum(sum(one.skipped.values()) for one in found)
